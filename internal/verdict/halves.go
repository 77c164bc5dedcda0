package verdict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/report"
)

// half is a stretch of a function in which one of two tables has an entry under a key, and the other has it
// no more, or not yet.
type half struct {
	fn            int
	there, gone   string // program-wide places
	first, second *flow.Access
	wait          flow.Ref
}

// Bounds of what is compared: the acts after one in the text, and the stretches that are kept of one table.
const (
	maxApart = 8
	maxGaps  = 16
)

// halves finds readers of two tables that belong together: what one of them lists is looked up in the other
// without asking, while somebody has changed one and waits before the change of the other.
func (j *judge) halves() {
	if j.p.Language != "python" || j.opt.Disabled["checkthenact"] {
		return
	}
	gaps := map[string][]half{} // by the table that lacks the entry
	for i := range j.p.Funcs {
		if f := &j.p.Funcs[i]; len(f.Result.Holds) > 0 && !f.Init && !f.Start && f.Overlap != OverlapNone && f.Overlap != OverlapOwned && f.walkable() {
			j.gapsOf(i, gaps)
		}
	}
	if len(gaps) == 0 {
		return
	}
	for i := range j.p.Funcs {
		f := &j.p.Funcs[i]
		if f.Init || !f.walkable() {
			continue
		}
	reads:
		for k := range f.Result.Accesses {
			a := &f.Result.Accesses[k]
			e := event(f.Flow, a.Ref)
			if e.Op != flow.OpCheck || e.Flags&flow.FlagNeeds == 0 || e.Flags&flow.FlagCallee != 0 || e.Key <= 0 {
				continue
			}
			for _, h := range gaps[f.Flow.Places[e.Place].Field] {
				g := &j.p.Funcs[h.fn]
				if h.fn == i || f.Owner != "" && f.Owner == g.Owner || g.Test && !f.Test {
					continue
				}
				held := j.sigs(f, a.Held())
				if excludes(held, j.sigs(g, h.first.Held())) && excludes(held, j.sigs(g, h.second.Held())) {
					continue
				}
				if check := f.listed(a.Ref, e, h.there); check != nil {
					j.addCase(j.halfCase(i, check, e, h))
					break reads
				}
			}
		}
	}
}

// gapsOf lists the stretches of one function.
func (j *judge) gapsOf(i int, gaps map[string][]half) {
	f := &j.p.Funcs[i]
	var acts []*flow.Access
	for k := range f.Result.Accesses {
		e := event(f.Flow, f.Result.Accesses[k].Ref)
		if e.Op == flow.OpAct && e.Key > 0 && !f.Flow.Keys[e.Key].Const && e.Flags&(flow.FlagCallee|flow.FlagDeferred) == 0 && (e.Effect == flow.EffectDel || e.Effect == flow.EffectSet) && f.Flow.Places[e.Place].Field != "" {
			acts = append(acts, &f.Result.Accesses[k])
		}
	}
	for k, first := range acts {
		for _, second := range acts[k+1 : min(len(acts), k+1+maxApart)] {
			x, y := event(f.Flow, first.Ref), event(f.Flow, second.Ref)
			if x.Place == y.Place || x.Key != y.Key || x.Effect != y.Effect || !siblings(&f.Flow.Places[x.Place], &f.Flow.Places[y.Place]) {
				continue
			}
			wait, ok := waitBetween(f.Flow, first.Ref, second.Ref)
			if !ok {
				continue
			}
			h := half{i, f.Flow.Places[y.Place].Field, f.Flow.Places[x.Place].Field, first, second, wait}
			if x.Effect == flow.EffectSet {
				h.there, h.gone = h.gone, h.there
			}
			if len(gaps[h.gone]) < maxGaps {
				gaps[h.gone] = append(gaps[h.gone], h)
			}
		}
	}
}

// siblings says whether two places are attributes of one object, or variables of one module.
func siblings(a, b *flow.Place) bool {
	return a.Root == b.Root && a.Param == b.Param && ownerType(a.Path) == ownerType(b.Path) && ownerType(a.Field) == ownerType(b.Field) && !strings.Contains(a.Path+b.Path, "[")
}

// listed finds the answer, still good at a look-up, that there is such an entry in another table; nil if there
// is none, or the table that is looked into was asked itself.
func (f *Func) listed(at flow.Ref, lookup *flow.Event, table string) *flow.Event {
	asked := func(e *flow.Event) bool {
		return e.Op == flow.OpCheck && e.Place == lookup.Place && (e.Key == lookup.Key || e.Key == 0 && e.Ask == flow.AskIter) && e != lookup
	}
	if freshBefore(f.Flow, at, asked) {
		return nil
	}
	var found *flow.Event
	if !freshBefore(f.Flow, at, func(e *flow.Event) bool {
		here := e.Op == flow.OpCheck && e.Key == lookup.Key && e.Flags&flow.FlagCallee == 0 && f.Flow.Places[e.Place].Field == table &&
			siblings(&f.Flow.Places[e.Place], &f.Flow.Places[lookup.Place]) && (e.Flags&flow.FlagTested != 0 || f.onlyIf(e, at))
		if here {
			found = e
		}
		return here
	}) {
		return nil
	}
	return found
}

// onlyIf says whether a point is reached from a check only where it has found something.
func (f *Func) onlyIf(check *flow.Event, at flow.Ref) bool {
	if check.Dst == 0 {
		return false
	}
	for b := range f.Flow.Blocks {
		bl := &f.Flow.Blocks[b]
		k := slices.IndexFunc(bl.Events, func(e flow.Event) bool { return e.Op == flow.OpCheck && e.Pos == check.Pos && e.Dst == check.Dst })
		if k < 0 {
			continue
		}
		for _, e := range bl.Succs {
			hit := slices.ContainsFunc(e.Tests, func(t flow.Test) bool {
				return (t.Fact == flow.FactTrue || t.Fact == flow.FactNotNone) && f.copyOf(t.Var, check.Dst)
			})
			if !hit && !e.Except && reaches(f.Flow, flow.Ref{Block: e.To}, at, func(flow.Ref, *flow.Event) bool { return false }) {
				return false
			}
		}
		return len(bl.Succs) > 1
	}
	return false
}

func (j *judge) halfCase(i int, check, e *flow.Event, h half) *finding {
	f, g := &j.p.Funcs[i], &j.p.Funcs[h.fn]
	x, y, wait := event(g.Flow, h.first.Ref), event(g.Flow, h.second.Ref), event(g.Flow, h.wait)
	place := &f.Flow.Places[e.Place]
	there, gone := code(f.Flow.Places[check.Place].Path), code(place.Path)
	changes := "takes its entry out of " + gone + " before, and out of " + there + " after"
	if x.Effect == flow.EffectSet {
		changes = "puts its entry into " + there + " before, and into " + gone + " after"
	}
	c := &finding{
		rule: "checkthenact", fn: i, pos: e.Pos, origin: e.Pos, check: check.Pos, field: place.Field, place: place.Path,
		consequence: Crash, severity: severities[Crash], confidence: report.Likely,
		message: fmt.Sprintf("what %s lists may be missing in %s", there, gone),
		cause:   fmt.Sprintf("%s and %s belong together, but %s changes them on both sides of an await", there, gone, code(g.Name)),
		fix:     fmt.Sprintf("change both tables in one step, without an await in between, or ask %s with .get", gone),
		notes:   []string{fmt.Sprintf("%s %s an await (%s)", code(g.Name), changes, Crash)},
		steps: []step{
			{report.StepCheck, check.Pos, i, "answer obtained here"},
			{report.StepAct, e.Pos, i, "relied on here, in the other table"},
			{report.StepWriter, x.Pos, h.fn, "one table is changed here"},
			{report.StepExpiry, wait.Pos, h.fn, "other tasks run during this await"},
			{report.StepWriter, y.Pos, h.fn, "and the other one here"},
		},
	}
	for _, turn := range []struct {
		actor, text, state string
		pos                flow.Pos
	}{
		{"A", fmt.Sprintf("runs `%s` and changes one of the two tables", g.Name), there + " has the entry, " + gone + " has not", x.Pos},
		{"A", "waits", "other tasks run", wait.Pos},
		{"B", fmt.Sprintf("runs `%s` and finds the entry in %s", f.Name, there), "B takes it that both have it", check.Pos},
		{"B", "looks it up in " + gone, "there is none: KeyError", e.Pos},
	} {
		s := j.p.Site(turn.pos)
		c.scenario = append(c.scenario, report.Turn{Actor: turn.actor, Text: turn.text, State: turn.state, File: s.File, Line: s.Line})
	}
	return c
}
