package verdict

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/report"
)

// sortedKeys keeps output independent of map order.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// taskRule names the rule that a task breaks, or "".
func taskRule(t *Task) string {
	switch {
	case t.Keep == KeepLost:
		return "untrackedtask"
	case t.Keep != KeepStored && t.Keep != KeepOwner:
		return ""
	case !t.Observed:
		return "unobservedfailure"
	case t.Keep == KeepStored && !t.Drained:
		return "undrainedtasks"
	}
	return ""
}

// taskRules reports tasks that nobody keeps, observes or drains.
func (j *judge) taskRules() {
	j.overwritten()
	for i := range j.p.Tasks {
		t := &j.p.Tasks[i]
		rule := taskRule(t)
		if rule == "" || j.opt.Disabled[rule] {
			continue
		}
		c := &finding{rule: rule, fn: t.Func, pos: t.Pos, origin: t.Pos, place: t.Keeper, field: t.Field, confidence: report.Likely}
		job := "a task"
		if j.p.Language == "go" {
			job = "a goroutine"
		}
		target := job
		if t.Target != "" {
			target = code(t.Target)
		}
		c.steps = []step{{report.StepSpawn, t.Pos, t.Func, "started here"}}
		for _, r := range t.Related {
			c.steps = append(c.steps, step{report.StepRelated, r.Pos, t.Func, r.Label})
		}
		switch rule {
		case "untrackedtask":
			c.consequence = LostTask
			c.message = fmt.Sprintf("nobody keeps the task that runs %s", target)
			if j.p.Language == "go" {
				c.message = fmt.Sprintf("nobody waits for or stops the goroutine that runs %s", target)
			}
			c.notes = []string{cmp.Or(t.Why, "its handle is dropped") + "; it can be cut off at shutdown or collected, and its error is never seen (" + LostTask + ")"}
			c.cause = cmp.Or(t.Why, "the handle that the creation returns is dropped")
			c.fix = "keep the task in a set, discard it in a callback that logs its exception, and wait for the set at shutdown; or use a TaskGroup"
			if j.p.Language == "go" {
				c.fix = cmp.Or(t.Fix, "start it through a WaitGroup or errgroup that the owner's Close waits for, and handle its error")
				c.notes = []string{cmp.Or(t.Why, "nothing joins it") + " (" + LostTask + ")"}
			}
		case "unobservedfailure":
			c.consequence = LostError
			c.message = fmt.Sprintf("nobody sees it when %s fails", target)
			c.notes = []string{fmt.Sprintf("it is kept (%s), but its exception is never asked for (%s)", cmp.Or(t.Keeper, "tracked"), LostError)}
			c.cause = cmp.Or(t.Why, "the task is kept, but neither awaited nor given a callback that looks at its exception")
			c.fix = "log the exception in the done callback, handle it in the body, or await the task"
			if j.p.Language == "go" {
				c.notes = []string{fmt.Sprintf("it is waited for (%s), but its error goes nowhere (%s)", cmp.Or(t.Keeper, "tracked"), LostError)}
				c.cause = cmp.Or(t.Why, "the goroutine is waited for, but its error is dropped")
				c.fix = "handle the error in the goroutine, or start it through an errgroup whose Wait returns it"
			}
		case "undrainedtasks":
			c.consequence = LostTask
			c.message = fmt.Sprintf("no shutdown path awaits or cancels %s", target)
			c.notes = []string{fmt.Sprintf("it is kept in %s, which nothing drains (%s)", code(t.Keeper), LostTask)}
			c.cause = "tasks are kept, but the owner has no shutdown that waits for them"
			c.fix = "cancel or await the tasks where the owner is closed"
			if !t.Owner {
				c.confidence = report.Doubtful
			}
		}
		c.severity = severities[c.consequence]
		if t.Brief {
			c.confidence = report.Doubtful
		}
		if t.Short && rule == "untrackedtask" {
			c.severity = lower(c.severity)
		}
		j.cases = append(j.cases, c)
	}
}

// overwritten reports a task handle that is replaced without a look at the earlier one.
func (j *judge) overwritten() {
	if j.opt.Disabled["overwrittentask"] {
		return
	}
	for _, field := range sortedKeys(j.writers) {
		for k := range j.writers[field] {
			x := &j.writers[field][k]
			f := &j.p.Funcs[x.fn]
			if x.e.Effect != flow.EffectSet || x.e.Value != flow.ValueTask || x.acc.Guarded || x.acc.AfterPrev || f.Init || f.Single || f.Overlap == OverlapNone {
				continue
			}
			if f.Entry == "" || x.e.Flags&flow.FlagCallee != 0 || x.e.Key != 0 && !j.keyRepeats(f, x.e.Key) {
				continue // nothing says that it runs more than once
			}
			if f.Called && j.looksFirst(x) || j.busy(x) || f.cancels(field) {
				continue
			}
			t := code(thing(f.Flow, x.e.Place, x.e.Key))
			c := &finding{
				rule: "overwrittentask", fn: x.fn, pos: x.e.Pos, origin: x.e.Pos, field: field, place: f.Flow.Places[x.e.Place].Path,
				consequence: DuplicateExecution, severity: report.Medium, confidence: report.Likely,
				message: t + " is overwritten while the earlier task may still run",
				cause:   "the new task is stored without looking at the one that is there",
				fix:     "cancel and await the earlier task first, or return if it is still running",
				steps:   []step{{report.StepAct, x.e.Pos, x.fn, "replaced here, whatever the earlier task does"}},
				notes:   []string{"a second call starts a second task; nobody can cancel or await the first any more (" + DuplicateExecution + ")", "can run more than once: " + f.Entry},
			}
			if p := &f.Flow.Places[x.e.Place]; f.Overlap == OverlapOwned || f.Opens || closes.MatchString(f.Name) || j.owned(field) || argument(f, p) && f.given(p.Param) == GivenUnknown {
				c.confidence = report.Doubtful
			}
			j.cases = append(j.cases, c)
		}
	}
}

// looksFirst says whether all callers that may come more than once look at the place, or empty it,
// before they have x replace it.
func (j *judge) looksFirst(x *writer) bool {
	calls := 0
	typ := j.p.Funcs[x.fn].Type
	for i := range j.p.Funcs {
		f := &j.p.Funcs[i]
		if f.Entry == "" || f.Init || typ != "" && f.Type != typ {
			continue // who has just made the object starts it for the first time
		}
		for k := range f.Result.Accesses {
			a := &f.Result.Accesses[k]
			e := event(f.Flow, a.Ref)
			if e.Op != flow.OpAct || e.Flags&flow.FlagCallee == 0 || e.Origin != x.e.Pos {
				continue
			}
			if calls++; !a.Guarded && !a.AfterPrev && !f.cancels(f.Flow.Places[e.Place].Field) {
				return false
			}
		}
	}
	return calls > 0
}

// cancels says whether the function cancels the task that is kept in a place.
func (f *Func) cancels(field string) bool {
	return slices.ContainsFunc(f.Cancels, func(c string) bool { return c == field || c+"[]" == field })
}

// busy says whether a task is started only after a look at another place, a flag or the like, which is set
// when it is started, or by the task: then the earlier one has ended.
func (j *judge) busy(x *writer) bool {
	f := &j.p.Funcs[x.fn]
	var bodies []int
	for i := range j.p.Tasks {
		if t := &j.p.Tasks[i]; t.Func == x.fn {
			bodies = append(bodies, t.Bodies...)
		}
	}
	return slices.ContainsFunc(x.acc.Controls(), func(c flow.Control) bool {
		place := &f.Flow.Places[event(f.Flow, c.Check).Place]
		return !c.Expired && slices.ContainsFunc(j.writers[place.Field], func(w writer) bool {
			return (w.fn == x.fn || slices.Contains(bodies, w.fn)) && fills(w.e) && w.e.Value != flow.ValueFalse
		})
	})
}

var verdicts = map[Keep]string{
	KeepLost: "untracked", KeepAwaited: "awaited", KeepReturned: "returned to the caller", KeepOwner: "owned", KeepStored: "tracked", KeepPassed: "passed on", KeepNobody: report.TaskLeft,
}

// threadUses is the list of what runs in other threads.
func (j *judge) threadUses() []report.ThreadUse {
	var out []report.ThreadUse
	for _, t := range j.p.Threads {
		at := j.p.Site(t.Pos)
		out = append(out, report.ThreadUse{File: at.File, Line: at.Line, Function: t.By, Target: plain(t.Target), How: t.How})
	}
	return out
}

// taskUses is the task inventory of the audit.
func (j *judge) taskUses() []report.TaskUse {
	var out []report.TaskUse
	for i := range j.p.Tasks {
		t := &j.p.Tasks[i]
		at := j.p.Site(t.Pos)
		use := report.TaskUse{
			File: at.File, Line: at.Line, Function: j.p.Funcs[t.Func].Name, Target: plain(t.Target), Keeper: plain(t.Keeper), Observer: t.Observer, Drain: t.Drain,
			Verdict: verdicts[t.Keep], Rule: taskRule(t),
		}
		if t.Keep == KeepAwaited && use.Keeper == "" {
			use.Keeper = "its creator"
		}
		out = append(out, use)
	}
	slices.SortStableFunc(out, func(a, b report.TaskUse) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return out
}
