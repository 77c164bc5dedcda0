package lower

import (
	"go/token"
	"go/types"
	"regexp"
	"slices"
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

// maxDepth bounds how far an expression is followed.
const maxDepth = 24

// fn is what is known about one function of the package.
type fn struct {
	p      *pkg
	f      *ssa.Function
	name   string // for people
	recv   string // program-wide name of the receiver's type
	params []ssa.Value
	index  map[ssa.Value]int // of parameters and captured variables
	names  map[ssa.Value]string
	values map[ssa.Value]ref
	cells  map[*ssa.Alloc]*cell
	parent *fn

	maker int8 // whether its result is always new: 0 not known yet, 1 yes, -1 no

	allDefers []*ssa.Defer // in the order in which they run; nil: not listed yet
	defers    map[*ssa.RunDefers][]*ssa.Defer
	test      bool             // in a test file
	site      *ssa.MakeClosure // where the closure is made, if in one place

	calls    []callSite // static calls of functions of this package
	called   []callSite // who calls this one
	escape   bool       // used as a value: there may be other callers
	entry    []flow.Lock
	net      lockEffects
	contract bool // entry comes from a comment or the name
	runs     []Run
	isInit   bool
	single   bool
	threads  map[string]bool
	multi    bool
	reach    string // why others can reach it
	mixed    bool   // some callers hold locks, others do not, or they are not known
	starting bool   // called only while its object is opened
	done     bool   // the last thing that a goroutine does

	handed map[string]int // results of methods that hand something out, by their text

	sum  *flow.Summary
	flow *flow.Func
	res  *flow.Result
	vars map[ssa.Value]flow.VarID
}

// callSite is a call of a function of the package.
type callSite struct {
	caller, callee *fn
	instr          ssa.Instruction
	common         *ssa.CallCommon
	args           []ssa.Value // with captured variables after the parameters; nil entries are unknown
	held           []flow.Lock
	spawned        bool
}

// cell is a local variable whose address is taken.
type cell struct {
	stores   int
	value    ssa.Value // the only value stored, if stores is 1
	filled   int       // stores of anything but nil
	object   ssa.Value // the last of these
	captured bool
	partial  bool // parts of it are stored
	foreign  bool // closures assign it
}

func newFn(p *pkg, f *ssa.Function) *fn {
	x := &fn{p: p, f: f, index: map[ssa.Value]int{}, names: map[ssa.Value]string{}, values: map[ssa.Value]ref{}, cells: map[*ssa.Alloc]*cell{}, threads: map[string]bool{}, handed: map[string]int{}}
	used := map[string]bool{}
	add := func(v ssa.Value) {
		name := strings.NewReplacer(".", "", "$", "").Replace(v.Name())
		if name == "" || name == "_" || used[name] {
			name += "p" + strconv.Itoa(len(x.params))
		}
		used[name] = true
		x.index[v] = len(x.params)
		x.names[v] = name
		x.params = append(x.params, v)
	}
	for _, v := range f.Params {
		add(v)
	}
	for _, v := range f.FreeVars {
		add(v)
	}
	x.name = displayName(f)
	if f.Signature.Recv() != nil {
		x.recv = typeName(f.Signature.Recv().Type())
	}
	for _, b := range f.Blocks {
		for _, in := range b.Instrs {
			if a, ok := in.(*ssa.Alloc); ok {
				x.cells[a] = cellOf(a)
			}
		}
	}
	return x
}

func displayName(f *ssa.Function) string {
	if f.Parent() != nil {
		return displayName(f.Parent()) + " (func literal)"
	}
	if r := f.Signature.Recv(); r != nil {
		name := typeName(r.Type())
		return name[strings.LastIndexByte(name, '.')+1:] + "." + f.Name()
	}
	return f.Name()
}

func cellOf(a *ssa.Alloc) *cell {
	c := &cell{}
	visit := func(v ssa.Value, depth int) {
		refs := v.Referrers()
		if refs == nil || depth > 4 {
			return
		}
		for _, r := range *refs {
			switch r := r.(type) {
			case *ssa.Store:
				if r.Addr == v && v == ssa.Value(a) {
					c.stores++
					c.value = r.Val
					if u, ok := r.Val.(*ssa.UnOp); ok && u.X == v {
						continue // a named result that is returned
					}
					if k, ok := r.Val.(*ssa.Const); !ok || !k.IsNil() {
						c.filled++
						c.object = r.Val
					}
				} else if r.Addr == v && depth == 0 {
					c.stores++
					c.filled += 2
					c.value = nil
				}
			case *ssa.FieldAddr:
				for _, q := range *r.Referrers() {
					if s, ok := q.(*ssa.Store); ok && s.Addr == ssa.Value(r) {
						c.partial = true
					}
				}
			case *ssa.MakeClosure:
				c.captured = true
				callee, _ := r.Fn.(*ssa.Function)
				for i, b := range r.Bindings {
					if b == v && callee != nil && i < len(callee.FreeVars) {
						if storesTo(callee.FreeVars[i], 0) {
							c.stores += 2
							c.filled += 2
							c.foreign = true
						}
					}
				}
			}
		}
	}
	visit(a, 0)
	return c
}

// storesTo says whether a closure assigns a variable that it captures.
func storesTo(v ssa.Value, depth int) bool {
	if depth > 4 {
		return true
	}
	for _, r := range *v.Referrers() {
		switch r := r.(type) {
		case *ssa.Store:
			if r.Addr == v {
				return true
			}
		case *ssa.MakeClosure:
			callee, _ := r.Fn.(*ssa.Function)
			for i, b := range r.Bindings {
				if b == v && callee != nil && i < len(callee.FreeVars) && storesTo(callee.FreeVars[i], depth+1) {
					return true
				}
			}
		}
	}
	return false
}

// constant returns the only value that a local variable ever has.
func (x *fn) constant(a *ssa.Alloc) ssa.Value {
	if c := x.cells[a]; c != nil && c.stores == 1 && c.value != nil && !c.partial {
		return c.value
	}
	return nil
}

// object returns the only object that a pointer variable ever points to; it may be nil, too.
func (x *fn) object(a *ssa.Alloc) ssa.Value {
	if c := x.cells[a]; c != nil && c.filled == 1 && !c.partial {
		if _, ok := types.Unalias(c.object.Type()).Underlying().(*types.Pointer); ok {
			return c.object
		}
	}
	return x.constant(a)
}

// assignedBefore finds the new object that a captured pointer variable holds for certain where it is
// read: `w := &T{}; w.setUp(); w, err = w.rename()`.
func (x *fn) assignedBefore(a *ssa.Alloc, load *ssa.UnOp) ssa.Value {
	c := x.cells[a]
	if c == nil || !c.captured || c.foreign || c.filled < 2 || c.partial {
		return nil
	}
	before := func(s *ssa.Store, in ssa.Instruction) bool { // s dominates in
		if s.Block() != in.Block() {
			return s.Block().Dominates(in.Block())
		}
		return slices.Index(s.Block().Instrs, ssa.Instruction(s)) < slices.Index(in.Block().Instrs, in)
	}
	var last *ssa.Store
	var all []*ssa.Store
	for _, r := range *a.Referrers() {
		if s, ok := r.(*ssa.Store); ok && s.Addr == ssa.Value(a) {
			all = append(all, s)
			if before(s, load) && (last == nil || before(last, s)) {
				last = s
			}
		}
	}
	if last == nil {
		return nil
	}
	if _, ok := last.Val.(*ssa.Alloc); !ok {
		return nil
	}
	for _, s := range all {
		if s != last && !before(s, last) && (reachable(s.Block(), load.Block()) || s.Block() == load.Block() && before(s, load)) {
			return nil
		}
	}
	return last.Val
}

func deref(t types.Type) types.Type {
	if p, ok := types.Unalias(t).Underlying().(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

func isAggregate(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Struct, *types.Array:
		return true
	}
	return false
}

// typeName is the program-wide name of a named type, or "".
func typeName(t types.Type) string {
	n, ok := types.Unalias(deref(types.Unalias(t))).(*types.Named)
	if !ok {
		return ""
	}
	o := n.Origin().Obj()
	if o.Pkg() == nil {
		return o.Name()
	}
	return o.Pkg().Path() + "." + o.Name()
}

// capturedCell finds the variable behind a captured one, up through enclosing functions.
func (x *fn) capturedCell(v *ssa.FreeVar) (*fn, ssa.Value) {
	y := x
	var val ssa.Value = v
	for range maxDepth {
		fv, ok := val.(*ssa.FreeVar)
		if !ok {
			return y, val
		}
		if y.site == nil || y.parent == nil {
			return y, val
		}
		i := y.index[fv] - len(y.f.Params)
		if i < 0 || i >= len(y.site.Bindings) {
			return y, val
		}
		y, val = y.parent, y.site.Bindings[i]
	}
	return y, val
}

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
	return ref{path: "(" + v.Name() + ")", root: flow.RootNone}
}

func (x *fn) local(v ssa.Value) ref {
	return ref{path: "(new " + v.Name() + ")", root: flow.RootLocal}
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
		return x.unknown(v)
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

// handsOut are the beginnings of the names of methods that give out what they keep.
var handsOut = regexp.MustCompile(`^(?i:get|lookup|find|load|fetch|resolve|select|pick)`)

// makers are the beginnings of the names of functions that give a new object away.
var makers = []string{"New", "new", "Make", "make", "Clone", "clone", "Copy"}

func (x *fn) callResult(c *ssa.Call, v ssa.Value) ref {
	callee := c.Call.StaticCallee()
	if callee == nil {
		return x.unknown(v)
	}
	if callee.Signature.Recv() != nil && handsOut.MatchString(callee.Name()) {
		if r := x.valueOf(c.Call.Args[0]); r.path != "" && r.key == nil && !r.fresh() {
			// What an object hands out, others are handed, too. Each call is a thing of its own.
			text := r.path + "." + callee.Name() + "()"
			x.handed[text]++
			if n := x.handed[text]; n > 1 {
				text += "#" + strconv.Itoa(n)
			}
			return ref{path: text, root: flow.RootNone}
		}
	}
	if full := fullName(callee); modelOf(full) == opOwned {
		return x.local(v)
	}
	for _, m := range makers {
		if strings.HasPrefix(callee.Name(), m) && callee.Signature.Recv() == nil {
			return x.local(v)
		}
	}
	if y := x.p.funcOf(callee); y != nil && y.makes() {
		return x.local(v)
	}
	return x.unknown(v)
}

// makes says whether the first result of x is always an object that x made and stored nowhere.
func (x *fn) makes() bool {
	if x.maker != 0 {
		return x.maker > 0
	}
	x.maker = -1 // a recursion makes nothing
	some := false
	for _, b := range x.f.Blocks {
		for _, in := range b.Instrs {
			r, ok := in.(*ssa.Return)
			if !ok || len(r.Results) == 0 {
				continue
			}
			switch v := r.Results[0].(type) {
			case *ssa.Const:
			case *ssa.Alloc:
				if !v.Heap || published(v) {
					return false
				}
				some = true
			case *ssa.Call:
				if c := v.Call.StaticCallee(); c == nil || x.p.funcOf(c) == nil || !x.p.funcOf(c).makes() || published(v) {
					return false
				}
				some = true
			default:
				return false
			}
		}
	}
	if some {
		x.maker = 1
	}
	return some
}

// published says whether a new object is stored somewhere, or handed to a goroutine, by the
// function that made it.
func published(v ssa.Value) bool {
	for _, r := range *v.Referrers() {
		switch r := r.(type) {
		case *ssa.Store:
			if r.Val == v {
				return true
			}
		case *ssa.MapUpdate, *ssa.Send, *ssa.Go, *ssa.MakeClosure, *ssa.MakeInterface, *ssa.Phi:
			return true
		}
	}
	return false
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

func coreStruct(t types.Type) (*types.Struct, bool) {
	if tp, ok := types.Unalias(t).(*types.TypeParam); ok {
		s, ok := tp.Constraint().Underlying().(*types.Struct)
		return s, ok
	}
	return nil, false
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

func (x *fn) keyText(v ssa.Value) string {
	if c, ok := v.(*ssa.Const); ok {
		return c.Name()
	}
	if r := x.valueOf(v); r.path != "" && !strings.HasPrefix(r.path, "(") {
		return r.path
	}
	return v.Name()
}

func fullName(f *ssa.Function) string {
	if o, ok := f.Object().(*types.Func); ok {
		return o.Origin().FullName()
	}
	return f.String()
}

// startedApart says whether a function literal, or one around it, may run beside the function that
// made it.
func (x *fn) startedApart() bool {
	for y := x; y != nil && y.parent != nil; y = y.parent {
		if y.escape {
			return true
		}
		for _, c := range y.called {
			if c.spawned {
				return true
			}
		}
	}
	return false
}
