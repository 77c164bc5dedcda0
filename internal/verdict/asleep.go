package verdict

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/report"
)

// askedOnce finds waits for a condition after which nobody asks again whether there is room:
// `if full: await cond.wait()`, and then one more. Whoever is notified is one of several, and may not be
// the first.
func (j *judge) askedOnce() {
	if j.opt.Disabled["checkthenact"] {
		return
	}
	for i := range j.p.Funcs {
		f := &j.p.Funcs[i]
		if len(f.Asleep) == 0 || f.Init || f.Single || f.Overlap == OverlapOwned || f.Overlap == OverlapNone {
			continue
		}
		for b := range f.Flow.Blocks {
			for k := range f.Flow.Blocks[b].Events {
				at := flow.Ref{Block: flow.BlockID(b), Index: int32(k)}
				if e := event(f.Flow, at); e.Op == flow.OpYield && slices.Contains(f.Asleep, e.Pos) {
					j.afterWait(i, at)
				}
			}
		}
	}
}

// afterWait judges one wait.
func (j *judge) afterWait(i int, wait flow.Ref) {
	f := &j.p.Funcs[i]
	for k := range f.Result.Accesses {
		ref := f.Result.Accesses[k].Ref
		check := event(f.Flow, ref)
		place := &f.Flow.Places[check.Place]
		if check.Op != flow.OpCheck || !branches(f.Flow, ref) || check.Pos > event(f.Flow, wait).Pos || place.Field == "" || place.Kind == flow.Signal || place.Kind == flow.Record {
			continue
		}
		same := func(e *flow.Event) bool { return e.Op == flow.OpCheck && e.Place == check.Place && e.Pos == check.Pos }
		if !freshBefore(f.Flow, wait, same) {
			continue
		}
		if act := unasked(f.Flow, wait, check); act != nil {
			j.addCase(j.crowded(i, check, event(f.Flow, wait), act))
			return
		}
	}
}

// branches says whether the answer of a check decides where control goes next.
func branches(f *flow.Func, r flow.Ref) bool {
	return slices.ContainsFunc(f.Blocks[r.Block].Succs, func(e flow.Edge) bool { return len(e.Tests) > 0 })
}

// unasked finds a change of the place of a check that is reached from a wait before anybody asks for it
// again. Where the wait leads back to the check itself, it stands in a loop that asks: the loop may have
// other ends, which tell that there is no need to ask.
func unasked(f *flow.Func, wait flow.Ref, check *flow.Event) (act *flow.Event) {
	place, seen := check.Place, make([]bool, len(f.Blocks))
	work := []flow.Ref{{Block: wait.Block, Index: wait.Index + 1}}
	for len(work) > 0 {
		at := work[0]
		work = work[1:]
		b, done := &f.Blocks[at.Block], false
		for i := int(at.Index); i < len(b.Events) && !done; i++ {
			e := &b.Events[i]
			if e.Op == flow.OpCheck && e.Place == place && branches(f, flow.Ref{Block: at.Block}) {
				if e.Pos == check.Pos {
					return nil
				}
				done = true
			}
			if changesSize(e, place) {
				act, done = cmp.Or(act, e), true
			}
		}
		for _, e := range b.Succs {
			if !done && !e.Except && !seen[e.To] {
				seen[e.To] = true
				work = append(work, flow.Ref{Block: e.To})
			}
		}
	}
	return act
}

// changesSize says whether an event adds to a place, takes from it or updates it.
func changesSize(e *flow.Event, place flow.PlaceID) bool {
	return e.Op == flow.OpAct && e.Place == place && e.Flags&flow.FlagDeferred == 0 &&
		(e.Effect == flow.EffectGrow || e.Effect == flow.EffectShrink || e.Flags&flow.FlagUpdate != 0)
}

func (j *judge) crowded(i int, check, wait, act *flow.Event) *finding {
	f := &j.p.Funcs[i]
	place := &f.Flow.Places[act.Place]
	t := code(place.Path)
	c := &finding{
		rule: "checkthenact", fn: i, pos: act.Pos, origin: act.Pos, check: check.Pos, field: place.Field, place: place.Path,
		consequence: LimitExceeded, severity: severities[LimitExceeded], confidence: report.Likely,
		message: fmt.Sprintf("%s is not asked again after the wait", t),
		cause:   "a notification says that something has changed, not that there is room for this waiter: another may have come first",
		fix:     "ask in a loop: `while …: await condition.wait()`, or `await condition.wait_for(…)`",
		notes:   []string{fmt.Sprintf("two waiters are notified, or a newcomer takes the room first; both go past line %d (%s)", j.line(check.Pos), LimitExceeded)},
		steps: []step{
			{report.StepCheck, check.Pos, i, "asked once, here"},
			{report.StepExpiry, wait.Pos, i, "waits here until it is notified"},
			{report.StepAct, act.Pos, i, "acted on here, not asked again"},
		},
	}
	if f.Overlap == OverlapProven {
		c.confidence = report.Sure
	}
	return c
}
