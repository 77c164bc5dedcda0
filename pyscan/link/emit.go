package link

import (
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
)

// truth is what is known when the value is true, or false.
func (f *frame) truth(v *value, yes bool) []flow.Test {
	if v == nil {
		return nil
	}
	if v.test != nil {
		if yes {
			return v.test.when
		}
		return v.test.other
	}
	fact := flow.FactTrue
	if !yes {
		fact = flow.FactFalse
	}
	out := f.l.tests.make(boolInt(v.v != 0) + len(v.also))[:0]
	if v.v != 0 {
		out = append(out, flow.Test{Var: v.v, Fact: fact})
	}
	for _, a := range v.also {
		out = append(out, flow.Test{Var: a})
	}
	if s := v.more().search; s != nil {
		out = append(out, s.tests(yes)...)
	}
	return out
}

// ask makes the truth of a container in a shared place a question of its own.
func (f *frame) ask(v *value, pos flow.Pos) *value {
	if v == nil || v.test != nil || v.elem || v.iter != nil || !v.container() || !f.visible(v.at) || v.published {
		return v
	}
	if !f.l.changes(v.at) {
		return v
	}
	d := f.check(v.at, flow.AskSize, 0, pos, 0)
	n := f.like(v)
	n.v, n.also = d, f.vars(v)
	return n
}

// bool makes a condition a value that can be returned or stored. Where it is true if and only if one answer is, the
// value is that answer, whatever else it depends on.
func (f *frame) bool(v *value) *value {
	var srcs, rest []flow.VarID
	flags := flow.Flags(0)
	for _, t := range v.test.when {
		switch {
		case t.Var == 0:
			continue
		case len(srcs) > 0 || t.Fact == flow.FactAny || !slices.Contains(v.test.other, flow.Test{Var: t.Var, Fact: t.Fact.Not()}):
			rest = append(rest, t.Var)
			continue
		case t.Fact == flow.FactFalse || t.Fact == flow.FactNone:
			flags = flow.FlagNot
		}
		srcs, flags = append(srcs, t.Var), flags|flow.FlagAlias
	}
	if len(srcs) == 0 {
		srcs, rest = rest, nil
	}
	if len(srcs) == 0 {
		return v
	}
	d := f.b.Var("")
	f.b.Emit(flow.Event{Op: flow.OpLet, Dst: d, Srcs: srcs, Flags: flags})
	n := f.like(v)
	n.v, n.class = d, flow.ValuePlain
	n.also = append(slices.Clip(n.also), rest...)
	return n
}

// ids is a list of variables that is kept.
func (f *frame) ids(list []flow.VarID) []flow.VarID {
	out := f.l.ids.make(len(list))
	copy(out, list)
	return out
}

// derive makes a variable that is computed from the values; 0 if they depend on no answer.
func (f *frame) derive(vs ...*value) flow.VarID {
	srcs := f.srcs[:0]
	for _, v := range vs {
		srcs = v.addVars(srcs)
	}
	return f.computed(srcs)
}

// computed makes a variable that is computed from those in srcs, which is f.srcs with something added; 0 if there
// are none.
func (f *frame) computed(srcs []flow.VarID) flow.VarID {
	f.srcs = srcs
	if len(srcs) == 0 {
		return 0
	}
	d := f.b.Var("")
	f.b.Emit(flow.Event{Op: flow.OpLet, Dst: d, Srcs: f.ids(srcs)})
	return d
}

// visible says whether others can reach a place.
func (f *frame) visible(p *flow.Place) bool {
	if p == nil {
		return false
	}
	switch p.Root {
	case flow.RootParam:
		return !(f.silent && p.Param == 0)
	case flow.RootGlobal, flow.RootCell:
		return f.f.Kind&ir.ModuleBody == 0
	}
	return false
}

// lastName is the name of the attribute or variable that a path ends with.
func lastName(path string) string {
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		path = path[i+1:]
	}
	name, _, _ := strings.Cut(path, "[")
	return name
}

// changes says whether anybody changes the contents of a place, or the place, after its making.
func (l *linker) changes(p *flow.Place) bool {
	n := lastName(p.Path)
	return l.p.Hot[n] || l.p.Rebound[n] || l.p.Hot[lastName(p.Field)] || p.Kind == flow.Signal || p.Kind == flow.Record || p.Root == flow.RootParam && p.Field == "" || strings.HasPrefix(p.Field, appField)
}

func (f *frame) check(p *flow.Place, ask flow.Ask, key flow.KeyID, pos flow.Pos, flags flow.Flags) flow.VarID {
	id := f.b.Place(*p)
	d := f.b.Var("")
	e := flow.Event{Op: flow.OpCheck, Ask: ask, Place: id, Key: key, Dst: d, Pos: pos, Flags: flags}
	f.asks = append(f.asks, f.b.Emit(e))
	return d
}

// event is an event that has been emitted.
func (f *frame) event(r flow.Ref) *flow.Event { return &f.b.Func().Blocks[r.Block].Events[r.Index] }

func (f *frame) act(p *flow.Place, effect flow.Effect, key flow.KeyID, v *value, flags flow.Flags, pos flow.Pos, text string) {
	e := flow.Event{Op: flow.OpAct, Effect: effect, Place: f.b.Place(*p), Key: key, Flags: flags, Pos: pos, Text: text}
	if v != nil {
		e.Srcs = f.vars(v)
		e.Value = v.written()
		if e.Value == flow.ValueEmpty && key != 0 {
			e.Value = flow.ValueObject // an entry all the same
		}
		if e.Value == flow.ValueTask && slices.ContainsFunc(v.tasks, func(t *task) bool { return t.made() && t.stored }) {
			e.Value = flow.ValueObject // somebody has it already: this place does not keep it alone
		}
		if effect == flow.EffectGrow && key == 0 && v.hasID && !v.id.Const {
			e.More = &flow.Detail{Made: []flow.VarID{v.id.Root}} // `x in items`, `items.append(x)`
		}
	}
	f.b.Emit(e)
}

// plain says whether nothing in the function can suspend: it is no coroutine, nor stands in for one.
func (f *frame) plain() bool {
	return f.f.Kind&(ir.Async|ir.ModuleBody) == 0 && !f.f.Manager && f.f.Name != "__await__" && (f.f.Kind&ir.Generator == 0 || len(f.f.Decorators) == 0)
}

func (f *frame) yield(pos flow.Pos, must flow.Tri, text string) { f.yieldFor(pos, must, text, 0) }

// signal is a wait until somebody else says so, or for a time.
func (f *frame) signal(pos flow.Pos, text string) { f.yieldFor(pos, flow.May, text, flow.FlagSignal) }

func (f *frame) yieldFor(pos flow.Pos, must flow.Tri, text string, flags flow.Flags) {
	if f.outside || f.plain() {
		return
	}
	e := flow.Event{Op: flow.OpYield, Pos: pos, Text: text, Flags: flags}
	switch must {
	case flow.Never:
		return
	case flow.May:
		e.Flags |= flow.FlagMaybe
	}
	if f.lends {
		e.Flags |= flow.FlagLent
	}
	f.waits = append(f.waits, waiting{held: f.heldNow()})
	f.env.open = nil
	f.b.Emit(e)
}

// handled says whether an exception of one of the classes is caught right here by name.
func (f *frame) handled(names ...string) (ir.Edge, bool) {
	for _, e := range f.exits {
		for _, n := range e.Names {
			if slices.Contains(names, n[strings.LastIndexByte(n, '.')+1:]) {
				return e, true
			}
		}
	}
	return ir.Edge{}, false
}

// excused says whether an exception of one of the classes goes no further: it is handled here, or suppressed.
func (f *frame) excused(names ...string) bool {
	if slices.ContainsFunc(f.env.mutes, func(n string) bool { return slices.Contains(names, n) }) {
		return true
	}
	_, caught := f.handled(names...)
	return caught
}

// answers splits the block after a read that raises if there is nothing: a handler for that
// knows that there was nothing, what follows knows that there was something.
func (f *frame) answers(v flow.VarID, names ...string) {
	e, ok := f.handled(names...)
	if !ok || v == 0 {
		return
	}
	next := f.b.Block()
	f.b.Edge(f.b.Current(), flow.Edge{To: next, Tests: []flow.Test{{Var: v, Fact: flow.FactNotNone}}})
	f.b.Edge(f.b.Current(), flow.Edge{To: f.starts[e.To], Except: true, Bears: true, Tests: []flow.Test{{Var: v, Fact: flow.FactNone}}})
	f.b.At(next)
	f.flows = append(f.flows, next)
}

// keyOf is the key that selects an element by the value.
func (f *frame) keyOf(v *value) flow.KeyID {
	if v == nil {
		return flow.KeyAny
	}
	if v.konst != "" {
		return f.b.Key(flow.Key{Text: v.konst, Const: true})
	}
	if !v.hasID {
		if v.kind() == models.Object && v.typ != nil && v.typ.Name == "slice" {
			return flow.KeyAny
		}
		id := f.b.Var(v.text)
		if models.ChosenByPeer(v.text) {
			f.chosen = append(f.chosen, id)
		}
		v.id, v.hasID = flow.Key{Text: v.text, Root: id}, true
	}
	return f.b.Key(v.id)
}
