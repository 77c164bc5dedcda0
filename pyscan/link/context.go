package link

import (
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// entry is how code outside the calls that we see gets to a function.
type entry struct {
	kind    models.Entry
	text    string
	outside bool // called by code that we do not see: a framework, a callback
	spawned int  // places that start a task for it
	starts  []started
	looped  []*task // started in a loop: several at a time unless each turn waits for its own
	many    bool    // started in a loop, or gathered from one
	thread  bool
	alone   bool // in a thread of its own, started for it
	once    bool // run by asyncio.run or the like
	runBy   []*project.Func
	done    bool // called when a task ends
	drops   bool // by who drops what it returns
	taken   bool // and taken back from tasks that are replaced
}

func (l *linker) entry(f *project.Func) *entry {
	e := l.entries[f]
	if e == nil {
		e = &entry{}
		l.entries[f] = e
	}
	return e
}

// findCells finds the variables that a closure assigns, or whose contents somebody changes
// while a closure has them.
func (l *linker) findCells(modules []*project.Module) {
	for _, m := range modules {
		for _, f := range m.Funcs {
			if f.Parent == nil {
				continue // `nonlocal` outside a function is an error, and names nothing
			}
			for _, n := range f.Nonlocals {
				if o := f.Parent.Owner(n); o != nil {
					l.cells[cellKey{o, n}] = true
					l.fn(o).cells = true
				}
			}
		}
	}
}

// testing says whether this is a test of g: that says nothing about how g is used.
func (f *frame) testing(g *project.Func) bool { return f.fn.test && !f.l.fn(g).test }

// spawnEntry notes that a task was started for g here.
func (f *frame) spawnEntry(g *project.Func, recv *value, pos flow.Pos) {
	if f.testing(g) {
		return
	}
	e := f.l.entry(g)
	e.outside = true
	if f.ownObject(g, recv) {
		e.start(f, pos)
		if f.loops != nil && f.loops[f.block] {
			if f.starting != nil {
				e.looped = append(e.looped, f.starting)
			} else {
				e.many = true
			}
		}
	}
	if recv != nil && recv.fresh && !recv.born && f.starting != nil && f.loops != nil && f.loops[f.block] {
		e.looped = append(e.looped, f.starting) // on one object, made before the loop
	}
	if e.text == "" {
		e.text = "task started at line " + itoa(f.l.site(pos).Line)
	}
}

// started is a place that starts a task.
type started struct {
	pos   flow.Pos
	f     *project.Func
	block int
}

// start counts a place that starts a task: once, however often its function is looked at, and not
// if it is the other branch of one that is counted.
func (e *entry) start(f *frame, pos flow.Pos) {
	if e.begin(f, pos) {
		e.spawned++
	}
}

func (e *entry) begin(f *frame, pos flow.Pos) bool {
	here := started{pos, f.f, f.block}
	for _, s := range e.starts {
		if s.pos == pos || s.f == f.f && s.block != here.block && !leads(f.f, s.block, here.block) && !leads(f.f, here.block, s.block) {
			return false
		}
	}
	e.starts = append(e.starts, here)
	return true
}

// countLoops decides which tasks that a loop starts run at the same time.
func (l *linker) countLoops() {
	for _, e := range l.entries {
		for _, t := range e.looped {
			e.many = e.many || !t.awaited || t.collected || t.inside != "" || t.stored || t.passed || t.returned
		}
	}
}

// leads says whether control can get from one block to another without another turn of a loop.
func leads(f *project.Func, from, to int) bool {
	seen := make([]bool, len(f.Blocks))
	for work := []int{from}; len(work) > 0; {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		for i := range f.Blocks[b].Succs {
			next := int(f.Blocks[b].Succs[i].To)
			if next == to {
				return true
			}
			if !seen[next] && next > b {
				seen[next] = true
				work = append(work, next)
			}
		}
	}
	return false
}

// many notes that the coroutine is one of several that run at the same time.
func (f *frame) many(v *value, pos flow.Pos, fromLoop bool) {
	if v.coro == nil || v.coro.kind != coroProject {
		return
	}
	for _, g := range v.coro.fns {
		if f.testing(g) {
			continue
		}
		e := f.l.entry(g)
		if f.ownObject(g, v.coro.recv) {
			e.start(f, pos)
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
		f.handsCancel(v)
		if len(v.fns) > 0 && v.coro == nil && v.recv != nil && v.recv.fresh {
			f.l.lose(v.recv) // who has the method has the object
		}
		for _, g := range v.fns {
			if v.coro == nil && !f.testing(g) {
				e := f.l.entry(g)
				e.outside = true
				if e.text == "" {
					e.text = "passed to " + c.text
				}
			}
		}
	})
}

// handsCancel notes that somebody gets the method of a task that cancels it.
func (f *frame) handsCancel(v *value) {
	if v.method == "cancel" && v.recv != nil {
		f.taskUse(v.recv, useCancelled, "", nil)
	}
}

func (f *frame) callbackEntry(cb *value, c *coroutine) {
	f.handsCancel(cb)
	for _, g := range cb.fns {
		if f.testing(g) {
			continue
		}
		e := f.l.entry(g)
		e.outside, e.kind = true, models.Listener
		if e.text == "" {
			e.text = "callback registered at line " + itoa(f.l.site(c.pos).Line)
		}
	}
}

// handler notes that a function is called for every connection or request, side by side.
func (f *frame) handler(v *value, c *coroutine) {
	if v == nil || v.coro != nil || len(v.fns) == 0 {
		return
	}
	for _, g := range v.fns {
		if e := f.l.entry(g); !f.testing(g) && e.text == "" {
			e.text = "handler given to " + c.text
		}
	}
	f.callbackEntry(v, c)
}

// runsInThread notes that a function runs outside the loop's thread.
func (f *frame) runsInThread(v *value, c *coroutine, alone, started bool) {
	for _, g := range v.fns {
		if f.testing(g) {
			continue
		}
		e := f.l.entry(g)
		e.begin(f, c.pos)
		e.alone = (alone || e.alone) && (!e.thread || e.alone)
		e.thread, e.outside = true, e.outside || started
		if e.text == "" {
			e.text = "runs in a thread, from line " + itoa(f.l.site(c.pos).Line)
		}
	}
}

// runsOnce notes a function that asyncio.run runs.
func (f *frame) runsOnce(v *value) {
	if v == nil || v.coro == nil {
		return
	}
	for _, g := range v.coro.fns {
		if f.testing(g) {
			continue
		}
		e := f.l.entry(g)
		e.once = true
		if !slices.Contains(e.runBy, f.f) {
			e.runBy = append(e.runBy, f.f)
		}
		if e.text == "" {
			e.text = "the program's main coroutine"
		}
	}
}
