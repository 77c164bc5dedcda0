package verdict

import (
	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/report"
)

// besideLock judges a window that a lock covers across a suspension, where somebody takes away, without the
// lock, what the act cannot do without, changes what is visited, or puts a thing where the act puts one; nil if
// nobody does. What is merely reset beside the lock is no such thing: that is common, and harms nobody as a rule.
func (j *judge) besideLock(i int, w *flow.Window) *finding {
	f := &j.p.Funcs[i]
	e := event(f.Flow, w.Act)
	place := &f.Flow.Places[w.Place]
	if j.p.Language != "python" || f.Flow.Preempt || !w.Crossed || w.Rechecked || f.Init || place.Kind == flow.Record || place.Kind == flow.Signal ||
		e.Flags&(flow.FlagCallee|flow.FlagDeferred|flow.FlagOwn) != 0 || e.Flags&flow.FlagNeeds == 0 && !startsOne(w, e) || len(w.Cover) == 0 {
		return nil
	}
	for _, l := range w.Cover {
		if k := &f.Result.Locks[l]; k.Kind == flow.LockFlag || k.Local || k.Field == "" {
			return nil
		}
	}
	if argument(f, place) && f.given(place.Param) == GivenFresh || j.inside(f, w) || f.eitherWay(w) {
		return nil
	}
	by, self, ok := j.conflict(i, w)
	if !ok || self || by == nil || len(by.held) > 0 || j.p.Funcs[by.fn].Start || j.p.Funcs[by.fn].Overlap == OverlapOwned {
		return nil
	}
	takes := resets(by.e) || by.e.Effect == flow.EffectShrink
	if e.Flags&flow.FlagIter == 0 && takes == startsOne(w, e) {
		return nil
	}
	open := *w
	open.State, open.Cover = flow.Open, nil
	c := j.found(i, &open, by, false)
	if c == nil {
		return nil
	}
	lock := code(f.Result.Locks[w.Cover[0]].Path)
	other := code(j.p.Funcs[by.fn].Name)
	c.notes = append(c.notes, lock+" is held here, but "+other+" does not take it")
	c.cause = lock + " keeps out only those who take it"
	c.fix = "take " + lock + " in " + other + ", too, or ask again after the await"
	if c.confidence == report.Sure {
		c.confidence = report.Likely
	}
	return c
}

// startsOne says whether an act makes a resource or starts a task where none was found.
func startsOne(w *flow.Window, act *flow.Event) bool {
	return w.Use&flow.UseControl != 0 && (w.Fact == flow.FactNone || w.Fact == flow.FactFalse) && act.Flags&flow.FlagNeeds == 0 &&
		fills(act) && (act.Value == flow.ValueResource || act.Value == flow.ValueTask)
}
