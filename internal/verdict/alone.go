package verdict

import (
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
)

// entersAlone says whether an act happens only after a flag was asked, and changed to the opposite in the same step: a second
// activation does not get there.
func (f *Func) entersAlone(act *flow.Event) bool {
	for k := range f.Result.Accesses {
		a := &f.Result.Accesses[k]
		if event(f.Flow, a.Ref) != act {
			continue
		}
		return slices.ContainsFunc(a.Controls(), func(c flow.Control) bool {
			asked := event(f.Flow, c.Check)
			return c.Fact != flow.FactAny && slices.ContainsFunc(f.Result.Accesses, func(o flow.Access) bool {
				e := event(f.Flow, o.Ref)
				turns := resets(e) && (c.Fact == flow.FactTrue || c.Fact == flow.FactNotNone) || fills(e) && (c.Fact == flow.FactFalse || c.Fact == flow.FactNone)
				return turns && e.Op == flow.OpAct && e.Place == asked.Place && e.Key == asked.Key && e.Flags&flow.FlagDeferred == 0 && e.Pos > asked.Pos && e.Pos < act.Pos && !f.waitsBetween(c.Check, o.Ref)
			})
		})
	}
	return false
}

// waitsBetween says whether the function may suspend on a way from one event to another that follows it.
func (f *Func) waitsBetween(from, to flow.Ref) bool {
	return slices.ContainsFunc(f.Result.Holds, func(h flow.Hold) bool {
		at := event(f.Flow, h.Ref).Pos
		return at > event(f.Flow, from).Pos && at < event(f.Flow, to).Pos && comesTo(f.Flow, from, h.Ref) && comesTo(f.Flow, h.Ref, to)
	})
}
