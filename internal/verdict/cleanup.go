package verdict

import (
	"fmt"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/report"
)

// cleanups reports functions that put an entry somewhere, work, and at their end remove whatever is
// there by then: a second run with the same key has replaced it, and still needs it.
func (j *judge) cleanups() {
	for i := range j.p.Cleanups {
		k := &j.p.Cleanups[i]
		f := &j.p.Funcs[k.Func]
		put, e := event(f.Flow, k.Put), event(f.Flow, k.Removal)
		place := &f.Flow.Places[e.Place]
		if j.opt.Disabled["blindremoval"] || f.Init || f.Single || f.Overlap == OverlapNone || place.Field == "" || f.counted(k.Removal) || f.counts(e.Place) {
			continue
		}
		t := code(thing(f.Flow, e.Place, e.Key))
		c := &finding{
			rule: "blindremoval", fn: k.Func, pos: e.Pos, origin: e.Pos, check: put.Pos, field: place.Field, place: place.Path,
			consequence: Clobbered, severity: severities[Clobbered], confidence: report.Likely,
			message: t + " is removed without checking that it is still the same entry",
			cause:   "the removal names the place, not the entry: whatever is there by then goes",
			fix:     fmt.Sprintf("remove %s only if it is still the entry that this run has put there (compare by identity)", t),
		}
		if place.Root == flow.RootNone {
			c.confidence = report.Doubtful // an object that came from somewhere: perhaps this run's own
		}
		c.steps = []step{{report.StepRelated, put.Pos, k.Func, "put there here"}, {report.StepAct, e.Pos, k.Func, "removed here, whoever it belongs to"}}
		if e.Origin != 0 {
			c.steps = append(c.steps, step{report.StepRelated, e.Origin, k.Func, "the removal is done here, inside the call"})
		}
		c.notes = []string{fmt.Sprintf("a second run of %s with the same key replaces the entry; the end of the first removes the second's (%s)", code(f.Name), Clobbered)}
		turn := func(actor string, p flow.Pos, text, state string) {
			s := j.p.Site(p)
			c.scenario = append(c.scenario, report.Turn{Actor: actor, Text: text, State: state, File: s.File, Line: s.Line})
		}
		turn("A", put.Pos, "puts its entry into "+code(place.Path), "the entry is A's")
		turn("B", put.Pos, "puts a newer entry under the same key", "the entry is B's")
		turn("A", e.Pos, "ends and removes "+t, "B's entry is gone while B still runs")
		j.cases = append(j.cases, c)
	}
}
