package lower

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
)

// inner names a map that is an element of a map, `s.watchers[topic]`: a container like the one that it is
// in, which the lock of the owner guards as well. It has a name only where the key means the same at
// every place of the function that spells it: nothing that a loop goes through.
func (x *fn) inner(l *ssa.Lookup, v ssa.Value) ref {
	m, ok := l.X.Type().Underlying().(*types.Map)
	if !ok {
		return x.unknown(v)
	}
	object := false
	switch m.Elem().Underlying().(type) {
	case *types.Map:
	case *types.Pointer:
		object = true
	default:
		return x.unknown(v)
	}
	r := x.valueOf(l.X)
	switch {
	case r.fresh():
		return x.local(v)
	case !r.named() || r.key != nil || r.root == flow.RootNone || !x.steady(l.Index):
		return x.unknown(v)
	}
	if object {
		r.key = l.Index
		return r
	}
	return ref{path: r.path + "[" + x.keyText(l.Index) + "]", field: r.field + "[]", root: r.root, param: r.param}
}

// visited names the object that a loop over a map has come to, as a loop over a slice names its members.
func (x *fn) visited(n *ssa.Next, v *ssa.Extract) ref {
	r, ok := n.Iter.(*ssa.Range)
	if !ok {
		return x.unknown(v)
	}
	if _, ok := types.Unalias(v.Type()).Underlying().(*types.Pointer); !ok {
		return x.unknown(v)
	}
	m := x.valueOf(r.X)
	if !m.named() || m.key != nil || m.fresh() || m.root == flow.RootNone {
		return x.unknown(v)
	}
	m.key = n
	return m
}

// steady says whether a key is the same value throughout the function: a constant, a parameter, or a
// part of one.
func (x *fn) steady(v ssa.Value) bool {
	for range maxDepth {
		switch w := v.(type) {
		case *ssa.Const, *ssa.Parameter, *ssa.FreeVar:
			return true
		case *ssa.Field:
			v = w.X
		case *ssa.FieldAddr:
			v = w.X
		case *ssa.Convert:
			v = w.X
		case *ssa.ChangeType:
			v = w.X
		case *ssa.MakeInterface:
			v = w.X
		case *ssa.Alloc:
			c := x.constant(w)
			if c == nil {
				return false
			}
			v = c
		case *ssa.UnOp:
			if w.Op != token.MUL {
				return false
			}
			v = w.X
		default:
			return false
		}
	}
	return false
}
