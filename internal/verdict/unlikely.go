package verdict

import (
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
)

// unlikely says whether what a window shows is, as a rule, meant: two actors may meet there, but nothing that the
// first one knew is relied on.
func (j *judge) unlikely(f *Func, place *flow.Place, c *finding) bool {
	w := c.window
	act := event(f.Flow, w.Act)
	missing := w.Fact == flow.FactNone || w.Fact == flow.FactFalse
	switch {
	case c.consequence == LimitExceeded && missing && act.Effect == flow.EffectGrow && f.foundEmpty(w) && j.handedOut(place.Field):
		return true // more is fetched where nothing was left: what two have fetched is all to be had
	case missing && act.Flags&flow.FlagCallee != 0 && act.Key == 0 && resets(act) && w.Use == flow.UseControl:
		return true // nothing was found, and the callee takes away whatever is there: not on account of the answer
	case f.Flow.Preempt && c.self && missing && w.Key > 0 && argumentKey(f, w.Key) && act.Flags&flow.FlagCallee == 0 && f.memoOf(w, act):
		return true // a memo: what two put there depends on the key alone
	case c.consequence == LimitExceeded && c.self && act.Flags&flow.FlagUpdate != 0 && place.Kind == flow.Variable && closes.MatchString(f.Name):
		return true // who leaves takes off what it has added itself when it came
	case c.consequence == LimitExceeded && w.Fact != flow.FactAny && act.Effect == flow.EffectGrow && strings.Contains(place.Type, "Queue"):
		return true // that a queue was empty forbids nobody to put something in
	case c.consequence == Clobbered && c.self && act.Effect == flow.EffectSet && act.Value == flow.ValueEmpty && f.fillsAgain(w.Act):
		return true // the whole is made anew in one step, from what is newer than the answer
	case c.rule == "iterationrace" && c.conflict != nil && !c.self && j.p.Funcs[c.conflict.fn].Decorates:
		return true // what decorators add is there before anybody asks
	}
	return false
}

// memoOf says whether what an act puts under a key is computed from that key, of a plain function's arguments the
// only one: a new object that has nothing to do with the key (a lock, a list) is one of its own for everybody.
func (f *Func) memoOf(w *flow.Window, act *flow.Event) bool {
	root := f.Flow.Keys[w.Key].Root
	return f.Type == "" && len(f.Flow.Params) == 1 && act.Effect == flow.EffectSet && f.comesFrom(act.Srcs, root)
}

// comesFrom says whether one of the variables is computed from another.
func (f *Func) comesFrom(vars []flow.VarID, from flow.VarID) bool {
	seen := map[flow.VarID]bool{}
	for work := slices.Clone(vars); len(work) > 0; {
		v := work[len(work)-1]
		work = work[:len(work)-1]
		if v == from {
			return true
		}
		if seen[v] {
			continue
		}
		seen[v] = true
		for b := range f.Flow.Blocks {
			for i := range f.Flow.Blocks[b].Events {
				switch e := &f.Flow.Blocks[b].Events[i]; {
				case e.Op == flow.OpLet && e.Dst == v:
					work = append(work, e.Srcs...)
				case e.Op == flow.OpCheck && e.Dst == v && e.Key > 0:
					work = append(work, f.Flow.Keys[e.Key].Root) // what is looked up under it
				}
			}
		}
	}
	return false
}

// fillsAgain says whether the function fills a container that it has emptied, before anybody else has a turn.
func (f *Func) fillsAgain(at flow.Ref) bool {
	act := event(f.Flow, at)
	next := flow.Pos(0) // the first yield after it
	for _, h := range f.Result.Holds {
		if p := event(f.Flow, h.Ref).Pos; p > act.Pos && (next == 0 || p < next) {
			next = p
		}
	}
	return slices.ContainsFunc(f.Result.Accesses, func(a flow.Access) bool {
		e := event(f.Flow, a.Ref)
		return e.Op == flow.OpAct && e.Place == act.Place && e.Pos > act.Pos && (next == 0 || e.Pos < next) && (e.Effect == flow.EffectGrow || fills(e) && e.Key != 0)
	})
}

// foundEmpty says whether a window asks for nothing but whether there is anything: `if not queue`.
func (f *Func) foundEmpty(w *flow.Window) bool {
	check := event(f.Flow, w.Check)
	return w.Ask == flow.AskSize && slices.ContainsFunc(f.Flow.Blocks[w.Check.Block].Succs, func(e flow.Edge) bool {
		return len(e.Tests) == 1 && e.Tests[0].Var == check.Dst && e.Tests[0].Fact != flow.FactAny
	})
}

// handedOut says whether somebody takes elements out of a place from one end: what is in there is to be had.
func (j *judge) handedOut(field string) bool {
	return slices.ContainsFunc(j.writers[field], func(x writer) bool {
		return x.e.Effect == flow.EffectShrink && strings.HasPrefix(x.e.Text, ".pop")
	})
}

// givenOnly says whether an act happens only where the caller gives a certain argument: who leaves it out
// does not write.
func (f *Func) givenOnly(at flow.Ref) bool {
	ways := 0
	for b := range f.Flow.Blocks {
		for i := range f.Flow.Blocks[b].Succs {
			e := &f.Flow.Blocks[b].Succs[i]
			if e.To != at.Block {
				continue
			}
			if ways++; !slices.ContainsFunc(e.Tests, func(t flow.Test) bool {
				return (t.Fact == flow.FactNotNone || t.Fact == flow.FactTrue) && slices.Contains(f.Flow.Params, t.Var)
			}) {
				return false
			}
		}
	}
	return ways > 0
}
