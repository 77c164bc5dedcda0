package link

import (
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// entry is how code outside the calls that we see gets to a function.
type entry struct {
	kind    models.Entry
	text    string
	outside bool // called by code that we do not see: a framework, a callback
	spawned int  // places that start a task for it
	many    bool // started in a loop, or gathered from one
	thread  bool
	alone   bool // in a thread of its own, started for it
	once    bool // run by asyncio.run or the like
	done    bool // called when a task ends
}

func (l *linker) entry(f *project.Func) *entry {
	e := l.entries[f]
	if e == nil {
		e = &entry{}
		l.entries[f] = e
	}
	return e
}

// findEntries looks at decorators, base classes and names.
func (l *linker) findEntries() {
	for _, m := range l.p.Modules {
		threads := false
		for i := range m.Imports {
			threads = threads || models.SyncRoutesInThreads(m.Imports[i].Module)
		}
		for _, f := range m.Funcs {
			for i := range f.Decorators {
				d := &f.Decorators[i]
				text := d.Text
				if text == "" {
					for _, a := range d.Args {
						if a.Text != "" {
							text = a.Text
							break
						}
					}
				}
				if kind, what := models.ByDecorator(d.Name, d.Call, text); kind != models.NoEntry {
					e := l.entry(f)
					e.kind, e.text, e.outside = kind, what, true
					if kind == models.Route && threads && f.Kind&ir.Async == 0 {
						e.thread = true
					}
				}
			}
			if f.Class != nil && !strings.HasPrefix(f.Name, "_") {
				for _, k := range f.Class.Lineage() {
					for _, b := range k.External {
						if kind := models.ByBase(b); kind != models.NoEntry {
							e := l.entry(f)
							e.kind, e.text, e.outside = kind, "called by "+b, true
						}
					}
				}
			}
			if threads {
				l.dependencies(f)
			}
		}
	}
}

// dependencies finds the plain functions that FastAPI runs in its thread pool: Depends(f).
func (l *linker) dependencies(f *project.Func) {
	for b := range f.Blocks {
		for i := range f.Blocks[b].Instrs {
			in := &f.Blocks[b].Instrs[i]
			if in.Op != ir.Call || len(in.Args) == 0 {
				continue
			}
			g := f.Def(in.A)
			if g == nil || g.Name != "Depends" && g.Name != "Security" {
				continue
			}
			if a := f.Def(in.Args[0].T); a != nil && a.Op == ir.Load {
				if r := f.Ref(a.Name); r.Func != nil {
					e := l.entry(r.Func)
					e.kind, e.text, e.outside = models.Route, "dependency of a route", true
					e.thread = r.Func.Kind&ir.Async == 0
				}
			}
		}
	}
}

// findCells finds the variables that a closure assigns, or whose contents somebody changes
// while a closure has them.
func (l *linker) findCells() {
	for _, m := range l.p.Modules {
		for _, f := range m.Funcs {
			for _, n := range f.Nonlocals {
				if o := f.Parent.Owner(n); o != nil {
					l.cells[cellKey{o, n}] = true
				}
			}
		}
	}
}

// spawnEntry notes that a task was started for g here.
func (f *frame) spawnEntry(g *project.Func, recv *value, pos flow.Pos) {
	e := f.l.entry(g)
	e.outside = true
	if f.ownObject(g, recv) {
		e.spawned++
		e.many = e.many || f.loops != nil && f.loops[f.block]
	}
	if e.text == "" {
		e.text = "task started at line " + itoa(f.l.site(pos).Line)
	}
}

// many notes that the coroutine is one of several that run at the same time.
func (f *frame) many(v *value, pos flow.Pos, fromLoop bool) {
	if v.coro == nil || v.coro.kind != coroProject {
		return
	}
	for _, g := range v.coro.fns {
		e := f.l.entry(g)
		if f.ownObject(g, v.coro.recv) {
			e.spawned++
			e.many = e.many || fromLoop
		}
		if e.text == "" {
			e.text = "gathered at line " + itoa(f.l.site(pos).Line)
		}
	}
}

// ownObject says whether tasks for g started here one after the other run on one object.
func (f *frame) ownObject(g *project.Func, recv *value) bool {
	if !g.Method() {
		return true
	}
	b := f.base(recv)
	return b != nil && !recv.elem && !strings.Contains(b.Path, "[")
}

// callbacks notes that functions among the arguments are called by somebody, some day.
func (f *frame) callbacks(c *coroutine) {
	c.every(func(v *value) {
		for _, g := range v.fns {
			if v.coro == nil {
				e := f.l.entry(g)
				e.outside = true
				if e.text == "" {
					e.text = "passed to " + c.text
				}
			}
		}
	})
}

func (f *frame) callbackEntry(cb *value, c *coroutine) {
	for _, g := range cb.fns {
		e := f.l.entry(g)
		e.outside, e.kind = true, models.Listener
		if e.text == "" {
			e.text = "callback registered at line " + itoa(f.l.site(c.pos).Line)
		}
	}
}

// runsInThread notes that a function runs outside the loop's thread.
func (f *frame) runsInThread(v *value, c *coroutine, alone bool) {
	for _, g := range v.fns {
		e := f.l.entry(g)
		e.alone = (alone || e.alone) && (!e.thread || e.alone)
		e.thread, e.outside = true, true
		if e.text == "" {
			e.text = "runs in a thread, from line " + itoa(f.l.site(c.pos).Line)
		}
	}
}

func (f *frame) startThread(recv *value, c *coroutine) {}

// runsOnce notes a function that asyncio.run runs.
func (f *frame) runsOnce(v *value) {
	if v == nil || v.coro == nil {
		return
	}
	for _, g := range v.coro.fns {
		e := f.l.entry(g)
		e.once = true
		if e.text == "" {
			e.text = "the program's main coroutine"
		}
	}
}

// threads are the functions that run in threads, and what they call.
func (l *linker) threads() map[*fn]bool {
	out := map[*fn]bool{}
	var work []*fn
	for f, e := range l.entries {
		if e.thread {
			fn := l.fn(f)
			out[fn] = true
			work = append(work, fn)
		}
	}
	for len(work) > 0 {
		fn := work[len(work)-1]
		work = work[:len(work)-1]
		for i := range fn.sites {
			s := &fn.sites[i]
			t := l.fn(s.callee)
			if !out[t] && s.callee.Kind&ir.Async == 0 && s.callee.Name != "__init__" && !s.own && sameObject(fn, t, s) {
				out[t] = true
				work = append(work, t)
			}
		}
	}
	return out
}

// maxEvidence bounds how far evidence about callers is followed.
const maxEvidence = 6

// context is the evidence about when a function runs.
func (l *linker) context(fn *fn) verdict.Context {
	f := fn.f
	var c verdict.Context
	e := l.entries[f]
	if e == nil {
		e = &entry{}
	}
	c.Entry = l.reason(fn, e, 0)
	c.Done = l.done(fn, 0)
	c.Thread = fn.preempt && !l.opt.Preempt
	switch {
	case f.Kind&ir.ModuleBody != 0, models.Startup(f.Name), e.kind == models.Start:
		c.Init = true
	case f.Manager && strings.Contains(f.Name, "lifespan"):
		c.Init = true
	case e.once:
		c.Init = true
	case l.onlyFromInit(fn, 0):
		c.Init = true
	}
	switch {
	case e.kind == models.Route || e.kind == models.Listener || e.kind == models.Job || e.many || e.spawned > 1 || l.reachedByMany(fn):
		c.Overlap = verdict.OverlapProven
		if e.kind == models.Route && f.Class != nil && e.text != "" && strings.HasPrefix(e.text, "called by") {
			c.Overlap = verdict.OverlapAssumed
		}
	case f.Class != nil && !f.ClassM && l.made[f.Class] && !l.spread(f.Class, 0) && !fn.reachesOut():
		c.Overlap = verdict.OverlapNone
	case f.Class != nil && !f.ClassM && l.owned(f.Class), starts(f):
		c.Overlap = verdict.OverlapOwned
	}
	if l.single(fn, e, 0) {
		c.Single = true
	}
	return c
}

// starts says whether f is called once for an object, by its name and because it is told nothing.
func starts(f *project.Func) bool {
	return f.Class != nil && !private(f) && len(f.Params) == 1 && models.Starts(f.Name) && f.Name != "run"
}

// spread says whether instances of the class, or of one derived from it, get around.
func (l *linker) spread(c *project.Class, depth int) bool {
	if depth > maxEvidence || l.escaped[c] || c.Abstract || len(c.External) > 0 {
		return true
	}
	for _, s := range c.Subs {
		if s != c && l.spread(s, depth+1) {
			return true
		}
	}
	return false
}

// reachesOut says whether the function touches anything that is not its object's own.
func (fn *fn) reachesOut() bool {
	for i := range fn.built.Places {
		p := &fn.built.Places[i]
		if p.Root == flow.RootGlobal || p.Root == flow.RootCell || fn.f.ClassM {
			return true
		}
	}
	return false
}

// reason says, for people, why a function can run more than once; "" if nothing says so.
func (l *linker) reason(fn *fn, e *entry, depth int) string {
	if e.text != "" {
		return e.text
	}
	f := fn.f
	if f.Class == nil || models.Starts(f.Name) || strings.HasPrefix(f.Name, "__") {
		for _, by := range fn.callers {
			if !models.Starts(by.f.Name) && !strings.HasPrefix(by.f.Name, "__") && by.f.Kind&ir.ModuleBody == 0 {
				return "called by " + name(by.f)
			}
		}
		return ""
	}
	if !private(f) {
		return "a public method"
	}
	if depth > maxEvidence {
		return ""
	}
	for _, by := range fn.callers {
		if by != fn && l.reason(by, &entry{}, depth+1) != "" && !models.Starts(by.f.Name) {
			return "called by " + name(by.f)
		}
	}
	return ""
}

// done says whether a function runs when a task ends: as a callback, or called by one.
func (l *linker) done(fn *fn, depth int) bool {
	if e := l.entries[fn.f]; e != nil && e.done {
		return true
	}
	if depth > 3 || len(fn.callers) == 0 {
		return false
	}
	for _, by := range fn.callers {
		if by == fn || !l.done(by, depth+1) {
			return false
		}
	}
	return true
}

// onlyFromInit says whether a private function is called by initialisers only.
func (l *linker) onlyFromInit(fn *fn, depth int) bool {
	f := fn.f
	if !private(f) || depth > 4 || len(fn.callers) == 0 {
		return false
	}
	if e := l.entries[f]; e != nil && e.outside {
		return false
	}
	for _, by := range fn.callers {
		switch by.f.Name {
		case "__init__", "__post_init__", "__new__":
		default:
			if by == fn || !l.onlyFromInit(by, depth+1) {
				return false
			}
		}
	}
	return true
}

// owned says whether instances of the class look used by one task at a time.
func (l *linker) owned(c *project.Class) bool {
	if models.SingleOwner(c.Name) {
		return true
	}
	for _, k := range c.Lineage() {
		for _, e := range k.External {
			if t := models.TypeOf(e); t != nil && t.Single {
				return true
			}
		}
	}
	return false
}

// reachedByMany says whether a plain function is called from functions that overlap themselves.
func (l *linker) reachedByMany(fn *fn) bool {
	if fn.many != 0 {
		return fn.many == 2
	}
	fn.many = 1
	for i, by := range fn.callers {
		if !sameObject(by, fn, fn.from[i]) {
			continue
		}
		e := l.entries[by.f]
		proven := e != nil && (e.kind == models.Route || e.kind == models.Listener && !e.done || e.kind == models.Job || e.many || e.spawned > 1)
		if proven || l.reachedByMany(by) {
			fn.many = 2
			return true
		}
	}
	return false
}

// sameObject says whether activations of the caller that overlap make activations of the callee
// overlap on one object: it has none, or it is the caller's own, part of it, or a global.
func sameObject(by, fn *fn, s *callSite) bool {
	if !fn.f.Method() {
		return true
	}
	if len(s.args) == 0 {
		return false
	}
	p := &s.args[0]
	switch p.Root {
	case flow.RootGlobal:
		return !strings.Contains(p.Path, "[")
	case flow.RootParam:
		return p.Param == 0 && by.f.Method() && !strings.Contains(p.Path, "[")
	case flow.RootCell:
		return !strings.Contains(p.Path, "[")
	}
	return false
}

// single says whether one background loop is all that ever runs the function.
func (l *linker) single(fn *fn, e *entry, depth int) bool {
	f := fn.f
	if e.alone && e.spawned == 0 && !e.many {
		return true
	}
	if depth > maxEvidence || e.many || e.kind != models.NoEntry || e.thread {
		return false
	}
	if e.spawned == 1 && len(fn.callers) <= 1 && hasLoop(f) {
		return l.spawnedOnce(fn)
	}
	if (private(f) || fn.preempt && !l.opt.Preempt) && e.spawned == 0 && !e.outside && len(fn.callers) > 0 {
		for _, by := range fn.callers {
			o := l.entries[by.f]
			if o == nil {
				o = &entry{}
			}
			if by == fn || !l.single(by, o, depth+1) {
				return false
			}
		}
		return true
	}
	return false
}

// spawnedOnce says whether the place that starts the loop does so once for an object: in an
// initialiser or start-up function, or under a test of the handle.
func (l *linker) spawnedOnce(fn *fn) bool {
	for _, by := range fn.callers {
		if models.Startup(by.f.Name) || strings.HasPrefix(strings.TrimLeft(by.f.Name, "_"), "start") || by.f.Kind&ir.ModuleBody != 0 || by.f.Name == "run" || by.f.Name == "begin" || by.f.Name == "open" || by.f.Name == "connect" {
			continue
		}
		return false
	}
	return true
}

// hasLoop says whether the body is a loop that may go on for ever.
func hasLoop(f *project.Func) bool {
	for b := range f.Blocks {
		for _, e := range f.Blocks[b].Succs {
			if e.Kind != ir.Except && int(e.To) <= b {
				return true
			}
		}
	}
	return false
}
