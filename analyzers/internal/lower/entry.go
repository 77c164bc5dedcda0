package lower

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
)

// inferEntry finds the locks that every caller holds.
func (p *pkg) inferEntry() {
	closed, eligible := map[*fn]bool{}, map[*fn]bool{} // all callers are known; and there are some
	for _, x := range p.funcs {
		if c := x.contractLocks(); c != nil {
			x.entry, x.contract = c, true
		}
		obj := x.f.Object()
		private := obj == nil || !obj.Exported()
		private = private || p.hidden(x)
		if obj != nil && (obj.Name() == "init" || obj.Name() == "main") {
			private = false
		}
		closed[x] = private && !x.escape && !x.contract
		eligible[x] = closed[x] && len(x.called) > 0
	}
	for _, x := range p.funcs {
		x.net = x.netEffects()
	}
	known := map[*fn]bool{}
	heldAt := map[*fn]map[ssa.Instruction]lockState{} // by caller, at its calls
	stale := map[*fn]bool{}                           // whose locks on entry have changed since
	for round := range 6 {
		changed := false
		for _, x := range p.funcs {
			if len(x.calls) > 0 && (round == 0 || stale[x]) {
				heldAt[x], stale[x] = x.heldAtCalls(), false
			}
		}
		for _, x := range p.funcs {
			if !eligible[x] {
				continue
			}
			var meet lockState
			first, bare, some := true, false, false
			alone := !slices.ContainsFunc(x.called, func(c callSite) bool { return !c.unshared(x) })
			for _, c := range x.called {
				if eligible[c.caller] && !known[c.caller] && round < 3 && c.caller != x {
					continue // not known yet
				}
				if c.caller == x || !alone && c.unshared(x) {
					continue
				}
				var s lockState
				if !c.spawned {
					for _, l := range heldAt[c.caller][c.instr] {
						s = s.with(c.caller.toCallee(l, x, c.args))
					}
					for _, l := range c.held {
						s = s.with(c.caller.toCallee(l, x, c.args))
					}
				}
				bare, some = bare || len(s) == 0, some || len(s) > 0
				if first {
					meet, first = s, false
				} else {
					meet = meetByField(meet, s)
				}
			}
			x.mixed = bare && some || bare && slices.ContainsFunc(x.called, func(c callSite) bool {
				return c.caller.mixed && !c.spawned && len(heldAt[c.caller][c.instr]) == 0 && !c.unshared(x)
			})
			if first {
				continue
			}
			if !known[x] || len(meet) != len(x.entry) {
				changed = true
			}
			stale[x] = !slices.Equal(meet, lockState(x.entry))
			known[x], x.entry = true, meet
		}
		if !changed && round > 0 {
			break
		}
	}
	p.findOwned(closed, heldAt)
	p.findMaybe()
	p.findLent(eligible, heldAt)
	for _, x := range p.funcs {
		x.net = x.netEffects()
		x.mixed = x.mixed || x.escape && x.f.Parent() != nil
	}
}

// findLent marks the functions that others may call as well, but that all callers in the package call with a lock
// held, or are called so themselves: that a function takes no lock then says little.
func (p *pkg) findLent(eligible map[*fn]bool, heldAt map[*fn]map[ssa.Instruction]lockState) {
	for changed := true; changed; {
		changed = false
		for _, x := range p.funcs {
			if x.lent || eligible[x] || x.escape || x.test || len(x.called) == 0 {
				continue
			}
			x.lent = !slices.ContainsFunc(x.called, func(c callSite) bool {
				return c.spawned || !c.caller.test && !c.caller.lent && len(heldAt[c.caller][c.instr]) == 0 && len(c.held) == 0
			}) && slices.ContainsFunc(x.called, func(c callSite) bool { return !c.caller.test })
			changed = changed || x.lent
		}
	}
}

// heldAtCalls lists the locks that x holds at its calls, if any.
func (x *fn) heldAtCalls() map[ssa.Instruction]lockState {
	if len(x.entry) == 0 && x.inert() {
		return nil
	}
	out := map[ssa.Instruction]lockState{}
	x.visit(func(in ssa.Instruction, held lockState) {
		if len(held) == 0 {
			return
		}
		switch in := in.(type) {
		case *ssa.Call:
			out[in] = held
		case *ssa.RunDefers:
			for _, d := range x.deferred() {
				if _, ok := out[d]; !ok {
					out[d] = x.heldAtDefer(d, held)
				}
			}
		}
	})
	return out
}

// hidden says whether x is an exported method of a type that is not, and that no interface in the
// package holds: then all its callers are known.
func (p *pkg) hidden(x *fn) bool {
	r := x.f.Signature.Recv()
	if r == nil {
		return false
	}
	n, ok := types.Unalias(deref(r.Type())).(*types.Named)
	if !ok || n.Obj().Exported() {
		return false
	}
	if p.boxed == nil {
		p.boxed = map[string]bool{}
		for _, y := range p.funcs {
			for _, b := range y.f.Blocks {
				for _, in := range b.Instrs {
					if mi, ok := in.(*ssa.MakeInterface); ok {
						p.boxed[typeName(mi.X.Type())] = true
					}
				}
			}
		}
	}
	return !p.boxed[typeName(r.Type())]
}

// findMaybe marks the functions that are called where a lock is held on some ways only: as a rule the
// same condition decides about the lock and about the call. So it is for what they call.
func (p *pkg) findMaybe() {
	bare := map[ssa.Instruction]bool{}
	var work []*fn
	mark := func(c *callSite) {
		if !c.spawned && !c.callee.contract && !c.callee.mixed {
			c.callee.mixed = true
			work = append(work, c.callee)
		}
	}
	for _, x := range p.funcs {
		if len(x.calls) == 0 {
			continue
		}
		called := map[ssa.Instruction]bool{}
		for _, c := range x.calls {
			called[c.instr] = true
		}
		must, may := x.locksets(), x.mayLocksets()
		at := map[ssa.Instruction]bool{}
		for _, b := range x.f.Blocks {
			s, m, next := must[b.Index], may[b.Index], x.turnsOf(b)
			for i, in := range b.Instrs {
				if called[in] {
					bare[in] = len(s) == 0
					at[in] = len(s) == 0 && len(m) > 0
				}
				if e, ok := next(i); ok {
					s, m = s.after(e), m.after(e)
				}
			}
		}
		for _, c := range x.calls {
			if at[c.instr] {
				mark(&c)
			}
		}
	}
	for len(work) > 0 {
		x := work[len(work)-1]
		work = work[:len(work)-1]
		for _, c := range x.calls {
			if bare[c.instr] && len(c.callee.called) == 1 {
				mark(&c)
			}
		}
	}
}

// unshared says whether the call is made on an object that nobody else knows yet: then no lock is
// needed, whatever the other callers hold.
func (c *callSite) unshared(callee *fn) bool {
	if callee.recv == "" || c.spawned || len(c.args) == 0 || c.args[0] == nil {
		return false
	}
	r := c.caller.valueOf(c.args[0])
	return r.fresh() || c.caller.starting || c.caller.isInit && r.root == flow.RootParam && r.param == 0
}

// heldAtDefer is what is held when deferred call d runs: those deferred later ran before it.
func (x *fn) heldAtDefer(d *ssa.Defer, held lockState) lockState {
	for _, o := range x.deferred() {
		if o == d {
			break
		}
		for _, l := range x.callEffects(&o.Call).releases {
			held = held.without(l)
		}
	}
	return held
}

// meetByField keeps the locks that both sets hold, under the name of the first; what one of them
// holds for reading only is held for reading.
func meetByField(a, b lockState) lockState {
	var out lockState
	for _, l := range a {
		for _, o := range b {
			if o.Path == l.Path || l.Field != "" && o.Field == l.Field {
				l.Read = l.Read || o.Read
				out = append(out, l)
				break
			}
		}
	}
	return out
}
