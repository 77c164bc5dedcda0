package lower

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/pattern"
)

// key is the key of an element: a constant, a parameter, what is read from one, or a value.
func (x *body) key(v ssa.Value) flow.KeyID {
	if v == nil {
		return 0
	}
	return x.b.Key(x.keyExpr(v))
}

func (x *body) keyExpr(v ssa.Value) flow.Key {
	path := ""
	for range maxDepth {
		switch w := v.(type) {
		case *ssa.Const:
			return flow.Key{Text: w.Name() + path, Const: path == ""}
		case *ssa.MakeInterface:
			v = w.X
			continue
		case *ssa.ChangeType:
			v = w.X
			continue
		case *ssa.ChangeInterface:
			v = w.X
			continue
		case *ssa.Convert:
			v = w.X
			continue
		case *ssa.Field:
			if s, ok := coreOf(w.X.Type()); ok {
				path = "." + s.Field(w.Field).Name() + path
				v = w.X
				continue
			}
		case *ssa.Call:
			if v := getterOf(&w.Call); v != nil && path == "" {
				r := flow.Key{Text: x.keyText(v), Root: x.v(v)}
				if _, again := v.(*ssa.Call); !again {
					r = x.keyExpr(v)
				}
				if r.Const || r.Root == 0 {
					break
				}
				return flow.Key{Text: r.Text + "." + calleeName(&w.Call) + "()", Root: r.Root, Path: r.Path + "." + calleeName(&w.Call) + "()"}
			}
		case *ssa.UnOp:
			if w.Op != token.MUL {
				break
			}
			switch a := w.X.(type) {
			case *ssa.FieldAddr:
				if part := x.partOf(a, w); part != nil && path == "" {
					v = part
					continue
				}
				s, ok := coreOf(deref(a.X.Type()))
				if !ok || x.written(a) {
					break
				}
				base := a.X
				if al, ok := base.(*ssa.Alloc); ok {
					if c := x.cells[al]; c != nil && c.stores == 1 && c.value != nil {
						base = c.value
					} else if !isAggregate(deref(al.Type())) || !x.settled(al, w) {
						break
					}
				}
				path = "." + s.Field(a.Field).Name() + path
				v = base
				continue
			case *ssa.Alloc:
				if c := x.constant(a); c != nil {
					v = c
					continue
				}
				if x.settled(a, w) {
					v = a
				}
			case *ssa.FreeVar:
				if r := x.valueOf(a); r.root == flow.RootParam {
					v = a
					continue
				}
			case *ssa.Global:
				return flow.Key{Text: a.Name() + path, Root: x.v(w), Path: path}
			}
		}
		break
	}
	text := x.keyText(v)
	return flow.Key{Text: text + path, Root: x.v(v), Path: path}
}

// nameGetters are the names of methods that tell what an object is called.
var nameGetters = pattern.New(`^(Get|get)?\w*(ID|Id|id|Key|key|Name|name|Hash|hash|String|Path|path|Addr|addr|Address|URL|Host|host)$`)

// getterOf returns the receiver of a call that asks an object for its name.
func getterOf(c *ssa.CallCommon) ssa.Value {
	if c.Signature().Results().Len() != 1 || !isPlain(c.Signature().Results().At(0).Type(), 0) || !nameGetters.MatchString(calleeName(c)) || madeHere.MatchString(strings.TrimSuffix(strings.TrimSuffix(calleeName(c), "ID"), "Id")+" ") {
		return nil
	}
	if c.IsInvoke() {
		if len(c.Args) > 0 {
			return nil
		}
		return c.Value
	}
	if f := c.StaticCallee(); f != nil && f.Signature.Recv() != nil && len(c.Args) == 1 {
		return c.Args[0]
	}
	return nil
}

// madeFrom lists the variables that a value is made from: what went into the calls and literals that
// made it.
func (x *body) madeFrom(v ssa.Value) []flow.VarID {
	var out []flow.VarID
	seen := map[ssa.Value]bool{}
	var visit func(v ssa.Value, depth int)
	visit = func(v ssa.Value, depth int) {
		if v == nil || depth > maxDepth || seen[v] || len(out) > 8 {
			return
		}
		seen[v] = true
		switch w := v.(type) {
		case *ssa.Call:
			if id, ok := x.vars[w]; ok && depth > 0 {
				out = append(out, id)
			}
			for _, a := range operands(&w.Call) {
				visit(a, depth+1)
			}
			if !w.Call.IsInvoke() && w.Call.Signature().Recv() == nil && len(w.Call.Args) > 0 {
				visit(w.Call.Args[0], depth+1)
			}
			return
		case *ssa.Extract:
			if id, ok := x.vars[w]; ok && depth > 0 {
				out = append(out, id)
			}
			if _, ok := w.Tuple.(*ssa.Call); ok {
				visit(w.Tuple, depth+1)
			}
			return
		case *ssa.MakeInterface:
			visit(w.X, depth+1)
			return
		case *ssa.ChangeType:
			visit(w.X, depth+1)
			return
		case *ssa.FieldAddr:
			visit(w.X, depth+1)
			return
		case *ssa.UnOp:
			if w.Op == token.MUL {
				visit(w.X, depth+1)
			}
			return
		case *ssa.Alloc:
			if c := x.constant(w); c != nil {
				visit(c, depth+1)
				return
			}
			for _, r := range *w.Referrers() {
				if fa, ok := r.(*ssa.FieldAddr); ok {
					for _, q := range *fa.Referrers() {
						if s, ok := q.(*ssa.Store); ok && s.Addr == ssa.Value(fa) {
							visit(s.Val, depth+1)
						}
					}
				}
			}
			return
		case *ssa.Parameter, *ssa.FreeVar:
		default:
			return
		}
		if id := x.v(v); id != 0 && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	switch v.(type) {
	case *ssa.Call, *ssa.Extract, *ssa.Alloc, *ssa.MakeInterface:
		visit(v, 0)
	}
	return out
}

// written says whether the function assigns the field that a addresses, of any object.
func (x *fn) written(a *ssa.FieldAddr) bool {
	for _, b := range x.f.Blocks {
		for _, in := range b.Instrs {
			if s, ok := in.(*ssa.Store); ok {
				if o, ok := s.Addr.(*ssa.FieldAddr); ok && o.Field == a.Field && types.Identical(deref(o.X.Type()), deref(a.X.Type())) {
					return true
				}
			}
		}
	}
	return false
}

func (x *fn) keyText(v ssa.Value) string {
	v = found(v)
	if c, ok := v.(*ssa.Const); ok {
		return c.Name()
	}
	if r := x.valueOf(v); r.path != "" && !strings.HasPrefix(r.path, "(") {
		return r.path
	}
	if a, ok := v.(*ssa.Alloc); ok && token.IsIdentifier(a.Comment) && !compilers[a.Comment] {
		return a.Comment
	}
	return "(" + x.register(v) + ")"
}
