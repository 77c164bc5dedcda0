package verdict

import (
	"fmt"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/report"
)

// unguarded finds writes without the lock under which others read a place, suspend, and write
// back what they have computed: such a write is lost whenever it falls into the gap, so it is reported as the
// lost update that it is. A value that is merely tested under the lock is no evidence, for resetting it
// without the lock is common and harmless.
func (j *judge) unguarded() {
	if j.opt.Disabled["lostupdate"] || j.p.Language == "go" {
		return // in Go nothing is atomic, and guards looks at every access
	}
	for _, field := range sortedKeys(j.guarded) {
		for k := range j.writers[field] {
			x := &j.writers[field][k]
			f := &j.p.Funcs[x.fn]
			if f.Init || f.Flow.Places[x.e.Place].Kind == flow.Record {
				continue // a lock of one process is not what guards a record; its writes may be conditional
			}
			if g := j.lostBy(field, x); g != nil {
				j.addCase(j.unevenWrite(x, g))
			}
		}
	}
}

// lostBy finds a guarded update that would overwrite what x writes.
func (j *judge) lostBy(field string, x *writer) *guarded {
	f := &j.p.Funcs[x.fn]
	for i := range j.guarded[field] {
		g := &j.guarded[field][i]
		h := &j.p.Funcs[g.fn]
		locks := j.named(h, g.w.Cover)
		if g.w.Use&flow.UseData == 0 || len(locks) == 0 || h.Init || g.fn == x.fn && g.w.Act == x.ref {
			continue
		}
		if g.w.Ask == flow.AskSize && g.w.Key != 0 {
			continue // it goes by where something was found: nothing that others put elsewhere is written back
		}
		if f.Type != "" && h.Type != "" && j.p.Apart != nil && j.p.Apart(f.Type, h.Type) {
			continue // the lock named is none of this object's
		}
		if keysMeet(h.Flow, g.w.Key, f.Flow, x.e.Key) && !excludes(j.sigs(h, g.w.Cover), x.held) && len(x.held) == 0 {
			return g
		}
	}
	return nil
}

func (j *judge) unevenWrite(x *writer, g *guarded) *finding {
	f, h := &j.p.Funcs[x.fn], &j.p.Funcs[g.fn]
	place := &f.Flow.Places[x.e.Place]
	lock := code(h.Result.Locks[j.named(h, g.w.Cover)[0]].Path)
	t := code(thing(f.Flow, x.e.Place, x.e.Key))
	read, back := event(h.Flow, g.w.Check), event(h.Flow, g.w.Act)
	gap := event(h.Flow, g.w.Expiry)
	c := &finding{
		rule: "lostupdate", also: []string{"unevenguard"}, fn: x.fn, pos: x.e.Pos, origin: x.e.Pos, field: place.Field, place: place.Path,
		consequence: LostUpdate, severity: severities[LostUpdate], confidence: report.Likely,
		message: fmt.Sprintf("%s is written without %s, which guards it elsewhere", t, lock),
		cause:   fmt.Sprintf("%s keeps others out only if every writer takes it", lock),
		fix:     fmt.Sprintf("take %s for this write too", lock),
		notes:   []string{fmt.Sprintf("%s reads the old value, suspends, and writes it back over this one (%s)", code(h.Name), LostUpdate)},
		steps: []step{
			{report.StepRelated, read.Pos, g.fn, "read here under the lock"},
			{report.StepExpiry, gap.Pos, g.fn, "suspends here, the lock held"},
			{report.StepWriter, back.Pos, g.fn, "written back here"},
			{report.StepAct, x.e.Pos, x.fn, "written here without the lock"},
		},
	}
	if f.givenOnly(x.ref) && j.housekeeping(x.fn) {
		c.confidence = report.Doubtful // who calls it without the lock gives nothing to be written, as a rule
	}
	at := func(p flow.Pos) (string, int) { s := j.p.Site(p); return s.File, s.Line }
	for _, turn := range []struct {
		actor, text, state string
		pos                flow.Pos
	}{
		{"A", fmt.Sprintf("runs `%s`, takes %s and reads %s", h.Name, lock, t), "A holds the old value", read.Pos},
		{"A", "suspends with the lock held", "", gap.Pos},
		{"B", fmt.Sprintf("runs `%s`, which needs no lock, and writes %s", f.Name, t), "the new value is stored", x.e.Pos},
		{"A", "writes back what it computed from the old value", "B's write is lost", back.Pos},
	} {
		file, line := at(turn.pos)
		c.scenario = append(c.scenario, report.Turn{Actor: turn.actor, Text: turn.text, State: turn.state, File: file, Line: line})
	}
	return c
}
