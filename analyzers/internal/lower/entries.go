package lower

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
)

// missed emits the need that comes with using what was looked up without a look at whether it is there: nil has no
// fields, and no methods to call.
func (x *body) missed(v ssa.Value, e flow.Event) {
	if pos := x.usedAnyway(v); pos.IsValid() {
		e.Op, e.Effect, e.Flags, e.Pos, e.Dst = flow.OpAct, flow.EffectNone, e.Flags|flow.FlagNeeds, flow.Pos(pos), 0
		x.emit(e)
	}
}

// usedAnyway finds where a pointer, an interface or a function is used, whether it is nil or not.
func (x *body) usedAnyway(v ssa.Value) (at token.Pos) {
	switch types.Unalias(v.Type()).Underlying().(type) {
	case *types.Pointer, *types.Interface, *types.Signature:
	default:
		return token.NoPos
	}
	for _, r := range *v.Referrers() {
		pos := token.NoPos
		switch r := r.(type) {
		case *ssa.BinOp, *ssa.Phi, *ssa.Store, *ssa.Return, *ssa.TypeAssert, *ssa.MakeClosure:
			return token.NoPos // it is looked at, here or elsewhere
		case *ssa.FieldAddr:
			if pos = r.Pos(); !pos.IsValid() {
				pos = v.Pos()
			}
		case *ssa.Call:
			c := &r.Call
			if c.Value == v || !c.IsInvoke() && c.Signature().Recv() != nil && len(c.Args) > 0 && c.Args[0] == v && x.p.opOf(c) == opNone {
				pos = r.Pos()
			}
		}
		if pos.IsValid() && (!at.IsValid() || pos < at) {
			at = pos
		}
	}
	return at
}

// missedBy does the same for what a callee has looked up and returned as it was.
func (x *body) missedBy(sum *flow.Summary, call *flow.Call, result ssa.Value) {
	if result == nil {
		return
	}
	v := result
	if _, several := result.Type().(*types.Tuple); several {
		return // something else tells whether it is there
	}
	only := -1
	for i := range sum.Answers {
		if a := &sum.Answers[i]; a.Via == flow.ViaResult {
			if only >= 0 || a.Ask != flow.AskValue || a.Fact != flow.FactAny || a.Made || !a.HasKey || a.Fresh {
				return
			}
			only = i
		}
	}
	if only < 0 || len(sum.Acts) > 0 {
		return
	}
	if pos := x.usedAnyway(v); pos.IsValid() {
		need := flow.Summary{Name: sum.Name, Acts: []flow.SummaryAct{{
			Place: sum.Answers[only].Place, Key: sum.Answers[only].Key, HasKey: true, Effect: flow.EffectNone, Flags: flow.FlagNeeds, Origin: sum.Answers[only].Origin,
		}}}
		again := *call
		again.Pos, again.Result, again.Results = flow.Pos(pos), 0, nil
		x.b.Expand(&need, again)
	}
}
