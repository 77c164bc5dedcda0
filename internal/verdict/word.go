package verdict

import (
	"fmt"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/report"
)

// words is what the sentences about one window are made of.
type words struct {
	j     *judge
	c     *finding
	f     *Func
	w     *flow.Window
	check *flow.Event
	act   *flow.Event
	thing string // the place, with its key, marked up: `self._jobs[job.id]`, the record `id` of `self._dao`
	none  string // None, nil
	other string // what the others are: tasks, goroutines, threads
}

func (j *judge) line(p flow.Pos) int { return j.p.Site(p).Line }

// code marks up source text. A front end may write the dots inside keys as one-dot leaders, so
// that they do not cut an access path; people see dots.
func code(s string) string { return "`" + plain(s) + "`" }

func plain(s string) string { return strings.ReplaceAll(s, "\u2024", ".") }

// thing names a place and, if there is one, the element.
func thing(f *flow.Func, place flow.PlaceID, key flow.KeyID) string {
	path := f.Places[place].Path
	if key > 0 {
		return path + "[" + f.Keys[key].Text + "]"
	}
	return path
}

// named is thing marked up, for sentences. The record of a store is no expression of the language.
func named(f *flow.Func, place flow.PlaceID, key flow.KeyID) string {
	p := &f.Places[place]
	if p.Kind != flow.Record {
		return code(thing(f, place, key))
	}
	store := code(strings.TrimSuffix(p.Path, ".record"))
	if key > 0 {
		return "the record " + code(f.Keys[key].Text) + " of " + store
	}
	return "a record of " + store
}

func (j *judge) newWords(c *finding) *words {
	f := &j.p.Funcs[c.fn]
	w := c.window
	x := &words{j: j, c: c, f: f, w: w, check: event(f.Flow, w.Check), act: event(f.Flow, w.Act), none: "None", other: "tasks"}
	x.thing = named(f.Flow, w.Place, w.Key)
	if j.p.Language == "go" {
		x.none, x.other = "nil", "goroutines"
	} else if f.Flow.Preempt {
		x.other = "threads"
	}
	return x
}

// learned is the answer in words: what the check had told on the way to the act.
func (x *words) learned() string {
	place := code(x.f.Flow.Places[x.w.Place].Path)
	var key string
	switch {
	case x.w.Key > 0:
		key = code(x.f.Flow.Keys[x.w.Key].Text)
	case x.check.Key > 0: // what is put there has a name of its own
		key = code(x.f.Flow.Keys[x.check.Key].Text)
	default:
		key = "the element"
	}
	switch x.w.Ask {
	case flow.AskHas:
		switch x.w.Fact {
		case flow.FactFalse, flow.FactNone:
			return fmt.Sprintf("%s is not in %s", key, place)
		case flow.FactTrue, flow.FactNotNone:
			return fmt.Sprintf("%s is in %s", key, place)
		}
	case flow.AskSize:
		switch x.w.Fact {
		case flow.FactFalse:
			return place + " is empty"
		case flow.FactTrue:
			return place + " is not empty"
		}
		return "the size of " + place
	case flow.AskIter:
		return "the contents of " + place
	}
	switch x.w.Fact {
	case flow.FactNone:
		return x.thing + " is " + x.none
	case flow.FactNotNone:
		return x.thing + " is not " + x.none
	case flow.FactFalse:
		return x.thing + " is not set"
	case flow.FactTrue:
		return x.thing + " is set"
	}
	if x.f.Flow.Places[x.w.Place].Kind == flow.Record {
		return "what is in " + x.thing
	}
	return "the value of " + x.thing
}

// expiry says in words how the answer expires.
func (x *words) expiry() string {
	if !x.w.Crossed {
		return ""
	}
	e := event(x.f.Flow, x.w.Expiry)
	switch {
	case e.Op == flow.OpAct:
		return "the loop itself changes it"
	case x.w.Deferred && x.w.Expiry == x.w.Act:
		return "the task that is started here has not run yet"
	case e.Op == flow.OpRelease:
		return fmt.Sprintf("%s is released: other %s run", code(x.f.Flow.Locks[e.Lock].Path), x.other)
	case e.Op == flow.OpAcquire:
		return fmt.Sprintf("waits for %s: other %s run", code(x.f.Flow.Locks[e.Lock].Path), x.other)
	case e.Op == flow.OpYield && strings.HasPrefix(e.Text, "yield"):
		return "other tasks run while the generator is suspended"
	case e.Op == flow.OpYield:
		return "other tasks run during this await"
	}
	return fmt.Sprintf("no lock is held: other %s run at any time", x.other)
}

// pause is expiry as what an actor does.
func (x *words) pause() string {
	e := event(x.f.Flow, x.w.Expiry)
	switch {
	case e.Op == flow.OpAct:
		return deed(x.f.Flow, e)
	case e.Op == flow.OpRelease:
		return fmt.Sprintf("gives %s back: other %s run", code(x.f.Flow.Locks[e.Lock].Path), x.other)
	case e.Op == flow.OpAcquire:
		return x.expiry()
	case e.Op == flow.OpYield && strings.HasPrefix(e.Text, "yield"):
		return "is suspended at the yield: other tasks run"
	case e.Op == flow.OpYield:
		return "waits at this await: other tasks run"
	}
	return fmt.Sprintf("holds no lock: other %s run at any time", x.other)
}

var titles = map[string]string{
	"checkthenact":  "%s may have changed since it was checked",
	"lostupdate":    "%s is written back from a value that may be out of date",
	"stalerecord":   "%s is written back from a copy that may be out of date",
	"iterationrace": "%s may change while it is iterated",
}

// wordWindow writes message, steps, notes, scenario, impact, cause and fix of a window finding.
func (j *judge) wordWindow(c *finding) {
	x := j.newWords(c)
	c.message = fmt.Sprintf(titles[c.rule], x.thing)
	if c.latent {
		c.message = fmt.Sprintf("%s is checked and acted on in two steps", x.thing)
	}
	x.steps()
	x.notes()
	x.story()
	c.cause = x.cause()
	c.fix = x.remedy()
}

func (x *words) add(kind string, pos flow.Pos, fn int, label string) {
	if pos != 0 {
		x.c.steps = append(x.c.steps, step{kind, pos, fn, label})
	}
}

func (x *words) steps() {
	c, w := x.c, x.w
	x.add(report.StepCheck, x.check.Pos, c.fn, "answer obtained here")
	if w.Crossed && !w.Deferred && w.Expiry != w.Check && w.Expiry != w.Act {
		e := event(x.f.Flow, w.Expiry)
		x.add(report.StepExpiry, e.Pos, c.fn, "expires here: "+x.expiry())
	}
	label := "acted on here, not checked again"
	switch {
	case c.latent:
		label = "acted on here"
	case w.Deferred:
		label = "acted on by the task started here, later"
	case c.rule == "lostupdate":
		label = "written back here"
	case c.rule == "iterationrace":
		label = "iterated here; the next step needs it unchanged"
	}
	x.add(report.StepAct, x.act.Pos, c.fn, label)
	if x.check.Origin != 0 {
		x.add(report.StepRelated, x.check.Origin, c.fn, "the answer is obtained here, inside the call")
	}
	if x.act.Origin != 0 {
		x.add(report.StepRelated, x.act.Origin, c.fn, "the act is done here, inside the call")
	}
	if !x.again() {
		x.add(report.StepWriter, c.conflict.e.Pos, c.conflict.fn, "also written here")
	}
}

func (x *words) notes() {
	c := x.c
	if c.latent {
		between := fmt.Sprintf("nothing suspends between %d and %d: atomic on one event loop today; an await added there, or a second thread, opens it",
			x.j.line(x.check.Pos), x.j.line(x.act.Pos))
		c.notes = append(c.notes, between)
	}
	if ownChange(x.f, x.w) {
		c.notes = append(c.notes, fmt.Sprintf("line %d changes what line %d iterates, without any other task (%s)", x.j.line(event(x.f.Flow, x.w.Expiry).Pos), x.j.line(x.act.Pos), c.consequence))
		return
	}
	if x.again() {
		who := "two callers both get past"
		if c.conflict == nil && c.rule == "stalerecord" {
			who = "two callers, here or in another process, both read the record at"
		}
		c.notes = append(c.notes, fmt.Sprintf("%s line %d; %s (%s)", who, x.j.line(x.check.Pos), happens[c.consequence], c.consequence))
	} else {
		g := &x.j.p.Funcs[c.conflict.fn]
		c.notes = append(c.notes, fmt.Sprintf("%s can run in between; %s (%s)", code(g.Name), x.meanwhile(), c.consequence))
		at := x.j.p.Site(c.conflict.e.Pos)
		where := fmt.Sprintf("line %d", at.Line)
		if at.File != x.j.p.Site(c.pos).File {
			where = fmt.Sprintf("%s:%d", at.File, at.Line)
		}
		c.notes = append(c.notes, fmt.Sprintf("%s also writes %s (%s)", code(g.Name), code(c.place), where))
	}
	if x.f.Entry != "" {
		c.notes = append(c.notes, "reached by others: "+x.f.Entry)
	}
}

func (x *words) cause() string {
	switch {
	case x.c.latent:
		return fmt.Sprintf("check (line %d) and act (line %d) are two steps that only the absence of an await makes one", x.j.line(x.check.Pos), x.j.line(x.act.Pos))
	case ownChange(x.f, x.w):
		return fmt.Sprintf("the body of the loop changes at line %d what the next step of the loop at line %d needs unchanged", x.j.line(event(x.f.Flow, x.w.Expiry).Pos), x.j.line(x.act.Pos))
	case x.w.Deferred:
		return fmt.Sprintf("what line %d asks is changed only by the task itself, after it has begun to run; a second caller asks before that", x.j.line(x.check.Pos))
	}
	locks := x.j.sigs(x.f, x.w.Held)
	where := ""
	if x.w.Crossed {
		where = " " + x.opens()
	}
	if len(locks) == 0 {
		return fmt.Sprintf("no lock is held from line %d to line %d.%s", x.j.line(x.check.Pos), x.j.line(x.act.Pos), where)
	}
	return fmt.Sprintf("%s is held at line %d, but not since line %d, where the answer was obtained.%s",
		code(x.f.Result.Locks[x.w.Held[0]].Path), x.j.line(x.act.Pos), x.j.line(x.check.Pos), where)
}

// opens says what lets others run between check and act.
func (x *words) opens() string {
	e := event(x.f.Flow, x.w.Expiry)
	line := x.j.line(e.Pos)
	switch {
	case e.Op == flow.OpRelease:
		return fmt.Sprintf("Line %d releases %s, and others run.", line, code(x.f.Flow.Locks[e.Lock].Path))
	case e.Op == flow.OpYield && e.Text != "" && !strings.HasPrefix(e.Text, "yield") && x.j.p.Language == "python":
		return fmt.Sprintf("The await of %s (line %d) lets others run in between.", code(e.Text), line)
	}
	if e.Op == flow.OpYield && x.j.p.Language == "go" {
		return "Other goroutines run at any time."
	}
	return fmt.Sprintf("Line %d lets others run in between.", line)
}

// atomics says whether check and act are operations of an atomic.
func (x *words) atomics() bool {
	return x.j.p.Language == "go" && x.check.Flags&x.act.Flags&flow.FlagSync != 0 && x.w.Key == 0
}

// remedy is the recommended fix in words.
func (x *words) remedy() string {
	from, to := x.j.line(x.check.Pos), x.j.line(x.act.Pos)
	if from > to {
		from, to = to, from
	}
	lock, again, reserve := "one asyncio.Lock", "after the await", "before the await"
	if x.j.p.Language == "go" {
		lock = "one mutex"
	} else if x.f.Flow.Preempt {
		lock = "one threading.Lock"
	}
	if x.f.Flow.Preempt {
		again, reserve = "under the lock", "under the lock"
	}
	if len(x.w.Held) > 0 {
		lock = code(x.f.Result.Locks[x.w.Held[0]].Path)
	}
	switch {
	case x.c.latent:
		return "keep check and act free of awaits, or hold one lock over both so that nobody can open the window by accident"
	case x.c.rule == "iterationrace":
		return "iterate over a snapshot, list(…), and check that each element is still there after the await"
	case x.c.rule == "stalerecord":
		return "make the update conditional on what was read (a version column or WHERE on the old status), or read with FOR UPDATE in one transaction"
	case x.c.rule == "lostupdate":
		return fmt.Sprintf("read %s %s, or hold %s from %d to %d", x.thing, again, lock, from, to)
	case x.w.Deferred:
		return fmt.Sprintf("set %s before starting the task, in the same step as the check", x.thing)
	case x.atomics() && x.act.Effect == flow.EffectSet:
		return fmt.Sprintf("change %s with CompareAndSwap, in a loop if it has to succeed, or hold %s from %d to %d", x.thing, lock, from, to)
	case x.act.Effect == flow.EffectSignal && x.j.p.Language == "go" && len(x.w.Held) == 0 && x.f.Flow.Places[x.w.Place].Kind == flow.Signal:
		return fmt.Sprintf("close %s in a sync.Once, or ask and close it in one section of a mutex", x.thing)
	case x.act.Effect == flow.EffectNone || x.act.Effect == flow.EffectSignal:
		return "check again " + again + ", right before the use"
	case resets(x.act) && x.act.Value == flow.ValueNone && x.w.Key == 0 && x.c.consequence == Clobbered:
		return fmt.Sprintf("take the value out first, then close it (`old, %s = %s, %s`), or check that it is still the same one", strings.Trim(x.thing, "`"), strings.Trim(x.thing, "`"), x.none)
	case x.act.Effect == flow.EffectDel && x.j.p.Language == "go":
		return "check under the lock that the entry is still the same one, and delete it in the same section"
	case x.act.Effect == flow.EffectDel:
		return "remove with a default (`.pop(key, None)`) after checking that the entry is still the same one"
	case x.c.consequence == LimitExceeded:
		return "reserve " + reserve + " and give back on failure, or hold " + lock + " from check to act"
	}
	return fmt.Sprintf("hold %s from %d to %d, or re-check %s", lock, from, to, again)
}
