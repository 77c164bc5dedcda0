package pyscan

import (
	"bytes"
	"context"
	"crypto/sha256"
	"slices"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/lower"
	"github.com/toctou-lint/toctou/pyscan/project"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// Where nobody is shown what is of low confidence, tests need not be analysed: all that is found in
// them is of low confidence, and what they do is no evidence about other code. They are parsed
// nevertheless, to tell which of them cannot be read. Kept whole are those that code outside tests
// imports, and all of them as soon as one has a comment that speaks to us: whether that silences
// anything can be told only of a test that was analysed, with the tests that it calls.

// directive is what comments that speak to us contain.
var directive = []byte("toctou:")

// setAside parses a test and keeps nothing of it but the line of the first syntax error.
func (f *file) setAside(src []byte, key cacheKey, opt Options) {
	f.aside, f.spoken = true, bytes.Contains(src, directive)
	if f.spoken {
		return // it is analysed in a moment
	}
	if m := opt.Cache.get(key); m != nil {
		f.damaged = firstDamage(m)
		return
	}
	key.path += parsedOnly
	if m := opt.Cache.get(key); m != nil {
		f.damaged = firstDamage(m)
		return
	}
	limits := syntax.Limits{MaxSize: opt.MaxSize}
	sound, err := limits.Sound(src)
	if err != nil {
		f.err = err
		return
	}
	m := &ir.Module{Path: key.path, Size: len(src)}
	if !sound {
		f.err = limits.With(src, func(t *syntax.Tree) {
			whole := lower.Lower(t, f.Path)
			m.Lines, m.Damaged = whole.Lines, whole.Damaged
			f.damaged = firstDamage(m)
		})
		if f.err != nil {
			return
		}
	}
	opt.Cache.put(key, m)
}

// parsedOnly marks, in the cache, what is known of a test that was set aside.
const parsedOnly = ":parsed"

// recall says whether tests are analysed. Those that were set aside are read after all if one of them speaks to us.
func (s *scan) recall(ctx context.Context) bool {
	if !s.opt.SkipTests {
		return true
	}
	spoken := false
	var tests []int
	for i := range s.files {
		f := &s.files[i]
		spoken = spoken || f.spoken
		if f.aside && f.module == nil && f.err == nil {
			tests = append(tests, i)
		}
	}
	if spoken {
		s.each(ctx, tests, false)
	}
	return spoken
}

// units splits the modules into what can be linked by itself. Code outside tests is linked without them, so
// that what is found in it is the same whether tests are analysed or not; tests are linked on top of the code that
// they may import.
func (s *scan) units(all []project.Source) []*Unit {
	texts := map[string][sha256.Size]byte{}
	parts := map[string]bool{}
	for i := range s.files {
		f := &s.files[i]
		if s.opt.Cache != nil {
			texts[f.Path] = f.text
		}
		parts[f.Path] = f.part
	}
	test := func(f project.Source) bool { return !parts[f.IR.Path] }
	var out []*Unit
	byFirst := map[string]*Unit{}
	if code := slices.DeleteFunc(slices.Clone(all), test); len(code) > 0 {
		for _, files := range project.Units(code) {
			u := newUnit(files, none, texts, s.opt)
			out = append(out, u)
			byFirst[u.Files[0]] = u
		}
	}
	if slices.ContainsFunc(all, test) {
		for _, files := range project.Units(all) {
			if !slices.ContainsFunc(files, test) {
				continue
			}
			u := newUnit(files, test, texts, s.opt)
			if len(u.code) > 0 {
				same := func(a, b project.Source) bool { return a.IR == b.IR }
				if base := byFirst[u.code[0].IR.Path]; base != nil && slices.EqualFunc(base.code, u.code, same) {
					u.Base = base
				}
			}
			out = append(out, u)
		}
	}
	return out
}

func none(project.Source) bool { return false }
