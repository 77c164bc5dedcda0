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
	c := &coroutine{pos: f.pos(in.Pos), in: in, text: callee.text}
	for _, a := range in.Args {
		v := f.need(a.T)
		v.reading = false
		switch {
		case a.Star > 0:
			c.star = true
			c.parts = append(c.parts, v)
		case a.Name != "":
			if c.named == nil {
				c.named = map[string]*value{}
			}
			c.named[a.Name] = v
		default:
			c.args = append(c.args, v)
		}
	}
	if len(callee.partial) > 0 && callee.typ == nil {
		c.args = append(slices.Clone(callee.partial), c.args...)
	}
	var v *value
	switch {
	case callee.ref.Class != nil && len(callee.fns) == 0:
		v = f.construct(callee.ref.Class, c)
	case callee.ref.Ext == "super":
		v = f.superCall()
	case callee.isLib || callee.ref.Ext != "" && callee.at == nil:
		v = f.library(callee, c)
	case len(callee.fns) > 0:
		c.kind, c.fns, c.recv = coroProject, callee.fns, callee.recv
		v = f.projectCall(c)
	case callee.method != "":
		v = f.method(callee, c)
	default:
		v = f.unknownCall(callee, c)
	}
	if in.Last {
		f.dropped(v, c)
	}
	return v
}

// superCall is super() or super(C, self).
func (f *frame) superCall() *value {
	for q := f.f; q != nil; q = q.Parent {
		if q.Class != nil {
			v := &value{super: q.Class}
			if len(q.Params) > 0 {
				if ix, ok := f.locals[q.Params[0].Name]; ok && q == f.f {
					v.recv = f.env.vals[ix]
				}
			}
			if v.recv == nil {
				v.recv = &value{typ: &project.Type{Class: q.Class}}
			}
			return v
		}
	}
	return &value{}
}

// every calls visit for all arguments.
func (c *coroutine) every(visit func(*value)) {
	for _, a := range c.args {
		visit(a)
	}
	for _, a := range c.parts {
		visit(a)
	}
	for _, name := range sortedKeys(c.named) {
		visit(c.named[name])
	}
}

func sortedKeys(m map[string]*value) []string {
	if len(m) == 0 {
		return nil
	}
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (c *coroutine) all() []*value {
	var out []*value
	c.every(func(v *value) { out = append(out, v) })
	return out
}

// construct makes an instance of a project class.
func (f *frame) construct(k *project.Class, c *coroutine) *value {
	out := &value{typ: &project.Type{Class: k, Fresh: true}, fresh: true, newAt: c.pos, text: k.Name}
	for _, b := range k.Lineage() {
		f.l.made[b] = true
	}
	if f.f.Kind&ir.ModuleBody != 0 {
		f.l.escaped[k] = true
	}
	if init := k.Method("__init__"); init != nil {
		c.kind, c.fns, c.recv = coroProject, []*project.Func{init}, out
		f.run1(c, false)
	} else {
		c.every(func(a *value) { f.taskUse(a, useInside, k.Name, nil) })
	}
	out.v = f.derive(c.all()...)
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
	v := &value{typ: first.Result(), text: first.Name, coro: c}
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

func (f *frame) varsOf(c *coroutine) []flow.VarID {
	var out []flow.VarID
	c.every(func(v *value) {
		for _, x := range v.vars() {
			if !slices.Contains(out, x) {
				out = append(out, x)
			}
		}
	})
	return out
}

func (f *frame) alternatives(fns []*project.Func) []*project.Func {
	if len(fns) > maxAlts {
		fns = fns[:maxAlts]
	}
	return fns
}

// unknownCall calls something that is not known.
func (f *frame) unknownCall(callee *value, c *coroutine) *value {
	f.escape(c)
	v := &value{coro: c, text: callee.text, also: append(f.varsOf(c), callee.vars()...)}
	c.kind = coroUnknown
	if callee.typ != nil && callee.typ.Name == "typing.Callable" && len(callee.typ.Args) > 0 {
		v.typ = callee.typ.Args[len(callee.typ.Args)-1]
	}
	if models.MakesResource(lastName(callee.text)) {
		v.class, c.wr = flow.ValueResource, flow.ValueResource
	}
	f.paramRun(callee)
	if callee.at != nil && callee.at.Root == flow.RootCell {
		// In a decorator: the call of the decorated function.
		w := callSite{held: f.heldNow(), args: make([]flow.Place, len(c.args))}
		for i, a := range c.args {
			if b := f.base(a); b != nil {
				w.args[i] = *b
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

// library calls a function or type of a library or of Python itself.
func (f *frame) library(callee *value, c *coroutine) *value {
	m, known := callee.lib, callee.isLib
	name := models.Canonical(callee.ref.Ext)
	c.text = callee.ref.Ext
	arg := func(i int) *value {
		if i >= 0 && i < len(c.args) {
			return c.args[i]
		}
		return nil
	}
	if !known {
		if models.TypeOf(name) != nil {
			return f.constructLib(name, c)
		}
		return f.builtin(name, callee, c)
	}
	a := arg(m.Arg)
	switch m.Role {
	case models.Spawn:
		return f.spawn(c, a, m)
	case models.Gather:
		c.kind, c.must = coroGather, flow.Must
		c.parts = append(slices.Clone(c.args), c.parts...)
		v := &value{coro: c, typ: &project.Type{Name: m.Type}, also: f.varsOf(c)}
		v.tasks = []*task{f.newTask(c, "gather", nil)}
		for _, p := range c.parts {
			v.tasks = append(v.tasks, p.tasks...)
			v.fields = union(v.fields, f.fieldsOf(p))
		}
		return v
	case models.WaitAll:
		c.kind, c.must = coroGather, flow.Must
		c.parts = c.args[:min(1, len(c.args))]
		c.waitOnly = true
		return &value{coro: c, also: f.varsOf(c), items: a}
	case models.AsCompleted:
		out := &value{typ: &project.Type{Name: "list"}, also: f.varsOf(c), items: &value{coro: &coroutine{kind: coroLibrary, must: flow.Must, text: c.text, pos: c.pos}}}
		if a != nil {
			f.taskUse(a, useWaited, "", nil)
			if a.items != nil && a.items.coro != nil && len(a.tasks) == 0 {
				t := f.newTask(c, "as_completed", a.items)
				out.losers = t
				f.start(a, c.pos)
			}
		}
		return out
	case models.Weak:
		return &value{also: f.varsOf(c)}
	case models.WaitFor:
		c.kind, c.must = coroWaitFor, flow.May
		c.parts = []*value{a}
		v := &value{coro: c, also: f.varsOf(c), typ: f.awaited(a)}
		if m.Type != "" && a != nil && a.coro != nil {
			v.tasks = []*task{f.newTask(c, "shield", a)}
		}
		if a != nil {
			for _, t := range a.tasks {
				if t.made() {
					v.tasks = append(v.tasks, t)
				}
			}
		}
		return v
	case models.InThread:
		return f.threadCall(c, m)
	case models.Run:
		c.parts = c.args
		if a != nil {
			if m.Factory && len(a.fns) > 0 {
				a = &value{coro: &coroutine{kind: coroProject, fns: a.fns, recv: a.recv, args: c.args[1:], pos: c.pos, in: c.in}}
			}
			f.runsOnce(a)
			return f.await(a, c.pos, c.in)
		}
		return &value{}
	case models.Partial:
		if a == nil {
			return &value{}
		}
		n := *a
		n.partial = append(slices.Clone(a.partial), c.args[1:]...)
		n.typ = nil
		return &n
	case models.Copy:
		return f.copy(a, m, c)
	case models.View:
		return f.view(callee.ref.Ext, c)
	case models.Size:
		return f.sizeOf(a, c)
	case models.Replace:
		v := &value{also: f.varsOf(c), class: flow.ValuePlain}
		if a != nil {
			v.typ = a.typ
		}
		v.v = f.derive(c.all()...)
		v.also = nil
		return v
	case models.Passes:
		if a != nil {
			if m.Arg == 1 {
				n := *a
				if t := f.f.TempType(c.in.Dst); t != nil {
					n.typ = t
				}
				return &n
			}
			return a
		}
	case models.Identity, models.CurrentTask:
		v := &value{typ: &project.Type{Name: m.Type}, text: callee.ref.Ext}
		v.id, v.hasID = flow.Key{Text: callee.ref.Ext + "()", Root: f.rootVar("#" + callee.ref.Ext)}, true
		return v
	case models.TimeLimit, models.Suppress:
		return &value{lib: m, isLib: true, ref: project.Ref{}}
	case models.Closing:
		if a != nil {
			return a
		}
	case models.Decorate:
		return &value{}
	}
	v := &value{also: f.varsOf(c), class: m.Value}
	if m.Type != "" {
		v.typ = &project.Type{Name: m.Type}
	}
	if m.Suspends != flow.Never {
		c.kind, c.must, c.wr, c.typ = coroLibrary, m.Suspends, m.Value, v.typ
		v.coro = c
	} else if name == "int" || name == "str" || name == "float" {
		v.id, v.hasID = f.compound(name, c.args...)
		v.typ = &project.Type{Name: name}
	}
	f.escape(c)
	return v
}

// constructLib makes an instance of a library type.
func (f *frame) constructLib(name string, c *coroutine) *value {
	t := f.f.Construct(name, c.in, 0)
	v := &value{typ: t, fresh: true, newAt: c.pos, text: name, also: f.varsOf(c)}
	if c.in.Op != ir.Call {
		v.typ = &project.Type{Name: name, Fresh: true}
	}
	v.class = typeValue(v.typ, true)
	if v.container() && len(c.args) == 0 {
		v.class = flow.ValueEmpty
	}
	f.escape(c)
	switch v.kind() {
	case models.Resource:
		c.kind, c.must, c.wr, c.typ = coroLibrary, flow.May, flow.ValueResource, v.typ
		v.coro = c
	}
	return v
}

// builtin calls a function that the tables do not list.
func (f *frame) builtin(name string, callee *value, c *coroutine) *value {
	short := name[strings.LastIndexByte(name, '.')+1:]
	switch name {
	case "getattr", "setattr", "hasattr", "delattr":
		if len(c.args) > 1 && strings.HasPrefix(c.args[1].konst, `"`) {
			attr := strings.Trim(c.args[1].konst, `"`)
			in := &ir.Instr{Name: attr, Pos: c.in.Pos, End: c.in.End, A: c.in.Args[0].T}
			switch name {
			case "getattr":
				return f.getAttr(in)
			case "setattr":
				if len(c.in.Args) > 2 {
					in.B = c.in.Args[2].T
					f.setAttr(in)
				}
				return &value{}
			case "hasattr":
				p := f.attrPlace(c.args[0], attr)
				if f.visible(p) && f.l.p.Rebound[attr] {
					d := f.check(p, flow.AskHas, 0, c.pos, 0)
					return &value{v: d}
				}
			case "delattr":
				if p := f.attrPlace(c.args[0], attr); f.visible(p) {
					f.act(p, flow.EffectDel, 0, nil, 0, c.pos, "del")
				}
			}
		}
		return &value{also: f.varsOf(c)}
	case "isinstance", "print", "callable", "issubclass", "range", "id":
		return &value{v: f.derive(c.all()...)}
	case "type":
		if len(c.args) == 1 && c.args[0].typ != nil && c.args[0].typ.Class != nil {
			k := c.args[0].typ.Class
			return &value{ref: project.Ref{Class: k}, typ: &project.Type{Class: k, Meta: true}, text: k.Name}
		}
	case "next", "anext":
		if len(c.args) > 0 {
			v := &value{}
			if it := c.args[0].iter; it != nil {
				v = f.element(it, flow.KeyAny, f.derive(c.args[0]))
			} else if c.args[0].items != nil {
				v = c.args[0].items
			}
			if name == "anext" {
				c.kind, c.must = coroLibrary, flow.May
				v.coro = c
			}
			return v
		}
	}
	f.escape(c)
	v := &value{also: append(f.varsOf(c), callee.vars()...), coro: c, text: name}
	c.kind, c.must = coroUnknown, flow.May
	if models.MakesResource(short) {
		v.class, c.wr = flow.ValueResource, flow.ValueResource
	} else if short != "" && short[0] >= 'A' && short[0] <= 'Z' && strings.Contains(name, ".") {
		// An instance of a class that the tables do not know.
		v.class, v.fresh, v.newAt = flow.ValueUnknown, true, c.pos
		v.typ = &project.Type{Name: name, Fresh: true}
		low := strings.ToLower(short)
		for _, w := range []string{"client", "session", "connection", "pool", "engine", "producer", "consumer", "channel"} {
			if strings.HasSuffix(low, w) {
				v.class, c.wr = flow.ValueResource, flow.ValueResource
			}
		}
	}
	return v
}

// awaited is the type of the result of awaiting v.
func (f *frame) awaited(v *value) *project.Type {
	if v == nil {
		return nil
	}
	if v.coro != nil && v.coro.kind == coroProject {
		return v.typ
	}
	switch v.kind() {
	case models.Future, models.TaskHandle:
		return v.typ.Elem()
	}
	if v.typ != nil && (v.typ.Name == "typing.Awaitable" || v.typ.Name == "typing.Coroutine") {
		return v.typ.Elem()
	}
	return v.typ
}

// sizeOf is len(x) or bool(x).
func (f *frame) sizeOf(a *value, c *coroutine) *value {
	if a == nil {
		return &value{class: flow.ValuePlain}
	}
	box := a
	if a.iter != nil && a.live {
		box = a.iter
	}
	if k := classOf(box); k != nil && !box.typ.Meta {
		if m := k.Method("__len__"); m != nil {
			return f.run1(&coroutine{kind: coroProject, fns: k.Targets("__len__"), recv: box, pos: c.pos, in: c.in}, false)
		}
	}
	if p := f.contents(box); p != nil && f.l.changes(p) && (box.container() || c.text == "len") {
		d := f.check(p, flow.AskSize, 0, c.pos, 0)
		return &value{v: d, also: box.vars(), class: flow.ValuePlain}
	}
	if c.text == "bool" {
		if a.test != nil {
			return a
		}
		return &value{v: a.v, also: a.also, class: flow.ValuePlain}
	}
	return &value{v: f.derive(a), class: flow.ValuePlain}
}
