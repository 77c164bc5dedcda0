package verdict

import (
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
)

// transition says whether the act changes a state that a getter, or a question of the kind "is it X",
// has found to be one certain constant, through a setter that does nothing else. The state machine then
// relies on the answer: two callers must not both leave the same state.
func (f *Func) transition(w *flow.Window, check, act *flow.Event) bool {
	if act.Effect != flow.EffectSet || check.Flags&flow.FlagCallee == 0 || len(w.Held) == 0 || !f.onlyAct(w.Act, act) {
		return false
	}
	found := func(e *flow.Edge) bool {
		return slices.ContainsFunc(e.Tests, func(t flow.Test) bool { return t.Is && f.answer(t.Var, check) })
	}
	// The act must be out of reach where the state was not found to be the constant.
	seen := make([]bool, len(f.Flow.Blocks))
	work := []flow.BlockID{w.Check.Block}
	seen[w.Check.Block] = true
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		if b == w.Act.Block {
			return false
		}
		succs := f.Flow.Blocks[b].Succs
		for i := range succs {
			if to := succs[i].To; !seen[to] && !found(&succs[i]) {
				seen[to] = true
				work = append(work, to)
			}
		}
	}
	return true
}

// maxBesides is how much a change may do to other objects; what does more is not the change that a question is about.
const maxBesides = 2

// movesOn says whether the calls behind check and act each lock by themselves, and the act's changes all that
// the check's has asked, or adds to, or takes from, what the check's has measured: a predicate and its change, in two steps.
func (j *judge) movesOn(f *Func, w *flow.Window, check, act *flow.Event) bool {
	if check.Flags&act.Flags&flow.FlagCallee == 0 || check.Flags&flow.FlagStale == 0 || len(w.Held) == 0 || w.Use&flow.UseControl == 0 || act.Pos == check.Pos {
		return false
	}
	if check.Ask == flow.AskSize {
		return (act.Effect == flow.EffectGrow || act.Effect == flow.EffectShrink) && f.onlyAct(w.Act, act)
	}
	sets, varies, besides := map[flow.PlaceID]bool{}, false, 0
	whose := ownerType(f.Flow.Places[w.Place].Path)
	for i := range f.Flow.Blocks[w.Act.Block].Events {
		if e := &f.Flow.Blocks[w.Act.Block].Events[i]; e.Op == flow.OpAct && e.Pos == act.Pos && e.Effect != flow.EffectNone && ownerType(f.Flow.Places[e.Place].Path) != whose {
			if besides++; besides > maxBesides {
				return false
			}
		}
		if e := &f.Flow.Blocks[w.Act.Block].Events[i]; e.Op == flow.OpAct && e.Pos == act.Pos && e.Effect == flow.EffectSet && e.Key == 0 {
			sets[e.Place] = true
			varies = varies || len(e.Srcs) > 0 || e.Flags&flow.FlagUpdate != 0
		}
	}
	for i := range f.Flow.Blocks[w.Check.Block].Events {
		if e := &f.Flow.Blocks[w.Check.Block].Events[i]; e.Op == flow.OpCheck && e.Pos == check.Pos && !sets[e.Place] && j.everSet(f.Flow.Places[e.Place].Field) {
			return false
		}
	}
	return varies
}

// everSet says whether somebody sets a place once its object is in use: a limit that nobody changes says nothing.
func (j *judge) everSet(field string) bool {
	return slices.ContainsFunc(j.writers[field], func(x writer) bool { return !j.p.Funcs[x.fn].Init })
}

// onlyAct says whether the call behind an act changes nothing else.
func (f *Func) onlyAct(at flow.Ref, act *flow.Event) bool {
	acts := 0
	for i := range f.Flow.Blocks[at.Block].Events {
		if e := &f.Flow.Blocks[at.Block].Events[i]; e.Op == flow.OpAct && e.Effect != flow.EffectNone && e.Pos == act.Pos {
			acts++
		}
	}
	return acts == 1
}

// answer says whether a variable holds what a check answers, or what the call behind it makes of that.
func (f *Func) answer(v flow.VarID, check *flow.Event) bool {
	for b := range f.Flow.Blocks {
		for i := range f.Flow.Blocks[b].Events {
			e := &f.Flow.Blocks[b].Events[i]
			if e.Op == flow.OpLet && e.Dst == v && e.Pos == check.Pos && e.Flags&flow.FlagNot == 0 && len(e.Srcs) == 1 && e.Srcs[0] == check.Dst {
				return true
			}
		}
	}
	return f.copyOf(v, check.Dst) || f.among(v, check)
}

// among says whether a variable is one of several results of the call behind a check that asks for a value.
func (f *Func) among(v flow.VarID, check *flow.Event) bool {
	let := func(dst flow.VarID, is func(*flow.Event) bool) bool {
		for b := range f.Flow.Blocks {
			for i := range f.Flow.Blocks[b].Events {
				if e := &f.Flow.Blocks[b].Events[i]; e.Op == flow.OpLet && e.Dst == dst && is(e) {
					return true
				}
			}
		}
		return false
	}
	return check.Ask == flow.AskValue && let(v, func(e *flow.Event) bool {
		return len(e.Srcs) == 1 && let(e.Srcs[0], func(t *flow.Event) bool { return t.Pos == check.Pos && slices.Contains(t.Srcs, check.Dst) })
	})
}

// copyOf says whether a variable is a copy of another.
func (f *Func) copyOf(v, of flow.VarID) bool {
	seen := map[flow.VarID]bool{}
	var same func(v flow.VarID) bool
	same = func(v flow.VarID) bool {
		if v == of {
			return true
		}
		if seen[v] {
			return false
		}
		seen[v] = true
		for b := range f.Flow.Blocks {
			for i := range f.Flow.Blocks[b].Events {
				e := &f.Flow.Blocks[b].Events[i]
				if e.Op == flow.OpLet && e.Dst == v && e.Flags&flow.FlagAlias != 0 && e.Flags&flow.FlagNot == 0 && len(e.Srcs) == 1 && same(e.Srcs[0]) {
					return true
				}
			}
		}
		return false
	}
	return same(v)
}
