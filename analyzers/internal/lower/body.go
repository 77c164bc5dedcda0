package lower

import (
	"go/token"
	"slices"

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
	sized   []flow.Place              // parts of elements that were asked for their size
	in      ssa.Instruction
}

// lower makes the flow form of x and analyses it.
func (x *fn) lower() {
	lb := &body{fn: x, b: flow.NewBuilder(x.name, true), later: map[ssa.Value]bool{}, headers: map[ssa.Value]bool{}}
	x.vars = map[ssa.Value]flow.VarID{}
	f := lb.b.Func()
	for _, v := range x.params {
		x.vars[v] = lb.b.Param(x.names[v])
		if fv, ok := v.(*ssa.FreeVar); ok && storesTo(fv, 0) {
			f.Outs = append(f.Outs, x.vars[v])
		}
	}
	f.Brief = FactsOnly
	if n := x.f.Signature.Results().Len(); n > 1 {
		f.Tells = x.tells() + 1
	}
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
		next := x.turnsOf(b)
		for i, in := range b.Instrs {
			lb.in = in
			lb.instr(in)
			if e, ok := next(i); ok {
				lb.held, lb.may = lb.held.after(e), lb.may.after(e)
			}
		}
		lb.phis(b)
		lb.ends[b.Index] = lb.b.Current()
	}
	for _, b := range x.f.Blocks {
		lb.edges(b)
	}
	x.unsaid(f)
	x.flow = f
	x.res = flow.Analyze(f)
	x.sum = &x.res.Summary
	x.sum.Releases = slices.DeleteFunc(x.sum.Releases, func(l flow.Lock) bool { return lockState(x.net.releases).find(l) < 0 })
	x.sum.Acquires = slices.DeleteFunc(x.sum.Acquires, func(l flow.Lock) bool {
		return lockState(x.entry).find(l) >= 0 && lockState(x.net.releases).find(l) < 0
	})
	if len(x.f.Blocks) > 2 { // more than a setter: its own branches decide, too, whether it stores
		for i := range x.sum.Acts {
			if a := &x.sum.Acts[i]; !a.HasKey {
				a.Flags &^= flow.FlagSync
			}
		}
	}
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
	if !r.named() || r.fresh() || !x.p.shared(r.field) && (kind != flow.Signal || r.root == flow.RootCell) {
		return 0, false
	}
	if len(x.held) == 0 && x.ordered() {
		return 0, false
	}
	return x.b.Place(flow.Place{Path: r.path, Field: r.field, Root: r.root, Param: r.param, Kind: kind}), true
}

func (x *body) let(dst ssa.Value, srcs ...ssa.Value) { x.letFlags(dst, 0, srcs...) }

func (x *body) letFlags(dst ssa.Value, flags flow.Flags, srcs ...ssa.Value) {
	var ids []flow.VarID
	for _, s := range srcs {
		if id := x.v(s); id != 0 && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return
	}
	x.b.Emit(flow.Event{Op: flow.OpLet, Dst: x.v(dst), Srcs: ids, Flags: flags, Pos: x.pos(dst.Pos())})
}

// arithmetic gives a number that is computed from others its value, with FlagUpdate.
func (x *body) arithmetic(in *ssa.BinOp) {
	var ids []flow.VarID
	for _, s := range []ssa.Value{in.X, in.Y} {
		if id := x.v(s); id != 0 && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if len(ids) > 0 {
		x.b.Emit(flow.Event{Op: flow.OpLet, Dst: x.v(in), Srcs: ids, Pos: x.pos(in.Pos()), Flags: flow.FlagUpdate})
	}
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
		x.arithmetic(in)
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
