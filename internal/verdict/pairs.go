package verdict

import (
	"fmt"
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/report"
)

// gate is an act that happens only because of an answer about another place.
type gate struct {
	fn  int
	acc *flow.Access
	by  *flow.Control
}

// pairs finds two places that decide about each other: one function changes the first because of what
// the second said, and by then another, which was told by the first that it may, has changed the
// second (the last user closes what a newcomer has just been let into).
func (j *judge) pairs() {
	if j.p.Language == "go" || j.opt.Disabled["checkthenact"] {
		return
	}
	gates := map[[2]string][]gate{} // by place asked and place acted on
	for n := range j.acts {
		d := &j.acts[n]
		if !d.gated || d.flags&flow.FlagCallee != 0 {
			continue
		}
		f, a := j.by(d)
		if f.Overlap == OverlapNone || f.Init && d.flags&flow.FlagUpdate == 0 {
			continue // who counts runs more than once, whatever its name says
		}
		for c := range a.Controls() {
			by := &a.Controls()[c]
			at := [2]string{f.Flow.Places[event(f.Flow, by.Check).Place].Field, f.Flow.Places[event(f.Flow, a.Ref).Place].Field}
			gates[at] = append(gates[at], gate{int(d.fn), a, by})
		}
	}
	found := -1 // the function that the last one was found in
acts:
	for n := range j.acts {
		d := &j.acts[n]
		i := int(d.fn)
		if !d.gated || i == found {
			continue
		}
		f, a := j.by(d)
		if f.Init || f.Overlap == OverlapNone || f.Overlap == OverlapOwned {
			continue
		}
		e := event(f.Flow, a.Ref)
		for c := range a.Controls() {
			by := &a.Controls()[c]
			check := event(f.Flow, by.Check)
			if !by.Expired || e.Flags&flow.FlagCallee != 0 && (check.Pos == e.Pos || j.calleeAsks(e, f.Flow.Places[check.Place].Field)) || e.Key != 0 || check.Key != 0 || asksFresh(f, a, check.Place) {
				continue
			}
			at := [2]string{f.Flow.Places[e.Place].Field, f.Flow.Places[check.Place].Field}
			for _, g := range gates[at] {
				if g.fn != i && !g.by.Expired && j.disturbs(f, a, by, g) {
					j.addCase(j.pairCase(i, a, by, g))
					found = i
					continue acts
				}
			}
			if g, ok := j.newcomer(i, a, by, at); ok {
				j.addCase(j.pairCase(i, a, by, g))
				found = i
				continue acts
			}
		}
	}
}

// newcomer finds a function that counts itself in at the place asked and opens the place acted on only if
// it finds it shut: while it is about to be shut, it finds it open and relies on that.
func (j *judge) newcomer(i int, a *flow.Access, by *flow.Control, at [2]string) (gate, bool) {
	f := &j.p.Funcs[i]
	if !resets(event(f.Flow, a.Ref)) || by.Fact != flow.FactFalse && by.Fact != flow.FactNone || !f.counts(event(f.Flow, by.Check).Place) {
		return gate{}, false
	}
	for k := range j.writers[at[1]] {
		x := &j.writers[at[1]][k]
		h := &j.p.Funcs[x.fn]
		if x.fn == i || h.Overlap == OverlapNone || x.e.Flags&flow.FlagUpdate == 0 || excludes(j.sigs(f, a.Held()), x.held) {
			continue
		}
		for n := range h.Result.Windows {
			w := &h.Result.Windows[n]
			if h.Flow.Places[w.Place].Field == at[0] && w.State == flow.Latent && fills(event(h.Flow, w.Act)) && (w.Fact == flow.FactFalse || w.Fact == flow.FactNone) {
				return gate{x.fn, x.acc, &flow.Control{Check: w.Check, Fact: w.Fact}}, true
			}
		}
	}
	return gate{}, false
}

// calleeAsks says whether the function behind an act of a callee asks for a place itself before it acts, or is
// not known.
func (j *judge) calleeAsks(act *flow.Event, field string) bool {
	x, ok := j.whoDoes(act.Origin)
	if !ok || act.Flags&(flow.FlagRechecked|flow.FlagResized|flow.FlagDeferred) != 0 {
		return true
	}
	g := &j.p.Funcs[x.fn]
	for i := range g.Result.Accesses {
		if a := &g.Result.Accesses[i]; a.Ref == x.ref {
			return slices.ContainsFunc(a.Controls(), func(c flow.Control) bool {
				return g.Flow.Places[event(g.Flow, c.Check).Place].Field == field
			})
		}
	}
	return true
}

// asksFresh says whether an answer about the place that has not expired decides the act, too.
func asksFresh(f *Func, a *flow.Access, place flow.PlaceID) bool {
	for i := range a.Controls() {
		if c := &a.Controls()[i]; !c.Expired && event(f.Flow, c.Check).Place == place {
			return true
		}
	}
	return false
}

// disturbs says whether the act a of f shuts the gate of g, and what g does behind it makes the
// answer wrong because of which f acts.
func (j *judge) disturbs(f *Func, a *flow.Access, by *flow.Control, g gate) bool {
	h := &j.p.Funcs[g.fn]
	act, x := event(f.Flow, a.Ref), event(h.Flow, g.acc.Ref)
	if event(f.Flow, by.Check).Flags&x.Flags&flow.FlagCallee != 0 {
		return false // a guard somewhere in a call, and something that another call does besides
	}
	if excludes(j.sigs(f, a.Held()), j.sigs(h, g.acc.Held())) || x.Key != 0 && event(f.Flow, by.Check).Ask != flow.AskSize {
		return false
	}
	switch g.by.Fact {
	case flow.FactTrue, flow.FactNotNone:
		if !resets(act) {
			return false
		}
	case flow.FactFalse, flow.FactNone:
		if act.Effect != flow.EffectSet || act.Value != flow.ValueTrue {
			return false
		}
	default:
		return false
	}
	fills := x.Effect == flow.EffectSet && !empties(x.Value) || x.Effect == flow.EffectGrow
	switch by.Fact {
	case flow.FactFalse, flow.FactNone:
		return fills // somebody has come in
	case flow.FactTrue, flow.FactNotNone:
		return false
	}
	return x.Flags&flow.FlagUpdate != 0
}

func (j *judge) pairCase(i int, a *flow.Access, by *flow.Control, g gate) *finding {
	f, h := &j.p.Funcs[i], &j.p.Funcs[g.fn]
	e, check, x, asked := event(f.Flow, a.Ref), event(f.Flow, by.Check), event(h.Flow, g.acc.Ref), event(h.Flow, g.by.Check)
	expiry := event(f.Flow, by.Expiry)
	place := &f.Flow.Places[e.Place]
	first, second := code(f.Flow.Places[check.Place].Path), code(place.Path)
	c := &finding{
		rule: "checkthenact", fn: i, pos: e.Pos, origin: e.Pos, check: check.Pos, field: place.Field, place: place.Path,
		consequence: Clobbered, severity: severities[Clobbered], confidence: report.Likely,
		message: fmt.Sprintf("%s is changed because of an answer about %s that may be out of date", second, first),
		cause:   fmt.Sprintf("%s and %s decide about each other, but are not asked and changed in one step", first, second),
		fix:     fmt.Sprintf("ask %s again after the await, right before %s is changed, or change %s before the await", first, second, second),
		notes:   []string{fmt.Sprintf("%s asks %s and then changes %s: it may do so in between (%s)", code(h.Name), second, first, Clobbered)},
		steps: []step{
			{report.StepCheck, check.Pos, i, "answer obtained here"},
			{report.StepExpiry, expiry.Pos, i, "expires here: other tasks run"},
			{report.StepAct, e.Pos, i, "acted on here, not checked again"},
			{report.StepRelated, asked.Pos, g.fn, "asks whether it may"},
			{report.StepWriter, x.Pos, g.fn, "and makes the answer wrong"},
		},
	}
	at := func(p flow.Pos) (string, int) { s := j.p.Site(p); return s.File, s.Line }
	for _, turn := range []struct {
		actor, text, state string
		pos                flow.Pos
	}{
		{"A", fmt.Sprintf("runs `%s` and reads %s", f.Name, first), "A has an answer about " + first, check.Pos},
		{"A", "other tasks run during this await", "the answer is not certain any more", expiry.Pos},
		{"B", fmt.Sprintf("runs `%s`: %s lets it, and it changes %s", h.Name, second, first), "A's answer is wrong now", x.Pos},
		{"A", "changes " + second + " all the same", "B relies on what A has taken away", e.Pos},
	} {
		file, line := at(turn.pos)
		c.scenario = append(c.scenario, report.Turn{Actor: turn.actor, Text: turn.text, State: turn.state, File: file, Line: line})
	}
	return c
}
