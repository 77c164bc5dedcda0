package lower

import (
	"slices"

	"golang.org/x/tools/go/ssa"
)

// settled says whether a local variable, whose address others were given to fill it in, has its last
// value where in reads it: whoever may write it has done so by then, and does not come again.
func (x *fn) settled(a *ssa.Alloc, in ssa.Instruction) bool {
	writers, ok := x.fillers(a)
	if !ok {
		return false
	}
	for _, w := range writers {
		if w.Block() == in.Block() {
			i, j := slices.Index(w.Block().Instrs, w), slices.Index(w.Block().Instrs, in)
			if i > j || comesBack(w.Block(), a.Block()) {
				return false
			}
		} else if reachableBut(in.Block(), w.Block(), a.Block()) {
			return false
		}
	}
	return true
}

// fillers lists the instructions that may write a local variable: stores, and calls that are given its
// address. ok is false if the address goes elsewhere.
func (x *fn) fillers(a *ssa.Alloc) (out []ssa.Instruction, ok bool) {
	if f, known := x.filled[a]; known {
		return f, f != nil
	}
	ok = true
	seen := map[ssa.Value]bool{}
	var visit func(v ssa.Value, part bool)
	visit = func(v ssa.Value, part bool) {
		if seen[v] || v.Referrers() == nil {
			return
		}
		seen[v] = true
		for _, r := range *v.Referrers() {
			switch r := r.(type) {
			case *ssa.Store:
				if r.Addr == v {
					out = append(out, r)
				} else if ia, isElem := r.Addr.(*ssa.IndexAddr); isElem { // an argument of a variadic call
					if args, isArgs := ia.X.(*ssa.Alloc); isArgs && args.Comment == "varargs" {
						visit(args, false)
						continue
					}
					ok = false
				} else {
					ok = false
				}
			case *ssa.FieldAddr:
				visit(r, true)
			case *ssa.IndexAddr:
				if !part && v != ssa.Value(a) {
					continue // how the variadic arguments are put together
				}
				visit(r, true)
			case *ssa.UnOp, *ssa.DebugRef:
			case *ssa.MakeInterface:
				visit(r, false)
			case *ssa.Slice:
				visit(r, false)
			case *ssa.Call:
				out = append(out, r)
			default:
				ok = false
			}
		}
	}
	visit(a, true)
	if x.filled == nil {
		x.filled = map[*ssa.Alloc][]ssa.Instruction{}
	}
	if !ok {
		out = nil
	} else if out == nil {
		out = []ssa.Instruction{}
	}
	x.filled[a] = out
	return out, ok
}
