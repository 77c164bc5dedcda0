package pyscan

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/lower"
	"github.com/toctou-lint/toctou/pyscan/models"
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
	var kept []*file
	for i := range s.files {
		f := &s.files[i]
		switch {
		case f.err != nil:
			out.Skipped = append(out.Skipped, report.Skipped{File: f.Path, Reason: f.err.Error()})
		case f.aside && f.module == nil:
			out.Aside++
			if f.damaged > 0 {
				out.Skipped = append(out.Skipped, report.Skipped{File: f.Path, Reason: syntaxError(f.damaged)})
			}
		case f.module == nil:
			out.Irrelevant++
		default:
			if line := firstDamage(f.module); line > 0 {
				out.Skipped = append(out.Skipped, report.Skipped{File: f.Path, Reason: syntaxError(line) + "; the rest was analysed"})
			}
			if len(f.module.Comments) > 0 {
				out.Comments[f.Path] = f.module.Comments
			}
			list = append(list, project.Source{IR: f.module, Root: f.Root})
			kept = append(kept, f)
		}
	}
	if !opt.Brief {
		out.inventories(kept)
	}
	out.Units = s.units(list)
	return out, nil
}

// firstDamage is the line of the first syntax error, 0 if there is none.
func firstDamage(m *ir.Module) int {
	if len(m.Damaged) == 0 {
		return 0
	}
	return lineAt(m, m.Damaged[0].Start)
}

func syntaxError(line int) string { return "syntax error at line " + itoa(line) }

type file struct {
	Source
	module    *ir.Module
	inventory inventory
	text      [sha256.Size]byte // hash of what was read, if there is a cache
	err       error
	part      bool // neither a test nor needed by tests only
	aside     bool // a test that is only parsed, unless there is a module
	spoken    bool // set aside, although it speaks to us
	damaged   int  // line of the first syntax error of a file that is only parsed, 0 if there is none
}

// scan is phase one: every file by itself.
type scan struct {
	opt   Options
	files []file
	seen  []bool // by file: its imports have been followed
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
			var m memory
			for i := range feed {
				s.files[i].load(filter, s.opt, &m)
				if cap(m.text) > keptText {
					m.text = nil
				}
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

// memory is what is used for one file after the other.
type memory struct {
	text []byte
	defs made
}

// keptText is the most memory for texts that is kept from file to file.
const keptText = 1 << 20

// load reads, parses and lowers one file. The tree and the text are let go at once. A defect of
// the tool costs that file, and no other.
func (f *file) load(filter bool, opt Options, mem *memory) {
	defer func() {
		if r := recover(); r != nil {
			f.module, f.inventory, f.err = nil, inventory{}, fmt.Errorf("internal error, a defect of toctou; please report it with this file: %v", r)
		}
	}()
	src, err := f.Read(&mem.text)
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
	if filter && opt.SkipTests && models.Test(f.Path) {
		f.setAside(src, key, opt)
		return
	}
	if f.module = opt.Cache.get(key); f.module == nil {
		f.err = syntax.Limits{MaxSize: opt.MaxSize}.With(src, func(t *syntax.Tree) { f.module = lower.Lower(t, f.Path) })
		if f.err != nil {
			return
		}
		opt.Cache.put(key, f.module)
	}
	if opt.Brief {
		return
	}
	f.inventory = take(f.module, &mem.defs) // as long as the processor's caches have the module
}

func lineAt(m *ir.Module, offset uint32) int {
	i, ok := slices.BinarySearch(m.Lines, offset)
	if ok {
		return i + 1
	}
	return max(1, i)
}

// inventories puts together what was taken of each file.
func (r *Result) inventories(files []*file) {
	libraries := map[string]bool{}
	r.Databases = []report.DatabaseUse{}
	for _, f := range files {
		if len(f.inventory.counts) > 0 {
			r.Patterns = append(r.Patterns, report.FilePattern{File: f.Path, Patterns: f.inventory.counts})
		}
		for _, n := range f.inventory.libraries {
			libraries[n] = true
		}
		r.Databases = append(r.Databases, f.inventory.databases...)
	}
	r.Frameworks = slices.Sorted(maps.Keys(libraries))
	slices.SortFunc(r.Patterns, func(a, b report.FilePattern) int { return cmp.Compare(a.File, b.File) })
	r.Databases = bySource(r.Databases)
}
