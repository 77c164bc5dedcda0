package lower

import (
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
)

// value says what is known of a written value.
func (x *body) value(v ssa.Value) flow.Value {
	for range maxDepth {
		switch w := v.(type) {
		case *ssa.Const:
			return constValue(w)
		case *ssa.MakeInterface:
			v = w.X
			continue
		case *ssa.ChangeInterface:
			v = w.X
			continue
		case *ssa.ChangeType:
			v = w.X
			continue
		case *ssa.MakeMap:
			return flow.ValueEmpty
		case *ssa.MakeSlice:
			if c, ok := w.Len.(*ssa.Const); ok && c.Int64() == 0 {
				return flow.ValueEmpty
			}
		case *ssa.UnOp:
			if a, ok := w.X.(*ssa.Alloc); ok && w.Op == token.MUL {
				if c := x.constant(a); c != nil {
					v = c
					continue
				}
				if c := x.cells[a]; c != nil && c.stores == 0 && !c.partial && !c.captured && isAggregate(w.Type()) {
					return flow.ValueNone // T{}
				}
			}
		}
		break
	}
	t := types.Unalias(v.Type())
	switch {
	case isPlain(t, 0):
		return flow.ValuePlain
	case hasMethod(t, "Close", "Shutdown", "Stop"):
		return flow.ValueResource
	}
	switch v.(type) {
	case *ssa.Alloc, *ssa.MakeChan, *ssa.MakeSlice, *ssa.MakeClosure:
		return flow.ValueObject
	}
	if _, ok := t.Underlying().(*types.Pointer); ok {
		return flow.ValueObject
	}
	return flow.ValueUnknown
}

func constValue(c *ssa.Const) flow.Value {
	if c.IsNil() {
		return flow.ValueNone
	}
	if c.Value == nil {
		if s, ok := c.Type().Underlying().(*types.Struct); ok && s.NumFields() > 0 {
			return flow.ValueNone // T{}
		}
		return flow.ValuePlain // an element of a set, as a rule
	}
	switch c.Value.Kind() {
	case constant.Bool:
		if constant.BoolVal(c.Value) {
			return flow.ValueTrue
		}
		return flow.ValueFalse
	case constant.Int, constant.Float:
		if constant.Sign(c.Value) == 0 {
			return flow.ValueFalse
		}
	case constant.String:
		if constant.StringVal(c.Value) == "" {
			return flow.ValueFalse
		}
	}
	return flow.ValuePlain
}

// kept says whether a value is what a container holds, whoever has put it there: whoever asks for it by
// its key gets the same one, so that a variable that remembers it loses nothing with it.
func (x *body) kept(v ssa.Value) bool {
	seen := map[ssa.Value]bool{}
	var held func(v ssa.Value) bool
	held = func(v ssa.Value) bool {
		if seen[v] {
			return true
		}
		seen[v] = true
		switch w := v.(type) {
		case *ssa.MakeInterface:
			return held(w.X)
		case *ssa.ChangeType:
			return held(w.X)
		case *ssa.ChangeInterface:
			return held(w.X)
		case *ssa.TypeAssert:
			return held(w.X)
		case *ssa.Extract:
			return w.Index == 0 && held(w.Tuple)
		case *ssa.Phi:
			return !slices.ContainsFunc(w.Edges, func(e ssa.Value) bool { return !held(e) })
		case *ssa.Lookup:
			r := x.valueOf(w.X)
			return r.named() && r.key == nil && x.p.shared(r.field)
		case *ssa.Call:
			o := x.p.opOf(&w.Call)
			if keepsByName(&w.Call) {
				return true
			}
			return o == opElemLoad || o == opElemUpdate && calleeName(&w.Call) == "LoadOrStore"
		}
		return false
	}
	return held(v) && !x.takesAway()
}

// counted says whether a value is what a registry keeps under the names that it was asked by, or an object of
// nothing but such: made twice, it is the same one.
func (x *body) counted(v ssa.Value, depth int) bool {
	if depth > 4 {
		return false
	}
	switch w := v.(type) {
	case *ssa.MakeInterface:
		return x.counted(w.X, depth+1)
	case *ssa.ChangeInterface:
		return x.counted(w.X, depth+1)
	case *ssa.Extract:
		return w.Index == 0 && x.counted(w.Tuple, depth+1)
	case *ssa.Call:
		return keepsByName(&w.Call)
	case *ssa.UnOp:
		return w.Op == token.MUL && x.counted(w.X, depth+1)
	case *ssa.Alloc:
		if c := x.constant(w); c != nil {
			return x.counted(c, depth+1)
		}
		some := false
		for _, r := range *w.Referrers() {
			fa, ok := r.(*ssa.FieldAddr)
			if !ok {
				continue
			}
			for _, q := range *fa.Referrers() {
				if s, ok := q.(*ssa.Store); ok && s.Addr == ssa.Value(fa) {
					if !x.counted(s.Val, depth+1) {
						return false
					}
					some = true
				}
			}
		}
		return some
	}
	return false
}

// takesAway says whether x removes elements: what it has taken out of a container is nobody's but its own.
func (x *body) takesAway() bool {
	return slices.ContainsFunc(x.f.Blocks, func(b *ssa.BasicBlock) bool { return slices.ContainsFunc(b.Instrs, x.removal) })
}
