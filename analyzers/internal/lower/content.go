package lower

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/pattern"
)

// reads are the beginnings of the names of functions that fill in what comes from outside.
var reads = pattern.New(`^(Decode|Unmarshal|Scan|Bind|ShouldBind|ReadJSON)`)

// ownContent says whether a value that is stored under a key is more than what the key says: the
// caller has brought it, or it is one of a kind (the next number, an item off a stock). What a call
// computes is taken for a function of the key.
func (x *body) ownContent(v, key ssa.Value) bool {
	seen := map[ssa.Value]bool{}
	var own func(v ssa.Value, depth int) bool
	own = func(v ssa.Value, depth int) bool {
		if v == nil || depth > maxDepth || seen[v] || key != nil && x.keyExpr(v) == x.keyExpr(key) {
			return false
		}
		seen[v] = true
		switch w := v.(type) {
		case *ssa.Parameter:
			return x.brings(w)
		case *ssa.MakeInterface:
			return own(w.X, depth+1)
		case *ssa.ChangeType:
			return own(w.X, depth+1)
		case *ssa.Convert:
			return own(w.X, depth+1)
		case *ssa.Field:
			return own(w.X, depth+1)
		case *ssa.Alloc:
			return x.brought(w)
		case *ssa.Phi:
			for _, e := range w.Edges {
				if own(e, depth+1) {
					return true
				}
			}
		case *ssa.UnOp:
			return w.Op == token.MUL && x.ownPlace(w.X, func(v ssa.Value) bool { return own(v, depth+1) })
		case *ssa.Call:
			if b, ok := w.Call.Value.(*ssa.Builtin); ok && b.Name() == "len" { // the next number
				r := x.valueOf(w.Call.Args[0])
				return r.named() && x.p.shared(r.field)
			}
			return x.p.opOf(&w.Call) == opUpdate && strings.HasPrefix(calleeName(&w.Call), "Add")
		}
		return false
	}
	return own(v, 0)
}

// brought says whether a new object is put together from several things of the caller's: more than a key.
func (x *body) brought(a *ssa.Alloc) bool {
	if !isAggregate(deref(a.Type())) {
		return false
	}
	seen := map[ssa.Value]bool{}
	for _, r := range *a.Referrers() {
		fa, ok := r.(*ssa.FieldAddr)
		if !ok {
			continue
		}
		for _, q := range *fa.Referrers() {
			if s, ok := q.(*ssa.Store); ok && s.Addr == ssa.Value(fa) {
				if p, ok := x.cellValue(s.Val).(*ssa.Parameter); ok && x.brings(p) {
					seen[p] = true
				}
			}
		}
	}
	return len(seen) > 1
}

// brings says whether a parameter is data of the caller's choice.
func (x *fn) brings(p *ssa.Parameter) bool {
	if x.index[p] == 0 && x.f.Signature.Recv() != nil {
		return false
	}
	switch t := types.Unalias(p.Type()); t.Underlying().(type) {
	case *types.Basic, *types.Struct:
		return typeName(t) != "time.Time" && typeName(t) != "time.Duration"
	}
	return false
}

// ownPlace is ownContent for what is read from an address.
func (x *body) ownPlace(addr ssa.Value, own func(ssa.Value) bool) bool {
	switch a := addr.(type) {
	case *ssa.FieldAddr:
		if x.written(a) {
			return true
		}
		switch b := a.X.(type) {
		case *ssa.Alloc:
			return x.ownPlace(b, own)
		case *ssa.Parameter:
			_, plain := types.Unalias(deref(a.Type())).Underlying().(*types.Basic)
			return plain && !(x.index[b] == 0 && x.f.Signature.Recv() != nil)
		}
	case *ssa.IndexAddr:
		if u, ok := a.X.(*ssa.UnOp); ok {
			if f, ok := u.X.(*ssa.FieldAddr); ok {
				return x.written(f) // taken off a stock
			}
		}
	case *ssa.Parameter: // what the caller's pointer points to
		return isAggregate(deref(a.Type())) && !(x.index[a] == 0 && x.f.Signature.Recv() != nil)
	case *ssa.Alloc:
		if c := x.constant(a); c != nil {
			return own(c)
		}
		if !isAggregate(deref(a.Type())) {
			return false
		}
		parts := 0
		for _, r := range *a.Referrers() {
			fa, ok := r.(*ssa.FieldAddr)
			if !ok {
				continue
			}
			for _, q := range *fa.Referrers() {
				if s, ok := q.(*ssa.Store); ok && s.Addr == ssa.Value(fa) {
					parts++
					if own(s.Val) {
						return true
					}
				}
			}
		}
		fillers, _ := x.fillers(a)
		return parts == 0 && slices.ContainsFunc(fillers, func(in ssa.Instruction) bool {
			c, ok := in.(*ssa.Call)
			return ok && reads.MatchString(calleeName(&c.Call)) // a request, a row
		})
	}
	return false
}
