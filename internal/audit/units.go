package audit

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/toctou-lint/toctou/internal/atomicity"
	"github.com/toctou-lint/toctou/internal/cache"
	"github.com/toctou-lint/toctou/internal/suppress"
	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/pyscan"
	"github.com/toctou-lint/toctou/report"
)

// part is what was found in files that depend on no others.
type part struct {
	Output    *verdict.Output
	Atomic    []report.Finding // broken promises of atomicity
	Functions int
	Partial   []report.Partial
}

// units links and judges the units, several at a time, or recalls what an earlier run made of them.
func (s *scope) units(ctx context.Context, res *scanned, disabled map[string]bool, store *cache.Store) ([]*part, error) {
	if len(res.units) < 2 {
		store = nil // the whole is kept already
	}
	comments := map[string][]suppress.Comment{}
	for _, c := range res.comments {
		comments[c.File] = append(comments[c.File], c)
	}
	work := &unitWork{s: s, units: res.units, comments: comments, disabled: disabled, store: store, out: make([]*part, len(res.units)), errs: make([]error, len(res.units))}
	jobs := s.jobs
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	var wg sync.WaitGroup
	feed := make(chan int)
	for range min(jobs, len(res.units)) {
		wg.Go(func() {
			for i := range feed {
				work.do(ctx, i)
			}
		})
	}
	for i, first := range work.plan() {
		if first {
			feed <- i
		}
	}
	close(feed)
	wg.Wait()
	if r := work.defect.Load(); r != nil {
		panic(r) // where the caller can deal with it
	}
	return work.out, cmp.Or(work.errs...)
}

// unitWork is the work on several units.
type unitWork struct {
	s        *scope
	units    []*pyscan.Unit
	next     []int // by unit: the one that is based on it, or -1
	comments map[string][]suppress.Comment
	disabled map[string]bool
	store    *cache.Store
	out      []*part
	errs     []error
	defect   atomic.Value // what a worker panicked with
}

// plan finds out which unit is based on which. It says which ones are based on none.
func (w *unitWork) plan() []bool {
	first := make([]bool, len(w.units))
	w.next = make([]int, len(w.units))
	for i := range w.next {
		w.next[i] = -1
	}
	for i, u := range w.units {
		if first[i] = u.Base == nil; !first[i] {
			w.next[slices.Index(w.units, u.Base)] = i
		}
	}
	return first
}

// do works on a unit, and then on the one that is based on it.
func (w *unitWork) do(ctx context.Context, i int) {
	defer func() {
		if r := recover(); r != nil {
			w.defect.CompareAndSwap(nil, fmt.Sprintf("%v\n%s", r, debug.Stack()))
		}
	}()
	var linked *pyscan.Linked
	var err error
	for i >= 0 && err == nil {
		w.out[i], linked, err = w.s.unit(ctx, w.units[i], linked, w.comments, w.disabled, w.store)
		w.errs[i] = err
		w.units[i] = nil // its files can be let go
		i = w.next[i]
	}
}

// unit links and judges one unit, whose base has been linked to what is given, or recalls what an earlier run made of it, and has linked nothing then.
func (s *scope) unit(ctx context.Context, u *pyscan.Unit, base *pyscan.Linked, comments map[string][]suppress.Comment, disabled map[string]bool, store *cache.Store) (*part, *pyscan.Linked, error) {
	var key cache.Key
	if store != nil {
		h, err := s.hasher("unit", disabled)
		if err != nil {
			return nil, nil, err
		}
		h.Add(u.Sum[:])
		key = h.Key()
		if p := recall[part](store.Get(key)); p != nil && p.Output != nil {
			return p, nil, nil
		}
	}
	linked, err := u.Link(ctx, base)
	if err != nil {
		return nil, nil, err
	}
	p := &part{
		Output:    verdict.Judge(linked.Program, verdict.Options{Latent: s.cfg.Latent, Disabled: disabled, Brief: s.brief}),
		Functions: len(linked.Program.Funcs), Partial: linked.Partial,
	}
	if !disabled[atomicity.Rule] {
		var own []suppress.Comment
		for _, file := range u.Own {
			own = append(own, comments[file]...)
		}
		p.Atomic = atomicity.Check(linked.Program, own, s.tree.text)
	}
	if len(u.Own) < len(u.Files) {
		p.within(u.Owns, linked.Program)
	}
	if store != nil && ctx.Err() == nil {
		keep(store, key, p)
	}
	return p, linked, nil
}

// within leaves only what is about some files.
func (p *part) within(own func(file string) bool, program *verdict.Program) {
	p.Output.Within(own)
	p.Partial = slices.DeleteFunc(p.Partial, func(x report.Partial) bool { return !own(x.File) })
	p.Functions = 0
	for i := range program.Funcs {
		if own(program.Site(program.Funcs[i].Pos).File) {
			p.Functions++
		}
	}
}

// join puts the parts together, in the order of files.
func join(parts []*part) *part {
	if len(parts) == 1 {
		return parts[0]
	}
	out := &part{}
	var outputs []*verdict.Output
	for _, p := range parts {
		outputs = append(outputs, p.Output)
		out.Atomic = append(out.Atomic, p.Atomic...)
		out.Functions += p.Functions
		out.Partial = append(out.Partial, p.Partial...)
	}
	out.Output = verdict.Merge(outputs...)
	slices.SortStableFunc(out.Atomic, func(a, b report.Finding) int { return cmp.Compare(a.File, b.File) })
	slices.SortStableFunc(out.Partial, func(a, b report.Partial) int { return cmp.Compare(a.File, b.File) })
	return out
}
