package verdict

import (
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
)

// strangersLock says whether a lock that is held from check to act is none that keeps out who changes what a
// getter was asked: they all take the lock of the object itself, which the getter has given back.
func (j *judge) strangersLock(f *Func, w *flow.Window, place *flow.Place) bool {
	check, act := event(f.Flow, w.Check), event(f.Flow, w.Act)
	if !f.Flow.Preempt || check.Flags&flow.FlagCallee == 0 || act.Effect != flow.EffectNone || act.Flags&flow.FlagNeeds == 0 || act.Flags&(flow.FlagIter|flow.FlagCallee) != 0 || f.ownsLock(w.Held, place) {
		return false
	}
	cover, some := j.sigs(f, w.Cover), false
	for _, x := range j.writers[place.Field] {
		g := &j.p.Funcs[x.fn]
		if g.Init {
			continue
		}
		if excludes(cover, x.held) || !slices.ContainsFunc(x.held, func(l lockSig) bool { return !l.read && ownerType(l.name) == ownerType(place.Field) }) {
			return false
		}
		some = true
	}
	return some
}

// reserves says whether the goroutine that acts later is started only where a flag was found unset after the
// check, and set in one step.
func (f *Func) reserves(w *flow.Window) bool {
	return slices.ContainsFunc(w.Held, func(l flow.LockID) bool {
		return f.Result.Locks[l].Kind == flow.LockFlag && !slices.Contains(w.CheckHeld, l)
	})
}

// oneFlight says whether the task that acts later is kept, in the step that starts it, where there was
// none before: as long as it runs, nobody starts another. A number that the task counts up itself may lag
// behind where the task is put, in that step, among those whose number was asked.
func (f *Func) oneFlight(w *flow.Window) bool {
	if !w.Deferred {
		return false
	}
	for i := range f.Result.Windows {
		o := &f.Result.Windows[i]
		if o.Deferred || o.State == flow.Open || o.Use&flow.UseControl == 0 || o.Act.Block != w.Act.Block || o.Act.Index < w.Act.Index {
			continue
		}
		e := event(f.Flow, o.Act)
		if e.Value == flow.ValueTask && o.Ask == flow.AskSize && e.Effect == flow.EffectGrow && event(f.Flow, w.Act).Value == flow.ValuePlain {
			return true
		}
		if (o.Key == 0 || o.Key == w.Key) && e.Op == flow.OpAct && e.Value == flow.ValueTask && (o.Fact == flow.FactFalse || o.Fact == flow.FactNone) {
			return true
		}
	}
	return false
}

// eitherWay says whether the act is one of several copies of a clean-up (`finally`) that runs whatever
// the check had told.
func (f *Func) eitherWay(w *flow.Window) bool {
	act := event(f.Flow, w.Act)
	if w.Use != flow.UseControl || act.Flags&(flow.FlagCallee|flow.FlagDeferred) != 0 {
		return false
	}
	facts := map[flow.Fact]bool{}
	copies, under := 0, 0
	for i := range f.Result.Accesses {
		if e := event(f.Flow, f.Result.Accesses[i].Ref); e.Op == flow.OpAct && e.Pos == act.Pos && e.Place == act.Place && e.Key == act.Key {
			copies++
		}
	}
	for i := range f.Result.Windows {
		o := &f.Result.Windows[i]
		if e := event(f.Flow, o.Act); o.Check == w.Check && e.Pos == act.Pos && o.Place == w.Place {
			under++
			facts[o.Fact] = true
		}
	}
	return copies > 1 && (under < copies || len(facts) > 1)
}

// missing says whether what an act computes with is the zero value of an entry that the same look-up has
// found missing: nothing of an old value is written back.
func (f *Func) missing(w *flow.Window) bool {
	check := event(f.Flow, w.Check)
	return f.Flow.Preempt && w.Use&flow.UseData != 0 && w.Ask == flow.AskValue && slices.ContainsFunc(f.Result.Windows, func(o flow.Window) bool {
		return o.Act == w.Act && o.Ask == flow.AskHas && o.Fact == flow.FactFalse && o.Use&flow.UseControl != 0 && event(f.Flow, o.Check).Pos == check.Pos
	})
}
