package lower

import (
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
)

// picked are the answers that decide which value a phi takes on the way from b: a flag, a number or an
// object that a loop over members has found, `if !w.busy { pick = w; break }`, tells what was asked. A
// flag or a number tells of the container, too: of all that are in it.
func (x *body) picked(phi *ssa.Phi, edge ssa.Value, b *ssa.BasicBlock) []flow.VarID {
	object := false
	switch t := types.Unalias(phi.Type()).Underlying().(type) {
	case *types.Pointer:
		object = true
		if c, ok := edge.(*ssa.Const); ok && c.IsNil() {
			return nil
		}
	case *types.Basic:
		if t.Info()&(types.IsBoolean|types.IsInteger) == 0 {
			return nil
		}
	default:
		return nil
	}
	if shortCircuit(phi) {
		if br, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If); ok && x.v(br.Cond) != 0 {
			return []flow.VarID{x.v(br.Cond)}
		}
		return nil
	}
	taken := map[string]bool{}
	for range 2 {
		for _, in := range b.Instrs {
			if s, ok := in.(*ssa.Store); ok {
				taken[x.valueOf(s.Addr).path] = true
			}
		}
		if br, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If); ok {
			m := x.asked(br.Cond, 0)
			if m == nil || taken[x.valueOf(m.X).path] {
				return nil
			}
			out := []flow.VarID{x.v(br.Cond)}
			if c := containerOf(m); c != nil && !object {
				out = append(out, x.v(c))
			}
			return out
		}
		if len(b.Preds) != 1 {
			return nil
		}
		b = b.Preds[0]
	}
	return nil
}

// shortCircuit says whether a phi is the value of `a && b` or `a || b`.
func shortCircuit(phi *ssa.Phi) bool { return phi.Comment == "&&" || phi.Comment == "||" }

// asked finds the member of a container that others reach about whose state a condition asks. To order
// members by what they hold is a choice, no question.
func (x *body) asked(cond ssa.Value, depth int) *ssa.UnOp {
	if depth > 4 {
		return nil
	}
	first := func(vals ...ssa.Value) *ssa.UnOp {
		for _, v := range vals {
			if m := x.asked(v, depth+1); m != nil {
				return m
			}
		}
		return nil
	}
	switch c := cond.(type) {
	case *ssa.UnOp:
		if c.Op == token.NOT {
			return x.asked(c.X, depth+1)
		}
		if c.Op != token.MUL {
			return nil
		}
		if r := x.valueOf(c.X); r.named() && !r.fresh() && x.p.shared(r.field) && (r.key != nil || strings.Contains(r.path, "[")) {
			return c
		}
	case *ssa.BinOp:
		if ofBest(c.X) || ofBest(c.Y) {
			return nil
		}
		return first(c.X, c.Y)
	case *ssa.Call:
		return first(c.Call.Args...)
	}
	return nil
}

// ofBest says whether a value is read from the member that a loop has chosen so far.
func ofBest(v ssa.Value) bool {
	for range maxDepth {
		switch w := v.(type) {
		case *ssa.Phi:
			_, ok := types.Unalias(w.Type()).Underlying().(*types.Pointer)
			return ok || len(w.Edges) > 1 && !shortCircuit(w)
		case *ssa.UnOp:
			v = w.X
		case *ssa.FieldAddr:
			v = w.X
		case *ssa.IndexAddr:
			v = w.Index
		case *ssa.Call:
			if len(w.Call.Args) == 0 {
				return false
			}
			v = w.Call.Args[0]
		default:
			return false
		}
	}
	return false
}

// containerOf finds what asks for the size of the container that a loop finds a member in, or goes through it.
func containerOf(member *ssa.UnOp) ssa.Value {
	v := base(member.X)
	if _, ok := member.X.(*ssa.IndexAddr); ok {
		v = member
	}
	for range maxDepth {
		switch w := v.(type) {
		case *ssa.UnOp:
			if a, ok := w.X.(*ssa.IndexAddr); ok {
				for _, r := range *a.X.Referrers() {
					if c, ok := r.(*ssa.Call); ok && isLen(c) {
						return c
					}
				}
				return nil
			}
			v = base(w.X)
			continue
		case *ssa.Extract:
			if n, ok := w.Tuple.(*ssa.Next); ok {
				return n.Iter
			}
		}
		return nil
	}
	return nil
}

// found is the index that a loop has left in a variable which says -1 where it found nothing.
func found(v ssa.Value) ssa.Value {
	phi, ok := v.(*ssa.Phi)
	if !ok {
		return v
	}
	var index ssa.Value
	for _, e := range phi.Edges {
		c, isConst := e.(*ssa.Const)
		switch {
		case isConst && c.Value != nil && c.Value.Kind() == constant.Int && constant.Sign(c.Value) < 0:
		case isConst, index != nil && index != e:
			return v
		default:
			index = e
		}
	}
	if b, ok := index.(*ssa.BinOp); ok && (b.X == v || b.Y == v) || index == nil {
		return v // the loop's own counter
	}
	return index
}
