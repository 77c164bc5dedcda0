package verdict

import (
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
)

// answered says whether an act only adds to a container what somebody else, who was waited for, has made
// of its old contents: a reply to a conversation. It is written nowhere over, so it undoes nobody's change.
// A number that was computed here before the wait, the next free one, is another matter, and so is how many there
// were: what comes next was asked for, and somebody else has got the same.
func answered(f *flow.Func, w *flow.Window) bool {
	act, wait := event(f, w.Act), flow.Ref{Block: w.Expiry.Block, Index: w.Expiry.Index + 1}
	if w.Use != flow.UseData || w.Ask == flow.AskSize || act.Effect != flow.EffectGrow || event(f, w.Expiry).Op != flow.OpYield || int(wait.Index) >= len(f.Blocks[wait.Block].Events) {
		return false
	}
	reply := event(f, wait)
	if reply.Op != flow.OpLet || reply.Dst == 0 {
		return false
	}
	return !madeFrom(f, act.Srcs, event(f, w.Check).Dst, reply.Dst)
}

// madeFrom says whether values are computed from a variable on a way that leaves another one out.
func madeFrom(f *flow.Func, values []flow.VarID, from, without flow.VarID) bool {
	seen := map[flow.VarID]bool{without: true}
	for work := slices.Clone(values); len(work) > 0; {
		v := work[len(work)-1]
		work = work[:len(work)-1]
		if seen[v] {
			continue
		}
		if v == from {
			return true
		}
		seen[v] = true
		for b := range f.Blocks {
			for i := range f.Blocks[b].Events {
				if e := &f.Blocks[b].Events[i]; e.Op == flow.OpLet && e.Dst == v {
					work = append(work, e.Srcs...)
				}
			}
		}
	}
	return false
}
