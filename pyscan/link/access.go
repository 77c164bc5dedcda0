package link

import (
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// maxPath bounds the length of access paths: recursive structures would make them endless.
const maxPath = 120

// appField begins the program-wide name of the application of a web framework and of what it holds:
// whichever request leads to it, it is the same one.
const appField = "app of "

// contents is the place whose elements the value holds, or nil.
func (f *frame) contents(v *value) *flow.Place {
	if v == nil {
		return nil
	}
	p := v.at
	if v.elem {
		p = f.elemPlace(v)
	}
	if !f.visible(p) {
		return nil
	}
	return p
}

// elemPlace is the place of an element.
func (f *frame) elemPlace(v *value) *flow.Place {
	if v.at == nil || len(v.at.Path) > maxPath {
		return nil
	}
	text := "*"
	if v.key > 0 {
		text = f.b.Func().Keys[v.key].Text
		if text == "" {
			text = "?"
		}
	}
	p := f.place(flow.Place{Path: v.at.Path + "[" + strings.ReplaceAll(text, ".", "\u2024") + "]", Root: v.at.Root, Param: v.at.Param, Type: v.typ.Text(), Owner: v.at.Owner})
	if v.at.Field != "" {
		p.Field = v.at.Field + "[]"
	}
	if strings.HasPrefix(p.Field, appField) && strings.Count(p.Field, "[") == 1 {
		p.Field = v.at.Field + "[" + strings.Trim(text, `"'`) + "]" // each name of the application's is a thing of its own
	}
	if v.container() {
		p.Kind = flow.Container
	}
	return p
}

// base is the place that the value's attributes are read from, or nil.
func (f *frame) base(v *value) *flow.Place {
	if v == nil || v.at == nil {
		return nil
	}
	if v.elem {
		return f.elemPlace(v)
	}
	return v.at
}

// attrPlace is the place of an attribute of the value, or nil.
func (f *frame) attrPlace(v *value, name string) *flow.Place {
	c := classOf(v)
	if c == nil && strings.HasPrefix(name, "_") && !strings.HasPrefix(name, "__") && v.ext() == "" {
		c = f.l.p.Unique(name)
	}
	if c == nil {
		return f.ofClass(v, name, nil, nil)
	}
	return f.ofClass(v, name, c, c.Attr(name))
}

// ofClass is attrPlace, for a value of a class that declares the attribute as attr; both may be nil.
func (f *frame) ofClass(v *value, name string, c *project.Class, attr *project.Var) *flow.Place {
	if k := v.itself(); k != nil && v.at == nil {
		return f.place(flow.Place{Path: k.Name + "." + name, Root: flow.RootGlobal, Field: k.Field(name)})
	}
	b := f.base(v)
	if b == nil || len(b.Path) > maxPath {
		return nil
	}
	if t := v.typ.Lib(); t != nil && t.Private {
		return nil
	}
	p := f.place(flow.Place{Path: b.Path + "." + name, Root: b.Root, Param: b.Param})
	switch {
	case attr != nil:
		p.Field, p.Owner = attr.Field(), c.Qual
	case c != nil:
		p.Field, p.Owner = c.Qual+"."+name, c.Qual
	case models.LeadsToApp(v.typ.Lib(), v.typ != nil, v.text, name) && b.Root == flow.RootParam && !strings.Contains(b.Path, "."):
		p.Root, p.Param, p.Field = flow.RootGlobal, 0, appField+f.f.Module.Root
	case v.typ.Lib() != nil && v.typ.Lib().App && b.Field != "":
		p.Root, p.Param, p.Field = flow.RootGlobal, 0, appField+f.f.Module.Root+"."+name
	case b.Field != "":
		p.Field = b.Field + "." + name
	}
	return p
}

// classOf is the project class that the value is an instance of, or is.
func classOf(v *value) *project.Class {
	if v == nil || v.typ == nil {
		return nil
	}
	return v.typ.Class
}

func (f *frame) getAttr(in *ir.Instr) *value {
	base := f.need(in.A)
	if super := base.more().super; super != nil {
		if m := super.Super(in.Name); m != nil {
			return f.put(value{fns: f.only(m), recv: base.recv, text: in.Name})
		}
		return f.put(value{text: in.Name, method: in.Name, recv: base.recv})
	}
	if r := base.ref; r != nil && base.at == nil {
		if v := f.member(*r, base, in); v != nil {
			return v
		}
	}
	f.needs(base, in)
	if c := classOf(base); c != nil {
		if m := c.Method(in.Name); m != nil {
			return f.methodOf(c, m, base, in)
		}
	}
	return f.attribute(base, in)
}

// member is what a module, class or library has under a name.
func (f *frame) member(r project.Ref, base *value, in *ir.Instr) *value {
	if r.Class != nil && base.fresh {
		return nil
	}
	t := r.Attr(in.Name)
	switch {
	case t.Var != nil:
		p := f.place(flow.Place{Path: base.text + "." + in.Name, Field: t.Var.Field(), Root: flow.RootGlobal})
		return f.readVar(&ir.Instr{Name: in.Name, Pos: in.Pos, More: ir.None}, p, t.Var.VarType())
	case t.Func != nil && r.Class != nil:
		v := f.refValue(t, in.Name)
		if t.Func.ClassM {
			v.recv = base
		}
		return v
	case t.Known():
		v := f.refValue(t, in.Name)
		if t.Class == nil && t.Func == nil {
			v.text = base.text + "." + in.Name
		}
		return v
	}
	return nil
}

func (f *frame) methodOf(c *project.Class, m *project.Func, base *value, in *ir.Instr) *value {
	var targets []*project.Func
	if base.typ.Meta || len(c.Subs) == 0 {
		targets = f.only(m)
	} else {
		targets = c.Targets(in.Name)
	}
	if m.Property {
		co := &coroutine{kind: coroProject, fns: targets, recv: base, pos: f.pos(in.Pos), in: in}
		v := f.run1(co, m.Async())
		if m.Cached {
			return f.cachedValue(v, base, in)
		}
		if v.at == nil && v.count() == 0 {
			n := f.like(v)
			n.v = f.derive(base)
			return n
		}
		return v
	}
	v := f.put(value{fns: targets, text: in.Name, recv: base})
	if m.Static || base.typ.Meta && !m.ClassM {
		v.recv = nil
	}
	return v
}

// cachedValue is the result of a property that is computed once: from then on it is an attribute.
func (f *frame) cachedValue(v, base *value, in *ir.Instr) *value {
	p := f.attrPlace(base, in.Name)
	if p == nil {
		return v
	}
	n := f.like(v)
	p.Type = v.typ.Text()
	f.noteLock(p, v, f.pos(in.Pos))
	n.at, n.elem, n.fresh, n.newAt, n.text = p, false, false, 0, base.text+"."+in.Name
	return n
}

// attribute reads an attribute that is no method of the project's.
func (f *frame) attribute(base *value, in *ir.Instr) *value {
	var t *project.Type
	var p *flow.Place
	if c := classOf(base); c != nil { // which has no such method
		v := c.Attr(in.Name)
		t = c.TypeOf(v)
		p = f.ofClass(base, in.Name, c, v)
	} else {
		p = f.attrPlace(base, in.Name)
	}
	if t == nil && p != nil && classOf(base) == nil && strings.HasPrefix(in.Name, "_") && !strings.HasPrefix(in.Name, "__") {
		if c := f.l.p.Unique(in.Name); c != nil {
			t = c.Attr(in.Name).VarType()
		}
	}
	v := f.put(value{typ: t, text: in.Name, recv: base, method: in.Name})
	if base.row != nil {
		v.edit().from = base.row
	}
	if k := v.kind(); base.fresh && classOf(base) != nil && (k == models.TaskHandle || k == models.Future) {
		v.tasks = base.tasks // of a record that was made around them
	}
	if base.text != "" {
		v.text = joined(base.text, in.Name, p)
	}
	if t != nil && t.Func != nil {
		v.fns = f.only(t.Func)
		if !t.Bound {
			v.recv = nil
		}
	}
	if t != nil && t.Meta && t.Class != nil {
		v.ref = f.refers(project.Ref{Class: t.Class})
	}
	if base.hasID && len(base.id.Path) < maxPath && !base.id.Const {
		v.id, v.hasID = flow.Key{Text: v.text, Root: base.id.Root, Path: keyPath(base, v.text, in.Name)}, true
	}
	if p != nil {
		p.Type = t.Text()
		if v.container() {
			p.Kind = flow.Container
		}
		v.at = p
	}
	v.also = f.vars(base)
	if base.kind() != models.Object && base.typ.Class == nil {
		v.at = nil // a method of a library type
		return v
	}
	if !f.visible(p) || !f.l.p.Rebound[in.Name] {
		return v
	}
	f.readBack(p, f.pos(in.Pos), in.Name)
	id := f.b.Place(*p)
	before := f.b.Asked(id)
	v.hasID = false
	v.v = f.check(p, flow.AskValue, 0, f.pos(in.Pos), 0)
	f.numbered(v, in)
	v.reading = before && (t == nil || t.Opt)
	return v
}

// joined is the spelling of an attribute, in the memory of the path of its place if that is spelled so.
func joined(base, name string, p *flow.Place) string {
	if p != nil && len(p.Path) == len(base)+1+len(name) && strings.HasPrefix(p.Path, base) {
		return p.Path // which ends with the name
	}
	return base + "." + name
}

// keyPath is the path of an attribute as a key, in the memory of its spelling if that ends so.
func keyPath(base *value, text, name string) string {
	if n := len(base.id.Path) + 1 + len(name); len(text) == len(base.text)+1+len(name) && n <= len(text) && strings.HasPrefix(text[len(text)-n:], base.id.Path) {
		return text[len(text)-n:]
	}
	return base.id.Path + "." + name
}

// needs notes that an attribute of something that was just read again is used: it must be there
// still if it was asked for before.
func (f *frame) needs(base *value, in *ir.Instr) {
	if base.reading && base.at != nil && !base.elem && base.v != 0 {
		if !f.excused("AttributeError") {
			f.act(base.at, flow.EffectNone, 0, nil, flow.FlagNeeds, f.pos(in.Pos), "."+in.Name)
		}
	}
	base.reading = false
}

func (f *frame) setAttr(in *ir.Instr) {
	base := f.need(in.A)
	if in.B == 0 {
		return
	}
	v := f.need(in.B)
	if base.row != nil {
		base.row.dirty, base.row.changed = true, f.pos(in.Pos)
		base.row.srcs = append(base.row.srcs, f.vars(v)...)
	}
	if v.test != nil && v.v == 0 {
		v = f.bool(v)
	}
	v.reading = false
	if c := classOf(base); c != nil {
		if m := c.Method(in.Name); m != nil && m.Property {
			f.setter(c, m, base, v, in)
			return
		}
	}
	p := f.attrPlace(base, in.Name)
	if p == nil && base.ref != nil && base.ref.Module != nil && base.ref.Class == nil {
		if r := base.ref.Attr(in.Name); r.Var != nil {
			p = f.place(flow.Place{Path: base.text + "." + in.Name, Field: r.Var.Field(), Root: flow.RootGlobal})
		}
	}
	if p == nil {
		f.taskUse(v, useInside, in.Name, nil)
		if len(v.tasks) > 0 {
			base.tasks = append(base.tasks, v.tasks...)
		}
		return
	}
	t := v.typ
	if t == nil {
		t = base.typ.AttrType(in.Name)
	}
	p.Type = t.Text()
	if t.Kind() == models.Dict || t.Kind() == models.List || t.Kind() == models.Set {
		p.Kind = flow.Container
	}
	if f.silent && p.Root == flow.RootParam && p.Param == 0 {
		f.taskUse(v, useStored, p.Field, p)
		f.noteLock(p, v, f.pos(in.Pos))
		f.publish(v, p)
		return
	}
	f.write(p, v, in)
}

// setter runs the setter of a property.
func (f *frame) setter(c *project.Class, getter *project.Func, base, v *value, in *ir.Instr) {
	for _, k := range c.Lineage() {
		for _, i := range k.IR().Methods {
			m := k.Module.Funcs[i]
			for j := range m.Decorators {
				if m.Name == in.Name && m != getter && strings.HasSuffix(m.Decorators[j].Name, ".setter") {
					f.run1(&coroutine{kind: coroProject, fns: f.only(m), recv: base, args: []*value{v}, pos: f.pos(in.Pos), in: in}, false)
					return
				}
			}
		}
	}
}
