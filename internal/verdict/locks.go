package verdict

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/report"
)

// lockRules finds locks that do not do what they are there for.
func (j *judge) lockRules() {
	counted := j.countedRemovals()
	for i := range j.p.Locks {
		l := &j.p.Locks[i]
		switch {
		case l.PerCall:
			j.perCall(l)
		case slices.ContainsFunc(l.Evicted, func(p flow.Pos) bool { return !counted[p] && !j.lookedAt(p) }):
			j.evicted(l)
		case !l.Suspend && !l.Unknown && j.isTaskLock(l):
			j.neverContended(l)
		}
	}
	j.retaken()
	j.manyLoops()
	j.differentLocks()
	j.instanceLocks()
	j.threadLocks()
}

// section is one acquisition of a lock.
type section struct {
	fn  int
	ref flow.Ref
	e   *flow.Event
}

// findSections lists all acquisitions, in order, and those of each lock that has a program-wide name.
func (j *judge) findSections() {
	j.takers = map[string][]section{}
	for i := range j.p.Funcs {
		f := &j.p.Funcs[i]
		if !f.namesLocks() {
			continue
		}
		for b := range f.Flow.Blocks {
			for k := range f.Flow.Blocks[b].Events {
				e := &f.Flow.Blocks[b].Events[k]
				if e.Op != flow.OpAcquire || e.Flags&flow.FlagCallee != 0 {
					continue
				}
				s := section{i, flow.Ref{Block: flow.BlockID(b), Index: int32(k)}, e}
				j.sections = append(j.sections, s)
				if field := f.Flow.Locks[e.Lock].Field; field != "" {
					j.takers[field] = append(j.takers[field], s)
				}
			}
		}
	}
}

// namesLocks says whether there is any lock in the function, its own or a callee's. Lock 0 is none.
func (f *Func) namesLocks() bool { return len(f.Flow.Locks) > 1 }

// lock is the lock that the section takes.
func (j *judge) lock(s section) *flow.Lock { return &j.p.Funcs[s.fn].Flow.Locks[s.e.Lock] }

// takes lists the sections of a lock.
func (j *judge) takes(l *LockFact) []section { return j.takers[l.Field] }

func (j *judge) isTaskLock(l *LockFact) bool {
	s := j.takes(l)
	return len(s) > 0 && j.lock(s[0]).Kind == flow.LockTask
}

func (j *judge) uselessLock(fn int, pos flow.Pos, l string, message, cause, fix string) *finding {
	return &finding{
		rule: "uselesslock", fn: fn, pos: pos, origin: pos, place: l, consequence: NoProtection, severity: severities[NoProtection],
		confidence: report.Likely, message: message, cause: cause, fix: fix,
	}
}

func (j *judge) addCase(c *finding) {
	if !j.opt.Disabled[c.rule] {
		j.cases = append(j.cases, c)
	}
}

// perCall reports a lock that each activation makes for itself.
func (j *judge) perCall(l *LockFact) {
	for _, s := range j.sections {
		k := j.lock(s)
		here := l.Field != "" && k.Field == l.Field || l.Field == "" && j.p.Funcs[s.fn].Pos <= l.Pos && l.Pos <= s.e.Pos
		if !here || !k.Local && s.e.Flags&flow.FlagNew == 0 {
			continue
		}
		c := j.uselessLock(s.fn, s.e.Pos, l.Name,
			fmt.Sprintf("%s is a new lock for every call: it excludes nobody", code(l.Name)),
			fmt.Sprintf("the lock is made at line %d by each activation; two callers never meet on it", j.line(l.Pos)),
			"make the lock once, beside the state that it guards (an attribute set in the constructor, or a module global)")
		c.steps = []step{{report.StepRelated, l.Pos, s.fn, "made here, anew for each call"}, {report.StepAct, s.e.Pos, s.fn, "taken here: nobody else can hold it"}}
		c.notes = []string{"two callers each take a lock of their own and run the section together (" + NoProtection + ")"}
		c.field = l.Field
		j.addCase(c)
	}
}

// evicted reports a lock that is taken out of its table while others hold or await it.
func (j *judge) evicted(l *LockFact) {
	takes := j.takes(l)
	if len(takes) == 0 {
		return
	}
	s := takes[0]
	for _, t := range takes {
		if j.within(t.fn, l.Evicted[0]) {
			s = t // who removes it takes it first, as a rule
			break
		}
	}
	c := j.uselessLock(s.fn, s.e.Pos, l.Name,
		fmt.Sprintf("%s is removed from its table while others may hold or await it", code(l.Name)),
		fmt.Sprintf("after the removal at line %d the next caller makes a new lock, while a waiter still gets the old one", j.line(l.Evicted[0])),
		"keep the lock in the table, or count its users and remove it when nobody holds or awaits it")
	c.steps = append(c.steps, step{report.StepAct, s.e.Pos, s.fn, "taken here"})
	for _, p := range l.Evicted {
		c.steps = append(c.steps, step{report.StepRelated, p, s.fn, "removed from its table here"})
	}
	c.notes = []string{"a waiter enters with the old lock, a newcomer with a new one: both run the section together (" + NoProtection + ")"}
	c.field = l.Field
	j.addCase(c)
}

// within says whether a position is one of an access in function fn.
func (j *judge) within(fn int, pos flow.Pos) bool {
	f := &j.p.Funcs[fn]
	return slices.ContainsFunc(f.Result.Accesses, func(a flow.Access) bool { return event(f.Flow, a.Ref).Pos == pos })
}

// neverContended reports, low, a lock that no holder suspends under: on one event loop its
// sections were atomic without it.
func (j *judge) neverContended(l *LockFact) {
	takes := j.takes(l)
	if len(takes) == 0 || j.p.Funcs[takes[0].fn].Flow.Preempt {
		return
	}
	if strings.HasSuffix(l.Kind, ".Condition") {
		return // it is there to be waited for: wait and notify want it held
	}
	pos := l.Pos
	if pos == 0 {
		pos = takes[0].e.Pos
	}
	c := j.uselessLock(takes[0].fn, pos, l.Name,
		fmt.Sprintf("%s is never contended: none of its holders suspends", code(l.Name)),
		"on one event loop a section without an await is atomic by itself, so the lock adds nothing; it would matter only if an await were added inside",
		"keep it as a guard against future awaits and say so in a comment, or remove it")
	c.severity, c.confidence = report.Low, report.Doubtful
	c.field = l.Field
	for _, s := range takes {
		c.steps = append(c.steps, step{report.StepRelated, s.e.Pos, s.fn, "taken here; nothing suspends until it is released"})
	}
	c.notes = []string{fmt.Sprintf("%d sections take it, none of them suspends while holding it", len(takes))}
	j.addCase(c)
}

// manyLoops reports a lock of one event loop that is taken in the loops of several threads.
func (j *judge) manyLoops() {
	for i := range j.p.Locks {
		l := &j.p.Locks[i]
		if l.Pos == 0 || !strings.HasPrefix(l.Kind, "asyncio.") {
			continue
		}
		takes := j.takes(l)
		first := slices.IndexFunc(takes, func(s section) bool { return j.p.Funcs[s.fn].Thread && j.lock(s).Kind == flow.LockTask })
		if first < 0 {
			continue
		}
		s := takes[first]
		c := j.uselessLock(s.fn, s.e.Pos, l.Name,
			fmt.Sprintf("%s is a lock of one event loop, but is taken in the loops of several threads", code(l.Name)),
			"a lock of asyncio knows the tasks of one event loop; holders in other threads are not kept out, and waiting across loops fails",
			"use a threading.Lock around the state, without an await inside, or send the work to one loop (asyncio.run_coroutine_threadsafe)")
		c.field = l.Field
		c.steps = []step{{report.StepRelated, l.Pos, s.fn, "made here"}, {report.StepAct, s.e.Pos, s.fn, "taken here, in a thread with a loop of its own"}}
		c.notes = []string{fmt.Sprintf("%s runs in several threads (%s)", code(j.p.Funcs[s.fn].Name), NoProtection)}
		j.addCase(c)
	}
}

// acquired is the last acquisition of a lock in source order before pos.
func (j *judge) acquired(fn int, l flow.LockID, before flow.Pos) flow.Pos {
	f := j.p.Funcs[fn].Flow
	best := flow.Pos(0)
	for b := range f.Blocks {
		for k := range f.Blocks[b].Events {
			if e := &f.Blocks[b].Events[k]; e.Op == flow.OpAcquire && e.Lock == l && e.Pos <= before && e.Pos > best {
				best = e.Pos
			}
		}
	}
	if best == 0 {
		return before
	}
	return best
}

// threadLocks reports thread locks held while a coroutine suspends.
func (j *judge) threadLocks() {
	for i := range j.p.Funcs {
		f := &j.p.Funcs[i]
		if f.Flow.Preempt || !f.namesLocks() {
			continue
		}
		seen := map[flow.Pos]bool{}
		for _, h := range f.Result.Holds {
			e := event(f.Flow, h.Ref)
			if e.Flags&flow.FlagLent != 0 {
				continue // who enters the manager is judged for what it does inside
			}
			for _, l := range h.Locks {
				k := &f.Result.Locks[l]
				if k.Kind != flow.LockThread || slices.Contains(f.Flow.Entry, l) {
					continue
				}
				pos := j.acquired(i, l, e.Pos)
				if seen[pos] {
					continue
				}
				seen[pos] = true
				c := &finding{
					rule: "threadlockawait", fn: i, pos: pos, origin: pos, place: k.Path, field: k.Field,
					consequence: Deadlock, severity: severities[Deadlock], confidence: report.Likely,
					message: fmt.Sprintf("%s, a thread lock, is held across an await", code(k.Path)),
					cause:   "a thread lock blocks the whole event loop when another task wants it, and the holder can only go on when the loop runs",
					fix:     "use an asyncio.Lock, or release the lock before the await",
				}
				c.steps = []step{{report.StepAct, pos, i, "taken here"}, {report.StepExpiry, e.Pos, i, "still held during this await"}}
				c.notes = []string{"another task that wants the lock blocks the event loop, and with it the holder (" + Deadlock + ")"}
				if k.Reentrant {
					c.consequence, c.severity = NoProtection, report.Medium
					c.cause = "a re-entrant thread lock lets every task of the same loop in: they all run in the thread that holds it"
					c.notes = []string{"other tasks of the same loop enter the section during the await (" + NoProtection + ")"}
				}
				j.addCase(c)
			}
		}
	}
}

// lockUses is the lock inventory of the audit.
func (j *judge) lockUses() []report.LockUse {
	var out []report.LockUse
	for i := range j.p.Locks {
		l := &j.p.Locks[i]
		at := j.p.Site(l.Pos)
		use := report.LockUse{Name: l.Name, Kind: l.Kind, File: at.File, Line: at.Line}
		guards := map[string]bool{}
		for takes := j.takes(l); len(takes) > 0; {
			n := 1
			for n < len(takes) && takes[n].fn == takes[0].fn {
				n++
			}
			f := &j.p.Funcs[takes[0].fn]
			sections := j.heldSections(f, takes[:n])
			takes = takes[n:]
			j.guardedBy(f, l, guards)
			for _, s := range sections {
				if j.suspends(f, l, s) {
					use.Suspending++
				}
			}
			use.Sections = append(use.Sections, sections...)
		}
		use.Guards, use.Holders = sortedKeys(guards), len(use.Sections)
		slices.SortFunc(use.Sections, func(a, b report.Section) int {
			return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.EndLine, b.EndLine))
		})
		out = append(out, use)
	}
	return out
}

// heldSections are the stretches of one function that begin with one of the acquisitions.
func (j *judge) heldSections(f *Func, takes []section) []report.Section {
	var out []report.Section
	for _, t := range takes {
		at := j.p.Site(t.e.Pos)
		s := report.Section{File: at.File, Line: at.Line, EndLine: at.Line, Function: f.Name}
		if j.p.Until != nil {
			s.EndLine = max(s.EndLine, j.p.Until(t.e.Pos))
		}
		if s.EndLine == s.Line {
			s.EndLine = max(s.Line, j.lastLine(f, t.ref))
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// lastLine is the last line that is reached from an acquisition before the lock is given back.
func (j *judge) lastLine(f *Func, from flow.Ref) int {
	lock, last := event(f.Flow, from).Lock, 0
	seen := make([]bool, len(f.Flow.Blocks))
	work := []flow.Ref{{Block: from.Block, Index: from.Index + 1}}
	for len(work) > 0 {
		at := work[len(work)-1]
		work = work[:len(work)-1]
		b, ended := &f.Flow.Blocks[at.Block], false
		for _, e := range b.Events[at.Index:] {
			if e.Pos != 0 {
				last = max(last, j.line(e.Pos))
			}
			if ended = e.Op == flow.OpRelease && e.Lock == lock; ended {
				break
			}
		}
		for _, e := range b.Succs {
			if !ended && !seen[e.To] {
				seen[e.To] = true
				work = append(work, flow.Ref{Block: e.To})
			}
		}
	}
	return last
}

// guardedBy adds the places that one function reaches under l and that somebody writes.
func (j *judge) guardedBy(f *Func, l *LockFact, places map[string]bool) {
	for _, a := range f.Result.Accesses {
		if slices.ContainsFunc(a.Held(), func(id flow.LockID) bool { return f.Result.Locks[id].Field == l.Field }) {
			if p := f.Flow.Places[event(f.Flow, a.Ref).Place]; p.Field != "" && j.changes(p.Field) {
				path, _, _ := strings.Cut(p.Path, "[")
				places[path] = true
			}
		}
	}
}

// changes reports whether a place is written after its start.
func (j *judge) changes(field string) bool {
	return slices.ContainsFunc(j.writers[field], func(w writer) bool { return !j.p.Funcs[w.fn].Init })
}

// suspends reports whether a section may suspend while it holds l.
func (j *judge) suspends(f *Func, l *LockFact, s report.Section) bool {
	return slices.ContainsFunc(f.Result.Holds, func(h flow.Hold) bool {
		line := j.line(event(f.Flow, h.Ref).Pos)
		return s.Line <= line && line <= s.EndLine &&
			slices.ContainsFunc(h.Locks, func(id flow.LockID) bool { return f.Result.Locks[id].Field == l.Field })
	})
}
