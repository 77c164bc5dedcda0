package lower

import (
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
)

// parts lists what the fields of a new object were given where it was made: `&T{Name: name}` is known by name as
// well as by its own field.
func (x *body) parts(v ssa.Value) (out []flow.Part) {
	a := x.madeAs(v)
	if a == nil {
		return nil
	}
	for _, r := range *a.Referrers() {
		fa, ok := r.(*ssa.FieldAddr)
		if !ok {
			continue
		}
		if s := x.filledBy(a, fa.Field); s != nil && s.Addr == ssa.Value(fa) {
			if k := x.keyExpr(s.Val); k.Const || k.Root != 0 {
				out = append(out, flow.Part{Path: "." + fieldName(fa), Key: k})
			}
		}
	}
	return out
}

// madeAs is the variable of a new object that v is, or points to.
func (x *fn) madeAs(v ssa.Value) *ssa.Alloc {
	if mi, ok := v.(*ssa.MakeInterface); ok {
		v = mi.X
	}
	if u, ok := v.(*ssa.UnOp); ok {
		v = u.X
		if a, ok := v.(*ssa.Alloc); ok && !isAggregate(deref(a.Type())) {
			v = x.constant(a)
		}
	}
	a, ok := v.(*ssa.Alloc)
	if !ok || a.Referrers() == nil || !isAggregate(deref(a.Type())) || x.cells[a] == nil || x.cells[a].value != nil {
		return nil
	}
	return a
}

// filledBy is the one store that gives a plain field of a new object its value.
func (x *fn) filledBy(a *ssa.Alloc, field int) *ssa.Store {
	var out *ssa.Store
	for _, r := range *a.Referrers() {
		fa, ok := r.(*ssa.FieldAddr)
		if !ok || fa.Field != field {
			continue
		}
		if _, plain := types.Unalias(deref(fa.Type())).Underlying().(*types.Basic); !plain {
			return nil
		}
		for _, q := range *fa.Referrers() {
			if s, ok := q.(*ssa.Store); ok && s.Addr == ssa.Value(fa) {
				if out != nil {
					return nil
				}
				out = s
			}
		}
	}
	return out
}

// partOf is what a field of a new object was given, where in reads it.
func (x *fn) partOf(fa *ssa.FieldAddr, in ssa.Instruction) ssa.Value {
	a := x.madeAs(fa.X)
	if a == nil {
		return nil
	}
	if s := x.filledBy(a, fa.Field); s != nil && s.Block().Dominates(in.Block()) {
		return s.Val
	}
	return nil
}
