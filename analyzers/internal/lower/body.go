package lower

import (
	"go/constant"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
)

// body lowers one function to flow events.
type body struct {
	*fn
	b       *flow.Builder
	blocks  []flow.BlockID // by index of the SSA block, where it starts
	ends    []flow.BlockID // where it ends: a guard helper splits a block
	held    lockState
	may     lockState // held on some way here
	joinSet []ssa.Instruction
	later   map[ssa.Value]bool        // map headers read under a lock, to be visited
	headers map[ssa.Value]bool        // slice headers read under a lock
	lookups map[*ssa.Lookup]lockState // the locks held at each look-up
	in      ssa.Instruction
}

// lower makes the flow form of x and analyses it.
func (x *fn) lower() {
	lb := &body{fn: x, b: flow.NewBuilder(x.name, true), later: map[ssa.Value]bool{}, headers: map[ssa.Value]bool{}}
	x.vars = map[ssa.Value]flow.VarID{}
	for _, v := range x.params {
		x.vars[v] = lb.b.Param(x.names[v])
	}
	f := lb.b.Func()
	for _, l := range x.entry {
		f.Entry = append(f.Entry, lb.b.Lock(l))
	}
	lb.blocks = make([]flow.BlockID, len(x.f.Blocks))
	lb.ends = make([]flow.BlockID, len(x.f.Blocks))
	for i := 1; i < len(lb.blocks); i++ {
		lb.blocks[i] = lb.b.Block()
	}
	at, may := x.locksets(), x.mayLocksets()
	for _, b := range x.f.Blocks {
		lb.b.At(lb.blocks[b.Index])
		lb.held, lb.may = at[b.Index], may[b.Index]
		for _, in := range b.Instrs {
			lb.in = in
			lb.instr(in)
			lb.held, lb.may = x.step(lb.held, in), x.step(lb.may, in)
		}
		lb.phis(b)
		lb.ends[b.Index] = lb.b.Current()
	}
	for _, b := range x.f.Blocks {
		lb.edges(b)
	}
	x.flow = f
	x.res = flow.Analyze(f)
	x.sum = &x.res.Summary
	x.sum.Releases = slices.DeleteFunc(x.sum.Releases, func(l flow.Lock) bool { return lockState(x.net.releases).find(l) < 0 })
	x.sum.Acquires = slices.DeleteFunc(x.sum.Acquires, func(l flow.Lock) bool {
		return lockState(x.entry).find(l) >= 0 && lockState(x.net.releases).find(l) < 0
	})
	for _, l := range x.net.acquires {
		if lockState(x.sum.Releases).find(l) >= 0 {
			x.sum.Acquires = lockState(x.sum.Acquires).with(l)
		}
	}
	if x.f.Parent() == nil { // a function's own captured variables mean nothing to its callers
		x.sum.Acts = slices.DeleteFunc(x.sum.Acts, func(a flow.SummaryAct) bool { return a.Place.Root == flow.RootCell })
		x.sum.Answers = slices.DeleteFunc(x.sum.Answers, func(a flow.Answer) bool { return a.Place.Root == flow.RootCell })
	}
}

// emit adds a check or act; one that is guarded on some ways only says nothing about guards.
func (x *body) emit(e flow.Event) {
	if len(x.held) == 0 && len(x.may) > 0 && e.Op != flow.OpLet && e.Op != flow.OpReturn {
		e.Flags |= flow.FlagOrdered
	}
	x.b.Emit(e)
}

func (x *body) pos(p token.Pos) flow.Pos {
	if p.IsValid() {
		return flow.Pos(p)
	}
	return flow.Pos(x.position())
}

// position is the position of the current instruction, or of something near it.
func (x *body) position() token.Pos {
	if p := x.in.Pos(); p.IsValid() {
		return p
	}
	if u, ok := x.in.(*ssa.UnOp); ok && u.X.Pos().IsValid() {
		if _, isAddr := u.X.(*ssa.FieldAddr); isAddr {
			return u.X.Pos()
		}
	}
	if v, ok := x.in.(ssa.Value); ok && v.Referrers() != nil {
		for _, r := range *v.Referrers() {
			if r.Pos().IsValid() {
				return r.Pos()
			}
		}
	}
	for _, in := range x.in.Block().Instrs {
		if in.Pos().IsValid() {
			return in.Pos()
		}
	}
	return x.f.Pos()
}

// v is the variable of an SSA value, 0 for constants.
func (x *body) v(v ssa.Value) flow.VarID {
	if id, ok := x.vars[v]; ok {
		return id
	}
	switch w := v.(type) {
	case nil, *ssa.Const, *ssa.Function, *ssa.Builtin, *ssa.Global:
		return 0
	case *ssa.Alloc:
		if c := x.constant(w); c != nil && !isAggregate(c.Type()) {
			return x.v(c)
		}
	}
	id := x.b.Var(v.Name())
	x.vars[v] = id
	return id
}

// place is the place that r names, if there is evidence that others reach it.
func (x *body) place(r ref, kind flow.PlaceKind) (flow.PlaceID, bool) {
	if !r.named() || r.fresh() || !x.p.shared(r.field) && kind != flow.Signal {
		return 0, false
	}
	if len(x.held) == 0 && x.ordered() {
		return 0, false
	}
	return x.b.Place(flow.Place{Path: r.path, Field: r.field, Root: r.root, Param: r.param, Kind: kind}), true
}

// key is the key of an element: a constant, a parameter, what is read from one, or a value.
func (x *body) key(v ssa.Value) flow.KeyID {
	if v == nil {
		return 0
	}
	return x.b.Key(x.keyExpr(v))
}

func (x *body) keyExpr(v ssa.Value) flow.Key {
	path := ""
	for range maxDepth {
		switch w := v.(type) {
		case *ssa.Const:
			return flow.Key{Text: w.Name() + path, Const: path == ""}
		case *ssa.MakeInterface:
			v = w.X
			continue
		case *ssa.ChangeType:
			v = w.X
			continue
		case *ssa.Convert:
			v = w.X
			continue
		case *ssa.Field:
			if s, ok := coreOf(w.X.Type()); ok {
				path = "." + s.Field(w.Field).Name() + path
				v = w.X
				continue
			}
		case *ssa.Call:
			if v := getterOf(&w.Call); v != nil && path == "" {
				r := flow.Key{Text: x.keyText(v), Root: x.v(v)}
				if _, again := v.(*ssa.Call); !again {
					r = x.keyExpr(v)
				}
				if r.Const || r.Root == 0 {
					break
				}
				return flow.Key{Text: r.Text + "." + calleeName(&w.Call) + "()", Root: r.Root, Path: r.Path + "." + calleeName(&w.Call) + "()"}
			}
		case *ssa.UnOp:
			if w.Op != token.MUL {
				break
			}
			switch a := w.X.(type) {
			case *ssa.FieldAddr:
				s, ok := coreOf(deref(a.X.Type()))
				if !ok || x.written(a) {
					break
				}
				base := a.X
				if al, ok := base.(*ssa.Alloc); ok {
					if c := x.cells[al]; c == nil || c.stores != 1 || c.value == nil {
						break
					}
					base = x.cells[al].value
				}
				path = "." + s.Field(a.Field).Name() + path
				v = base
				continue
			case *ssa.Alloc:
				if c := x.constant(a); c != nil {
					v = c
					continue
				}
			case *ssa.FreeVar:
				if r := x.valueOf(a); r.root == flow.RootParam {
					v = a
					continue
				}
			case *ssa.Global:
				return flow.Key{Text: a.Name() + path, Root: x.v(w), Path: path}
			}
		}
		break
	}
	text := x.keyText(v)
	return flow.Key{Text: text + path, Root: x.v(v), Path: path}
}

// nameGetters are the names of methods that tell what an object is called.
var nameGetters = regexp.MustCompile(`^(Get|get)?\w*(ID|Id|id|Key|key|Name|name|Hash|hash|String|Path|path|Addr|addr|Address|URL|Host|host)$`)

// getterOf returns the receiver of a call that asks an object for its name.
func getterOf(c *ssa.CallCommon) ssa.Value {
	if c.Signature().Results().Len() != 1 || !isPlain(c.Signature().Results().At(0).Type(), 0) || !nameGetters.MatchString(calleeName(c)) || madeHere.MatchString(strings.TrimSuffix(strings.TrimSuffix(calleeName(c), "ID"), "Id")+" ") {
		return nil
	}
	if c.IsInvoke() {
		if len(c.Args) > 0 {
			return nil
		}
		return c.Value
	}
	if f := c.StaticCallee(); f != nil && f.Signature.Recv() != nil && len(c.Args) == 1 {
		return c.Args[0]
	}
	return nil
}

// madeFrom lists the variables that a value is made from: what went into the calls and literals that
// made it.
func (x *body) madeFrom(v ssa.Value) []flow.VarID {
	var out []flow.VarID
	seen := map[ssa.Value]bool{}
	var visit func(v ssa.Value, depth int)
	visit = func(v ssa.Value, depth int) {
		if v == nil || depth > maxDepth || seen[v] || len(out) > 8 {
			return
		}
		seen[v] = true
		switch w := v.(type) {
		case *ssa.Call:
			if id, ok := x.vars[w]; ok && depth > 0 {
				out = append(out, id)
			}
			for _, a := range operands(&w.Call) {
				visit(a, depth+1)
			}
			if !w.Call.IsInvoke() && w.Call.Signature().Recv() == nil && len(w.Call.Args) > 0 {
				visit(w.Call.Args[0], depth+1)
			}
			return
		case *ssa.Extract:
			if id, ok := x.vars[w]; ok && depth > 0 {
				out = append(out, id)
			}
			if _, ok := w.Tuple.(*ssa.Call); ok {
				visit(w.Tuple, depth+1)
			}
			return
		case *ssa.MakeInterface:
			visit(w.X, depth+1)
			return
		case *ssa.ChangeType:
			visit(w.X, depth+1)
			return
		case *ssa.FieldAddr:
			visit(w.X, depth+1)
			return
		case *ssa.UnOp:
			if w.Op == token.MUL {
				visit(w.X, depth+1)
			}
			return
		case *ssa.Alloc:
			if c := x.constant(w); c != nil {
				visit(c, depth+1)
				return
			}
			for _, r := range *w.Referrers() {
				if fa, ok := r.(*ssa.FieldAddr); ok {
					for _, q := range *fa.Referrers() {
						if s, ok := q.(*ssa.Store); ok && s.Addr == ssa.Value(fa) {
							visit(s.Val, depth+1)
						}
					}
				}
			}
			return
		case *ssa.Parameter, *ssa.FreeVar:
		default:
			return
		}
		if id := x.v(v); id != 0 && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	switch v.(type) {
	case *ssa.Call, *ssa.Extract, *ssa.Alloc, *ssa.MakeInterface:
		visit(v, 0)
	}
	return out
}

func coreOf(t types.Type) (*types.Struct, bool) {
	s, ok := types.Unalias(t).Underlying().(*types.Struct)
	return s, ok
}

// written says whether the function assigns the field that a addresses, of any object.
func (x *fn) written(a *ssa.FieldAddr) bool {
	for _, b := range x.f.Blocks {
		for _, in := range b.Instrs {
			if s, ok := in.(*ssa.Store); ok {
				if o, ok := s.Addr.(*ssa.FieldAddr); ok && o.Field == a.Field && types.Identical(deref(o.X.Type()), deref(a.X.Type())) {
					return true
				}
			}
		}
	}
	return false
}

func (x *body) let(dst ssa.Value, srcs ...ssa.Value) {
	var ids []flow.VarID
	for _, s := range srcs {
		if id := x.v(s); id != 0 && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return
	}
	x.b.Emit(flow.Event{Op: flow.OpLet, Dst: x.v(dst), Srcs: ids, Pos: x.pos(dst.Pos())})
}

func (x *body) alias(dst, src ssa.Value) {
	if id := x.v(src); id != 0 && x.v(dst) != id {
		x.b.Emit(flow.Event{Op: flow.OpLet, Dst: x.v(dst), Srcs: []flow.VarID{id}, Flags: flow.FlagAlias, Pos: x.pos(dst.Pos())})
	}
}

func (x *body) instr(in ssa.Instruction) {
	switch in := in.(type) {
	case *ssa.UnOp:
		switch in.Op {
		case token.MUL:
			x.load(in)
		case token.NOT:
			x.b.Emit(flow.Event{Op: flow.OpLet, Dst: x.v(in), Srcs: []flow.VarID{x.v(in.X)}, Flags: flow.FlagAlias | flow.FlagNot, Pos: x.pos(in.Pos())})
		default:
			x.let(in, in.X)
		}
	case *ssa.BinOp:
		x.let(in, in.X, in.Y)
	case *ssa.ChangeType:
		x.alias(in, in.X)
	case *ssa.ChangeInterface:
		x.alias(in, in.X)
	case *ssa.MakeInterface:
		x.alias(in, in.X)
	case *ssa.Convert:
		x.let(in, in.X)
	case *ssa.TypeAssert:
		x.let(in, in.X)
	case *ssa.Slice:
		x.let(in, in.X, in.Low, in.High)
	case *ssa.Extract:
		x.extract(in)
	case *ssa.Field:
		x.let(in, in.X)
	case *ssa.Index:
		x.let(in, in.X, in.Index)
	case *ssa.Lookup:
		x.lookup(in)
	case *ssa.Range:
		x.rangeOver(in)
	case *ssa.Next:
		x.let(in, in.Iter)
	case *ssa.Store:
		x.store(in)
	case *ssa.MapUpdate:
		x.reenters(x.valueOf(in.Map), in.Value)
		x.element(in.Map, in.Key, flow.EffectSet, in.Value)
	case *ssa.Select:
		x.selectStmt(in)
	case *ssa.Send:
		x.relies(x.valueOf(in.Chan))
	case *ssa.Call:
		x.call(in, &in.Call, false)
	case *ssa.Go:
		x.call(in, &in.Call, true)
	case *ssa.RunDefers:
		for _, d := range x.deferredAt(in) {
			x.in = d
			x.call(d, &d.Call, false)
		}
		x.in = in
	case *ssa.Return:
		x.ret(in)
	}
}

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
	if !ok {
		x.let(in, base(in.X))
		return
	}
	if _, ok := in.Type().Underlying().(*types.Slice); ok && len(x.held) > 0 && r.key == nil {
		x.headers[in] = true
	}
	if a, ok := in.X.(*ssa.IndexAddr); ok && len(x.held) == 0 && x.headers[a.X] && !x.p.fieldOf(r.field).inPlace {
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
			if s, ok := in.(*ssa.Store); ok && s.Val != v && x.valueOf(s.Addr).path == r.path {
				return true
			}
		}
	}
	return false
}

func (x *body) lookup(in *ssa.Lookup) {
	r := x.whole(x.valueOf(in.X))
	if x.swapped(in.X) {
		r = ref{}
	}
	if _, isMap := in.X.Type().Underlying().(*types.Map); isMap && r.key == nil {
		if place, ok := x.place(r, flow.Container); ok {
			x.ask(in, place, x.key(in.Index), in.CommaOk, 0)
			return
		}
	}
	x.let(in, in.X, in.Index)
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
		if a, isCell := base(in.Addr).(*ssa.Alloc); isCell && (x.valueOf(a).fresh() || x.valueOf(a).root == flow.RootCell) {
			x.assign(a, in.Val, in.Addr != ssa.Value(a))
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
func (x *body) assign(a *ssa.Alloc, val ssa.Value, part bool) {
	e := flow.Event{Op: flow.OpLet, Dst: x.v(a), Pos: x.pos(x.in.Pos())}
	if part {
		e.Srcs = append(e.Srcs, e.Dst)
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
				e.Made = x.madeFrom(v)
			}
		}
	}
	if val != nil {
		e.Value, e.Srcs = x.value(val), x.srcs(val)
		if effect == flow.EffectSet && key != nil && x.likened(r, key, val) {
			e.Flags |= flow.FlagAnyway
		}
	}
	x.emit(e)
}

// value says what is known of a written value.
func (x *body) value(v ssa.Value) flow.Value {
	for range maxDepth {
		switch w := v.(type) {
		case *ssa.Const:
			return constValue(w)
		case *ssa.MakeInterface:
			v = w.X
			continue
		case *ssa.ChangeInterface:
			v = w.X
			continue
		case *ssa.ChangeType:
			v = w.X
			continue
		case *ssa.MakeMap:
			return flow.ValueEmpty
		case *ssa.MakeSlice:
			if c, ok := w.Len.(*ssa.Const); ok && c.Int64() == 0 {
				return flow.ValueEmpty
			}
		case *ssa.UnOp:
			if a, ok := w.X.(*ssa.Alloc); ok && w.Op == token.MUL {
				if c := x.constant(a); c != nil {
					v = c
					continue
				}
			}
		}
		break
	}
	t := types.Unalias(v.Type())
	switch {
	case isPlain(t, 0):
		return flow.ValuePlain
	case hasMethod(t, "Close", "Shutdown", "Stop"):
		return flow.ValueResource
	}
	switch v.(type) {
	case *ssa.Alloc, *ssa.MakeChan, *ssa.MakeSlice, *ssa.MakeClosure:
		return flow.ValueObject
	}
	if _, ok := t.Underlying().(*types.Pointer); ok {
		return flow.ValueObject
	}
	return flow.ValueUnknown
}

func constValue(c *ssa.Const) flow.Value {
	if c.IsNil() {
		return flow.ValueNone
	}
	if c.Value == nil {
		return flow.ValuePlain // the zero of a struct or array: an element of a set, as a rule
	}
	switch c.Value.Kind() {
	case constant.Bool:
		if constant.BoolVal(c.Value) {
			return flow.ValueTrue
		}
		return flow.ValueFalse
	case constant.Int, constant.Float:
		if constant.Sign(c.Value) == 0 {
			return flow.ValueFalse
		}
	case constant.String:
		if constant.StringVal(c.Value) == "" {
			return flow.ValueFalse
		}
	}
	return flow.ValuePlain
}

// isPlain says whether values of a type are plain data without identity.
func isPlain(t types.Type, depth int) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() != types.UnsafePointer
	case *types.Struct:
		if depth > 3 || typeName(t) == "time.Time" {
			return true
		}
		for field := range u.Fields() {
			if !isPlain(field.Type(), depth+1) {
				return false
			}
		}
		return true
	case *types.Array:
		return isPlain(u.Elem(), depth+1)
	case *types.Interface:
		return typeName(t) == "reflect.Type"
	}
	return false
}

func hasMethod(t types.Type, names ...string) bool {
	for _, n := range names {
		if obj, _, _ := types.LookupFieldOrMethod(t, true, nil, n); obj != nil {
			if _, ok := obj.(*types.Func); ok {
				return true
			}
		}
	}
	return false
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

func (x *body) ret(in *ssa.Return) {
	e := flow.Event{Op: flow.OpReturn, Pos: x.pos(in.Pos())}
	for i, r := range in.Results {
		if id := x.v(r); id != 0 {
			e.Srcs = append(e.Srcs, id)
		}
		if c, ok := r.(*ssa.Const); ok && i == len(in.Results)-1 && c.Value != nil && c.Value.Kind() == constant.Bool {
			e.Value = constValue(c)
		}
	}
	x.emit(e)
}

// phis gives the phis of the successors their values at the end of a block.
func (x *body) phis(b *ssa.BasicBlock) {
	for _, to := range b.Succs {
		edge := slices.Index(to.Preds, b)
		for _, in := range to.Instrs {
			phi, ok := in.(*ssa.Phi)
			if !ok {
				break
			}
			e := flow.Event{Op: flow.OpLet, Dst: x.v(phi), Pos: flow.Pos(phi.Pos()), Flags: flow.FlagAlias}
			if id := x.v(phi.Edges[edge]); id != 0 {
				if id == e.Dst {
					continue
				}
				e.Srcs = []flow.VarID{id}
			}
			x.emit(e)
		}
	}
}

func (x *body) edges(b *ssa.BasicBlock) {
	if len(b.Instrs) == 0 {
		return
	}
	from := x.ends[b.Index]
	br, isIf := b.Instrs[len(b.Instrs)-1].(*ssa.If)
	for i, to := range b.Succs {
		e := flow.Edge{To: x.blocks[to.Index]}
		if isIf {
			e.Tests = x.tests(br.Cond, i == 0, 0)
		}
		if l, ok := x.tryLock(b, i); ok {
			mid := x.b.Block()
			x.b.At(mid)
			x.b.Emit(flow.Event{Op: flow.OpAcquire, Lock: x.b.Lock(l), Pos: flow.Pos(br.Cond.Pos())})
			x.b.Edge(mid, flow.Edge{To: e.To})
			e.To = mid
		}
		x.b.Edge(from, e)
	}
}

// tests says what taking a branch tells about the variables in its condition.
func (x *body) tests(cond ssa.Value, truth bool, depth int) []flow.Test {
	if depth > maxDepth {
		return nil
	}
	pick := func(yes, no flow.Fact) flow.Fact {
		if truth {
			return yes
		}
		return no
	}
	switch c := cond.(type) {
	case *ssa.UnOp:
		if c.Op == token.NOT {
			return x.tests(c.X, !truth, depth+1)
		}
	case *ssa.BinOp:
		return x.compare(c, truth)
	}
	if id := x.v(cond); id != 0 {
		return []flow.Test{{Var: id, Fact: pick(flow.FactTrue, flow.FactFalse)}}
	}
	return nil
}

func (x *body) compare(c *ssa.BinOp, truth bool) []flow.Test {
	l, r := c.X, c.Y
	if _, ok := l.(*ssa.Const); ok {
		l, r = r, l
	}
	lv, rv := x.v(l), x.v(r)
	k, isConst := r.(*ssa.Const)
	eq := c.Op == token.EQL && truth || c.Op == token.NEQ && !truth
	isEq := c.Op == token.EQL || c.Op == token.NEQ
	_, fromSelect := l.(*ssa.Extract)
	if fromSelect {
		if s, ok := l.(*ssa.Extract).Tuple.(*ssa.Select); ok {
			return []flow.Test{{Var: x.v(s)}}
		}
	}
	switch {
	case isConst && lv != 0 && isEq:
		switch v := constValue(k); {
		case v == flow.ValueNone && eq:
			return []flow.Test{{Var: lv, Fact: flow.FactNone}}
		case v == flow.ValueNone:
			return []flow.Test{{Var: lv, Fact: flow.FactNotNone}}
		case v == flow.ValueFalse && eq, v == flow.ValueTrue && !eq:
			return []flow.Test{{Var: lv, Fact: flow.FactFalse}}
		case v == flow.ValueFalse, v == flow.ValueTrue:
			return []flow.Test{{Var: lv, Fact: flow.FactTrue}}
		}
	case isConst && lv != 0 && constValue(k) == flow.ValueFalse && isLen(l):
		// len(x) > 0, 0 < len(x)
		positive := c.Op == token.GTR && c.X == l || c.Op == token.LSS && c.Y == l
		if positive {
			if truth {
				return []flow.Test{{Var: lv, Fact: flow.FactTrue}}
			}
			return []flow.Test{{Var: lv, Fact: flow.FactFalse}}
		}
	}
	var out []flow.Test
	if lv != 0 {
		t := flow.Test{Var: lv}
		if eq && rv != 0 {
			t.Same = rv
		}
		out = append(out, t)
	}
	if rv != 0 {
		out = append(out, flow.Test{Var: rv})
	}
	return out
}

func isLen(v ssa.Value) bool {
	c, ok := v.(*ssa.Call)
	if !ok {
		return false
	}
	b, ok := c.Call.Value.(*ssa.Builtin)
	return ok && b.Name() == "len"
}
