package verdict

import (
	"fmt"
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/report"
)

// putBack finds functions that take out all that a container holds, wait, and then store what they have taken as the
// whole again: what has come in meanwhile is thrown away.
func (j *judge) putBack() {
	if j.p.Language != "python" || j.opt.Disabled["lostupdate"] {
		return
	}
	for i := range j.p.Funcs {
		f := &j.p.Funcs[i]
		if f.Init || f.Flow.Preempt || f.Overlap == OverlapNone || f.Overlap == OverlapOwned {
			continue
		}
		for k := range f.Result.Accesses {
			a := &f.Result.Accesses[k]
			act := event(f.Flow, a.Ref)
			if act.Op != flow.OpAct || act.Effect != flow.EffectSet || act.Key != 0 || len(act.Srcs) != 1 || empties(act.Value) || !a.AfterPrev ||
				act.Flags&(flow.FlagCallee|flow.FlagDeferred|flow.FlagUpdate) != 0 || f.Flow.Places[act.Place].Field == "" || argument(f, &f.Flow.Places[act.Place]) || !f.walkable() {
				continue
			}
			if read, wait, ok := f.takenOut(a); ok {
				if x := j.addsMeanwhile(i, read, a); x != nil {
					j.addCase(j.putBackCase(i, event(f.Flow, read.Ref), event(f.Flow, wait), act, x))
				}
			}
		}
	}
}

// takenOut finds the read of what an act puts back, if what was read was taken out of its place in the same step, and
// a suspension in between, after which nobody has asked for the place.
func (f *Func) takenOut(back *flow.Access) (read *flow.Access, wait flow.Ref, ok bool) {
	act := event(f.Flow, back.Ref)
	for k := range f.Result.Accesses {
		read = &f.Result.Accesses[k]
		c := event(f.Flow, read.Ref)
		if c.Op != flow.OpCheck || c.Place != act.Place || c.Key != 0 || c.Ask != flow.AskValue || c.Dst != act.Srcs[0] {
			continue
		}
		events := f.Flow.Blocks[read.Ref.Block].Events
		out := slices.IndexFunc(events[read.Ref.Index+1:], func(e flow.Event) bool {
			return e.Op == flow.OpYield || e.Op == flow.OpAct && e.Place == c.Place && e.Key == 0 && resets(&e)
		})
		if out < 0 || events[int(read.Ref.Index)+1+out].Op == flow.OpYield {
			return nil, wait, false
		}
		return f.suspended(read, back)
	}
	return nil, wait, false
}

// suspended finds a suspension after a read from which an act is reached, exceptions included, without a question about
// its place.
func (f *Func) suspended(read, back *flow.Access) (*flow.Access, flow.Ref, bool) {
	act := event(f.Flow, back.Ref)
	for _, h := range f.Result.Holds {
		if event(f.Flow, h.Ref).Pos <= event(f.Flow, read.Ref).Pos || !comesTo(f.Flow, read.Ref, h.Ref) || !comesTo(f.Flow, h.Ref, back.Ref) {
			continue
		}
		asked := slices.ContainsFunc(f.Result.Accesses, func(a flow.Access) bool {
			e := event(f.Flow, a.Ref)
			return e.Op == flow.OpCheck && e.Place == act.Place && comesTo(f.Flow, h.Ref, a.Ref) && comesTo(f.Flow, a.Ref, back.Ref)
		})
		if !asked {
			return read, h.Ref, true
		}
	}
	return nil, flow.Ref{}, false
}

func (j *judge) putBackCase(i int, read, wait, act *flow.Event, x *writer) *finding {
	f, g := &j.p.Funcs[i], &j.p.Funcs[x.fn]
	place := &f.Flow.Places[act.Place]
	t := code(place.Path)
	return &finding{
		rule: "lostupdate", fn: i, pos: act.Pos, origin: act.Pos, check: read.Pos, field: place.Field, place: place.Path, conflict: x,
		consequence: LostUpdate, severity: severities[LostUpdate], confidence: report.Likely,
		message: fmt.Sprintf("%s is put back after an await, over what has come in meanwhile", t),
		cause:   fmt.Sprintf("all of %s was taken out before the await, and what was taken is stored as the whole after it", t),
		fix:     fmt.Sprintf("put it before what is there by then (`x[:0] = taken`), instead of storing it as all of %s", t),
		notes:   []string{fmt.Sprintf("%s can run in between; what it adds is overwritten (%s)", code(g.Name), LostUpdate)},
		steps: []step{
			{report.StepCheck, read.Pos, i, "taken out here"},
			{report.StepExpiry, wait.Pos, i, "other tasks run during this await"},
			{report.StepAct, act.Pos, i, "stored here as the whole"},
			{report.StepWriter, x.e.Pos, x.fn, "more can be added here"},
		},
	}
}
