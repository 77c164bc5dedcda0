package verdict

import (
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
)

// made says whether an event that was found unset is set when something has been made and stored meanwhile: whoever
// finds it unset makes it, too. What a loop does until the event is set is no such thing.
func (f *Func) made(w *flow.Window) bool {
	act := event(f.Flow, w.Act)
	if w.State != flow.Open || w.Use != flow.UseControl || w.Fact != flow.FactFalse || act.Flags&(flow.FlagCallee|flow.FlagDeferred) != 0 || !f.walkable() {
		return false
	}
	anyway := func(flow.Ref, *flow.Event) bool { return false }
	if reaches(f.Flow, after(w.Act), w.Check, anyway) {
		return false
	}
	return slices.ContainsFunc(f.Result.Accesses, func(a flow.Access) bool {
		e := event(f.Flow, a.Ref)
		return e.Op == flow.OpAct && e.Place != w.Place && e.Flags&(flow.FlagCallee|flow.FlagDeferred) == 0 && grows(e) && e.Pos < act.Pos &&
			f.Flow.Places[e.Place].Kind != flow.Signal &&
			slices.ContainsFunc(a.Controls(), func(c flow.Control) bool { return c.Check == w.Check && c.Expired })
	})
}
