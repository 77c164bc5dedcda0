package verdict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/pattern"
	"github.com/toctou-lint/toctou/report"
)

// hands tells, by its name, a call that hands on what it is given: a number that is reset afterwards has been reported.
var hands = pattern.New(`(?i)(^|[._])(send|write|publish|flush|push|put|post|report|save|store|insert|add|emit|upload|execute|record|append|incr\w*|submit|ship|export)(_\w+|all|many)?$`)

// winds tells, by its name, a function that winds something up, or a call that ends a member: nobody is expected to
// add to what is about to end.
var winds = pattern.New(`(?i)(close|stop|shut_?down|drop|finish|complete|finali[sz]e|clean|dispose|terminat?e|terminal|tear_?down|abort|cancel|exit|disconnect|release|join|unload)`)

// maxReads bounds the reads before an act in the text that it is compared with.
const maxReads = 16

// emptied finds functions that hand on what a container or counter holds, wait for that, and then empty it: what
// has come in meanwhile is thrown away unseen.
func (j *judge) emptied() {
	if j.p.Language != "python" || j.opt.Disabled["lostupdate"] {
		return
	}
acts:
	for n := range j.acts {
		d := &j.acts[n]
		if d.flags&(flow.FlagCallee|flow.FlagDeferred|flow.FlagUpdate) != 0 || !takesAll(d.effect, d.value) {
			continue
		}
		i, k := int(d.fn), int(d.access)
		f, a := j.by(d)
		if f.Init || f.Flow.Preempt || f.Overlap == OverlapNone || f.Overlap == OverlapOwned {
			continue
		}
		act := event(f.Flow, a.Ref)
		if !j.empties(f, act) || slices.ContainsFunc(j.cases, func(c *finding) bool { return c.fn == i && c.pos == act.Pos && !c.latent }) ||
			winds.MatchString(f.own()) || !f.walkable() {
			continue
		}
		for n, left := k-1, maxReads; n >= 0 && left > 0; n-- {
			read := &f.Result.Accesses[n]
			c := event(f.Flow, read.Ref)
			if c.Op != flow.OpCheck || c.Place != act.Place || c.Key != 0 || c.Dst == 0 || c.Flags&flow.FlagCallee != 0 {
				continue
			}
			left--
			wait, ok := f.handedOn(read.Ref, a.Ref)
			if !ok {
				continue
			}
			if call := event(f.Flow, wait).Text; winds.MatchString(call[strings.LastIndexByte(call, '.')+1:]) || act.Effect == flow.EffectSet && act.Value == flow.ValueFalse && !hands.MatchString(call) {
				continue
			}
			if x := j.addsMeanwhile(i, read, a); x != nil && !(f.visits(c.Place, wait) && atEnd(&f.Flow.Places[c.Place], x.e)) {
				j.addCase(j.emptiedCase(i, c, wait, act, x))
				continue acts
			}
		}
	}
}

// takesAll says whether an act leaves nothing of what there was.
func takesAll(effect flow.Effect, value flow.Value) bool {
	return effect == flow.EffectClear || effect == flow.EffectSet && (value == flow.ValueEmpty || value == flow.ValueFalse)
}

// empties says whether an act that leaves nothing takes everything out of a container that holds no tasks, or sets a number or text back.
func (j *judge) empties(f *Func, e *flow.Event) bool {
	if e.Key != 0 {
		return false
	}
	place := &f.Flow.Places[e.Place]
	if place.Field == "" || place.Kind == flow.Signal || place.Kind == flow.Record || strings.Contains(place.Type, "Task") || strings.Contains(place.Type, "Future") || argument(f, place) {
		return false
	}
	return !slices.ContainsFunc(j.p.Tasks, func(t Task) bool { return t.Field == place.Field || t.Field == place.Field+"[]" })
}

// handedOn finds a suspension between a read and an act, at which what was read is handed on; neither is the place
// changed, nor asked anew by a branch, between it and the act.
func (f *Func) handedOn(read, act flow.Ref) (flow.Ref, bool) {
	c := event(f.Flow, read)
	changed := func(_ flow.Ref, e *flow.Event) bool {
		return e.Op == flow.OpAct && e.Place == c.Place && e.Effect != flow.EffectNone
	}
	asked := func(r flow.Ref, e *flow.Event) bool {
		return changed(r, e) || e.Op == flow.OpCheck && e.Place == c.Place && tests(f.Flow, r)
	}
	var wait flow.Ref
	found := false
	reaches(f.Flow, after(read), read, func(r flow.Ref, e *flow.Event) bool {
		if changed(r, e) || found {
			return true
		}
		next := after(r)
		if e.Op != flow.OpYield || int(next.Index) >= len(f.Flow.Blocks[r.Block].Events) {
			return false
		}
		let := event(f.Flow, next)
		if let.Op == flow.OpLet && madeFrom(f.Flow, let.Srcs, c.Dst, 0) && reaches(f.Flow, next, act, asked) {
			wait, found = r, true
		}
		return found
	})
	return wait, found
}

// visits says whether a suspension is one in a live iteration: what is appended meanwhile is visited, too.
func (f *Func) visits(place flow.PlaceID, wait flow.Ref) bool {
	anyway := func(flow.Ref, *flow.Event) bool { return false }
	return slices.ContainsFunc(f.Result.Accesses, func(a flow.Access) bool {
		e := event(f.Flow, a.Ref)
		return e.Op == flow.OpAct && e.Flags&flow.FlagIter != 0 && e.Place == place && reaches(f.Flow, after(wait), a.Ref, anyway)
	})
}

// tests says whether the answer of a check is what a branch behind it tests.
func tests(f *flow.Func, r flow.Ref) bool {
	dst := event(f, r).Dst
	return slices.ContainsFunc(f.Blocks[r.Block].Succs, func(e flow.Edge) bool {
		return slices.ContainsFunc(e.Tests, func(t flow.Test) bool { return t.Var == dst })
	})
}

// addsMeanwhile finds who adds to what is emptied without being kept out from the read to the act.
func (j *judge) addsMeanwhile(i int, read, act *flow.Access) *writer {
	f := &j.p.Funcs[i]
	place := &f.Flow.Places[event(f.Flow, act.Ref).Place]
	first, last := j.sigs(f, read.Held()), j.sigs(f, act.Held())
	for k := range j.writers[place.Field] {
		x := &j.writers[place.Field][k]
		g := &j.p.Funcs[x.fn]
		adds := x.e.Effect == flow.EffectGrow || x.e.Flags&flow.FlagUpdate != 0 || fills(x.e) && x.e.Key != 0
		switch {
		case !adds || x.fn == i || g.Init || g.Start || g.Test && !f.Test || g.Overlap == OverlapNone || f.Owner != "" && f.Owner == g.Owner:
		case j.strangers(place, &g.Flow.Places[x.e.Place]), excludes(first, x.held) && excludes(last, x.held):
		default:
			return x
		}
	}
	return nil
}

func (j *judge) emptiedCase(i int, read *flow.Event, wait flow.Ref, act *flow.Event, x *writer) *finding {
	f, g := &j.p.Funcs[i], &j.p.Funcs[x.fn]
	place := &f.Flow.Places[act.Place]
	t := code(place.Path)
	y := event(f.Flow, wait)
	c := &finding{
		rule: "lostupdate", fn: i, pos: act.Pos, origin: act.Pos, check: read.Pos, field: place.Field, place: place.Path, conflict: x,
		consequence: LostUpdate, severity: severities[LostUpdate], confidence: report.Likely,
		message: fmt.Sprintf("%s is emptied after an await, with what has come in meanwhile", t),
		cause:   fmt.Sprintf("what is handed on was read before the await, and all of %s is thrown away after it", t),
		fix:     fmt.Sprintf("take out of %s what there is in one step before the await (`taken, x = x, empty`), and give it back if that fails", t),
		notes:   []string{fmt.Sprintf("%s can run in between; what it adds is removed without having been handed on (%s)", code(g.Name), LostUpdate)},
		steps: []step{
			{report.StepCheck, read.Pos, i, "read here"},
			{report.StepExpiry, y.Pos, i, "handed on here: other tasks run during this await"},
			{report.StepAct, act.Pos, i, "emptied here"},
			{report.StepWriter, x.e.Pos, x.fn, "more can be added here"},
		},
	}
	for _, turn := range []struct {
		actor, text, state string
		pos                flow.Pos
	}{
		{"A", fmt.Sprintf("runs `%s` and reads %s", f.Name, t), "A has what there was", read.Pos},
		{"A", "hands it on, and waits", "other tasks run", y.Pos},
		{"B", fmt.Sprintf("runs `%s` and adds to %s", g.Name, t), "B's is not among what A has handed on", x.e.Pos},
		{"A", "empties " + t, "B's is gone", act.Pos},
	} {
		s := j.p.Site(turn.pos)
		c.scenario = append(c.scenario, report.Turn{Actor: turn.actor, Text: turn.text, State: turn.state, File: s.File, Line: s.Line})
	}
	return c
}
