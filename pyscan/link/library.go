package link

import (
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// library calls a function or type of a library or of Python itself.
func (f *frame) library(callee *value, c *coroutine) *value {
	c.text = callee.ext()
	out := f.l.outside(c.text)
	switch {
	case callee.does() != nil:
		return f.said(*callee.does(), c.text, c)
	case out.class:
		return f.constructLib(out.name, c)
	}
	return f.builtin(out.name, callee, c)
}

// said calls a function of which the tables say m.
func (f *frame) said(m models.Callable, full string, c *coroutine) *value {
	var a *value
	if m.Arg >= 0 && m.Arg < len(c.args) {
		a = c.args[m.Arg]
	}
	if m.Handler {
		c.every(func(v *value) { f.handler(v, c) })
	}
	switch m.Role {
	case models.Spawn:
		return f.spawn(c, a, m)
	case models.Keep:
		return f.keep(c, a, m)
	case models.Gather:
		c.kind, c.must = coroGather, flow.Must
		c.parts = append(slices.Clone(c.args), c.parts...)
		v := f.put(value{coro: c, typ: f.l.named(m.Type), also: f.varsOf(c)})
		if runs(c.parts) {
			v.tasks = []*task{f.newTask(c, "gather", nil)}
		}
		for _, p := range c.parts {
			v.tasks = append(v.tasks, p.tasks...)
			v.fields = union(v.fields, f.fieldsOf(p))
		}
		return v
	case models.WaitAll:
		if m.Ready {
			f.taskUse(a, useWaited, "", nil)
			return f.put(value{typ: project.List, also: f.varsOf(c), items: a})
		}
		c.kind, c.must = coroGather, flow.Must
		c.parts = c.args[:min(1, len(c.args))]
		c.waitOnly = true
		if when := c.named.get("return_when"); when != nil && strings.Contains(when.text+when.konst, "FIRST_") {
			c.first = !f.loops[f.block] || f.anew(c.parts) // asked in a loop, it goes on until the last one
		}
		return f.put(value{coro: c, also: f.varsOf(c), items: a})
	case models.AsCompleted:
		out := f.put(value{typ: project.List, also: f.varsOf(c), items: f.put(value{coro: &coroutine{kind: coroLibrary, must: flow.Must, text: c.text, pos: c.pos}})})
		if a != nil {
			if f.iterated(c.in.Dst) {
				out.edit().rest = a
			} else {
				f.taskUse(a, useWaited, "", nil)
			}
			if a.items != nil && a.items.coro != nil && len(a.tasks) == 0 {
				t := f.newTask(c, "as_completed", a.items)
				out.edit().losers = t
				f.start(a, c.pos)
			}
		}
		return out
	case models.Weak:
		return f.put(value{also: f.varsOf(c)})
	case models.WaitFor:
		c.kind, c.must = coroWaitFor, flow.May
		c.parts = []*value{a}
		c.limit, c.shield = m.Limits && !f.unlimited(c) && (len(c.args) > 1 || c.named.get("timeout") != nil), m.Type != ""
		c.inPlace = f.l.p.Tables.Has(m.InPlace) || m.InPlace != 0 && f.unlimited(c)
		v := f.put(value{coro: c, also: f.varsOf(c), typ: f.awaited(a)})
		if m.Type != "" && a != nil && a.coro != nil {
			v.tasks = []*task{f.newTask(c, "shield", a)}
		}
		if a != nil {
			for _, t := range a.tasks {
				if t.made() || m.Type != "" && t.param > 0 {
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
				a = f.put(value{coro: &coroutine{kind: coroProject, fns: a.fns, recv: a.recv, args: c.args[1:], pos: c.pos, in: c.in}})
			}
			return f.runLoop(a, c)
		}
		return f.value()
	case models.Partial:
		if a == nil {
			return f.value()
		}
		n := f.like(a)
		n.edit().partial = append(slices.Clone(a.more().partial), c.args[1:]...)
		n.typ = nil
		return n
	case models.Copy:
		if v := f.folded(a, models.Canonical(full), c); v != nil {
			return v
		}
		return f.copy(a, m, c)
	case models.View:
		return f.view(full, c)
	case models.Acts:
		if a != nil {
			if how, ok := f.containerMethod(a, m.Type, c); ok && len(c.args) > 0 {
				c.args = c.args[1:]
				return f.onContainer(a, m.Type, how, c)
			}
		}
		return f.put(value{also: f.varsOf(c)})
	case models.Size:
		return f.sizeOf(a, c)
	case models.Replace:
		v := f.put(value{also: f.varsOf(c), class: flow.ValuePlain})
		if a != nil {
			v.typ = a.typ
		}
		v.v = f.derive(f.all(c)...)
		v.also = nil
		return v
	case models.Passes:
		if a != nil {
			if m.Arg == 1 {
				n := f.like(a)
				if t := f.f.TempType(c.in.Dst); t != nil {
					n.typ = t
				}
				return n
			}
			return a
		}
	case models.Identity, models.CurrentTask:
		v := f.put(value{typ: f.l.named(m.Type), text: full})
		v.id, v.hasID = flow.Key{Text: full + "()", Root: f.rootVar("#" + full)}, true
		if m.Role == models.CurrentTask {
			v.class = flow.ValueObject // nobody starts it here
			f.itself = append(f.itself, v.id.Root)
		}
		return v
	case models.TimeLimit, models.Suppress:
		v := f.put(value{lib: &outside{does: &m}})
		if m.Role == models.Suppress {
			r := v.edit()
			for _, a := range c.args {
				r.mutes = append(r.mutes, lastName(a.text))
			}
		}
		return v
	case models.Closing:
		if a != nil {
			return a
		}
	case models.Decorate:
		return f.value()
	}
	v := f.put(value{also: f.varsOf(c), class: m.Value})
	if m.Type != "" {
		v.typ = f.l.named(m.Type)
	}
	if m.Suspends != flow.Never || m.Ready {
		c.kind, c.must, c.wr, c.typ = coroLibrary, m.Suspends, m.Value, v.typ
		v.coro = c
	} else if name := models.Canonical(full); name == "int" || name == "str" || name == "float" {
		v.id, v.hasID = f.compound(name, c.args...)
		v.typ = f.l.named(name)
	}
	if m.Unique {
		f.oneOfAKind(v, models.Canonical(full))
	}
	f.escape(c)
	return v
}

// oneOfAKind notes that a value is equal to none that there has been before, and neither is what is
// computed from it.
func (f *frame) oneOfAKind(v *value, name string) {
	root := f.b.Var(name)
	v.id, v.hasID = flow.Key{Text: name + "()", Root: root}, true
	f.unique = append(f.unique, root)
}

// constructLib makes an instance of a library type.
func (f *frame) constructLib(name string, c *coroutine) *value {
	t := f.f.Construct(name, c.in, 0)
	v := f.put(value{typ: t, fresh: true, newAt: c.pos, text: name, also: f.varsOf(c)})
	if c.in.Op != ir.Call {
		v.typ = f.l.newly(name)
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
	if name == "next" && len(c.args) == 1 && c.args[0].typ != nil && c.args[0].typ.Name == "itertools.count" {
		v := f.put(value{also: f.varsOf(c), class: flow.ValuePlain})
		f.oneOfAKind(v, name)
		return v
	}
	switch name {
	case "getattr", "setattr", "hasattr", "delattr":
		if len(c.args) > 1 && strings.HasPrefix(c.args[1].konst, `"`) {
			attr := strings.Trim(c.args[1].konst, `"`)
			in := &ir.Instr{Name: attr, Pos: c.in.Pos, End: c.in.End, A: c.in.Args[0].T, More: ir.None}
			switch name {
			case "getattr":
				return f.getAttr(in)
			case "setattr":
				if len(c.in.Args) > 2 {
					in.B = c.in.Args[2].T
					f.setAttr(in)
				}
				return f.value()
			case "hasattr":
				p := f.attrPlace(c.args[0], attr)
				if f.visible(p) && f.l.p.Rebound[attr] {
					d := f.check(p, flow.AskHas, 0, c.pos, 0)
					return f.put(value{v: d})
				}
			case "delattr":
				if p := f.attrPlace(c.args[0], attr); f.visible(p) {
					f.act(p, flow.EffectDel, 0, nil, 0, c.pos, "del")
				}
			}
		}
		if name == "getattr" && len(c.args) > 1 {
			if v := f.namedLock(c.args[0], c.args[1]); v != nil {
				return v
			}
		}
		return f.put(value{also: f.varsOf(c)})
	case "range":
		v := f.put(value{class: flow.ValuePlain}) // a position: what is made for it is not made of how many there are
		if n := len(c.args); n > 0 {
			if box := c.args[min(n, 2)-1].more().size; box != nil {
				v.items = f.put(value{class: flow.ValuePlain, rare: &rare{of: box, index: box}})
			}
		}
		return v
	case "isinstance", "print", "callable", "issubclass", "id":
		return f.put(value{v: f.derive(f.all(c)...)})
	case "type":
		if len(c.args) == 1 && c.args[0].typ != nil && c.args[0].typ.Class != nil {
			k := c.args[0].typ.Class
			return f.put(value{ref: f.refers(project.Ref{Class: k}), typ: k.Itself(), text: k.Name})
		}
	case "next", "anext":
		if len(c.args) > 0 {
			v := f.value()
			if k := f.someKey(c.args[0], c.pos); k != nil && name == "next" {
				v = k
			} else if it := c.args[0].iter; it != nil {
				v = f.element(it, flow.KeyAny, f.derive(c.args[0]))
			} else if c.args[0].items != nil {
				v = f.firstFound(c)
			}
			if name == "anext" {
				c.kind, c.must = coroLibrary, flow.May
				v.coro = c
			}
			return v
		}
	}
	f.escape(c)
	v := f.put(value{also: append(f.varsOf(c), f.vars(callee)...), coro: c, text: name})
	c.kind, c.must = coroUnknown, flow.May
	if f.l.makesResource(short) {
		v.class, c.wr = flow.ValueResource, flow.ValueResource
	} else if short != "" && short[0] >= 'A' && short[0] <= 'Z' && strings.Contains(name, ".") {
		// An instance of a class that the tables do not know.
		v.class, v.fresh, v.newAt = flow.ValueUnknown, true, c.pos
		v.typ = f.l.newly(name)
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
		return f.put(value{class: flow.ValuePlain})
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
		v := f.put(value{v: d, also: f.vars(box), class: flow.ValuePlain})
		if c.text == "len" && box.kind() == models.List {
			v.edit().size = box
		}
		return v
	}
	if c.text == "bool" {
		if a.test != nil {
			return a
		}
		return f.put(value{v: a.v, also: a.also, class: flow.ValuePlain})
	}
	return f.put(value{v: f.derive(a), class: flow.ValuePlain})
}

// runs says whether gather starts anything of its own: coroutines among its parts, or what is not
// known. Futures run, or are completed, whoever waits for them.
func runs(parts []*value) bool {
	for _, p := range parts {
		if p == nil {
			continue
		}
		if p.items != nil {
			p = p.items
		}
		if c := p.coro; c == nil && len(p.tasks) == 0 && p.kind() != models.Future && p.kind() != models.TaskHandle || c != nil && c.kind != coroWaitFor {
			return true
		}
	}
	return false
}

// unlimited says whether a wait has no time limit: None stands for none.
func (f *frame) unlimited(c *coroutine) bool {
	v := c.named.get("timeout")
	if v == nil && len(c.args) > 1 {
		v = c.args[1]
	}
	return v != nil && v.konst == "None"
}
