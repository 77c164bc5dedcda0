package lower

import (
	"go/token"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
)

// until finds the last line of a section that a deferred call ends: that of its function. Where a
// lock is given back by a plain call, the events tell.
func (p *pkg) until() func(flow.Pos) int {
	ends := map[flow.Pos]int{}
	for _, x := range p.funcs {
		if x.f.Syntax() == nil || len(x.deferred()) == 0 {
			continue
		}
		end := p.pass.Fset.Position(x.f.Syntax().End() - 1).Line
		for _, b := range x.f.Blocks {
			for i, in := range b.Instrs {
				c, ok := in.(*ssa.Call)
				if ok && (p.opOf(&c.Call) == opLock || p.opOf(&c.Call) == opRLock) && p.unlockDeferred(&c.Call, b.Instrs[i+1:]) {
					ends[flow.Pos(c.Pos())] = end
				}
			}
		}
	}
	return func(at flow.Pos) int { return ends[at] }
}

// unlockDeferred says whether what follows a call that takes a lock defers giving it back, before
// anything else is done to the lock.
func (p *pkg) unlockDeferred(lock *ssa.CallCommon, rest []ssa.Instruction) bool {
	for _, in := range rest {
		c, ok := in.(ssa.CallInstruction)
		if !ok || !c.Pos().IsValid() {
			continue
		}
		switch p.opOf(c.Common()) {
		case opLock, opRLock, opUnlock, opRUnlock:
			if sameAddress(receiverOf(lock), receiverOf(c.Common())) {
				_, deferred := in.(*ssa.Defer)
				return deferred
			}
		}
	}
	return false
}

// sameAddress says whether two values name the same field of the same object.
func sameAddress(a, b ssa.Value) bool {
	for range maxDepth {
		if a == b {
			return true
		}
		switch x := a.(type) {
		case *ssa.FieldAddr:
			y, ok := b.(*ssa.FieldAddr)
			if !ok || x.Field != y.Field {
				return false
			}
			a, b = x.X, y.X
		case *ssa.UnOp:
			y, ok := b.(*ssa.UnOp)
			if !ok || x.Op != token.MUL || y.Op != token.MUL {
				return false
			}
			a, b = x.X, y.X
		default:
			return false
		}
	}
	return false
}
