package pyscan

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/lower"
	"github.com/toctou-lint/toctou/pyscan/project"
	"github.com/toctou-lint/toctou/pyscan/syntax"
	"github.com/toctou-lint/toctou/report"
)

// Unavailable says what this build lacks to read Python, and how to get it; nil if it can.
func Unavailable() error { return syntax.Unavailable() }

// Scan reads sources and finds out which of them are to be linked together. The result does not depend on their order or on Jobs.
// It returns early with ctx.Err() when ctx is done.
func Scan(ctx context.Context, sources []Source, opt Options) (*Result, error) {
	sources = slices.Clone(sources)
	slices.SortFunc(sources, func(a, b Source) int { return strings.Compare(a.Path, b.Path) })
	s := &scan{opt: opt, files: make([]file, len(sources))}
	for i := range sources {
		s.files[i].Source = sources[i]
	}
	if err := s.read(ctx); err != nil {
		return nil, err
	}
	opt.Cache.save()
	out := &Result{Files: len(sources), Comments: map[string][]ir.Comment{}}
	var list []project.Source
	for i := range s.files {
		f := &s.files[i]
		switch {
		case f.err != nil:
			out.Skipped = append(out.Skipped, report.Skipped{File: f.Path, Reason: f.err.Error()})
		case f.module == nil:
			out.Irrelevant++
		default:
			if len(f.module.Damaged) > 0 {
				line := lineAt(f.module, f.module.Damaged[0].Start)
				out.Skipped = append(out.Skipped, report.Skipped{File: f.Path, Reason: "syntax error at line " + itoa(line) + "; the rest was analysed"})
			}
			if len(f.module.Comments) > 0 {
				out.Comments[f.Path] = f.module.Comments
			}
			list = append(list, project.Source{IR: f.module, Root: f.Root})
		}
	}
	out.Patterns, out.Frameworks = patterns(list)
	out.Databases = databases(list)
	texts := map[string][sha256.Size]byte{}
	for i := range s.files {
		texts[s.files[i].Path] = s.files[i].text
	}
	if len(list) > 0 {
		for _, files := range project.Units(list) {
			out.Units = append(out.Units, newUnit(files, texts, opt))
		}
	}
	return out, nil
}

type file struct {
	Source
	module *ir.Module
	text   [sha256.Size]byte // hash of what was read, if there is a cache
	err    error
}

// scan is phase one: every file by itself.
type scan struct {
	opt   Options
	files []file
}

// read parses the relevant files, then those that they lead to.
func (s *scan) read(ctx context.Context) error {
	work := make([]int, len(s.files))
	for i := range work {
		work[i] = i
	}
	s.each(ctx, work, true)
	byLast := map[string][]int{}
	for i := range s.files {
		if f := &s.files[i]; f.module == nil && f.err == nil {
			name := strings.TrimSuffix(f.Path, path.Ext(f.Path))
			if path.Base(name) == "__init__" {
				name = path.Dir(name)
			}
			byLast[path.Base(name)] = append(byLast[path.Base(name)], i)
		}
	}
	seen := make([]bool, len(s.files))
	for len(byLast) > 0 && ctx.Err() == nil {
		var next []int
		want := func(dotted string) {
			for _, i := range byLast[dotted[strings.LastIndexByte(dotted, '.')+1:]] {
				if f := &s.files[i]; f.module == nil && f.err == nil && !slices.Contains(next, i) && imports(f.Path, dotted) {
					next = append(next, i)
				}
			}
		}
		for i := range s.files {
			if s.files[i].module == nil || seen[i] {
				continue
			}
			seen[i] = true
			for _, imp := range s.files[i].module.Imports {
				full := imp.Module
				if full != "" {
					want(full)
				}
				if imp.Symbol != "" && imp.Symbol != "*" {
					want(strings.TrimPrefix(full+"."+imp.Symbol, "."))
				}
				if imp.Level > 0 && full == "" {
					want(path.Base(path.Dir(s.files[i].Path)))
				}
			}
		}
		if len(next) == 0 {
			break
		}
		s.each(ctx, next, false)
	}
	return ctx.Err()
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

func (s *scan) each(ctx context.Context, work []int, filter bool) {
	jobs := s.opt.Jobs
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	var wg sync.WaitGroup
	feed := make(chan int)
	for range min(jobs, len(work)) {
		wg.Go(func() {
			for i := range feed {
				s.files[i].load(filter, s.opt)
			}
		})
	}
	for _, i := range work {
		if ctx.Err() != nil {
			break
		}
		feed <- i
	}
	close(feed)
	wg.Wait()
}

// load reads, parses and lowers one file. The tree and the text are let go at once. A defect of
// the tool costs that file, and no other.
func (f *file) load(filter bool, opt Options) {
	defer func() {
		if r := recover(); r != nil {
			f.module, f.err = nil, fmt.Errorf("internal error, a defect of toctou; please report it with this file: %v", r)
		}
	}()
	src, err := f.Read()
	if err != nil {
		f.err = err
		return
	}
	if filter && !syntax.Relevant(src, opt.Tables.Words()...) {
		return
	}
	if opt.Cache != nil {
		f.text = sha256.Sum256(src)
	}
	key := cacheKey{path: f.Path, text: f.text}
	if f.module = opt.Cache.get(key); f.module != nil {
		return
	}
	tree, err := syntax.Limits{MaxSize: opt.MaxSize}.Parse(src)
	if err != nil {
		f.err = err
		return
	}
	f.module = lower.Lower(tree, f.Path)
	opt.Cache.put(key, f.module)
}

func lineAt(m *ir.Module, offset uint32) int {
	i, ok := slices.BinarySearch(m.Lines, offset)
	if ok {
		return i + 1
	}
	return max(1, i)
}

// patterns counts what each file does with concurrency, and names the libraries in use.
func patterns(list []project.Source) ([]report.FilePattern, []string) {
	var out []report.FilePattern
	libraries := map[string]bool{}
	for _, s := range list {
		counts := count(s.IR, libraries)
		if len(counts) > 0 {
			out = append(out, report.FilePattern{File: s.IR.Path, Patterns: counts})
		}
	}
	var names []string
	for n := range libraries {
		names = append(names, n)
	}
	slices.Sort(names)
	slices.SortFunc(out, func(a, b report.FilePattern) int { return cmp.Compare(a.File, b.File) })
	return out, names
}
