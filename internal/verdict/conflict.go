package verdict

import (
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
)

// conflict is gate (c): it finds somebody who may write the place between check and act so that
// the answer becomes wrong. self says that a second run of the same function does it. ok is
// false if nobody does.
func (j *judge) conflict(i int, w *flow.Window) (by *writer, self, ok bool) {
	f := &j.p.Funcs[i]
	e := event(f.Flow, w.Act)
	place := &f.Flow.Places[w.Place]
	if place.Kind == flow.Record || place.Kind == flow.Signal && e.Effect == flow.EffectSignal {
		// A record is shared with every other process; a future is settled by whoever waits for it
		// (a timeout cancels it).
		return nil, true, !f.Single || place.Kind == flow.Record
	}
	if place.Kind == flow.Signal && e.Effect == flow.EffectSet && e.Value == flow.ValueTrue && w.Use&flow.UseData == 0 ||
		place.Kind == flow.Signal && e.Effect == flow.EffectSet && (w.Fact == flow.FactAny || e.Flags&flow.FlagCallee != 0) {
		return nil, false, false // to set an event that is set hurts nobody
	}
	held := j.sigs(f, w.Cover)
	var best *writer
	bestScore := 0
	for k := range j.writers[place.Field] {
		x := &j.writers[place.Field][k]
		g := &j.p.Funcs[x.fn]
		same := x.fn == i
		switch {
		case f.joined(g.Owner, event(f.Flow, w.Check).Pos), g.joined(f.Owner, x.e.Pos), g.starts(f.Owner, x.e.Pos), f.starts(g.Owner, e.Pos):
			continue
		case f.Owner != "" && f.Owner == g.Owner && j.p.Language == "python", g.Init, g.Test && !f.Test, same && (f.Single || f.Overlap == OverlapNone), !same && g.Overlap == OverlapNone:
			continue
		case same && x.e == e && !again(w, e):
			continue
		case !keysMeet(f.Flow, w.Key, g.Flow, x.e.Key):
			continue
		case !falsifies(w, e, x.e, strings.HasPrefix(place.Type, "list")), e.Flags&flow.FlagIter != 0 && j.onlyIfPresent(g, x):
			continue
		case excludes(held, x.held), excludes(j.sigs(f, f.Flow.Entry), j.sigs(g, g.Flow.Entry)):
			continue
		}
		// Who takes away what the act cannot do without is the best witness; then a writer elsewhere;
		// then a second run of the function itself.
		score := 2*btoi(e.Flags&flow.FlagNeeds != 0 && (resets(x.e) || x.e.Effect == flow.EffectShrink)) + btoi(!same)
		if best == nil || score > bestScore {
			best, bestScore = x, score
		}
	}
	if best == nil {
		return nil, false, false
	}
	return best, best.fn == i, true
}

// joined says whether the function has waited for the end of a background loop before pos.
func (f *Func) joined(owner string, pos flow.Pos) bool {
	return owner != "" && slices.ContainsFunc(f.Joins, func(k Join) bool { return k.Owner == owner && k.Pos < pos })
}

// starts says whether the function starts a background loop only after pos.
func (f *Func) starts(owner string, pos flow.Pos) bool {
	return owner != "" && slices.ContainsFunc(f.Starts, func(k Join) bool { return k.Owner == owner && k.Pos > pos })
}

// keysMeet says whether two keys of different functions may select the same element: only two
// different constants certainly do not.
func keysMeet(f *flow.Func, a flow.KeyID, g *flow.Func, b flow.KeyID) bool {
	if a <= 0 || b <= 0 {
		return true
	}
	x, y := f.Keys[a], g.Keys[b]
	return !x.Const || !y.Const || x.Text == y.Text
}

func empties(v flow.Value) bool {
	return v == flow.ValueNone || v == flow.ValueFalse || v == flow.ValueEmpty
}

// resets says whether an act takes away what the place held.
func resets(e *flow.Event) bool {
	switch e.Effect {
	case flow.EffectDel, flow.EffectClear:
		return true
	case flow.EffectSet:
		return empties(e.Value)
	}
	return false
}

// falsifies says whether effect x can make the answer behind window w wrong in a way that hurts
// its act.
func falsifies(w *flow.Window, act, x *flow.Event, list bool) bool {
	if x.Effect == flow.EffectNone {
		return false
	}
	if act.Flags&flow.FlagIter != 0 {
		// Replacing the whole container leaves the iteration on the old one; what a list gets at its end
		// is visited too.
		if x.Effect == flow.EffectGrow && (x.Text == ".append" || x.Text == ".extend") && list {
			return false
		}
		return x.Effect != flow.EffectSet && x.Effect != flow.EffectModify && x.Effect != flow.EffectSignal || x.Effect == flow.EffectSet && x.Key != 0
	}
	fills := x.Effect == flow.EffectSet && !empties(x.Value) || x.Effect == flow.EffectGrow
	takes := resets(x) || x.Effect == flow.EffectShrink
	if w.Use&flow.UseData != 0 && w.State == flow.Open {
		return fills || takes || x.Effect == flow.EffectModify
	}
	removes := resets(act)
	needs := act.Flags&flow.FlagNeeds != 0
	switch {
	case w.Use&flow.UseNeed != 0 && takes, needs && takes && w.Use&flow.UseControl != 0:
		return true
	case removes:
		// Taking away what is already gone hurts nobody; taking away what was put there meanwhile does.
		return fills
	case w.Ask == flow.AskSize:
		return fills || takes && w.Fact != flow.FactFalse
	}
	switch w.Fact {
	case flow.FactNone, flow.FactFalse:
		return fills
	case flow.FactTrue, flow.FactNotNone:
		return takes || w.Ask == flow.AskValue && w.Key == 0 && fills && act.Effect != flow.EffectNone
	}
	return fills || takes
}

// again says whether a second run of the same function, doing the same act, can falsify. A run
// that passes the same check and takes the thing away finds nothing left to harm, unless its
// act fails without it.
func again(w *flow.Window, e *flow.Event) bool {
	return !resets(e) || e.Flags&flow.FlagNeeds != 0 || w.Use&flow.UseData != 0
}
