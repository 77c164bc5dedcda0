package lower

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// onlySets says whether a branch does nothing but store constants: `if !f.Load() { f.Store(true) }`
// done twice is done once.
func (x *body) onlySets(in ssa.Instruction, val ssa.Value) bool {
	if _, ok := val.(*ssa.Const); !ok || len(in.Block().Preds) != 1 || len(in.Block().Succs) != 1 {
		return false
	}
	for _, o := range in.Block().Instrs {
		switch o := o.(type) {
		case *ssa.FieldAddr, *ssa.UnOp, *ssa.Jump, *ssa.DebugRef:
		case *ssa.Call:
			_, constant := last(operands(&o.Call)).(*ssa.Const)
			if x.p.opOf(&o.Call) != opStore || !constant {
				return false
			}
		default:
			if o != in {
				return false
			}
		}
	}
	br := in.Block().Preds[0]
	return slices.Contains(br.Succs, in.Block().Succs[0]) // nothing else depends on the answer
}

// takesMark says whether a store of zero takes back a mark that was just found set, before anything else is
// done: `if f.Load() { f.Store(false); … }`. Who sets it meanwhile has set it for what follows here.
func (x *body) takesMark(in ssa.Instruction, r ref, val ssa.Value) bool {
	c, ok := val.(*ssa.Const)
	if !ok || truthy(c) || len(in.Block().Preds) != 1 || !idle(in.Block().Instrs, in) {
		return false
	}
	from := in.Block().Preds[0]
	br, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If)
	if !ok {
		return false
	}
	set := from.Succs[0] == in.Block()
	cond := br.Cond
	if n, ok := cond.(*ssa.UnOp); ok && n.Op == token.NOT {
		cond, set = n.X, !set
	}
	if eq, ok := cond.(*ssa.BinOp); ok && (eq.Op == token.EQL || eq.Op == token.NEQ) {
		if k, ok := eq.Y.(*ssa.Const); ok && truthy(k) {
			cond, set = eq.X, set == (eq.Op == token.EQL)
		}
	} else if t, ok := types.Unalias(cond.Type()).Underlying().(*types.Basic); !ok || t.Info()&types.IsBoolean == 0 {
		return false
	}
	load, ok := cond.(*ssa.Call)
	if !ok || !set || load.Block() != from || x.p.opOf(&load.Call) != opLoad || x.pointee(receiverOf(&load.Call), x.valueOf(receiverOf(&load.Call))).path != r.path {
		return false
	}
	return idle(from.Instrs[slices.Index(from.Instrs, ssa.Instruction(load))+1:], br)
}

// idle says whether instructions up to one of them only find addresses and load what is there.
func idle(list []ssa.Instruction, end ssa.Instruction) bool {
	for _, in := range list {
		switch in := in.(type) {
		case *ssa.FieldAddr, *ssa.IndexAddr, *ssa.BinOp, *ssa.DebugRef:
		case *ssa.UnOp:
			if in.Op == token.ARROW {
				return false
			}
		default:
			return in == end
		}
	}
	return true
}
