package lower

import (
	"go/token"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
)

// findReleases marks what takes away again what a function has put somewhere under a name of its
// caller's: the function literal that it returns, and the methods of the object that it has put there.
// Whoever has come later under the same name has an entry of his own by then.
func (p *pkg) findReleases() {
	handles := map[string][]string{} // by container, the fields of its objects that hold the key
	for _, x := range p.funcs {
		if x.isInit || x.single {
			continue
		}
		for _, b := range x.f.Blocks {
			for _, in := range b.Instrs {
				if m, ok := in.(*ssa.MapUpdate); ok {
					if r := x.valueOf(m.Map); r.named() && r.key == nil {
						handles[r.field] = append(handles[r.field], x.keyFields(m)...)
					}
				}
			}
		}
	}
	for _, x := range p.funcs {
		if x.done || x.isInit || x.single || len(x.called) > 0 {
			continue
		}
		x.undo = x.handedOut() && x.undoes() || x.releasesSelf(handles)
		x.done = x.undo
	}
}

// keyFields lists the fields of a new object, put into a map under what the caller has given, that hold
// that key: "type.field".
func (x *fn) keyFields(m *ssa.MapUpdate) []string {
	a, ok := m.Value.(*ssa.Alloc)
	if !ok || !x.callers(m.Key) {
		return nil
	}
	var out []string
	for _, r := range *a.Referrers() {
		fa, ok := r.(*ssa.FieldAddr)
		if !ok {
			continue
		}
		for _, q := range *fa.Referrers() {
			if s, ok := q.(*ssa.Store); ok && s.Addr == ssa.Value(fa) && s.Val == m.Key {
				out = append(out, typeName(a.Type())+"."+fieldName(fa))
			}
		}
	}
	return out
}

func fieldName(fa *ssa.FieldAddr) string {
	if s, ok := coreOf(deref(fa.X.Type())); ok {
		return s.Field(fa.Field).Name()
	}
	return ""
}

// callers says whether a key is a name that the caller of x has given: plain data, and nothing that is
// made or counted here.
func (x *fn) callers(v ssa.Value) bool {
	if u, ok := v.(*ssa.UnOp); ok && u.Op == token.MUL {
		if a, ok := u.X.(*ssa.Alloc); ok && x.constant(a) != nil {
			v = x.constant(a)
		}
	}
	p, ok := v.(*ssa.Parameter)
	return ok && x.brings(p)
}

// handedOut says whether a function literal is what the function around it returns.
func (x *fn) handedOut() bool {
	if x.parent == nil || x.site == nil || len(x.parent.net.acquires) > 0 {
		return false
	}
	for _, r := range *x.site.Referrers() {
		switch r := r.(type) {
		case *ssa.Return:
			return true
		case *ssa.Store: // a named result
			if a, ok := r.Addr.(*ssa.Alloc); ok && x.parent.returned(a) {
				return true
			}
		case *ssa.ChangeType:
			for _, q := range *r.Referrers() {
				if _, ok := q.(*ssa.Return); ok {
					return true
				}
			}
		}
	}
	return false
}

// returned says whether x returns what a variable holds.
func (x *fn) returned(a *ssa.Alloc) bool {
	for _, r := range *a.Referrers() {
		u, ok := r.(*ssa.UnOp)
		if !ok {
			continue
		}
		for _, q := range *u.Referrers() {
			if _, ok := q.(*ssa.Return); ok {
				return true
			}
		}
	}
	return false
}

// undoes says whether all that a function literal removes, under a lock that it takes itself, is where
// the function around it has put something under the same key, and whether it does not look first.
func (x *fn) undoes() bool {
	some := false
	for _, b := range x.f.Blocks {
		for _, in := range b.Instrs {
			if !x.removal(in) {
				continue
			}
			some = true
			if inLoop(b) || x.comparedBefore(b) || x.conditional(b) || !x.putAround(in) {
				return false
			}
		}
	}
	return some
}

// conditional says whether x does not always come to b.
func (x *fn) conditional(b *ssa.BasicBlock) bool {
	for d := b; d != nil; d = d.Idom() {
		for _, p := range d.Preds {
			if len(p.Succs) > 1 {
				return true
			}
		}
	}
	return false
}

// putAround says whether the function around a literal stores something where the literal removes it.
func (x *fn) putAround(removal ssa.Instruction) bool {
	field, key := x.removed(removal)
	if field == "" {
		return false
	}
	var owner *fn
	if key != nil {
		if owner, key = x.keyOrigin(key); owner != x.parent || key == nil || !owner.callers(key) {
			return false
		}
	}
	for _, b := range x.parent.f.Blocks {
		for _, in := range b.Instrs {
			switch in := in.(type) {
			case *ssa.MapUpdate:
				if key != nil && x.parent.valueOf(in.Map).field == field {
					_, put := x.parent.keyOrigin(in.Key)
					if put == key || x.parent.cellValue(put) == key {
						return true
					}
				}
			case *ssa.Store:
				if c, isConst := in.Val.(*ssa.Const); key == nil && x.parent.valueOf(in.Addr).field == field && !(isConst && c.IsNil()) {
					return true
				}
			}
		}
	}
	return false
}

// cellValue is the only value of a variable that v reads, or v itself.
func (x *fn) cellValue(v ssa.Value) ssa.Value {
	if u, ok := v.(*ssa.UnOp); ok && u.Op == token.MUL {
		if a, ok := u.X.(*ssa.Alloc); ok {
			if c := x.constant(a); c != nil {
				return c
			}
		}
	}
	return v
}

// removed is the field that an instruction removes from, or clears, and the key of what it removes.
func (x *fn) removed(in ssa.Instruction) (field string, key ssa.Value) {
	switch in := in.(type) {
	case ssa.CallInstruction:
		if c := in.Common(); len(c.Args) > 1 {
			if r := x.valueOf(c.Args[0]); r.named() && r.key == nil && r.root != flow.RootCell {
				return r.field, c.Args[1]
			}
		}
	case *ssa.Store:
		if r := x.valueOf(in.Addr); r.named() && r.key == nil && r.root != flow.RootCell {
			return r.field, nil
		}
	}
	return "", nil
}

// releasesSelf says whether a method removes its own object from where it was put, by its name alone.
func (x *fn) releasesSelf(handles map[string][]string) bool {
	if x.recv == "" || x.parent != nil {
		return false
	}
	some := false
	for _, b := range x.f.Blocks {
		for _, in := range b.Instrs {
			if !x.removal(in) {
				continue
			}
			field, key := x.removed(in)
			u, ok := key.(*ssa.UnOp)
			if !ok || inLoop(b) || x.comparedBefore(b) || x.conditional(b) {
				return false
			}
			fa, ok := u.X.(*ssa.FieldAddr)
			if !ok || fa.X != ssa.Value(x.f.Params[0]) {
				return false
			}
			own := false
			for _, k := range handles[field] {
				own = own || k == x.recv+"."+fieldName(fa)
			}
			if !own {
				return false
			}
			some = true
		}
	}
	return some
}
