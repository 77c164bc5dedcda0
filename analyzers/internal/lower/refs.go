package lower

import (
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
)

// ref names an object or the variable that holds it, as the function sees it. Following a
// pointer does not change the name: the place s.x and the object that s.x points to share it.
type ref struct {
	path  string
	field string // program-wide identity, "" if nobody else can name it
	root  flow.RootKind
	param int
	key   ssa.Value // index of an element of the container that path names, nil if it names no element
}

// fresh says that the object was made by this activation and is known to nobody else yet.
func (r ref) fresh() bool { return r.root == flow.RootLocal }

func (r ref) named() bool { return r.path != "" && r.field != "" }

// valueOf names the object that v is or points to.
func (x *fn) valueOf(v ssa.Value) ref {
	if r, ok := x.values[v]; ok {
		return r
	}
	x.values[v] = ref{} // a cycle has no name
	r := x.resolve(v)
	x.values[v] = r
	return r
}

func (x *fn) unknown(v ssa.Value) ref {
	return ref{path: "(" + x.register(v) + ")", root: flow.RootNone}
}

func (x *fn) local(v ssa.Value) ref {
	return ref{path: "(new " + x.register(v) + ")", root: flow.RootLocal}
}

func (x *fn) resolve(v ssa.Value) ref {
	switch v := v.(type) {
	case *ssa.Parameter:
		if isAggregate(v.Type()) {
			return x.local(v)
		}
		return ref{path: x.names[v], root: flow.RootParam, param: x.index[v]}
	case *ssa.FreeVar:
		return x.freeVar(v)
	case *ssa.Global:
		return x.global(v)
	case *ssa.Alloc:
		if val := x.object(v); val != nil && !isAggregate(val.Type()) {
			return x.valueOf(val)
		}
		if v.Heap && !isAggregate(deref(v.Type())) {
			return x.cellRef(v)
		}
		return x.local(v)
	case *ssa.UnOp:
		if v.Op == token.MUL {
			if a, ok := v.X.(*ssa.Alloc); ok {
				if val := x.assignedBefore(a, v); val != nil {
					return x.valueOf(val)
				}
			}
			if r, ok := x.handedIn(v); ok {
				return r
			}
			return x.valueOf(v.X)
		}
		if v.Op == token.ARROW {
			return x.unknown(v)
		}
	case *ssa.FieldAddr:
		return x.member(v.X, v.Field)
	case *ssa.Field:
		return x.member(v.X, v.Field)
	case *ssa.IndexAddr:
		return x.element(v.X, v.Index)
	case *ssa.Index:
		return x.element(v.X, v.Index)
	case *ssa.Lookup:
		return x.inner(v, v)
	case *ssa.ChangeType:
		return x.valueOf(v.X)
	case *ssa.ChangeInterface:
		return x.valueOf(v.X)
	case *ssa.MakeInterface:
		return x.valueOf(v.X)
	case *ssa.Convert:
		return x.valueOf(v.X)
	case *ssa.TypeAssert:
		if !v.CommaOk {
			return x.valueOf(v.X)
		}
		return x.unknown(v)
	case *ssa.Slice:
		return x.valueOf(v.X)
	case *ssa.Extract:
		if t, ok := v.Tuple.(*ssa.TypeAssert); ok && v.Index == 0 {
			return x.valueOf(t.X)
		}
		if c, ok := v.Tuple.(*ssa.Call); ok && v.Index == 0 {
			return x.callResult(c, v)
		}
		if l, ok := v.Tuple.(*ssa.Lookup); ok && v.Index == 0 {
			return x.inner(l, v)
		}
		if n, ok := v.Tuple.(*ssa.Next); ok && v.Index == 2 {
			return x.visited(n, v)
		}
		return x.unknown(v)
	case *ssa.MakeMap, *ssa.MakeChan, *ssa.MakeSlice, *ssa.MakeClosure:
		return x.local(v)
	case *ssa.Call:
		return x.callResult(v, v)
	case *ssa.Phi:
		return x.phi(v)
	}
	return x.unknown(v)
}

// phi has a name if all its edges agree; nil does not count.
func (x *fn) phi(v *ssa.Phi) ref {
	var out ref
	for _, e := range v.Edges {
		if c, ok := e.(*ssa.Const); ok && c.IsNil() {
			continue
		}
		r := x.valueOf(e)
		if out.path == "" {
			out = r
		} else if r.path == "" || r.path != out.path || r.key != out.key {
			if out.fresh() && r.fresh() {
				return x.local(v)
			}
			return x.unknown(v)
		}
	}
	if out.path == "" {
		return x.unknown(v)
	}
	return out
}

func (x *fn) global(g *ssa.Global) ref {
	path := g.Name()
	field := g.Name()
	if g.Pkg != nil && g.Pkg.Pkg != nil {
		field = g.Pkg.Pkg.Path() + "." + g.Name()
		if g.Pkg.Pkg != x.p.pass.Pkg {
			path = g.Pkg.Pkg.Name() + "/" + g.Name()
		}
	}
	return ref{path: path, field: field, root: flow.RootGlobal}
}

// freeVar names a captured variable: one that never changes is a parameter of the closure, any
// other is a variable of its own.
func (x *fn) freeVar(v *ssa.FreeVar) ref {
	owner, val := x.capturedCell(v)
	switch val := val.(type) {
	case *ssa.Alloc:
		t := deref(val.Type())
		if isAggregate(t) && !x.startedApart() {
			return x.local(v) // runs within the call that made the variable
		}
		if c := owner.object(val); c != nil && !isAggregate(t) {
			if r := owner.valueOf(c); r.root == flow.RootGlobal {
				return r
			}
			return ref{path: x.names[v], root: flow.RootParam, param: x.index[v]}
		}
		if isAggregate(t) {
			return ref{path: x.names[v], root: flow.RootParam, param: x.index[v]}
		}
		r := owner.cellRef(val)
		r.path = x.names[v]
		return r
	}
	return ref{path: x.names[v], root: flow.RootParam, param: x.index[v]}
}

// cellRef names a local variable that closures share.
func (x *fn) cellRef(a *ssa.Alloc) ref {
	if c := x.cells[a]; c == nil || !c.captured {
		return x.local(a)
	}
	if strings.ContainsAny(a.Comment, "$") || strings.HasPrefix(a.Comment, "rangefunc") || strings.HasPrefix(a.Comment, "jump") && a.Pos() == 0 {
		return x.local(a) // made by the compiler for a range over a function
	}
	name := a.Comment
	if name == "" {
		name = a.Name()
	}
	return ref{path: name, root: flow.RootCell, field: x.f.String() + "." + name + "@" + strconv.Itoa(int(a.Pos()))}
}

func (x *fn) member(base ssa.Value, i int) ref {
	r := x.valueOf(base)
	if r.path == "" {
		return ref{}
	}
	t := deref(base.Type())
	s, ok := types.Unalias(t).Underlying().(*types.Struct)
	if !ok {
		if s, ok = coreStruct(t); !ok || i >= s.NumFields() {
			return ref{}
		}
	}
	name := s.Field(i).Name()
	out := ref{path: r.path + "." + name, root: r.root, param: r.param}
	switch {
	case r.key != nil && x.shard(r.key, 0):
		out.path = r.path + "[#]." + name
	case r.key != nil:
		out.path = r.path + "[" + x.keyText(r.key) + "]." + name
	}
	switch tn := typeName(t); {
	case tn != "":
		out.field = tn + "." + name
	case r.field != "":
		out.field = r.field + "." + name
	}
	return out
}

func (x *fn) element(base, index ssa.Value) ref {
	r := x.valueOf(base)
	if r.path == "" {
		return ref{}
	}
	if r = x.whole(r); r.key != nil {
		return x.unknown(index)
	}
	r.key = index
	return r
}

// handedIn names what a pointer in a parameter that is passed by value points to: the copy is this
// function's own, but not that.
func (x *fn) handedIn(v *ssa.UnOp) (ref, bool) {
	fa, ok := v.X.(*ssa.FieldAddr)
	if !ok {
		return ref{}, false
	}
	switch types.Unalias(v.Type()).Underlying().(type) {
	case *types.Pointer, *types.Map:
	default:
		return ref{}, false
	}
	a, ok := fa.X.(*ssa.Alloc)
	if !ok || x.cells[a] == nil || x.cells[a].captured {
		return ref{}, false
	}
	p, ok := x.constant(a).(*ssa.Parameter)
	if !ok || !isAggregate(p.Type()) {
		return ref{}, false
	}
	r := x.member(a, fa.Field)
	return ref{path: x.names[p] + "." + fieldName(fa), field: r.field, root: flow.RootParam, param: x.index[p]}, r.field != ""
}

// whole names the element r as a container of its own, if it is a part of a sharded one: which part
// it is follows from the key in it, so that the key alone tells its elements apart.
func (x *fn) whole(r ref) ref {
	if r.key != nil && r.field != "" && x.shard(r.key, 0) {
		return ref{path: r.path + "[#]", field: r.field + "[#]", root: r.root, param: r.param}
	}
	return r
}

// shard says whether an index is computed the way that the number of a shard is: masked, or a
// remainder.
func (x *fn) shard(v ssa.Value, depth int) bool {
	if depth > 3 {
		return false
	}
	switch w := v.(type) {
	case *ssa.BinOp:
		return w.Op == token.AND || w.Op == token.REM || w.Op == token.SHR && x.shard(w.X, depth+1)
	case *ssa.Convert:
		return x.shard(w.X, depth+1)
	case *ssa.ChangeType:
		return x.shard(w.X, depth+1)
	case *ssa.Call:
		y := x.p.local(&w.Call)
		if y == nil || len(y.f.Blocks) != 1 {
			return false
		}
		ret, ok := y.f.Blocks[0].Instrs[len(y.f.Blocks[0].Instrs)-1].(*ssa.Return)
		return ok && len(ret.Results) == 1 && y.shard(ret.Results[0], depth+1)
	}
	return false
}
