package link

import (
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

func (f *frame) load(in *ir.Instr) *value {
	if ix, ok := f.local(in.Name); ok {
		if f.cells[ix] {
			return f.readVar(in, f.cellPlace(f.f, in.Name), f.localType(ix))
		}
		if v := f.env.vals[ix]; v != nil {
			return v
		}
		if r := f.f.Ref(in.Name); r.Known() && r.Var == nil {
			return f.refValue(r, in.Name)
		}
		return f.put(value{text: in.Name, typ: f.declared(in.Name)})
	}
	owner := f.f.Owner(in.Name)
	if owner == nil {
		r := f.f.Ref(in.Name)
		if r.Var != nil {
			return f.global(in, r.Var)
		}
		return f.refValue(r, in.Name)
	}
	if r := f.f.Ref(in.Name); r.Func != nil || r.Class != nil || r.Ext != "" || r.Module != nil {
		return f.refValue(r, in.Name)
	}
	if f.l.cells[cellKey{owner, in.Name}] {
		return f.readVar(in, f.cellPlace(owner, in.Name), f.f.TempType(in.Dst))
	}
	if v := f.cached[in.Name]; v != nil {
		return v
	}
	t := f.f.TempType(in.Dst)
	v := f.put(value{typ: t, text: in.Name, at: f.place(flow.Place{Path: in.Name, Root: flow.RootCell, Type: t.Text()})})
	if t != nil && t.Meta && t.Class != nil {
		v.ref = f.refers(project.Ref{Class: t.Class})
	}
	if v.container() {
		v.at.Kind = flow.Container
		v.at.Field = owner.Qual + ".<locals>." + in.Name
		if attr, elem := attributeIn(owner, in.Name); attr != "" {
			v.at.Field, v.at.Owner = owner.Class.Field(attr)+elem, owner.Class.Qual
		}
	}
	id := f.b.Var(in.Name)
	v.id, v.hasID = flow.Key{Text: in.Name, Root: id}, true
	if f.l.drawn(owner, in.Name) {
		f.unique = append(f.unique, id)
	}
	f.cached[in.Name] = v
	return v
}

// attributeIn is the attribute of its object that a method's variable stands for, with "[]" if it is an element there:
// it is bound once, to what is read there. It is "" for any other variable.
func attributeIn(f *project.Func, name string) (attr, elem string) {
	if !f.Method() {
		return "", ""
	}
	bound := 0
	for b := range f.Blocks {
		for i := range f.Blocks[b].Instrs {
			in := &f.Blocks[b].Instrs[i]
			if in.Op != ir.Store || in.Name != name {
				continue
			}
			if bound++; bound > 1 {
				return "", ""
			}
			from := f.Def(in.A)
			if box := elementOf(f, from); box != nil {
				from, elem = box, "[]"
			}
			if from == nil || from.Op != ir.GetAttr {
				continue
			}
			if self := f.Def(from.A); self != nil && self.Op == ir.Load && self.Name == f.Params[0].Name {
				attr = from.Name
			}
		}
	}
	return attr, elem
}

// elementOf is the read of the table that an operation takes an element from, or nil.
func elementOf(f *project.Func, in *ir.Instr) *ir.Instr {
	if in == nil {
		return nil
	}
	switch in.Op {
	case ir.GetItem:
		return f.Def(in.A)
	case ir.Call:
		if m := f.Def(in.A); m != nil && m.Op == ir.GetAttr && (m.Name == "get" || m.Name == "setdefault") {
			return f.Def(m.A)
		}
	}
	return nil
}

func (f *frame) localType(ix int) *project.Type {
	if v := f.env.vals[ix]; v != nil && v.typ != nil {
		return v.typ
	}
	return f.declared(f.f.Locals[ix])
}

func (f *frame) cellPlace(owner *project.Func, name string) *flow.Place {
	return f.place(flow.Place{Path: name, Root: flow.RootCell, Field: owner.Qual + ".<locals>." + name})
}

// global reads a module variable.
func (f *frame) global(in *ir.Instr, v *project.Var) *value {
	p := f.place(flow.Place{Path: in.Name, Field: v.Field(), Root: flow.RootGlobal})
	t := v.VarType()
	if v.Module != f.f.Module {
		// A name imported from another module is a copy: it names the same object, but is not the same variable.
		val := f.held(p, t, in.Name)
		return val
	}
	return f.readVar(in, p, t)
}

// held is the value that a place holds, without asking.
func (f *frame) held(p *flow.Place, t *project.Type, text string) *value {
	v := f.put(value{typ: t, at: p, text: text})
	p.Type = t.Text()
	if t != nil && t.Meta && t.Class == nil {
		return f.refValue(project.Ref{Ext: t.Name}, text) // another name of a library's function
	}
	if v.container() {
		p.Kind = flow.Container
	}
	if t != nil && t.Meta && t.Class != nil {
		v.ref = f.refers(project.Ref{Class: t.Class})
	}
	if t != nil && t.Func != nil {
		v.fns = f.only(t.Func)
	}
	return v
}

// readVar reads a variable or attribute that others may assign.
func (f *frame) readVar(in *ir.Instr, p *flow.Place, t *project.Type) *value {
	v := f.held(p, t, p.Path)
	if !f.visible(p) {
		return v
	}
	name := lastName(p.Path)
	if !f.l.p.Rebound[name] {
		v.id, v.hasID = f.pathKey(p), true
		return v
	}
	id := f.b.Place(*p)
	before := f.b.Asked(id)
	v.v = f.check(p, flow.AskValue, 0, f.pos(in.Pos), 0)
	v.reading = before
	f.numbered(v, in)
	return v
}

// numbered makes a value one of a kind if it is the next number: read in the step in which the variable, which
// is only ever counted up, is counted up.
func (f *frame) numbered(v *value, in *ir.Instr) {
	if in.Aug || f.l.p.Reset[in.Name] || v.kind() != models.Immutable {
		return
	}
	at, counted := -1, -1
	list := f.f.Blocks[f.block].Instrs
	for i := range list {
		switch o := &list[i]; {
		case o == in:
			at = i
		case o.Op == ir.Await, o.Op == ir.AEnter, o.Op == ir.AExit, o.Op == ir.Yield, o.Op == ir.YieldFrom:
			if at >= 0 && counted < 0 {
				return
			}
			if at < 0 {
				counted = -1
			}
		case o.Aug && o.Name == in.Name && (o.Op == ir.SetAttr || o.Op == ir.Store):
			counted = i
		}
		if at >= 0 && counted >= 0 {
			f.oneOfAKind(v, in.Name)
			return
		}
	}
}

// pathKey is the key that stands for what an unchanging place holds.
func (f *frame) pathKey(p *flow.Place) flow.Key {
	first, rest, _ := strings.Cut(p.Path, ".")
	root := f.rootVar(first)
	if rest != "" {
		rest = "." + rest
	}
	return flow.Key{Text: p.Path, Root: root, Path: rest}
}

// rootVar is a variable that stands for a name which is never bound again here.
func (f *frame) rootVar(name string) flow.VarID {
	for _, p := range f.b.Func().Params {
		if f.b.Func().Vars[p] == name {
			return p
		}
	}
	v := f.cached["#"+name]
	if v == nil {
		v = f.put(value{v: f.b.Var(name)})
		f.cached["#"+name] = v
	}
	return v.v
}

func (f *frame) refValue(r project.Ref, name string) *value {
	v := f.put(value{text: name, ref: f.refers(r)})
	switch {
	case r.Class != nil:
		v.typ = r.Class.Itself()
	case r.Func != nil:
		v.fns = f.only(r.Func)
	case r.Ext != "":
		v.lib = f.l.outside(r.Ext)
		v.typ = v.lib.typ
	}
	return v
}

func (f *frame) store(in *ir.Instr) {
	if in.A == 0 {
		return
	}
	v := f.need(in.A)
	if v.test != nil && v.v == 0 {
		v = f.bool(v)
	}
	v.reading = false
	ix, ok := f.local(in.Name)
	if !ok || f.cells[ix] {
		f.storeShared(in, ix, ok, v)
		return
	}
	if f.f.Kind&ir.ModuleBody != 0 {
		f.publishGlobal(in, v)
	}
	if in.Type != nil && v.typ == nil {
		if t := f.f.Expr(in.Type); t != nil {
			n := f.like(v)
			n.typ = t
			v = n
		}
	}
	if v.text == "" {
		v.text = in.Name
	}
	if v.hasID && v.id.Text == "" && !v.id.Const {
		v.id.Text = in.Name
	}
	slot := f.slots[ix]
	if slot == 0 {
		// Bound in one place only. In a loop it still changes with every round.
		if f.loops[f.block] && v.konst == "" && !v.hasID {
			slot = f.b.Var(in.Name)
			f.b.Emit(flow.Event{Op: flow.OpLet, Dst: slot, Pos: f.pos(in.Pos)})
		} else {
			f.env.vals[ix] = v
			return
		}
	}
	e := flow.Event{Op: flow.OpLet, Dst: slot, Srcs: f.vars(v), Pos: f.pos(in.Pos)}
	if len(e.Srcs) == 1 {
		e.Flags = flow.FlagAlias
	}
	f.b.Emit(e)
	// The object stays the same one; only what it was computed from has a new name.
	n := f.like(v)
	n.v, n.also = slot, nil
	if !n.hasID && n.konst == "" {
		n.id, n.hasID = flow.Key{Text: in.Name, Root: slot}, true
	}
	n.test = nil
	if v.fresh || v.items != nil || len(v.tasks) > 0 {
		// Keep one identity for objects that others will learn about.
		v.v, v.also, v.id, v.hasID = n.v, nil, n.id, n.hasID
		f.env.vals[ix] = v
		return
	}
	f.env.vals[ix] = n
}

// storeShared assigns a global, or a variable of a function around this one.
func (f *frame) storeShared(in *ir.Instr, ix int, local bool, v *value) {
	var p *flow.Place
	switch {
	case local:
		p = f.cellPlace(f.f, in.Name)
		if !f.made[ix] {
			// The first binding makes the variable: nobody else has it yet.
			f.made[ix] = true
			f.env.vals[ix] = f.put(value{typ: v.typ})
			f.publish(v, p)
			return
		}
	default:
		if owner := f.f.Owner(in.Name); owner != nil {
			p = f.cellPlace(owner, in.Name)
		} else {
			p = f.place(flow.Place{Path: in.Name, Field: f.f.Module.Qual + "." + in.Name, Root: flow.RootGlobal})
		}
	}
	p.Type = v.typ.Text()
	if v.container() {
		p.Kind = flow.Container
	}
	f.write(p, v, in)
}

// publishGlobal notes what the top level of a module makes.
func (f *frame) publishGlobal(in *ir.Instr, v *value) {
	p := f.place(flow.Place{Path: in.Name, Field: f.f.Module.Qual + "." + in.Name, Root: flow.RootGlobal})
	f.taskUse(v, useStored, p.Field, p)
	f.noteLock(p, v, f.pos(in.Pos))
}

// write assigns a shared variable or attribute.
func (f *frame) write(p *flow.Place, v *value, in *ir.Instr) {
	var flags flow.Flags
	if in.Aug {
		flags = flow.FlagUpdate
	}
	if f.visible(p) {
		w := v
		flags |= f.keptElsewhere(v, 0)
		if srcs := f.closedIn(p, v); len(srcs) > 0 {
			n := f.like(v)
			n.also = srcs
			w, flags = n, flags|flow.FlagClosed
		}
		f.act(p, flow.EffectSet, 0, w, flags, f.pos(in.Pos), "=")
		f.wrote(p, f.pos(in.Pos))
	}
	f.taskUse(v, useStored, p.Field, p)
	f.noteLock(p, v, f.pos(in.Pos))
	f.detach(p, v)
	f.publish(v, p)
}

// detach makes the locals that hold what a place held before the owners of it.
func (f *frame) detach(p *flow.Place, by *value) {
	for ix, v := range f.env.vals {
		if v == nil || v == by || v.at == nil || v.elem || v.at.Path != p.Path || v.at.Root == flow.RootParam && !strings.Contains(p.Path, ".") {
			continue
		}
		n := f.like(v)
		n.at = nil
		if n.container() {
			n.fresh = true
		}
		n.fields = f.fieldsOf(v)
		f.env.vals[ix] = n
	}
}

// publish tells a value where it is from now on.
func (f *frame) publish(v *value, p *flow.Place) {
	if v.konst != "" || v.at != nil && !v.fresh || v.kind() == models.Immutable || !(v.fresh || v.at == nil && v.typ != nil) {
		return
	}
	if v.ref != nil || len(v.fns) > 0 {
		return
	}
	v.at, v.elem, v.fresh = p, false, false
	if v.container() {
		p.Kind = flow.Container
	}
}

func (f *frame) unbind(in *ir.Instr) {
	if ix, ok := f.local(in.Name); ok && !f.cells[ix] {
		f.env.vals[ix] = nil
		return
	}
	if f.f.Owner(in.Name) == nil {
		p := f.place(flow.Place{Path: in.Name, Field: f.f.Module.Qual + "." + in.Name, Root: flow.RootGlobal})
		if f.visible(p) {
			f.act(p, flow.EffectDel, 0, nil, 0, f.pos(in.Pos), "del")
		}
	}
}

func (f *frame) move(in *ir.Instr) {
	v := f.need(in.A)
	old := f.temps[in.Dst]
	if v.test != nil && v.v == 0 {
		v = f.bool(v)
	}
	if old == nil {
		n := f.like(v)
		n.v = f.b.Var("")
		n.also = nil
		n.test = nil
		f.let(n.v, v)
		if v.fresh || len(v.tasks) > 0 {
			n.tasks = v.tasks
		}
		f.temps[in.Dst] = n
		return
	}
	f.let(old.v, v)
	f.temps[in.Dst] = f.l.merge(f, old, v, old.v)
}

func (f *frame) let(dst flow.VarID, v *value) {
	e := flow.Event{Op: flow.OpLet, Dst: dst, Srcs: f.vars(v)}
	if len(e.Srcs) == 1 {
		e.Flags = flow.FlagAlias
	}
	f.b.Emit(e)
}
