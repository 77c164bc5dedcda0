package pyscan

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/pyscan/models"
)

// read parses the relevant files, then those that they lead to: first all that code outside tests needs,
// then, unless tests are set aside, what they need besides.
func (s *scan) read(ctx context.Context) error {
	work := make([]int, len(s.files))
	for i := range work {
		work[i] = i
	}
	s.each(ctx, work, true)
	for i := range s.files {
		f := &s.files[i]
		f.part = f.module != nil && !models.Test(f.Path)
	}
	s.seen = make([]bool, len(s.files))
	s.follow(ctx, true)
	if s.recall(ctx) {
		s.follow(ctx, false)
	}
	return ctx.Err()
}

// follow reads what the files read so far import, and what that imports; with part, those that are part of
// the code outside tests, and then so is what they import.
func (s *scan) follow(ctx context.Context, part bool) {
	byLast := map[string][]int{}
	for i := range s.files {
		if f := &s.files[i]; f.err == nil && (f.module == nil || part && !f.part) {
			name := strings.TrimSuffix(f.Path, path.Ext(f.Path))
			if path.Base(name) == "__init__" {
				name = path.Dir(name)
			}
			byLast[path.Base(name)] = append(byLast[path.Base(name)], i)
		}
	}
	for len(byLast) > 0 && ctx.Err() == nil {
		var next, unread []int
		want := func(dotted string) {
			for _, i := range byLast[dotted[strings.LastIndexByte(dotted, '.')+1:]] {
				f := &s.files[i]
				if f.err != nil || f.module != nil && (!part || f.part) || slices.Contains(next, i) || !imports(f.Path, dotted) {
					continue
				}
				next = append(next, i)
				if f.module == nil {
					unread = append(unread, i)
				}
			}
		}
		for i := range s.files {
			f := &s.files[i]
			if f.module == nil || s.seen[i] || part && !f.part {
				continue
			}
			s.seen[i] = true
			for _, imp := range f.module.Imports {
				full := imp.Module
				if full != "" {
					want(full)
				}
				if imp.Symbol != "" && imp.Symbol != "*" {
					want(strings.TrimPrefix(full+"."+imp.Symbol, "."))
				}
				if imp.Level > 0 && full == "" {
					want(path.Base(path.Dir(f.Path)))
				}
			}
		}
		if len(next) == 0 {
			break
		}
		s.each(ctx, unread, false)
		for _, i := range next {
			s.files[i].part = part
		}
	}
}

// imports says whether a dotted name may mean the file.
func imports(file, dotted string) bool {
	name := strings.TrimSuffix(file, path.Ext(file))
	if path.Base(name) == "__init__" {
		name = path.Dir(name)
	}
	rel := strings.ReplaceAll(dotted, ".", "/")
	return name == rel || strings.HasSuffix(name, "/"+rel)
}
