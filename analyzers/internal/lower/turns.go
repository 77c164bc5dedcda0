package lower

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// turn is an instruction that may take locks or give them back. Most instructions do neither, and
// the locks that are held are computed many times: a function keeps a list of its turns.
type turn struct {
	in     ssa.Instruction
	index  int         // in its block
	callee *fn         // whose effects these are: they change while those of the package are found
	known  bool        // effects is valid, and stays so
	fixed  bool        // the effects do not depend on functions of this package
	effect lockEffects // if known
}

// listTurns finds the turns of x, once.
func (x *fn) listTurns() {
	if x.turns != nil {
		return
	}
	x.turns = make([][]turn, len(x.f.Blocks))
	for _, b := range x.f.Blocks {
		for i, in := range b.Instrs {
			t := turn{in: in, index: i, fixed: true}
			some := false
			switch in := in.(type) {
			case *ssa.Call:
				some, t.fixed = x.mayTurn(&in.Call)
				if !t.fixed {
					t.callee = x.p.local(&in.Call)
				}
				if o := x.p.opOf(&in.Call); o == opTryLock || o == opTryRLock {
					x.tries = true
				}
			case *ssa.RunDefers:
				for _, d := range x.deferredAt(in) {
					may, fixed := x.mayTurn(&d.Call)
					some, t.fixed = some || may, t.fixed && fixed
				}
			}
			if some {
				x.turns[b.Index] = append(x.turns[b.Index], t)
			}
		}
	}
}

// mayTurn says whether a call may change the locks that are held, and whether what it does depends
// on no other function of this package.
func (x *fn) mayTurn(c *ssa.CallCommon) (may, fixed bool) {
	switch x.p.opOf(c) {
	case opLock, opRLock, opUnlock, opRUnlock:
		return true, true
	}
	if c.IsInvoke() {
		return false, true
	}
	if x.p.local(c) != nil {
		return true, false
	}
	if f := c.StaticCallee(); f != nil {
		o, ok := f.Object().(*types.Func)
		if !ok {
			return false, true
		}
		k := x.p.factOf(o)
		return k != nil && len(k.sum.Acquires)+len(k.sum.Releases) > 0, true
	}
	_, builtin := c.Value.(*ssa.Builtin)
	return !builtin, builtin
}

// turned is what a turn does, as far as it is known by now.
func (x *fn) turned(t *turn) lockEffects {
	switch {
	case t.known:
		return t.effect
	case t.callee != nil && len(t.callee.net.acquires)+len(t.callee.net.releases) == 0:
		return lockEffects{}
	}
	e := x.effects(t.in)
	if t.fixed {
		t.known, t.effect = true, e
	}
	return e
}

// turnsOf walks the turns of a block in step with its instructions.
func (x *fn) turnsOf(b *ssa.BasicBlock) (next func(index int) (lockEffects, bool)) {
	x.listTurns()
	rest := x.turns[b.Index]
	return func(index int) (lockEffects, bool) {
		if len(rest) == 0 || rest[0].index != index {
			return lockEffects{}, false
		}
		t := &rest[0]
		rest = rest[1:]
		return x.turned(t), true
	}
}

// inert says whether x, as far as it is known by now, neither takes locks nor gives any back.
func (x *fn) inert() bool {
	x.listTurns()
	if x.tries {
		return false
	}
	for b := range x.turns {
		for i := range x.turns[b] {
			if e := x.turned(&x.turns[b][i]); len(e.acquires)+len(e.releases) > 0 {
				return false
			}
		}
	}
	return true
}

// after is the state after a turn.
func (s lockState) after(e lockEffects) lockState {
	before := s
	for _, l := range e.releases {
		s = s.without(l)
	}
	for _, l := range e.acquires {
		if before.find(l) >= 0 || lockState(e.releases).find(l) < 0 { // nobody gets back what he did not have
			s = s.with(l)
		}
	}
	return s
}
