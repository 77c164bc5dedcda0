package lower

import (
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
)

// told lists the results of a call that a summary says something about, each for itself.
func (x *body) told(sum *flow.Summary, result ssa.Value) []flow.VarID {
	out := make([]flow.VarID, 3)
	for i, e := range results(result) {
		if e != nil && slices.ContainsFunc(sum.Answers, func(a flow.Answer) bool { return a.Via == flow.ViaResult && a.Out == i+1 }) &&
			!slices.ContainsFunc(sum.Answers, func(a flow.Answer) bool { return a.Via == flow.ViaResult && a.Out == 0 }) {
			out[i] = x.v(e)
		}
	}
	return out
}

// beside says whether code of the project's own that may do anything runs wherever a call does, in the same
// branch: a hook, a goroutine, or a call that can fail.
func (x *body) beside(call ssa.Instruction) bool {
	home := call.Block()
	if home.Idom() == nil {
		return false
	}
	for _, in := range home.Instrs {
		c, ok := in.(ssa.CallInstruction)
		if !ok || in == call {
			continue
		}
		if _, starts := in.(*ssa.Go); starts {
			return true
		}
		k := c.Common()
		switch _, builtin := k.Value.(*ssa.Builtin); {
		case builtin || x.p.opOf(k) != opNone:
		case k.IsInvoke():
			if returnsError(k.Signature()) && !isCloser(calleeName(k)) {
				return true
			}
		case k.StaticCallee() == nil:
			return true
		default:
			if y := x.p.local(k); y != nil && x.p.matters(y, map[*fn]bool{}, 0) {
				return true
			}
		}
	}
	return false
}

// forgotResult says whether a load asks what an earlier Add on the same counter had already told:
// in between, others may have added, too. It counts where a branch compares it with a constant, an
// argument or a field: with how many there are to be.
func (x *body) forgotResult(load ssa.Value, r ref) bool {
	compared := false
	for _, u := range *load.Referrers() {
		if b, ok := u.(*ssa.BinOp); ok && b.Op == token.EQL {
			other := b.X
			if other == load {
				other = b.Y
			}
			switch o := other.(type) {
			case *ssa.Const, *ssa.Parameter:
				compared = true
			case *ssa.UnOp:
				compared = compared || o.Op == token.MUL
			}
		}
	}
	if !compared {
		return false
	}
	for _, in := range x.in.Block().Instrs {
		if in == x.in {
			return false
		}
		if c, ok := in.(*ssa.Call); ok && x.p.opOf(&c.Call) == opUpdate && strings.HasPrefix(calleeName(&c.Call), "Add") && len(*c.Referrers()) == 0 &&
			x.valueOf(receiverOf(&c.Call)).path == r.path {
			return true
		}
	}
	return false
}
