package verdict

import (
	"fmt"
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/report"
)

// rung finds waits for an event after which something is taken that the event said was there, without a look:
// `await event.wait(); items.popleft()`. All who wait are woken at once, and the first may take the last one.
func (j *judge) rung() {
	if j.p.Language != "python" || j.opt.Disabled["checkthenact"] {
		return
	}
	for i := range j.p.Funcs {
		f := &j.p.Funcs[i]
		if f.Init || f.Single || f.Flow.Preempt || f.Overlap == OverlapOwned || f.Overlap == OverlapNone ||
			!slices.ContainsFunc(f.Flow.Places, func(p flow.Place) bool { return p.Kind == flow.Signal }) || !f.walkable() {
			continue
		}
		for k := range f.Result.Accesses {
			a := &f.Result.Accesses[k]
			bell := event(f.Flow, a.Ref)
			if bell.Op == flow.OpCheck && bell.Flags&flow.FlagTested != 0 && f.Flow.Places[bell.Place].Kind == flow.Signal && f.waitsAt(a.Ref) {
				j.afterBell(i, a, bell)
			}
		}
	}
}

// waitsAt says whether what stands before an event is a wait until somebody else says so.
func (f *Func) waitsAt(r flow.Ref) bool {
	if r.Index == 0 {
		return false
	}
	e := &f.Flow.Blocks[r.Block].Events[r.Index-1]
	return e.Op == flow.OpYield && e.Flags&flow.FlagSignal != 0 && e.Pos == event(f.Flow, r).Pos
}

// afterBell judges what is taken after one wait.
func (j *judge) afterBell(i int, wait *flow.Access, bell *flow.Event) {
	f := &j.p.Funcs[i]
	for k := range f.Result.Accesses {
		a := &f.Result.Accesses[k]
		act := event(f.Flow, a.Ref)
		place := &f.Flow.Places[act.Place]
		if act.Op != flow.OpAct || act.Effect != flow.EffectShrink || act.Flags&flow.FlagNeeds == 0 || act.Flags&(flow.FlagCallee|flow.FlagDeferred) != 0 || place.Field == "" || argument(f, place) {
			continue
		}
		if excludes(j.sigs(f, wait.Held()), j.sigs(f, a.Held())) {
			continue // one at a time waits and takes
		}
		asked := func(_ flow.Ref, e *flow.Event) bool {
			return e.Place == act.Place && (e.Op == flow.OpCheck || e.Op == flow.OpAct && e.Effect != flow.EffectNone)
		}
		if by := j.rings(act.Place, bell.Place, f); by != nil && reaches(f.Flow, after(wait.Ref), a.Ref, asked) {
			j.addCase(j.wokenToo(i, bell, act, by))
			return
		}
	}
}

// rings finds who adds to a place and sets an event that tells so.
func (j *judge) rings(items, bell flow.PlaceID, f *Func) *writer {
	sets := j.writers[f.Flow.Places[bell].Field]
	for k := range j.writers[f.Flow.Places[items].Field] {
		x := &j.writers[f.Flow.Places[items].Field][k]
		if x.e.Effect == flow.EffectGrow && slices.ContainsFunc(sets, func(s writer) bool {
			return s.fn == x.fn && s.e.Effect == flow.EffectSet && s.e.Value == flow.ValueTrue
		}) {
			return x
		}
	}
	return nil
}

func (j *judge) wokenToo(i int, bell, act *flow.Event, by *writer) *finding {
	f := &j.p.Funcs[i]
	place := &f.Flow.Places[act.Place]
	t := code(place.Path)
	c := &finding{
		rule: "checkthenact", fn: i, pos: act.Pos, origin: act.Pos, check: bell.Pos, field: place.Field, place: place.Path,
		consequence: Crash, severity: severities[Crash], confidence: report.Likely,
		message: fmt.Sprintf("%s is not asked again after the wait", t),
		cause:   "an event wakes all who wait for it: that it was set does not say that there still is something",
		fix:     fmt.Sprintf("ask in a loop: `while not %s: await event.wait()`, or use an `asyncio.Queue`", place.Path),
		notes:   []string{fmt.Sprintf("two waiters are woken at once; the first takes the last one, and the second finds nothing (%s)", Crash)},
		steps: []step{
			{report.StepCheck, bell.Pos, i, "waits here until it is told that there is something"},
			{report.StepAct, act.Pos, i, "taken here, without a look whether it is there"},
			{report.StepRelated, by.e.Pos, by.fn, "added here, and all who wait are told"},
		},
	}
	if f.Overlap == OverlapProven {
		c.confidence = report.Sure
	}
	return c
}
