package lower

import (
	"go/constant"
	"go/token"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
)

func (x *body) store(in *ssa.Store) {
	if a, ok := in.Addr.(*ssa.Alloc); ok && x.valueOf(a).root != flow.RootCell {
		if x.constant(a) == nil || isAggregate(in.Val.Type()) {
			x.assign(a, in.Val, false)
		}
		return
	}
	r := x.valueOf(in.Addr)
	place, ok := x.place(r, kindOf(in.Val.Type()))
	if !ok {
		switch a := base(in.Addr).(type) {
		case *ssa.Alloc:
			if x.valueOf(a).fresh() || x.valueOf(a).root == flow.RootCell {
				x.assign(a, in.Val, in.Addr != ssa.Value(a))
			}
		case *ssa.FreeVar:
			if in.Addr == ssa.Value(a) { // a variable of the function around this one
				x.assign(a, in.Val, false)
			}
		}
		return
	}
	e := flow.Event{Op: flow.OpAct, Place: place, Key: x.key(r.key), Effect: flow.EffectSet, Value: x.value(in.Val), Srcs: x.srcs(in.Val), Pos: x.pos(in.Pos())}
	switch w := in.Val.(type) {
	case *ssa.Call:
		if b, ok := w.Call.Value.(*ssa.Builtin); ok && b.Name() == "append" && x.valueOf(w.Call.Args[0]).path == r.path {
			e.Effect = flow.EffectGrow
			if s, ok := w.Call.Args[0].(*ssa.Slice); ok && s.High != nil {
				e.Effect = flow.EffectShrink // a = append(a[:i], a[j:]...)
			}
		}
	case *ssa.Slice:
		if o := x.valueOf(w.X); o.path == r.path && o.key == nil {
			e.Effect = flow.EffectShrink
			if low, ok := w.Low.(*ssa.Const); ok && low.Value != nil && constant.Sign(low.Value) > 0 {
				e.Flags |= flow.FlagNeeds // of an empty slice it panics
			}
		}
	case *ssa.BinOp:
		if u, ok := w.X.(*ssa.UnOp); ok && u.Op == token.MUL && x.valueOf(u.X).path == r.path {
			e.Flags |= flow.FlagUpdate
		}
	}
	if e.Key == 0 && x.outranks(in, r) {
		e.Srcs = nil // the newer value wins, whatever it was computed from
	}
	x.emit(e)
}

// outranks says whether the store happens only if the new value is larger, or smaller, than the
// one that is there: `if v > s.max { s.max = v }` loses nothing.
func (x *body) outranks(in *ssa.Store, r ref) bool {
	b := in.Block()
	d := b.Idom()
	if d == nil || len(b.Preds) != 1 {
		return false
	}
	br, ok := d.Instrs[len(d.Instrs)-1].(*ssa.If)
	if !ok {
		return false
	}
	c, ok := br.Cond.(*ssa.BinOp)
	if !ok {
		return false
	}
	switch c.Op {
	case token.LSS, token.LEQ, token.GTR, token.GEQ:
	default:
		return false
	}
	for _, pair := range [][2]ssa.Value{{c.X, c.Y}, {c.Y, c.X}} {
		if u, ok := pair[1].(*ssa.UnOp); ok && u.Op == token.MUL && pair[0] == in.Val && x.valueOf(u.X).path == r.path && u.Block() == d {
			return true
		}
	}
	return false
}

// assign gives a local variable a value; part keeps what it was.
func (x *body) assign(a ssa.Value, val ssa.Value, part bool) {
	e := flow.Event{Op: flow.OpLet, Dst: x.v(a), Pos: x.pos(x.in.Pos())}
	if part {
		e.Srcs = append(e.Srcs, e.Dst)
		if s, ok := x.in.(*ssa.Store); ok {
			if fa, ok := s.Addr.(*ssa.FieldAddr); ok && fa.X == a {
				e.Text = fieldName(fa)
			}
		}
	}
	if id := x.v(val); id != 0 {
		e.Srcs = append(e.Srcs, id)
	}
	if len(e.Srcs) == 1 && !part {
		e.Flags = flow.FlagAlias
	}
	x.emit(e)
}

func (x *body) srcs(v ssa.Value) []flow.VarID {
	if id := x.v(v); id != 0 {
		return []flow.VarID{id}
	}
	return nil
}

// element emits an act on an element of a container.
func (x *body) element(container, key ssa.Value, effect flow.Effect, val ssa.Value) {
	r := x.whole(x.valueOf(container))
	place, ok := x.place(r, flow.Container)
	if !ok || r.key != nil || x.swapped(container) {
		return
	}
	e := flow.Event{Op: flow.OpAct, Place: place, Effect: effect, Pos: x.pos(x.in.Pos())}
	if key != nil {
		e.Key = x.key(key)
		if c, ok := key.(*ssa.Call); ok {
			if v := getterOf(&c.Call); v != nil {
				e.More = &flow.Detail{Made: x.madeFrom(v)}
			}
		}
	}
	if val != nil {
		if effect == flow.EffectSet {
			x.relies(r)
		}
		e.Value, e.Srcs = x.value(val), x.srcs(val)
		if effect == flow.EffectSet && key != nil && x.likened(r, key, val) {
			e.Flags |= flow.FlagAnyway
		}
		if key != nil && x.ownContent(val, key) {
			e.Flags |= flow.FlagGiven
		}
		if effect == flow.EffectSet && key != nil && x.counted(val, 0) {
			e.Flags |= flow.FlagKept
		}
	}
	x.emit(e)
	if effect == flow.EffectDel && r.field != "" {
		x.emptied(r.path + "[" + x.keyText(key) + "]")
	}
}

// emptied emits that what was asked for its size, as a part of an element, is gone with the element.
func (x *body) emptied(path string) {
	for _, p := range x.sized {
		if p.Path == path || strings.HasPrefix(p.Path, path+".") {
			x.emit(flow.Event{Op: flow.OpAct, Place: x.b.Place(p), Effect: flow.EffectClear, Pos: x.pos(x.in.Pos())})
		}
	}
}

// relies emits the uses that need a flag to be still unset: adding to a wait group or sending on a
// channel that is waited for, or closed, once the flag is set.
func (x *body) relies(r ref) {
	if !r.named() || r.key != nil || r.fresh() {
		return
	}
	for _, flag := range x.p.flags[r.field] {
		fr := ref{path: owner(r) + flag[strings.LastIndexByte(flag, '.'):], field: flag, root: r.root, param: r.param}
		if r.root == flow.RootGlobal {
			fr.path = flag[strings.LastIndexByte(flag, '.')+1:]
		}
		if place, ok := x.place(fr, flow.Variable); ok {
			x.emit(flow.Event{Op: flow.OpAct, Place: place, Effect: flow.EffectNone, Flags: flow.FlagNeeds, Pos: x.pos(x.in.Pos())})
		}
	}
}
