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
	case c.consequence == LimitExceeded && c.self && act.Flags&flow.FlagUpdate != 0 && place.Kind == flow.Variable && closes.MatchString(f.Name):
		return true // who leaves takes off what it has added itself when it came
	case c.rule == "iterationrace" && c.conflict != nil && !c.self && j.p.Funcs[c.conflict.fn].Decorates:
		return true // what decorators add is there before anybody asks
	}
	return false
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
