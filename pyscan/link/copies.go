package link

import (
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

func (f *frame) viewType(t *project.Type, name string) *project.Type {
	if t == nil {
		return nil
	}
	switch name {
	case "keys":
		if len(t.Args) > 0 {
			return project.List.Of(t.Args[:1]...)
		}
	case "values":
		return project.List.Of(t.Elem())
	case "items":
		return project.List.Of(project.Tuple.Of(t.Args...))
	}
	return project.List
}

// snapshot is a copy of a container.
func (f *frame) snapshot(box *value, p *flow.Place, c *coroutine) *value {
	out := f.put(value{typ: box.typ, iter: box, fresh: true, text: box.text, class: flow.ValueObject, also: f.vars(box), newAt: c.pos})
	if p != nil && f.replaced(p) {
		out.v = f.check(p, flow.AskIter, 0, c.pos, 0)
	}
	return out
}

// replaced says whether the contents of a container are exchanged as a whole by somebody: what is copied of them is
// then an answer.
func (f *frame) replaced(p *flow.Place) bool {
	n := lastName(p.Path)
	return f.l.p.Rebound[n] || f.l.p.Emptied[n]
}

// handsOn notes that an awaited call is given containers that somebody empties: it gets what is in them now.
func (f *frame) handsOn(c *coroutine, pos flow.Pos) {
	if c.kind != coroProject && c.kind != coroLibrary && c.kind != coroUnknown {
		return
	}
	c.every(func(v *value) {
		p := f.contents(v)
		if p != nil && v.container() && !v.elem && v.count() == 0 && f.l.p.Emptied[lastName(p.Path)] && f.visible(p) {
			v.also = append(v.also, f.check(p, flow.AskIter, 0, pos, 0))
		}
	})
}

// copy is list(x), set(x), sorted(x) and the like.
func (f *frame) copy(a *value, m models.Callable, c *coroutine) *value {
	t := f.f.TempType(c.in.Dst)
	if a == nil {
		out := f.put(value{typ: t, fresh: true, newAt: c.pos, class: flow.ValueEmpty})
		if t == nil && m.Type != "" {
			out.typ = f.l.newly(m.Type)
		}
		return out
	}
	if t.Kind() == models.Dict && (a.ref != nil || len(a.fns) > 0) {
		return f.put(value{typ: t, fresh: true, newAt: c.pos, class: flow.ValueEmpty, text: "defaultdict"})
	}
	for _, x := range c.args {
		f.taskUse(x, useRead, "", nil)
	}
	box, view := a, ""
	if a.iter != nil {
		box, view = a.iter, a.method
	}
	out := f.put(value{typ: t, fresh: true, newAt: c.pos, items: a.items, tasks: a.tasks, class: flow.ValueObject, text: a.text})
	if out.typ == nil && m.Type != "" {
		out.typ = f.l.named(m.Type)
		if a.typ != nil {
			out.typ = &project.Type{Name: m.Type, Args: a.typ.Args}
		}
	}
	if m.Value != 0 {
		out.class, out.fresh = m.Value, false
	}
	out.fields = f.fieldsOf(a)
	out.also = f.varsOf(c)
	if p := f.contents(box); p != nil && (box.container() || box.typ == nil) {
		if f.replaced(p) || m.Type == "" && f.l.changes(p) {
			d := f.check(p, flow.AskIter, 0, c.pos, 0)
			out.v = d
		}
		if m.Type != "" {
			out.iter, out.method = box, view
		}
	}
	return out
}

// view is enumerate(x), zip(x, y) and the like: iterating it iterates x.
func (f *frame) view(name string, c *coroutine) *value {
	if v := f.mapped(name, c); v != nil {
		return v
	}
	out := f.put(value{typ: project.List, also: f.varsOf(c)})
	for _, a := range c.args {
		box := a
		if a.iter != nil {
			if !a.live {
				out.items = f.l.merge(f, out.items, a.items, 0)
				continue
			}
			box = a.iter
		}
		if p := f.contents(box); p != nil && box.container() && out.iter == nil {
			out.iter, out.live, out.method = box, true, "("+name+")"
			if name == "enumerate" && len(c.args)+len(c.named) > 1 {
				out.method = "(enumerate from)" // the numbers are no positions
			}
			if a.iter != nil && name == "reversed" {
				out.method = a.method
			}
		} else if a.items != nil {
			n := f.like(a.items)
			out.items = f.l.merge(f, out.items, n, 0)
			out.tasks = append(out.tasks, a.tasks...)
		}
	}
	switch name {
	case "reversed", "iter", "itertools.chain", "itertools.islice", "itertools.cycle":
		if out.iter != nil && strings.HasPrefix(out.method, "(") {
			out.method = ""
		}
	}
	return out
}

// mapped is map(f, x) where f makes a coroutine or starts a task of each member; nil if it is anything else.
func (f *frame) mapped(name string, c *coroutine) *value {
	if name != "map" || len(c.args) < 2 {
		return nil
	}
	fun := c.args[0]
	one := &coroutine{pos: c.pos, in: c.in, text: fun.text}
	for _, a := range c.args[1:] {
		switch {
		case a.items != nil:
			one.args = append(one.args, a.items)
		case a.iter != nil:
			one.args = append(one.args, f.element(a.iter, flow.KeyAny, 0))
		default:
			one.args = append(one.args, f.element(a, flow.KeyAny, 0))
		}
	}
	var item *value
	switch {
	case fun.does() != nil && fun.does().Role == models.Spawn:
		item = f.spawn(one, one.args[0], *fun.does())
		for _, t := range item.tasks {
			t.looped = true
		}
	case len(fun.fns) > 0 && fun.fns[0].Async() && fun.fns[0].Said == nil:
		one.kind, one.fns, one.recv = coroProject, fun.fns, fun.recv
		item = f.projectCall(one)
	default:
		return nil
	}
	return f.put(value{typ: project.List, also: f.varsOf(c), items: item, tasks: item.tasks})
}
