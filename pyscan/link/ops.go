package link

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// instr follows one operation.
func (f *frame) instr(in *ir.Instr) {
	switch in.Op {
	case ir.Const:
		v := f.value()
		v.konst, v.typ = in.Name, constType(in.Name)
		f.set(in.Dst, v)
	case ir.Load:
		f.set(in.Dst, f.load(in))
	case ir.Store:
		f.store(in)
	case ir.Delete:
		f.unbind(in)
	case ir.GetAttr:
		f.set(in.Dst, f.getAttr(in))
	case ir.SetAttr:
		f.setAttr(in)
	case ir.DelAttr:
		if p := f.attrPlace(f.need(in.A), in.Name); f.visible(p) {
			f.act(p, flow.EffectDel, 0, nil, 0, f.pos(in.Pos), "del")
		}
	case ir.GetItem:
		f.set(in.Dst, f.getItem(in))
	case ir.SetItem:
		f.setItem(in)
	case ir.DelItem:
		f.delItem(in)
	case ir.Slice:
		f.set(in.Dst, f.put(value{typ: project.Slice, v: f.derive(f.args(in.Args)...), text: in.Name}))
	case ir.Call:
		f.set(in.Dst, f.call(in))
	case ir.Await:
		f.set(in.Dst, f.await(f.need(in.A), f.pos(in.Pos), in))
		if call := f.f.Def(in.A); call != nil && call.Op == ir.Call {
			f.ended = f.ended || f.neverReturns(f.need(call.A))
		}
	case ir.Yield, ir.YieldFrom:
		f.yields(in)
	case ir.Closure:
		f.set(in.Dst, f.closure(in))
	case ir.MakeClass:
		c := f.f.Module.Classes[in.Func]
		f.set(in.Dst, f.put(value{ref: f.refers(project.Ref{Class: c}), typ: c.Itself()}))
	case ir.Not:
		a := f.ask(f.need(in.A), f.pos(in.Pos))
		v := f.put(value{test: &test{when: f.truth(a, false), other: f.truth(a, true)}, class: flow.ValuePlain, idle: !a.idle})
		if busy := a.more().busy; busy != "" {
			v.edit().busy = busy
		}
		f.set(in.Dst, v)
	case ir.Is, ir.IsNot, ir.Eq, ir.NotEq:
		f.set(in.Dst, f.compare(in))
	case ir.In, ir.NotIn:
		f.set(in.Dst, f.contains(in))
	case ir.Order:
		f.set(in.Dst, f.orders(in))
	case ir.Binary:
		f.set(in.Dst, f.binary(in))
	case ir.Build:
		f.set(in.Dst, f.build(in))
	case ir.Iter, ir.AIter:
		f.set(in.Dst, f.iterator(f.need(in.A), f.pos(in.Pos), in.Op == ir.AIter))
	case ir.Unpack:
		f.set(in.Dst, f.unpack(in))
	case ir.Move:
		f.move(in)
	case ir.Enter, ir.AEnter:
		f.set(in.Dst, f.enter(in))
	case ir.Exit, ir.AExit:
		f.exit(in)
	case ir.Match:
		vs := append(f.args(in.Args), f.need(in.A))
		f.set(in.Dst, f.put(value{v: f.derive(vs...), class: flow.ValuePlain}))
	case ir.Catch:
		f.set(in.Dst, f.value())
	}
}

func constType(text string) *project.Type {
	switch {
	case text == "None", text == "", text == "...":
		return nil
	case text == "True" || text == "False":
		return project.Bool
	case strings.ContainsAny(text, `"'`):
		return project.Str
	}
	return project.Int
}

func (f *frame) args(list []ir.Arg) []*value {
	out := f.l.stacks.ptrs.make(len(list))
	for i := range list {
		out[i] = f.need(list[i].T)
	}
	return out
}

func (f *frame) compare(in *ir.Instr) *value {
	a, b := f.need(in.A), f.need(in.B)
	same := in.Op == ir.Is || in.Op == ir.Eq
	if a.konst != "" && b.konst == "" {
		a, b = b, a
	}
	out := f.put(value{class: flow.ValuePlain})
	t := &test{}
	switch {
	case b.konst == "None":
		if s := a.more().search; s != nil {
			t.when, t.other = slices.Clone(s.miss), slices.Clone(s.hit)
		}
		for i, x := range f.vars(a) {
			if i == 0 && x == a.v {
				t.when = append(t.when, flow.Test{Var: x, Fact: flow.FactNone})
				t.other = append(t.other, flow.Test{Var: x, Fact: flow.FactNotNone})
			} else {
				t.when, t.other = append(t.when, flow.Test{Var: x}), append(t.other, flow.Test{Var: x})
			}
		}
	case b.konst != "" && a.v != 0:
		when, other := flow.FactAny, flow.FactAny
		switch b.written() {
		case flow.ValueFalse:
			when, other = flow.FactFalse, flow.FactTrue
		case flow.ValueTrue:
			if b.konst == "True" {
				when, other = flow.FactTrue, flow.FactFalse
			}
		}
		t.when, t.other = f.both(a, when), f.both(a, other)
	case a.count()+b.count() > 0: // also of an attribute of a record
		for _, x := range append(f.vars(a), f.vars(b)...) {
			t.when, t.other = append(t.when, flow.Test{Var: x}), append(t.other, flow.Test{Var: x})
		}
		if a.v == 0 {
			a, b = b, a
		}
		if t.when[0].Var == a.v {
			t.when[0].Same = cmp.Or(b.v, b.id.Root) // what a closure captures has a name, and no answer behind it
		}
	}
	if !same {
		t.when, t.other = t.other, t.when
	}
	if len(t.when) > 0 || len(t.other) > 0 {
		out.test = t
	}
	return out
}

// both says the fact about the answer, and that the rest was looked at.
func (f *frame) both(v *value, fact flow.Fact) []flow.Test {
	out := append(f.l.tests.make(1 + len(v.also))[:0], flow.Test{Var: v.v, Fact: fact})
	for _, a := range v.also {
		out = append(out, flow.Test{Var: a})
	}
	return out
}

// counted is the knowledge that there still is something at a position in a list, where it is compared with the length.
func (f *frame) counted(at, size *value, pos flow.Pos) {
	list, of := size.more().size, at.more().of
	if list == nil || of == nil || !at.hasID {
		return
	}
	if p, q := f.contents(list), f.contents(of); p != nil && q != nil && p.Path == q.Path {
		f.check(p, flow.AskHas, f.keyOf(at), pos, flow.FlagTested)
	}
}

func (f *frame) orders(in *ir.Instr) *value {
	a, b := f.need(in.A), f.need(in.B)
	name := in.Name
	f.counted(a, b, f.pos(in.Pos))
	f.counted(b, a, f.pos(in.Pos))
	if a.konst != "" {
		a, b = b, a
		name = map[string]string{"<": ">", ">": "<", "<=": ">=", ">=": "<="}[name]
	}
	out := f.put(value{class: flow.ValuePlain})
	if a.v != 0 && b.konst != "" && b.count() == 0 {
		fact := flow.FactAny
		switch {
		case b.konst == "0" && name == ">", b.konst == "1" && name == ">=":
			fact = flow.FactTrue
		case b.konst == "0" && name == "<=", b.konst == "1" && name == "<":
			fact = flow.FactFalse
		}
		out.test = &test{when: f.both(a, fact), other: f.both(a, fact.Not())}
		return out
	}
	out.v = f.derive(a, b)
	return out
}

func (f *frame) contains(in *ir.Instr) *value {
	key, box := f.need(in.A), f.need(in.B)
	if c := classOf(box); c != nil && !box.typ.Meta && c.Method("__contains__") != nil {
		v := f.run1(&coroutine{kind: coroProject, fns: c.Targets("__contains__"), recv: box, args: []*value{key}, pos: f.pos(in.Pos), in: in}, false)
		out := f.put(value{class: flow.ValuePlain, test: &test{when: f.truth(v, true), other: f.truth(v, false)}})
		if in.Op == ir.NotIn {
			out.test.when, out.test.other = out.test.other, out.test.when
		}
		return out
	}
	out := f.put(value{class: flow.ValuePlain})
	if box.iter != nil && box.live {
		box = box.iter // `k in d.keys()`
	}
	app := box.typ.Lib() != nil && box.typ.Lib().App
	if p := f.contents(box); p != nil && (box.container() || box.typ == nil || app) && f.l.changes(p) {
		if box.kind() == models.List || box.kind() == models.Set || box.kind() == models.Dict || box.typ == nil || app {
			d := f.check(p, flow.AskHas, f.keyOf(key), f.pos(in.Pos), 0)
			out.test = &test{when: []flow.Test{{Var: d, Fact: flow.FactTrue}}, other: []flow.Test{{Var: d, Fact: flow.FactFalse}}}
			for _, x := range append(f.vars(key), f.vars(box)...) {
				out.test.when = append(out.test.when, flow.Test{Var: x})
				out.test.other = append(out.test.other, flow.Test{Var: x})
			}
		}
	}
	if out.test == nil {
		if d := f.derive(key, box); d != 0 {
			out.test = &test{when: []flow.Test{{Var: d}}, other: []flow.Test{{Var: d}}}
		}
	}
	if in.Op == ir.NotIn && out.test != nil {
		out.test.when, out.test.other = out.test.other, out.test.when
	}
	return out
}

func (f *frame) binary(in *ir.Instr) *value {
	a, b := f.need(in.A), f.temp(in.B)
	vs := []*value{a}
	if b != nil {
		vs = append(vs, b)
	}
	vs = append(vs, f.args(in.Args)...)
	out := f.put(value{v: f.derive(vs...)})
	if a.kind() == models.Immutable && (b == nil || b.kind() == models.Immutable) || in.Name == "-" || in.Name == "*" || in.Name == "/" || in.Name == "//" || in.Name == "%" {
		out.class = flow.ValuePlain
	} else if in.Name == "+" && (a.kind() == models.Immutable || b.kind() == models.Immutable) {
		out.class = flow.ValuePlain
	}
	if a.typ != nil && a.typ.Class == nil && in.Name != "" {
		out.typ = a.typ
		if a.container() {
			out.fresh, out.class = true, flow.ValueObject
			if in.Name == "|" || in.Name == "+" { // what awaits the union awaits the tasks of both
				out.fields = union(f.fieldsOf(a), f.fieldsOf(b))
			}
		}
	}
	if in.Name == "+" || in.Name == "|" {
		for _, v := range vs {
			out.tasks = allTasks(out.tasks, v.tasks) // a list that goes on with what the parts hold
		}
	}
	out.id, out.hasID = f.compound(in.Name, vs...)
	if in.Name == "" {
		out.hasID = false
	}
	return out
}

// compound is the key that a pure operation on keys gives.
func (f *frame) compound(op string, vs ...*value) (flow.Key, bool) {
	if len(vs) == 0 || len(vs) > 8 {
		return flow.Key{}, false
	}
	var root flow.VarID
	var path strings.Builder
	path.WriteString(op + "(")
	texts := make([]string, 0, len(vs))
	for _, v := range vs {
		switch {
		case v == nil:
			return flow.Key{}, false
		case v.konst != "":
			path.WriteString(v.konst + ",")
		default:
			f.keyOf(v)
			if !v.hasID || v.id.Const {
				return flow.Key{}, false
			}
			if root == 0 {
				root = v.id.Root
				path.WriteString("." + v.id.Path + ",")
			} else {
				path.WriteString("#" + strconv.Itoa(int(v.id.Root)) + v.id.Path + ",")
			}
		}
		texts = append(texts, cmp.Or(v.konst, v.id.Text, "…"))
	}
	if root == 0 {
		return flow.Key{}, false
	}
	return flow.Key{Text: compoundText(op, texts), Root: root, Path: path.String() + ")"}, true
}

// compoundText is a pure operation as it is written in the code, for people.
func compoundText(op string, parts []string) string {
	switch {
	case op == "tuple":
		return strings.Join(parts, ", ")
	case strings.HasPrefix(op, "str@"): // its literal parts are not known
		return `f"{` + strings.Join(parts, "}…{") + `}"`
	case strings.HasPrefix(op, "."):
		return parts[0] + op + "(" + strings.Join(parts[1:], ", ") + ")"
	case op != "" && strings.IndexFunc(op, unicode.IsLetter) < 0 && len(parts) > 1:
		return strings.Join(parts, " "+op+" ")
	}
	return op + "(" + strings.Join(parts, ", ") + ")"
}

func (f *frame) build(in *ir.Instr) *value {
	args, filters := parts(in)
	vs := f.args(args)
	out := f.put(value{typ: f.f.TempType(in.Dst), newAt: f.pos(in.Pos)})
	switch in.Name {
	case "str":
		out.typ, out.class = project.Str, flow.ValuePlain
		out.v = f.derive(vs...)
		out.id, out.hasID = f.compound("str@"+strconv.Itoa(len(vs)), vs...)
		return out
	case "tuple":
		out.id, out.hasID = f.compound("tuple", vs...)
	}
	if in.Name == "generator" {
		out.typ = project.List
	}
	if in.A != 0 {
		f.searched(out, in, vs, filters)
	} else {
		out.v = f.derive(vs...)
	}
	out.fresh = in.Name != "tuple"
	for i, a := range args {
		v := vs[i]
		out.fields = union(out.fields, f.fieldsOf(v))
		if a.Star == 1 {
			if v.items == nil {
				continue
			}
			v = v.items
		}
		if in.Name == "dict" && i%2 == 0 && in.A != 0 {
			if of := v.more().of; of != out.more().keys {
				out.edit().keys = of
			}
		}
		if in.Name == "dict" && i%2 == 0 && !v.holdsTasks() {
			continue
		}
		out.items = f.l.merge(f, out.items, v, 0)
		if out.items == v {
			n := f.like(v)
			out.items = n
		}
	}
	if out.items != nil {
		out.tasks = out.items.tasks
		for _, t := range out.tasks {
			t.collected = t.collected || t.looped && in.A != 0 && in.Name != "generator"
		}
	}
	if len(args) == 0 && in.Name != "tuple" {
		out.class = flow.ValueEmpty
	}
	if in.Name == "tuple" && len(args) > 0 {
		out.edit().partial = vs // the parts, for unpacking
	}
	return out
}

func (f *frame) unpack(in *ir.Instr) *value {
	a := f.need(in.A)
	if a.typ != nil && a.typ.Name == "tuple" && int(in.Index) < len(a.more().partial) && in.Index >= 0 {
		return a.rare.partial[in.Index]
	}
	out := f.put(value{v: f.derive(a)})
	if a.items != nil {
		n := f.like(a.items)
		n.v, n.also = out.v, nil
		out = n
	}
	if a.typ != nil && a.typ.Name == "tuple" && int(in.Index) < len(a.typ.Args) && in.Index >= 0 {
		out.typ = a.typ.Args[in.Index]
	}
	if parts := a.more().parts; parts != nil {
		out.tasks = parts[in.Index]
	}
	out.row = a.row
	return out
}

func (f *frame) closure(in *ir.Instr) *value {
	g := f.f.Module.Funcs[in.Func]
	for _, a := range in.Args {
		f.need(a.T) // defaults were evaluated here
	}
	f.captureTasks(g)
	return f.put(value{fns: f.only(g), text: g.Name})
}

func (f *frame) yields(in *ir.Instr) {
	v := f.temp(in.A)
	pos := f.pos(in.Pos)
	if v != nil {
		f.taskUse(v, usePassed, "", nil)
	}
	f.set(in.Dst, f.value())
	if f.f.Manager || f.f.Kind&ir.Generator != 0 {
		f.gives = f.joinShape(f.gives, v)
	}
	f.lends = f.f.Manager
	switch {
	case f.mode == entering:
		f.b.Emit(flow.Event{Op: flow.OpReturn, Pos: pos})
		f.exits = nil
		f.b.At(f.b.Block())
	case f.mode == leaving:
		next := f.b.Block()
		f.b.Edge(0, flow.Edge{To: next})
		f.b.At(next)
		f.flows = append(f.flows[:0], next)
	case f.f.Kind&ir.Async != 0:
		f.yield(pos, flow.Must, "yield")
	case f.f.Manager:
		f.yield(pos, flow.May, "yield")
	}
	f.lends = false
	if in.Op == ir.YieldFrom && v != nil && v.coro != nil && (f.f.Name == "__await__" || len(f.f.Decorators) > 0) {
		// A plain generator suspends nobody but where it stands in for a coroutine.
		f.await(v, pos, in)
	}
}
