package lower

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
)

// load reads a variable. It is a check if the place may be shared and the value is used for more
// than to reach its elements.
func (x *body) load(in *ssa.UnOp) {
	switch a := in.X.(type) {
	case *ssa.Alloc:
		if c := x.constant(a); c != nil && !isAggregate(c.Type()) {
			x.alias(in, c)
			return
		}
		if r := x.valueOf(a); r.root != flow.RootCell {
			x.alias(in, a)
			return
		}
	case *ssa.FreeVar:
		if r := x.valueOf(a); r.root == flow.RootParam {
			x.alias(in, a)
			return
		}
	}
	r := x.valueOf(in.X)
	place, ok := x.place(r, kindOf(in.Type()))
	if !ok || len(x.held) == 0 && (x.received(r) || x.startedAfter(r)) {
		x.let(in, base(in.X))
		return
	}
	if _, ok := in.Type().Underlying().(*types.Slice); ok && len(x.held) > 0 && r.key == nil {
		x.headers[in] = true
	}
	if a, ok := in.X.(*ssa.IndexAddr); ok && len(x.held) == 0 && x.headers[a.X] && (!x.p.fieldOf(r.field).inPlace || x.swapped(a.X)) {
		x.let(in, base(in.X)) // nobody changes the elements that this header shows
		return
	}
	ask, used := x.uses(in)
	if !used {
		return
	}
	x.emit(flow.Event{Op: flow.OpCheck, Dst: x.v(in), Place: place, Key: x.key(r.key), Ask: ask, Pos: x.pos(in.Pos())})
}

// base is the object that an address is a part of.
func base(addr ssa.Value) ssa.Value {
	for range maxDepth {
		switch a := addr.(type) {
		case *ssa.FieldAddr:
			addr = a.X
		case *ssa.IndexAddr:
			addr = a.X
		default:
			return addr
		}
	}
	return addr
}

func kindOf(t types.Type) flow.PlaceKind {
	switch t.Underlying().(type) {
	case *types.Map, *types.Slice:
		return flow.Container
	case *types.Chan:
		return flow.Signal
	}
	return flow.Variable
}

// uses says what a loaded value is used for: only to reach elements (no check of the variable),
// to visit all of them later, or for its value.
func (x *body) uses(v ssa.Value) (flow.Ask, bool) {
	used := false
	for _, u := range *v.Referrers() {
		switch u := u.(type) {
		case *ssa.Range:
			if len(x.held) > 0 {
				x.later[v] = true
				return flow.AskIter, true
			}
		case *ssa.Phi:
			if len(x.held) > 0 && slices.ContainsFunc(*u.Referrers(), func(r ssa.Instruction) bool { _, ok := r.(*ssa.Range); return ok }) {
				x.later[u] = true
				return flow.AskIter, true
			}
			used = true
		case *ssa.Lookup:
			used = used || u.X != v
		case *ssa.MapUpdate:
			used = used || u.Map != v
		case *ssa.IndexAddr:
			used = used || u.X != v
		case *ssa.Index:
			used = used || u.X != v
		case *ssa.FieldAddr, *ssa.DebugRef:
		case *ssa.Call:
			if x.p.opOf(&u.Call) != opNone && receiverOf(&u.Call) == v {
				continue // what it points to is asked, not the pointer
			}
			if b, ok := u.Call.Value.(*ssa.Builtin); ok && (b.Name() == "len" || b.Name() == "delete" || b.Name() == "clear" || b.Name() == "close") && u.Call.Args[0] == v {
				continue
			}
			used = true
		default:
			used = true
		}
	}
	return flow.AskValue, used
}

func (x *body) extract(in *ssa.Extract) {
	switch t := in.Tuple.(type) {
	case *ssa.Lookup, *ssa.Call:
		if _, ok := x.vars[in]; ok {
			return // set by the call or look-up itself
		}
		_ = t
	}
	if _, ok := x.vars[in.Tuple]; ok {
		x.let(in, in.Tuple)
	}
}

// results finds the values extracted from a tuple.
func results(v ssa.Value) (out [3]*ssa.Extract) {
	if v.Referrers() == nil {
		return out
	}
	for _, r := range *v.Referrers() {
		if e, ok := r.(*ssa.Extract); ok && e.Index < len(out) {
			out[e.Index] = e
		}
	}
	return out
}

// ask emits the checks of a look-up: of the value, and of whether it is there.
func (x *body) ask(in ssa.Value, place flow.PlaceID, key flow.KeyID, commaOk bool, flags flow.Flags) {
	e := flow.Event{Op: flow.OpCheck, Place: place, Key: key, Pos: x.pos(in.Pos()), Flags: flags}
	if !commaOk {
		e.Dst = x.v(in)
		x.emit(e)
		if flags == 0 {
			x.missed(in, e)
		}
		return
	}
	res := results(in)
	if res[0] != nil && len(*res[0].Referrers()) == 0 {
		res[0] = nil
	}
	if res[0] != nil {
		e.Dst = x.v(res[0])
		x.emit(e)
	}
	if res[1] != nil {
		e.Dst, e.Ask = x.v(res[1]), flow.AskHas
		if res[0] == nil {
			e.Flags |= flow.FlagBare
		}
		x.emit(e)
	}
}

// swapped says whether v was read under a lock that is gone, and the function has replaced it since:
// what v holds is its own.
func (x *body) swapped(v ssa.Value) bool {
	u, ok := v.(*ssa.UnOp)
	if !ok || len(x.held) > 0 {
		return false
	}
	r := x.valueOf(u.X)
	for _, b := range x.f.Blocks {
		for _, in := range b.Instrs {
			if s, ok := in.(*ssa.Store); ok && s.Val != v && x.valueOf(s.Addr).path == r.path && !x.reused(s.Val, r) {
				return true
			}
		}
	}
	return false
}

// reused says whether v is a part of the slice that r holds: what is appended to it goes where the
// elements were.
func (x *body) reused(v ssa.Value, r ref) bool {
	s, ok := v.(*ssa.Slice)
	return ok && x.valueOf(s.X).path == r.path
}

func (x *body) lookup(in *ssa.Lookup) {
	r := x.whole(x.valueOf(in.X))
	if x.swapped(in.X) {
		r = ref{}
	}
	if _, isMap := in.X.Type().Underlying().(*types.Map); isMap && r.key == nil && !x.p.fixedTable(r) {
		if place, ok := x.place(r, flow.Container); ok {
			x.ask(in, place, x.key(in.Index), in.CommaOk, 0)
			return
		}
	}
	x.let(in, in.X, in.Index)
}

// fixedTable says whether a variable of the package, that nobody else sees, is a table that nobody changes: what
// is found there depends on the key alone.
func (p *pkg) fixedTable(r ref) bool {
	if r.root != flow.RootGlobal || token.IsExported(r.path) || strings.ContainsAny(r.path, ".[(") {
		return false
	}
	f := p.fieldOf(r.field)
	return len(f.threads) == 0 && !f.inPlace
}

// rangeOver visits all elements of a map. If the map was read under a lock that is gone, the
// visit relies on nobody changing it.
func (x *body) rangeOver(in *ssa.Range) {
	r := x.valueOf(in.X)
	place, ok := x.place(r, flow.Container)
	if _, isMap := in.X.Type().Underlying().(*types.Map); !isMap || !ok || r.key != nil || x.swapped(in.X) {
		x.let(in, in.X)
		return
	}
	pos := x.pos(in.Pos())
	if v, ok := x.vars[in.X]; ok {
		x.emit(flow.Event{Op: flow.OpAct, Place: place, Effect: flow.EffectNone, Flags: flow.FlagNeeds | flow.FlagIter, Srcs: []flow.VarID{v}, Pos: pos, Text: "range"})
	}
	e := flow.Event{Op: flow.OpCheck, Dst: x.v(in), Place: place, Ask: flow.AskIter, Pos: pos}
	if x.later[in.X] {
		e.Flags = flow.FlagOrdered // reported as the act above, if at all
	}
	x.emit(e)
}

// selectStmt: a non-blocking receive asks whether the channel is closed.
func (x *body) selectStmt(in *ssa.Select) {
	x.v(in)
	for _, s := range in.States {
		r := x.valueOf(s.Chan)
		if s.Dir == types.SendOnly {
			x.relies(r)
			continue
		}
		if in.Blocking || len(in.States) != 1 {
			continue
		}
		if place, ok := x.place(r, flow.Signal); ok && r.key == nil {
			x.emit(flow.Event{Op: flow.OpCheck, Dst: x.v(in), Place: place, Pos: x.pos(in.Pos())})
		}
	}
}
