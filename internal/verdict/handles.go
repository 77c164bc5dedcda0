package verdict

import (
	"fmt"

	"github.com/toctou-lint/toctou/report"
)

// undone reports handles that are stored after the task has ended: it ran before the call that started
// it returned, found nothing to wait for, and emptied the place too early.
func (j *judge) undone() {
	for i := range j.p.Undone {
		u := &j.p.Undone[i]
		f, body := &j.p.Funcs[u.Func], &j.p.Funcs[u.Body]
		t := code(u.Place)
		c := &finding{
			rule: "checkthenact", fn: u.Func, pos: u.Store, origin: u.Store, field: u.Field, place: u.Place,
			consequence: StaleValue, severity: severities[StaleValue], confidence: report.Likely,
			message: fmt.Sprintf("%s may be given a task that has ended already", t),
			cause:   fmt.Sprintf("the event loop starts tasks eagerly: `%s` runs to its first suspension before the call that creates the task returns", body.Name),
			fix:     fmt.Sprintf("store the handle only if the task is not done, or have a done callback empty %s", t),
			notes:   []string{fmt.Sprintf("if `%s` ends without an await, it empties %s at line %d before `%s` stores the handle; the ended task stays there, and the test never lets a new one start (%s)", body.Name, t, j.line(u.Removal), f.Name, StaleValue)},
			steps: []step{
				{report.StepSpawn, u.Spawn, u.Func, "the task starts, and may end, here"},
				{report.StepWriter, u.Removal, u.Body, "emptied here, before the handle is stored"},
				{report.StepAct, u.Store, u.Func, "stored here: nobody takes it away again"},
			},
		}
		j.addCase(c)
	}
}

// cutShort reports tasks that several await, each of whom may end it for all by running out of time.
func (j *judge) cutShort() {
	for i := range j.p.CutShort {
		u := &j.p.CutShort[i]
		f := &j.p.Funcs[u.Func]
		if f.Init || f.Single || f.Overlap == OverlapNone {
			continue
		}
		t := code(u.Place)
		c := &finding{
			rule: "checkthenact", fn: u.Func, pos: u.Await, origin: u.Await, field: u.Field, place: u.Place,
			consequence: Crash, severity: severities[Crash], confidence: report.Likely,
			message: fmt.Sprintf("%s is shared, but whoever runs out of time cancels it for all", t),
			cause:   "a time limit cancels the task that is awaited, not only the wait for it; others that await the same task are cancelled with it",
			fix:     "await asyncio.shield(task) under the limit",
			notes:   []string{fmt.Sprintf("a second caller of `%s` finds the task running and awaits it, too; when the first one's time is up, both get a CancelledError (%s)", f.Name, Crash)},
			steps: []step{
				{report.StepSpawn, u.Store, u.Func, "kept here, for all who come while it runs"},
				{report.StepAct, u.Await, u.Func, "awaited here, without a shield"},
			},
		}
		if f.Overlap == OverlapOwned {
			c.confidence = report.Doubtful
		}
		j.addCase(c)
	}
}
