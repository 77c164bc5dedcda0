package lower

import (
	"golang.org/x/tools/go/ssa"
)

// inline says whether x is a literal that only its maker, and literals of the kind in it, call, one call after the
// other: nobody else reaches the maker's variables through it.
func (x *fn) inline(depth int) bool {
	return x.parent != nil && x.site != nil && depth < maxDepth && x.parent.callsOnly(x.site, depth)
}

// callsOnly says whether a function value of x's is called or deferred by x, or by inline literals that capture the
// variable which holds it, and goes nowhere else.
func (x *fn) callsOnly(v ssa.Value, depth int) bool {
	if v.Referrers() == nil || depth >= maxDepth {
		return false
	}
	for _, r := range *v.Referrers() {
		switch r := r.(type) {
		case *ssa.Call:
			if r.Call.Value != v {
				return false
			}
		case *ssa.Defer:
			if r.Call.Value != v {
				return false
			}
		case *ssa.Store:
			a, ok := r.Addr.(*ssa.Alloc)
			if !ok || r.Val != v || x.constant(a) == nil || !x.loadsOnly(a, depth+1) {
				return false
			}
		case *ssa.DebugRef:
		default:
			return false
		}
	}
	return true
}

// loadsOnly says the same of a variable that holds the function.
func (x *fn) loadsOnly(v ssa.Value, depth int) bool {
	for _, r := range *v.Referrers() {
		switch r := r.(type) {
		case *ssa.UnOp:
			if !x.callsOnly(r, depth+1) {
				return false
			}
		case *ssa.MakeClosure:
			inner := x.p.funcOf(r.Fn.(*ssa.Function))
			if inner == nil || !inner.inline(depth+1) {
				return false
			}
			for i, b := range r.Bindings {
				if b == v && !inner.loadsOnly(inner.f.FreeVars[i], depth+1) {
					return false
				}
			}
		case *ssa.Store, *ssa.DebugRef:
		default:
			return false
		}
	}
	return true
}
