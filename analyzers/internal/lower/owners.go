package lower

import (
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
)

// ownerLock is what a method knows of the lock of the object that its receiver is a part of.
type ownerLock struct {
	flow.Lock
	proven bool // somebody calls it under that lock
}

// findOwned finds methods of objects that are a part of others, by value, and are used under a lock
// of the whole alone: two types that each have a ring of their own guard it by two locks, which have
// nothing in common, and yet no ring is ever used by two goroutines. Such methods hold "the owner's
// lock" of their receiver on entry. A method that nobody calls says nothing about those it calls.
func (p *pkg) findOwned(closed map[*fn]bool, heldAt map[*fn]map[ssa.Instruction]lockState) {
	owned := map[*fn]*ownerLock{}
	for _, x := range p.funcs {
		if x.recv != "" && closed[x] && len(x.params) > 0 {
			owned[x] = &ownerLock{Lock: flow.Lock{Path: x.names[x.params[0]] + ".(owner's lock)", Field: x.recv + ".(owner's lock)", Root: flow.RootParam, Kind: flow.LockThread}}
		}
	}
	for changed := true; changed; {
		changed = false
		for x, l := range owned {
			for i := range x.called {
				c := &x.called[i]
				by := c.owner(x, owned, heldAt)
				if by == nil {
					delete(owned, x)
					changed = true
					break
				}
				if by.Read && !l.Read || by.proven && !l.proven {
					l.Read, l.proven, changed = l.Read || by.Read, l.proven || by.proven, true
				}
			}
		}
	}
	several := map[string]bool{} // types with methods that have no other lock in common
	for x, l := range owned {
		several[x.recv] = several[x.recv] || l.proven && len(x.entry) == 0
	}
	for x, l := range owned {
		if several[x.recv] {
			x.entry, x.mixed = lockState(x.entry).with(l.Lock), false
		}
	}
}

// owner is what a call says of the lock of the object that the receiver is a part of: nil if it is
// not held, and nothing if nobody else knows the object yet.
func (c *callSite) owner(callee *fn, owned map[*fn]*ownerLock, heldAt map[*fn]map[ssa.Instruction]lockState) *ownerLock {
	if c.unshared(callee) {
		return &ownerLock{}
	}
	if c.spawned || len(c.args) == 0 || c.args[0] == nil {
		return nil
	}
	if l := owned[c.caller]; l != nil && c.caller.recv == callee.recv && c.args[0] == c.caller.params[0] {
		return l
	}
	part, ok := c.args[0].(*ssa.FieldAddr)
	if !ok {
		return nil
	}
	whole := part.X
	for {
		if part, ok = whole.(*ssa.FieldAddr); !ok {
			break
		}
		whole = part.X
	}
	r := c.caller.valueOf(whole)
	if r.path == "" || r.key != nil {
		return nil
	}
	var out *ownerLock
	for _, l := range heldAt[c.caller][c.instr] {
		if strings.HasPrefix(l.Path, r.path+".") && (out == nil || out.Read) {
			out = &ownerLock{flow.Lock{Read: l.Read}, true}
		}
	}
	return out
}
