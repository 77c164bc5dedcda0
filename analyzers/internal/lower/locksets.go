package lower

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
)

// lockEffects is what a call or return does to the locks held.
type lockEffects struct {
	acquires, releases []flow.Lock
}

// effects says what one instruction does to the locks held, in x's terms. TryLock does
// it on one side of a later branch: see tryLock.
func (x *fn) effects(in ssa.Instruction) (e lockEffects) {
	switch in := in.(type) {
	case *ssa.Call:
		return x.callEffects(&in.Call)
	case *ssa.RunDefers:
		for _, d := range x.deferredAt(in) {
			ce := x.callEffects(&d.Call)
			e.releases = append(e.releases, ce.releases...)
			if d.Block().Dominates(in.Block()) {
				e.acquires = append(e.acquires, ce.acquires...)
			}
		}
	}
	return e
}

// deferredAt lists the deferred calls that can have been deferred by the time rd runs them.
func (x *fn) deferredAt(rd *ssa.RunDefers) []*ssa.Defer {
	all := x.deferred()
	if len(all) == 0 {
		return nil
	}
	if out, ok := x.defers[rd]; ok {
		return out
	}
	var out []*ssa.Defer
	for _, d := range all {
		if d.Block() == rd.Block() || d.Block().Dominates(rd.Block()) || reachable(d.Block(), rd.Block()) {
			out = append(out, d)
		}
	}
	if x.defers == nil {
		x.defers = map[*ssa.RunDefers][]*ssa.Defer{}
	}
	x.defers[rd] = out
	return out
}

// optional says whether a boolean that the caller passes decides whether b runs: what the function
// does there with a lock, it does for those callers who ask for it.
func (x *fn) optional(b *ssa.BasicBlock) bool {
	for d := b.Idom(); d != nil; b, d = d, d.Idom() {
		br, ok := d.Instrs[len(d.Instrs)-1].(*ssa.If)
		if !ok || len(b.Preds) != 1 {
			continue
		}
		cond := br.Cond
		for range maxDepth {
			u, ok := cond.(*ssa.UnOp)
			if !ok {
				break
			}
			if a, ok := u.X.(*ssa.Alloc); ok && u.Op == token.MUL {
				if cond = x.constant(a); cond == nil {
					break
				}
				continue
			}
			cond = u.X
		}
		if _, ok := x.index[cond]; ok {
			return true
		}
	}
	return false
}

// deferred lists the deferred calls in the order in which they run.
func (x *fn) deferred() []*ssa.Defer {
	if x.allDefers != nil {
		return x.allDefers
	}
	out := []*ssa.Defer{}
	for _, b := range x.f.Blocks {
		for _, in := range b.Instrs {
			if d, ok := in.(*ssa.Defer); ok {
				out = append(out, d)
			}
		}
	}
	slices.Reverse(out)
	x.allDefers = out
	return out
}

func (x *fn) callEffects(c *ssa.CallCommon) (e lockEffects) {
	switch o := x.p.opOf(c); o {
	case opLock, opRLock:
		e.acquires = []flow.Lock{x.lockOf(receiverOf(c), o == opRLock)}
		return e
	case opUnlock, opRUnlock:
		e.releases = []flow.Lock{x.lockOf(receiverOf(c), o == opRUnlock)}
		return e
	}
	if c.IsInvoke() {
		return e
	}
	args := x.callArgs(c)
	if callee := x.p.local(c); callee != nil {
		for _, l := range callee.net.acquires {
			e.acquires = append(e.acquires, x.fromSummary(l, args))
		}
		for _, l := range callee.net.releases {
			e.releases = append(e.releases, x.fromSummary(l, args))
		}
		return e
	}
	if f := c.StaticCallee(); f != nil {
		if o, ok := f.Object().(*types.Func); ok {
			if k := x.p.factOf(o); k != nil {
				for _, l := range k.sum.Acquires {
					e.acquires = append(e.acquires, x.fromSummary(l, args))
				}
				for _, l := range k.sum.Releases {
					e.releases = append(e.releases, x.fromSummary(l, args))
				}
			}
		}
		return e
	}
	// The function that an earlier call returned: if that call took a lock, this gives it back.
	e.releases = x.unlocks(c.Value)
	return e
}

// unlocks lists the locks that calling v gives back: v is the result of a call that took them, or
// the method value of an Unlock.
func (x *fn) unlocks(v ssa.Value) []flow.Lock {
	for range maxDepth {
		switch w := v.(type) {
		case *ssa.Extract:
			v = w.Tuple
			continue
		case *ssa.UnOp:
			if a, ok := w.X.(*ssa.Alloc); ok {
				if c := x.constant(a); c != nil {
					v = c
					continue
				}
			}
		case *ssa.Call:
			return x.callEffects(&w.Call).acquires
		}
		return nil
	}
	return nil
}

// locksets computes, for every block, the locks held at its start, given those held on entry.
func (x *fn) locksets() []lockState { return x.solveLocks(x.entry, lockState.meet) }

// mayLocksets computes the locks that may be held, on some way.
func (x *fn) mayLocksets() []lockState { return x.solveLocks(x.entry, lockState.union) }

func (x *fn) solveLocks(entry []flow.Lock, join func(a, b lockState) lockState) []lockState {
	in := make([]lockState, len(x.f.Blocks))
	if len(in) == 0 || len(entry) == 0 && x.inert() {
		return in
	}
	seen := make([]bool, len(x.f.Blocks))
	in[0], seen[0] = slices.Clone(lockState(entry)), true
	work := []*ssa.BasicBlock{x.f.Blocks[0]}
	for steps := 0; len(work) > 0 && steps < 64*len(in)+64; steps++ {
		b := work[0]
		work = work[1:]
		s := in[b.Index]
		for i := range x.turns[b.Index] {
			s = s.after(x.turned(&x.turns[b.Index][i]))
		}
		for n, to := range b.Succs {
			out := s
			if x.tries {
				if l, ok := x.tryLock(b, n); ok {
					out = s.with(l)
				}
			}
			switch {
			case !seen[to.Index]:
				seen[to.Index], in[to.Index] = true, out
			default:
				m := join(in[to.Index], out)
				if len(m) == len(in[to.Index]) {
					continue
				}
				in[to.Index] = m
			}
			work = append(work, to)
		}
	}
	return in
}

// visit walks all instructions with the locks held before each.
func (x *fn) visit(do func(in ssa.Instruction, held lockState)) {
	at := x.locksets()
	for _, b := range x.f.Blocks {
		s, next := at[b.Index], x.turnsOf(b)
		for i, in := range b.Instrs {
			do(in, s)
			if e, ok := next(i); ok {
				s = s.after(e)
			}
		}
	}
}

// netEffects computes which locks a function holds when it returns, and which of its caller's it
// gives back.
func (x *fn) netEffects() lockEffects {
	var out lockEffects
	if x.inert() {
		return out
	}
	first := true
	var held lockState
	entry := lockState(x.entry)
	at := x.locksets()
	may := x.solveLocks(nil, lockState.union) // what x itself may have taken
	for _, b := range x.f.Blocks {
		s, m := at[b.Index], may[b.Index]
		for i := range x.turns[b.Index] {
			e := x.turned(&x.turns[b.Index][i])
			for _, l := range e.releases {
				if m.find(l) < 0 && lockState(out.releases).find(l) < 0 && x.outers(l) && !x.optional(b) {
					out.releases = append(out.releases, l)
				}
			}
			s, m = s.after(e), m.after(e)
		}
		if returns(b) {
			if first {
				held, first = s, false
			} else {
				held = held.meet(s)
			}
		}
	}
	for _, l := range held {
		if entry.find(l) < 0 && outerRoot(l) {
			out.acquires = append(out.acquires, l)
		}
	}
	if len(out.releases) > 0 {
		owed := x.owed(may)
		for _, l := range out.releases {
			if owed.find(l) < 0 {
				out.acquires = lockState(out.acquires).with(l) // the caller's: given back and taken again
			}
		}
	}
	return out
}

// owed computes the caller's locks that x may have given back and not taken again when it returns;
// own is what x itself may have taken, by block.
func (x *fn) owed(own []lockState) lockState {
	in := make([]lockState, len(x.f.Blocks))
	seen := make([]bool, len(x.f.Blocks))
	seen[0] = true
	work := []*ssa.BasicBlock{x.f.Blocks[0]}
	var out lockState
	for steps := 0; len(work) > 0 && steps < 64*len(in)+64; steps++ {
		b := work[0]
		work = work[1:]
		s, m := in[b.Index], own[b.Index]
		for i := range x.turns[b.Index] {
			e := x.turned(&x.turns[b.Index][i])
			for _, l := range e.releases {
				if m.find(l) < 0 && !x.optional(b) {
					s = s.with(l)
				}
			}
			for _, l := range e.acquires {
				s = s.without(l)
			}
			m = m.after(e)
		}
		if returns(b) {
			out = out.union(s)
		}
		for _, to := range b.Succs {
			u := in[to.Index].union(s)
			if seen[to.Index] && len(u) == len(in[to.Index]) {
				continue
			}
			seen[to.Index], in[to.Index] = true, u
			work = append(work, to)
		}
	}
	return out
}

// returns says whether a block ends in a return.
func returns(b *ssa.BasicBlock) bool {
	if len(b.Instrs) == 0 {
		return false
	}
	_, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return)
	return ok
}

// outers says whether a lock that x gives back can be one that its caller has taken: a variable of
// its own that its closures capture is not.
func (x *fn) outers(l flow.Lock) bool {
	return l.Root == flow.RootParam || l.Root == flow.RootGlobal || l.Root == flow.RootCell && x.f.Parent() != nil
}

func outerRoot(l flow.Lock) bool {
	return l.Root == flow.RootParam || l.Root == flow.RootGlobal || l.Root == flow.RootCell || l.Field != ""
}
