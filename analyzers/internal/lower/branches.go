package lower

import (
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
)

func (x *body) ret(in *ssa.Return) {
	e := flow.Event{Op: flow.OpReturn, Pos: x.pos(in.Pos())}
	for _, r := range in.Results {
		if id := x.v(r); id != 0 || len(in.Results) > 1 {
			e.Srcs = append(e.Srcs, id)
		}
	}
	if tells := x.tells(); tells >= 0 {
		e.Value = toldValue(spilled(in.Results[tells]))
	}
	x.emit(e)
}

// spilled is what was last stored, in the same block, in the result variable that v reads: in a function that
// defers something, `return true` sets it before the deferred calls run.
func spilled(v ssa.Value) ssa.Value {
	u, ok := v.(*ssa.UnOp)
	if !ok || u.Op != token.MUL {
		return v
	}
	a, ok := u.X.(*ssa.Alloc)
	if !ok {
		return v
	}
	out := v
	for _, in := range u.Block().Instrs {
		if in == ssa.Instruction(u) {
			break
		}
		if s, ok := in.(*ssa.Store); ok && s.Addr == ssa.Value(a) {
			out = s.Val
		}
	}
	return out
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
			if why := x.picked(phi, phi.Edges[edge], b); len(why) > 0 {
				e.Srcs, e.Flags = append(e.Srcs, why...), 0
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
		return []flow.Test{{Var: id, Fact: pick(flow.FactTrue, flow.FactFalse), Is: truth && x.asksEqual(cond)}}
	}
	return nil
}

// asksEqual says whether v is the answer of a method that only compares what it reads with an
// argument, which is a constant here: `m.Is(Running)`.
func (x *body) asksEqual(v ssa.Value) bool {
	c, ok := v.(*ssa.Call)
	if !ok || len(c.Call.Args) != 2 || c.Call.IsInvoke() {
		return false
	}
	if _, isConst := c.Call.Args[1].(*ssa.Const); !isConst {
		return false
	}
	if y := x.p.local(&c.Call); y != nil {
		return y.compares()
	}
	if f := c.Call.StaticCallee(); f != nil {
		if obj, ok := f.Object().(*types.Func); ok {
			k := x.p.factOf(obj)
			return k != nil && k.fact.Compares
		}
	}
	return false
}

// compares says whether all that x returns is whether something equals its argument.
func (x *fn) compares() bool {
	if len(x.f.Params) != 2 || x.f.Signature.Results().Len() != 1 {
		return false
	}
	returns := 0
	for _, b := range x.f.Blocks {
		for _, in := range b.Instrs {
			r, ok := in.(*ssa.Return)
			if !ok || b == x.f.Recover {
				continue
			}
			returns++
			cmp, ok := x.result(r.Results[0]).(*ssa.BinOp)
			if !ok || cmp.Op != token.EQL || cmp.X != ssa.Value(x.f.Params[1]) && cmp.Y != ssa.Value(x.f.Params[1]) {
				return false
			}
		}
	}
	return returns == 1
}

// result is what a return gives: with a deferred call, it is read from a variable that holds it.
func (x *fn) result(v ssa.Value) ssa.Value {
	u, ok := v.(*ssa.UnOp)
	if !ok {
		return v
	}
	a, ok := u.X.(*ssa.Alloc)
	if !ok {
		return v
	}
	if c := x.constant(a); c != nil {
		return c
	}
	return v
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
			return []flow.Test{{Var: lv, Fact: flow.FactFalse, Is: eq && k.Value != nil && k.Value.Kind() == constant.Int}}
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
		t := flow.Test{Var: lv, Is: eq && isConst}
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

// tryLock names the lock that is held on the n-th way out of b because a TryLock succeeded.
func (x *fn) tryLock(b *ssa.BasicBlock, n int) (flow.Lock, bool) {
	if len(b.Instrs) == 0 {
		return flow.Lock{}, false
	}
	br, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
	if !ok {
		return flow.Lock{}, false
	}
	cond, want := br.Cond, 0
	for {
		u, ok := cond.(*ssa.UnOp)
		if !ok || u.Op != token.NOT {
			break
		}
		cond, want = u.X, 1-want
	}
	c, ok := cond.(*ssa.Call)
	if !ok || n != want {
		return flow.Lock{}, false
	}
	switch o := x.p.opOf(&c.Call); o {
	case opTryLock, opTryRLock:
		return x.lockOf(receiverOf(&c.Call), o == opTryRLock), true
	}
	return flow.Lock{}, false
}
