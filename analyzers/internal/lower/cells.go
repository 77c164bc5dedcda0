package lower

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// cell is a local variable whose address is taken.
type cell struct {
	stores   int
	value    ssa.Value // the only value stored, if stores is 1
	filled   int       // stores of anything but nil
	object   ssa.Value // the last of these
	captured bool
	partial  bool // parts of it are stored
	foreign  bool // closures assign it
}

func cellOf(a *ssa.Alloc) *cell {
	c := &cell{}
	visit := func(v ssa.Value, depth int) {
		refs := v.Referrers()
		if refs == nil || depth > 4 {
			return
		}
		for _, r := range *refs {
			switch r := r.(type) {
			case *ssa.Store:
				if r.Addr == v && v == ssa.Value(a) {
					c.stores++
					c.value = r.Val
					if u, ok := r.Val.(*ssa.UnOp); ok && u.X == v {
						continue // a named result that is returned
					}
					if k, ok := r.Val.(*ssa.Const); !ok || !k.IsNil() {
						c.filled++
						c.object = r.Val
					}
				} else if r.Addr == v && depth == 0 {
					c.stores++
					c.filled += 2
					c.value = nil
				}
			case *ssa.FieldAddr:
				for _, q := range *r.Referrers() {
					if s, ok := q.(*ssa.Store); ok && s.Addr == ssa.Value(r) {
						c.partial = true
					}
				}
			case *ssa.MakeClosure:
				c.captured = true
				callee, _ := r.Fn.(*ssa.Function)
				for i, b := range r.Bindings {
					if b == v && callee != nil && i < len(callee.FreeVars) {
						if storesTo(callee.FreeVars[i], 0) {
							c.stores += 2
							c.filled += 2
							c.foreign = true
						}
					}
				}
			}
		}
	}
	visit(a, 0)
	return c
}

// storesTo says whether a closure assigns a variable that it captures.
func storesTo(v ssa.Value, depth int) bool {
	if depth > 4 {
		return true
	}
	for _, r := range *v.Referrers() {
		switch r := r.(type) {
		case *ssa.Store:
			if r.Addr == v {
				return true
			}
		case *ssa.MakeClosure:
			callee, _ := r.Fn.(*ssa.Function)
			for i, b := range r.Bindings {
				if b == v && callee != nil && i < len(callee.FreeVars) && storesTo(callee.FreeVars[i], depth+1) {
					return true
				}
			}
		}
	}
	return false
}

// constant returns the only value that a local variable ever has.
func (x *fn) constant(a *ssa.Alloc) ssa.Value {
	if c := x.cells[a]; c != nil && c.stores == 1 && c.value != nil && !c.partial {
		return c.value
	}
	return nil
}

// object returns the only object that a pointer variable ever points to; it may be nil, too.
func (x *fn) object(a *ssa.Alloc) ssa.Value {
	if c := x.cells[a]; c != nil && c.filled == 1 && !c.partial {
		if _, ok := types.Unalias(c.object.Type()).Underlying().(*types.Pointer); ok {
			return c.object
		}
	}
	return x.constant(a)
}

// assignedBefore finds the new object that a captured pointer variable holds for certain where it is
// read: `w := &T{}; w.setUp(); w, err = w.rename()`.
func (x *fn) assignedBefore(a *ssa.Alloc, load *ssa.UnOp) ssa.Value {
	c := x.cells[a]
	if c == nil || !c.captured || c.foreign || c.filled < 2 || c.partial {
		return nil
	}
	before := func(s *ssa.Store, in ssa.Instruction) bool { // s dominates in
		if s.Block() != in.Block() {
			return s.Block().Dominates(in.Block())
		}
		return slices.Index(s.Block().Instrs, ssa.Instruction(s)) < slices.Index(in.Block().Instrs, in)
	}
	var last *ssa.Store
	var all []*ssa.Store
	for _, r := range *a.Referrers() {
		if s, ok := r.(*ssa.Store); ok && s.Addr == ssa.Value(a) {
			all = append(all, s)
			if before(s, load) && (last == nil || before(last, s)) {
				last = s
			}
		}
	}
	if last == nil {
		return nil
	}
	if _, ok := last.Val.(*ssa.Alloc); !ok {
		return nil
	}
	for _, s := range all {
		if s != last && !before(s, last) && (reachable(s.Block(), load.Block()) || s.Block() == load.Block() && before(s, load)) {
			return nil
		}
	}
	return last.Val
}

// capturedCell finds the variable behind a captured one, up through enclosing functions.
func (x *fn) capturedCell(v *ssa.FreeVar) (*fn, ssa.Value) {
	y := x
	var val ssa.Value = v
	for range maxDepth {
		fv, ok := val.(*ssa.FreeVar)
		if !ok {
			return y, val
		}
		if y.site == nil || y.parent == nil {
			return y, val
		}
		i := y.index[fv] - len(y.f.Params)
		if i < 0 || i >= len(y.site.Bindings) {
			return y, val
		}
		y, val = y.parent, y.site.Bindings[i]
	}
	return y, val
}
