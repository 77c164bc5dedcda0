package link

import (
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

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
	c.Called = e.text == "" && strings.HasPrefix(c.Entry, "called by")
	c.Done = l.done(fn, 0)
	c.Opens = l.opening(fn, e, 0)
	c.Decorates = l.decorates(fn, 0)
	c.Inline = l.inline(fn, e)
	c.Under = l.calledUnder(fn, 0)
	c.Thread = fn.preempt && !l.opt.Preempt
	c.Test = fn.test
	c.Import = fn.imported()
	switch {
	case f.Kind&ir.ModuleBody != 0, models.Startup(f.Name), e.kind == models.Start:
		c.Init = true
	case f.Manager && strings.Contains(f.Name, "lifespan"):
		c.Init = true
	case e.once && !fn.preempt:
		c.Init = true
	case l.onlyFromInit(fn, 0):
		c.Init = true
	}
	switch {
	case f.Class != nil && !f.ClassM && e.kind != models.Route && e.kind != models.Job && !e.many && e.spawned <= 1 && l.owned(f.Class):
		c.Overlap = verdict.OverlapOwned
	case e.kind == models.Route || e.kind == models.Listener || e.kind == models.Job || e.many || e.spawned > 1 || l.reachedByMany(fn):
		c.Overlap = verdict.OverlapProven
		if e.kind == models.Route && f.Class != nil && e.text != "" && strings.HasPrefix(e.text, "called by") {
			c.Overlap = verdict.OverlapAssumed
		}
	case f.Class != nil && !f.ClassM && l.made[f.Class] && !l.spread(f.Class, 0) && !fn.reachesOut():
		c.Overlap = verdict.OverlapNone
	case l.starting(fn, 0):
		c.Overlap, c.Start = verdict.OverlapOwned, true
	case f.Class != nil && !f.ClassM && l.owned(f.Class), setter(f) && len(fn.callers) == 0, e.kind == models.NoEntry && !e.outside && initial(fn):
		c.Overlap = verdict.OverlapOwned
	}
	one, loop := l.single(fn, e, 0)
	if !one && c.Overlap == verdict.OverlapAssumed && l.internal(fn, e) {
		if one, loop = l.byOneLoop(fn, 0); one {
			c.Overlap = verdict.OverlapOwned
		}
	} else {
		c.Single = one
	}
	if one && loop != nil {
		c.Owner = loop.f.Qual
	}

	return c
}

// imported says whether a module calls the function while it is imported.
func (fn *fn) imported() bool {
	for _, by := range fn.callers {
		if by.f.Kind&ir.ModuleBody != 0 && !by.test {
			return true
		}
	}
	return false
}

// setter says whether f is the setter of a property. One that nobody is seen to use configures.
func setter(f *project.Func) bool {
	for i := range f.Decorators {
		if strings.HasSuffix(f.Decorators[i].Name, ".setter") {
			return true
		}
	}
	return false
}

// initial says whether all known callers are initialisers.
func initial(fn *fn) bool {
	for _, by := range fn.callers {
		if by.f.Name != "__init__" && by.f.Name != "__post_init__" {
			return false
		}
	}
	return len(fn.callers) > 0
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
				return "called by `" + name(by.f) + "`"
			}
		}
		return ""
	}
	if !private(f) {
		return "it is a public method"
	}
	if depth > maxEvidence {
		return ""
	}
	for _, by := range fn.callers {
		if by != fn && l.reason(by, &entry{}, depth+1) != "" && !models.Starts(by.f.Name) {
			return "called by `" + name(by.f) + "`"
		}
	}
	return ""
}

// done says whether a function runs when a task ends: as a callback, or called by one.
func (l *linker) done(fn *fn, depth int) bool {
	if e := l.entries[fn.f]; e != nil && e.done {
		return !e.taken
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

// sameReceiver says whether a plain call stays on the caller's own object, or has none.
func sameReceiver(by, fn *fn, s *callSite) bool {
	if !fn.f.Method() {
		return fn.f.Class == nil
	}
	return len(s.args) > 0 && by.f.Method() && s.args[0].Root == flow.RootParam && s.args[0].Param == 0 && s.args[0].Path == by.f.Params[0].Name
}

// single says whether one background loop is all that ever runs the function, and names the loop.
func (l *linker) single(fn *fn, e *entry, depth int) (bool, *fn) {
	f := fn.f
	if e.alone && e.spawned == 0 && !e.many {
		return true, fn
	}
	if depth > maxEvidence || e.many || e.kind != models.NoEntry || e.thread && (e.outside || len(e.starts) > 1 || f.Class == nil) {
		return false, nil // one thread that a loop waits for is part of the loop; a plain function is anybody's
	}
	if e.spawned == 1 && len(fn.callers) <= 1 {
		return l.spawnedOnce(fn), fn
	}
	if (fn.mailbox || endless(f) && !servesOne(f)) && e.spawned == 0 && len(fn.callers) <= 1 {
		return true, fn // whoever wants several consumers starts them side by side
	}
	if (private(f) || fn.preempt && !l.opt.Preempt) && e.spawned == 0 && !e.outside {
		return l.byOneLoop(fn, depth)
	}
	return false, nil
}

// around is a function that so many calls away is asked about.
type around struct {
	fn    *fn
	depth int
}

// oneLoop is the answer of byOneLoop.
type oneLoop struct {
	one  bool
	loop *fn
}

// byOneLoop says whether all known callers of a function run in one background loop, or have waited for it
// to end. Functions that call each other have no end of callers: the depth is the bound there too.
func (l *linker) byOneLoop(at *fn, depth int) (bool, *fn) {
	known, ok := l.loops[around{at, depth}]
	if !ok {
		known.one, known.loop = l.findLoop(at, depth)
		l.loops[around{at, depth}] = known
	}
	return known.one, known.loop
}

func (l *linker) findLoop(at *fn, depth int) (bool, *fn) {
	if depth > maxEvidence {
		return false, nil
	}
	var loop *fn
	var outside []int
	for i, by := range at.callers {
		o := l.entries[by.f]
		if o == nil {
			o = &entry{}
		}
		if by == at {
			return false, nil
		}
		one, root := l.single(by, o, depth+1)
		if !one && l.internal(by, o) {
			one, root = l.byOneLoop(by, depth+1)
		}
		if !one {
			outside = append(outside, i)
			continue
		}
		if loop != nil && root != loop {
			return false, nil
		}
		loop = root
	}
	if loop == nil {
		return false, nil
	}
	for _, i := range outside {
		ended := func(j verdict.Join) bool { return j.Owner == loop.f.Qual && j.Pos < at.from[i].pos }
		begun := func(j verdict.Join) bool { return j.Owner == loop.f.Qual && j.Pos > at.from[i].pos }
		if !sameReceiver(at.callers[i], at, at.from[i]) || !slices.ContainsFunc(l.joins(at.callers[i]), ended) && !slices.ContainsFunc(l.begins[at.callers[i].f], begun) {
			return false, nil
		}
	}
	return true, loop
}

// internal says whether a public method is one of a class whose users are part of the project: its
// known callers are then probably all there are.
func (l *linker) internal(fn *fn, e *entry) bool {
	f := fn.f
	return f.Class != nil && l.made[f.Class] && !f.Class.Abstract && len(f.Class.Subs) == 0 && !strings.HasPrefix(f.Name, "__") &&
		!e.outside && e.spawned == 0 && e.kind == models.NoEntry && !e.thread && !e.many
}

// spawnedOnce says whether the place that starts the loop does so once for an object: in an
// initialiser, or, if it is a loop, in a start-up function.
func (l *linker) spawnedOnce(fn *fn) bool {
	for _, by := range fn.callers {
		if by.f.Name == "__init__" && by.f.Class != nil || startsUnlessKept(by, fn) {
			continue
		}
		if !hasLoop(fn.f) {
			return false
		}
		if models.Startup(by.f.Name) || models.Starts(by.f.Name) && !private(by.f) || strings.HasPrefix(strings.TrimLeft(by.f.Name, "_"), "start") || by.f.Kind&ir.ModuleBody != 0 || by.f.Name == "run" || by.f.Name == "begin" || by.f.Name == "open" || by.f.Name == "connect" {
			continue
		}
		return false
	}
	return true
}

// startsUnlessKept says whether by starts a task for fn only where none is kept, and keeps it in that step:
// as long as one runs, there is no second.
func startsUnlessKept(by, fn *fn) bool {
	n := 0
	for _, t := range by.tasks {
		if slices.Contains(t.targets, fn.f) {
			if n++; !t.stored || t.looped {
				return false
			}
		}
	}
	return n == 1 && slices.ContainsFunc(by.res.Windows, func(w flow.Window) bool {
		e := &by.built.Blocks[w.Act.Block].Events[w.Act.Index]
		return w.State != flow.Open && w.Use&flow.UseControl != 0 && (w.Fact == flow.FactNone || w.Fact == flow.FactFalse || w.Fact == flow.FactAny) &&
			e.Effect == flow.EffectSet && e.Value == flow.ValueTask && e.Key == 0 && e.Flags&flow.FlagCallee == 0
	})
}

// servesOne says whether a function is given the connection that it serves: there are as many as connections.
func servesOne(f *project.Func) bool {
	return slices.ContainsFunc(f.Params, func(p ir.Param) bool { return models.Connection(p.Name, p.Type.Name) })
}

// endless says whether a coroutine is a loop that only an exception leaves.
func endless(f *project.Func) bool {
	return f.Async() && hasLoop(f) && !slices.ContainsFunc(f.Blocks, func(b ir.Block) bool { return b.Exit == ir.Returns })
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
