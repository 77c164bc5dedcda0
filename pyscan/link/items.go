package link

import (
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
)

// element is the value of an element of box.
func (f *frame) element(box *value, key flow.KeyID, answer flow.VarID) *value {
	v := f.put(value{typ: box.typ.Elem(), v: answer, text: box.text + "[…]"})
	if box.items != nil {
		n := f.like(box.items)
		n.v, n.also, n.hasID = answer, f.vars(box.items), false
		v = n
	} else {
		for _, t := range box.tasks {
			if t.param > 0 {
				v.tasks = append(v.tasks, t) // what becomes of one becomes of all that the caller has handed in
			}
		}
	}
	v.also = append(v.also, f.vars(box)...)
	if p := f.contents(box); p != nil {
		v.at, v.elem, v.key, v.whole = p, true, key, box
		v.fresh = false
	}
	v.row = box.row
	v.fields = union(v.fields, box.fields)
	return v
}

func (f *frame) getItem(in *ir.Instr) *value {
	box, key := f.need(in.A), f.need(in.B)
	f.needs(box, in)
	box.reading = false
	if box.ref != nil && box.at == nil && (box.ref.Class != nil || box.ref.Ext != "") {
		return box // a generic type
	}
	if c := classOf(box); c != nil && !box.typ.Meta {
		if m := c.Method("__getitem__"); m != nil {
			return f.run1(&coroutine{kind: coroProject, fns: c.Targets("__getitem__"), recv: box, args: []*value{key}, pos: f.pos(in.Pos), in: in}, false)
		}
	}
	slice := key.typ != nil && key.typ.Name == "slice"
	p := f.contents(box)
	if p == nil || !f.l.changes(p) {
		if box.typ != nil && box.typ.Name == "tuple" && key.konst != "" && len(box.more().partial) > 0 {
			for i, part := range box.more().partial {
				if key.konst == itoa(i) {
					return part
				}
			}
		}
		v := f.element(box, f.keyOf(key), 0)
		if slice {
			v = f.put(value{typ: box.typ, also: append(f.vars(box), f.vars(key)...), fresh: true, items: box.items})
		}
		return v
	}
	if t := box.typ; t != nil && t.Class == nil && t.Name == "tuple" && !slice {
		return f.partOf(box, key)
	}
	if slice {
		d := f.check(p, flow.AskValue, 0, f.pos(in.Pos), 0)
		return f.put(value{typ: box.typ, v: d, also: append(f.vars(box), f.vars(key)...), iter: box, fresh: true, class: flow.ValueObject})
	}
	k := f.keyOf(key)
	id := f.b.Place(*p)
	box0 := f.b.Asked(id)
	_, caught := f.handled("KeyError", "IndexError", "LookupError")
	makes := box.typ != nil && box.typ.Name == "defaultdict"
	if box0 && !f.excused("KeyError", "IndexError", "LookupError") && !makes && !in.Aug {
		f.act(p, flow.EffectNone, k, nil, flow.FlagNeeds, f.pos(in.Pos), "[]")
	}
	fails := flow.Flags(0)
	if !caught && !makes && !in.Aug && (box.kind() == models.Dict || box.typ == nil) && !f.excused("KeyError", "LookupError") {
		fails = flow.FlagNeeds
	}
	d := f.check(p, flow.AskValue, k, f.pos(in.Pos), fails)
	if caught {
		f.answers(d, "KeyError", "IndexError", "LookupError")
	}
	v := f.element(box, k, d)
	if makes {
		f.noteLock(f.elemPlace(v), f.put(value{typ: v.typ, fresh: true}), f.pos(in.Pos))
	}
	return v
}

// partOf is a part of a tuple. A tuple never changes: the part goes by what was read when the tuple was.
func (f *frame) partOf(box, key *value) *value {
	v := f.element(box, f.keyOf(key), f.derive(box, key))
	v.also = nil
	for i, t := range box.typ.Args {
		if key.konst == itoa(i) {
			v.typ = t
		}
	}
	if v.kind() == models.Immutable {
		v.class = flow.ValuePlain
	}
	return v
}

func (f *frame) setItem(in *ir.Instr) {
	box, key, v := f.need(in.A), f.need(in.B), f.need(in.C)
	if v.test != nil && v.v == 0 {
		v = f.bool(v)
	}
	v.reading, box.reading = false, false
	pos := f.pos(in.Pos)
	if c := classOf(box); c != nil && !box.typ.Meta {
		if m := c.Method("__setitem__"); m != nil {
			f.run1(&coroutine{kind: coroProject, fns: c.Targets("__setitem__"), recv: box, args: []*value{key, v}, pos: pos, in: in}, false)
			return
		}
	}
	if box.row != nil {
		box.row.dirty, box.row.changed = true, pos
		box.row.srcs = append(box.row.srcs, f.vars(v)...)
	}
	p := f.contents(box)
	if p == nil {
		if b := f.base(box); b != nil {
			e := f.elemPlace(f.put(value{at: b, elem: true, typ: v.typ}))
			f.taskUse(v, useStored, e.Field, e)
			if key.holdsTasks() {
				f.taskUse(key, useStored, e.Field, e)
			}
			f.noteLock(e, v, pos)
			return
		}
		if key.holdsTasks() {
			f.inside(box, key)
		}
		f.inside(box, v)
		return
	}
	p.Kind = flow.Container
	if key.typ != nil && key.typ.Name == "slice" {
		if key.text == ":0" {
			f.act(p, flow.EffectGrow, 0, v, 0, pos, "[:0] =") // put before what is there, which stays
			return
		}
		f.act(p, flow.EffectModify, 0, v, 0, pos, "[:] =")
		return
	}
	var flags flow.Flags
	if in.Aug {
		flags = flow.FlagUpdate
	}
	k := f.keyOf(key)
	flags |= f.keptElsewhere(v, k)
	w := v
	switch {
	case v.konst != "" && box.kind() == models.Dict && f.askedFor(p, k):
		w = f.put(value{class: flow.ValueObject}) // an entry all the same, whatever is in it
	case key.more().spot != 0 && box.kind() == models.List && v.konst != "None":
		n := f.like(v)
		n.also = append(slices.Clone(n.also), key.rare.spot)
		w = n // written where something was found
	}
	f.act(p, flow.EffectSet, k, w, flags, pos, "[] =")
	e := f.put(value{at: p, elem: true, key: k, typ: v.typ, whole: box})
	ep := f.elemPlace(e)
	f.taskUse(v, useStored, ep.Field, ep)
	if key.holdsTasks() {
		f.taskUse(key, useStored, ep.Field, ep)
	}
	f.noteLock(ep, v, pos)
	if v.konst == "" && (v.fresh || v.at == nil) && v.kind() != models.Immutable && v.ref == nil && len(v.fns) == 0 {
		v.at, v.elem, v.key, v.whole, v.fresh = p, true, k, box, false
	}
}

// askedFor says whether the function has asked whether there is an entry, of whatever value.
func (f *frame) askedFor(p *flow.Place, key flow.KeyID) bool {
	id := f.b.Place(*p)
	return key > 0 && slices.ContainsFunc(f.asks, func(r flow.Ref) bool {
		e := f.event(r)
		return e.Ask == flow.AskHas && e.Place == id && e.Key == key
	})
}

// keptElsewhere says whether a value that is put under a key, or, with 0, in a variable, is what is kept
// elsewhere under the same key or one name: to put it there twice is to put it there.
func (f *frame) keptElsewhere(v *value, key flow.KeyID) flow.Flags {
	if !v.kept || v.fresh || v.at == nil || v.elem && (v.key <= 0 || v.key != key && !f.b.Func().Keys[v.key].Const) {
		return 0
	}
	return flow.FlagKept
}

// holdsTasks says whether the value is a task, or holds some: as a key, it is kept by its table.
func (v *value) holdsTasks() bool {
	k := v.kind()
	return slices.ContainsFunc(v.tasks, func(t *task) bool { return t.made() }) || len(v.tasks) > 0 && (k == models.TaskHandle || k == models.Future)
}

// inside puts a value into a container that nobody else has.
func (f *frame) inside(box, v *value) {
	if v.count() > 0 {
		if box.v == 0 {
			box.v = f.b.Var(box.text)
			f.b.Emit(flow.Event{Op: flow.OpLet, Dst: box.v, Srcs: f.vars(v)})
		} else {
			f.b.Emit(flow.Event{Op: flow.OpLet, Dst: box.v, Srcs: append([]flow.VarID{box.v}, f.vars(v)...)})
		}
	}
	n := f.like(v)
	box.items = f.l.merge(f, box.items, n, 0)
	f.taskUse(v, useInside, box.text, nil)
	for _, t := range v.tasks {
		if !contains(box.tasks, t) {
			box.tasks = append(box.tasks, t)
		}
	}
	if box.class == flow.ValueEmpty {
		box.class = flow.ValueObject
	}
}

// takenOut makes the variables that hold an element let go of its place: once it is removed,
// nobody else finds it there.
func (f *frame) takenOut(p *flow.Place, key flow.KeyID) {
	for i, v := range f.env.vals {
		if v != nil && v.elem && v.at != nil && v.at.Path == p.Path && v.key == key && key > 0 {
			n := f.like(v)
			n.edit().taken = f.elemPlace(v)
			n.at, n.elem, n.whole, n.reading = nil, false, nil, false
			f.env.vals[i] = n
		}
	}
}

func (f *frame) delItem(in *ir.Instr) {
	box, key := f.need(in.A), f.need(in.B)
	box.reading = false
	pos := f.pos(in.Pos)
	if c := classOf(box); c != nil && !box.typ.Meta {
		if m := c.Method("__delitem__"); m != nil {
			f.run1(&coroutine{kind: coroProject, fns: c.Targets("__delitem__"), recv: box, args: []*value{key}, pos: pos, in: in}, false)
			return
		}
	}
	p := f.contents(box)
	if p == nil {
		return
	}
	p.Kind = flow.Container
	if key.typ != nil && key.typ.Name == "slice" {
		f.act(p, flow.EffectShrink, 0, nil, 0, pos, "del")
		return
	}
	flags := flow.FlagNeeds
	if f.excused("KeyError", "IndexError", "LookupError") {
		flags = 0
	}
	f.evict(box, pos)
	f.act(p, flow.EffectDel, f.keyOf(key), nil, flags, pos, "del")
	f.takenOut(p, f.keyOf(key))
}
