package verdict

import (
	"github.com/toctou-lint/toctou/internal/flow"
)

// maxWalked bounds the events of a function in which ways are followed for each pair of events: what is looked for by that is not
// found in a larger one.
const maxWalked = 4096

// walkable says whether a function is within that bound.
func (f *Func) walkable() bool {
	n := 0
	for b := range f.Flow.Blocks {
		if n += len(f.Flow.Blocks[b].Events); n > maxWalked {
			return false
		}
	}
	return len(f.Flow.Blocks) <= maxWalked
}

// waitBetween finds a suspension on a way from one event to another, which only ways through the first lead to. Time is linear in
// the function.
func waitBetween(f *flow.Func, from, to flow.Ref) (wait flow.Ref, found bool) {
	if reaches(f, flow.Ref{}, to, func(r flow.Ref, _ *flow.Event) bool { return r == from }) {
		return wait, false
	}
	leads := leadingTo(f, to.Block)
	reaches(f, after(from), from, func(r flow.Ref, e *flow.Event) bool {
		if !found && e.Op == flow.OpYield && (r.Block == to.Block && r.Index < to.Index || leads[r.Block]) {
			wait, found = r, true
		}
		return found || r == to
	})
	return wait, found
}

func after(r flow.Ref) flow.Ref { return flow.Ref{Block: r.Block, Index: r.Index + 1} }

// reaches says whether some way leads from one point to another that passes no event that stop accepts. Time is linear in the
// function.
func reaches(f *flow.Func, from, to flow.Ref, stop func(flow.Ref, *flow.Event) bool) bool {
	seen := make([]bool, len(f.Blocks))
	work := []flow.Ref{from}
	for len(work) > 0 {
		at := work[len(work)-1]
		work = work[:len(work)-1]
		b, stopped := &f.Blocks[at.Block], false
		for i := at.Index; int(i) < len(b.Events) && !stopped; i++ {
			r := flow.Ref{Block: at.Block, Index: i}
			if r == to {
				return true
			}
			stopped = stop(r, &b.Events[i])
		}
		for k := range b.Succs {
			if e := &b.Succs[k]; !stopped && !e.Except && !seen[e.To] {
				seen[e.To] = true
				work = append(work, flow.Ref{Block: e.To})
			}
		}
	}
	return false
}

// leadingTo says, by block, whether a way leads from its end to a block.
func leadingTo(f *flow.Func, to flow.BlockID) []bool {
	preds := make([][]flow.BlockID, len(f.Blocks))
	for b := range f.Blocks {
		for _, e := range f.Blocks[b].Succs {
			if !e.Except {
				preds[e.To] = append(preds[e.To], flow.BlockID(b))
			}
		}
	}
	leads := make([]bool, len(f.Blocks))
	for work := []flow.BlockID{to}; len(work) > 0; {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		for _, p := range preds[b] {
			if !leads[p] {
				leads[p] = true
				work = append(work, p)
			}
		}
	}
	return leads
}
