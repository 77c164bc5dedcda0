package link

import "github.com/toctou-lint/toctou/internal/flow"

// round is the knowledge, at the start of each round of a loop over a copy, that the element was in the
// container when the copy was made.
type round struct {
	at   flow.Ref
	head flow.BlockID
}

// snapshotRound notes the check that was just emitted.
func (f *frame) snapshotRound(head flow.BlockID) {
	b := f.b.Current()
	f.rounds = append(f.rounds, round{flow.Ref{Block: b, Index: int32(len(f.b.Func().Blocks[b].Events) - 1)}, head})
}

// ageSnapshots makes that knowledge old where the loop suspends: from the second round on, others have run.
func (f *frame) ageSnapshots() {
	if len(f.rounds) == 0 {
		return
	}
	fn := f.b.Func()
	preds := make([][]flow.BlockID, len(fn.Blocks))
	for b := range fn.Blocks {
		for _, e := range fn.Blocks[b].Succs {
			if !e.Except {
				preds[e.To] = append(preds[e.To], flow.BlockID(b))
			}
		}
	}
	for _, r := range f.rounds {
		if suspendsInside(fn, preds, r) {
			fn.Blocks[r.at.Block].Events[r.at.Index].Flags |= flow.FlagStale
		}
	}
}

// suspendsInside says whether a way from the start of a round back to the head of its loop suspends.
func suspendsInside(fn *flow.Func, preds [][]flow.BlockID, r round) bool {
	outside := map[flow.BlockID]bool{0: true} // what is reached without the head: another time the loop begins anew
	for work := []flow.BlockID{0}; len(work) > 0; {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		for _, e := range fn.Blocks[b].Succs {
			if e.To != r.head && !outside[e.To] {
				outside[e.To] = true
				work = append(work, e.To)
			}
		}
	}
	back := map[flow.BlockID]bool{r.head: true}
	for work := []flow.BlockID{r.head}; len(work) > 0; {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		for _, p := range preds[b] {
			if !back[p] && !outside[p] {
				back[p] = true
				work = append(work, p)
			}
		}
	}
	seen := map[flow.BlockID]bool{r.head: true, r.at.Block: true}
	for work := []flow.BlockID{r.at.Block}; len(work) > 0; {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		if !back[b] {
			continue
		}
		for i := range fn.Blocks[b].Events {
			if e := &fn.Blocks[b].Events[i]; e.Op == flow.OpYield || e.Op == flow.OpAcquire && e.Flags&flow.FlagContended != 0 {
				return true
			}
		}
		for _, e := range fn.Blocks[b].Succs {
			if !e.Except && !seen[e.To] {
				seen[e.To] = true
				work = append(work, e.To)
			}
		}
	}
	return false
}
