package link

import (
	"slices"
	"strconv"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

func itoa(i int) string { return strconv.Itoa(i) }

func contains(list []*task, t *task) bool { return slices.Contains(list, t) }

// call follows a call. A coroutine function does nothing yet: it runs when it is awaited.
func (f *frame) call(in *ir.Instr) *value {
	callee := f.need(in.A)
	c := f.l.stacks.coros.next()
	c.pos, c.in, c.text = f.pos(in.Pos), in, callee.text
	c.args = f.l.stacks.ptrs.make(len(in.Args))[:0]
	for i := range in.Args {
		a := &in.Args[i]
		v := f.need(a.T)
		v.reading = false
		switch {
		case a.Star > 0:
			c.star = true
			c.parts = append(c.parts, v)
		case a.Name != "":
			if c.named == nil {
				c.named = f.l.stacks.named.make(len(in.Args))[:0]
			}
			c.named.set(a.Name, v)
		default:
			c.args = append(c.args, v)
		}
	}
	if models.MakesLater(lastName(callee.text)) {
		c.every(f.factory)
	}
	if bound := callee.more().partial; len(bound) > 0 && callee.typ == nil {
		c.args = append(slices.Clone(bound), c.args...)
	}
	var v *value
	switch {
	case callee.itself() != nil && len(callee.fns) == 0:
		v = f.construct(callee.ref.Class, c)
	case callee.ext() == "super":
		v = f.superCall()
	case callee.does() != nil || callee.ext() != "" && callee.at == nil:
		v = f.library(callee, c)
	case len(callee.fns) > 0 && callee.fns[0].Said != nil:
		v = f.said(*callee.fns[0].Said, callee.fns[0].Name, c)
	case len(callee.fns) > 0:
		c.kind, c.fns, c.recv = coroProject, callee.fns, callee.recv
		v = f.projectCall(c)
	case callee.calls() != nil:
		c.kind, c.fns, c.recv = coroProject, callee.calls(), callee
		v = f.projectCall(c)
	case callee.method != "":
		v = f.method(callee, c)
	default:
		v = f.unknownCall(callee, c)
	}
	if in.Last {
		f.dropped(v, c)
	}
	if !f.isAwaited(c) && !(len(callee.fns) > 0 && callee.fns[0].Async()) {
		f.ended = f.ended || f.neverReturns(callee)
	}
	return v
}

// only is the list of one function.
func (f *frame) only(g *project.Func) []*project.Func {
	out := f.l.funcs.make(1)
	out[0] = g
	return out
}

// neverReturns says whether a call of the value is declared, or known, to end in an exception.
func (f *frame) neverReturns(v *value) bool {
	if len(v.fns) > 0 {
		name := v.fns[0].Returns.Name
		return len(v.fns) == 1 && models.NeverReturns(name[strings.LastIndexByte(name, '.')+1:])
	}
	if ext := v.ext(); ext != "" {
		return f.l.outside(ext).ends
	}
	return v.method != "" && v.recv != nil && models.NeverReturns(lastName(v.recv.text)+"."+v.method)
}

// calls are the functions that run when an instance of a project class is called, if it can be.
func (v *value) calls() []*project.Func {
	k := classOf(v)
	if k == nil || v.typ.Meta || k.Method("__call__") == nil {
		return nil
	}
	return k.Targets("__call__")
}

// superCall is super() or super(C, self).
func (f *frame) superCall() *value {
	for q := f.f; q != nil; q = q.Parent {
		if q.Class != nil {
			v := f.value()
			v.edit().super = q.Class
			if len(q.Params) > 0 {
				if ix, ok := f.local(q.Params[0].Name); ok && q == f.f {
					v.recv = f.env.vals[ix]
				}
			}
			if v.recv == nil {
				v.recv = f.put(value{typ: q.Class.Instance()})
			}
			return v
		}
	}
	return f.value()
}

// every calls visit for all arguments.
func (c *coroutine) every(visit func(*value)) {
	for _, a := range c.args {
		visit(a)
	}
	for _, a := range c.parts {
		visit(a)
	}
	for i := range c.named {
		visit(c.named[i].v)
	}
}

// all are all arguments of a call.
func (f *frame) all(c *coroutine) []*value {
	if len(c.parts)+len(c.named) == 0 {
		return c.args
	}
	out := f.l.stacks.ptrs.make(len(c.args) + len(c.parts) + len(c.named))[:0]
	c.every(func(v *value) { out = append(out, v) })
	return out
}

// testsClass says whether this is a test of the class.
func (f *frame) testsClass(k *project.Class) bool {
	return f.fn.test && !models.Test(k.Module.Path)
}

// construct makes an instance of a project class.
func (f *frame) construct(k *project.Class, c *coroutine) *value {
	out := f.put(value{typ: k.Made(), fresh: true, newAt: c.pos, born: f.loops[f.block], text: k.Name, row: rowAmong(f.all(c))})
	for _, b := range k.Lineage() {
		f.l.made[b] = f.l.made[b] || !f.testsClass(b)
	}
	if !f.testsClass(k) {
		f.l.home(k).makers[f.f] = true
	}
	if f.f.Kind&ir.ModuleBody != 0 {
		f.l.escaped[k] = true
	}
	if init := k.Method("__init__"); init != nil {
		c.kind, c.fns, c.recv = coroProject, f.only(init), out
		f.run1(c, false)
	} else {
		c.every(func(a *value) { f.taskUse(a, useInside, k.Name, nil) })
	}
	out.v = f.derive(f.all(c)...)
	out.class = typeValue(out.typ, true)
	c.every(func(a *value) {
		for _, t := range a.tasks {
			if t.made() {
				out.tasks = append(out.tasks, t)
			}
		}
	})
	return out
}

// projectCall calls project functions: at once, or a coroutine, generator or manager for later.
func (f *frame) projectCall(c *coroutine) *value {
	c.fns = f.alternatives(c.fns)
	first := c.fns[0]
	v := f.put(value{typ: first.Result(), text: first.Name, coro: c})
	switch {
	case first.Manager, first.Kind&ir.Generator != 0:
		if first.Kind&ir.Generator != 0 && !first.Manager {
			v.typ = &project.Type{Name: "typing.Generator", Args: []*project.Type{v.typ.Elem()}}
		}
		v.also = f.varsOf(c)
		return v
	case first.Async() || first.AsyncGen():
		v.also = f.varsOf(c)
		return v
	}
	f.callbacks(c)
	out := f.run1(c, false)
	if first.Cached && len(c.fns) == 1 && len(c.parts)+len(c.named) == 0 {
		out = f.remembered(out, first, c)
	}
	if out.typ == nil {
		out.typ = first.Result()
	}
	if first.Result() == nil || strings.HasPrefix(first.Result().Text(), "typing.Awaitable") || strings.HasPrefix(first.Result().Text(), "typing.Coroutine") {
		// A plain function may hand on a coroutine.
		if sh := f.l.fn(first).ret; sh != nil && sh.coro != nil {
			out.coro = &coroutine{kind: coroProject, fns: sh.coro, recv: c.recv, pos: c.pos, in: c.in, text: c.text}
			if sh.coroRecv == nil && len(sh.coro) > 0 && !sh.coro[0].Method() {
				out.coro.recv = nil
			}
		}
	}
	return out
}

// remembered is the result of a function that gives the same one for the same arguments: a lock that it
// makes is kept by key.
func (f *frame) remembered(v *value, g *project.Func, c *coroutine) *value {
	if k := v.kind(); k != models.Lock && k != models.Semaphore && k != models.Condition {
		return v
	}
	n := f.like(v)
	n.at = f.place(flow.Place{Path: g.Name + "()", Field: g.Qual + "()", Root: flow.RootGlobal, Type: v.typ.Text()})
	n.fresh, n.newAt = false, 0
	if len(c.args) > 0 {
		n.at.Kind = flow.Container
		key := f.value()
		key.id, key.hasID = f.compound(g.Name, c.args...)
		n.elem, n.key = true, f.keyOf(key)
	}
	f.noteLock(f.base(n), v, c.pos)
	return n
}

func (f *frame) varsOf(c *coroutine) []flow.VarID {
	out := f.srcs[:0]
	for _, a := range c.args {
		out = a.addVars(out)
	}
	for _, a := range c.parts {
		out = a.addVars(out)
	}
	for i := range c.named {
		out = c.named[i].v.addVars(out)
	}
	f.srcs = out
	return f.ids(out)
}

func (f *frame) alternatives(fns []*project.Func) []*project.Func {
	if len(fns) > maxAlts {
		f.b.Func().Partial = "a call that may mean more than 12 functions"
		fns = fns[:maxAlts]
	}
	return fns
}

// unknownCall calls something that is not known.
func (f *frame) unknownCall(callee *value, c *coroutine) *value {
	f.escape(c)
	v := f.put(value{coro: c, text: callee.text, also: append(f.varsOf(c), f.vars(callee)...)})
	c.kind = coroUnknown
	if callee.typ != nil && callee.typ.Name == "typing.Callable" && len(callee.typ.Args) > 0 {
		v.typ = callee.typ.Args[len(callee.typ.Args)-1]
	}
	if f.l.makesResource(lastName(callee.text)) {
		v.class, c.wr = flow.ValueResource, flow.ValueResource
	}
	f.paramRun(callee)
	if callee.at != nil && callee.at.Root == flow.RootCell {
		// In a decorator: the call of the decorated function.
		w := callSite{held: f.heldNow(), args: make([]passed, len(c.args))}
		for i, a := range c.args {
			if b := f.base(a); b != nil {
				w.args[i].at(b)
			}
		}
		f.wraps = append(f.wraps, w)
	}
	return v
}

// escape notes that unknown code gets the arguments.
func (f *frame) escape(c *coroutine) {
	c.every(func(a *value) {
		f.taskUse(a, usePassed, c.text, nil)
		f.escapeLock(a)
	})
	f.callbacks(c)
}

// dropped notes that nobody uses the result of a call.
func (f *frame) dropped(v *value, c *coroutine) {
	if v == nil {
		return
	}
	for _, t := range v.tasks {
		if t.call == c.pos {
			t.dropped = true
		}
	}
}
