package verdict

import (
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
)

// lookedAgain says whether a shared place that those who set a signal write besides is looked at again
// before the signal is cleared, on every way and with no yield in between.
func (j *judge) lookedAgain(f *Func, w *flow.Window) bool {
	if j.p.Language != "python" {
		return false
	}
	setters := map[int]bool{}
	for _, x := range j.writers[f.Flow.Places[w.Place].Field] {
		if x.e.Value == flow.ValueTrue {
			setters[x.fn] = true
		}
	}
	besides := func(field string) bool {
		return slices.ContainsFunc(j.writers[field], func(x writer) bool { return setters[x.fn] })
	}
	return freshBefore(f.Flow, w.Act, func(e *flow.Event) bool {
		return e.Op == flow.OpCheck && e.Place != w.Place && f.Flow.Places[e.Place].Field != "" && besides(f.Flow.Places[e.Place].Field)
	})
}

// freshBefore says whether every way to an event passes one that match accepts, with no yield after it.
func freshBefore(f *flow.Func, at flow.Ref, match func(*flow.Event) bool) bool {
	preds := make([][]flow.BlockID, len(f.Blocks))
	for b := range f.Blocks {
		for _, e := range f.Blocks[b].Succs {
			preds[e.To] = append(preds[e.To], flow.BlockID(b))
		}
	}
	seen := make([]bool, len(f.Blocks))
	work := []flow.Ref{at}
	for len(work) > 0 {
		r := work[len(work)-1]
		work = work[:len(work)-1]
		found := false
		for i := r.Index - 1; i >= 0 && !found; i-- {
			e := &f.Blocks[r.Block].Events[i]
			if e.Op == flow.OpYield || e.Op == flow.OpAcquire && e.Flags&flow.FlagContended != 0 {
				return false
			}
			found = match(e)
		}
		if found {
			continue
		}
		if r.Block == 0 {
			return false
		}
		for _, p := range preds[r.Block] {
			if !seen[p] {
				seen[p] = true
				work = append(work, flow.Ref{Block: p, Index: int32(len(f.Blocks[p].Events))})
			}
		}
	}
	return true
}

// asksItself says whether the callee that does an act looks at the place itself before it, and nothing
// can come between: what its caller knew does not matter.
func (j *judge) asksItself(e *flow.Event) bool {
	x, ok := j.whoDoes(e.Origin)
	if !ok {
		return false
	}
	g := &j.p.Funcs[x.fn]
	if len(g.Result.Holds) > 0 || g.Flow.Preempt {
		return false
	}
	return slices.ContainsFunc(g.Result.Accesses, func(a flow.Access) bool {
		c := event(g.Flow, a.Ref)
		return c.Op == flow.OpCheck && c.Place == x.e.Place && c.Pos < x.e.Pos
	})
}
