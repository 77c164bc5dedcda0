package gofix

import (
	"errors"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// mapCall is a call of a method of sync.Map.
type mapCall struct {
	call  *ast.CallExpr
	place string
	name  string
}

func (s *site) mapOf(n ast.Node) (mapCall, bool) {
	e, ok := n.(ast.Expr)
	if !ok {
		return mapCall{}, false
	}
	recv, name, call := method(ast.Unparen(e))
	if call == nil {
		return mapCall{}, false
	}
	fn := s.callee(call)
	if !from(fn, "sync") || fn.Signature().Recv() == nil || !strings.HasSuffix(fn.Signature().Recv().Type().String(), "sync.Map") {
		return mapCall{}, false
	}
	return mapCall{call, expr(recv), name}, true
}

// word writes a call of another method on the same map.
func (s *site) mapWord(like mapCall, name string, args ...string) string {
	sel := ast.Unparen(like.call.Fun).(*ast.SelectorExpr)
	return s.text(sel.X) + "." + name + "(" + strings.Join(args, ", ") + ")"
}

// loaded is `v, ok := m.Load(k)`.
type loaded struct {
	stmt  *ast.AssignStmt
	load  mapCall
	v, ok types.Object
}

func (s *site) loadedBy(st ast.Stmt) (loaded, bool) {
	a, ok := st.(*ast.AssignStmt)
	if !ok || len(a.Rhs) != 1 || len(a.Lhs) != 2 {
		return loaded{}, false
	}
	load, ok := s.mapOf(a.Rhs[0])
	if !ok || load.name != "Load" {
		return loaded{}, false
	}
	return loaded{a, load, s.obj(a.Lhs[0]), s.obj(a.Lhs[1])}, true
}

// mapInOneStep makes one call of a Load and the Store or Delete that depends on it.
func mapInOneStep(s *site) (*Proposal, error) {
	list, i := s.list(s.act)
	if i < 0 {
		return nil, nil
	}
	st, ok := list[i].(*ast.ExprStmt)
	if !ok {
		return nil, nil
	}
	act, ok := s.mapOf(st.X)
	if !ok || act.name != "Store" && act.name != "Delete" {
		return nil, nil
	}
	ifs, l, ok := s.mapTest(act)
	if !ok {
		return nil, errors.New("the Load and its test have a form that no edit is known for")
	}
	if act.name == "Delete" {
		return s.deleteLoaded(ifs, l, act, st)
	}
	return s.storeIfAbsent(ifs, l, act, st)
}

// mapTest finds the if statement that tests what Load found for the key of the act.
func (s *site) mapTest(act mapCall) (*ast.IfStmt, loaded, bool) {
	var found *ast.IfStmt
	var by loaded
	ast.Inspect(s.body, func(n ast.Node) bool {
		if list := statements(n); list != nil {
			for j, st := range list {
				ifs, ok := st.(*ast.IfStmt)
				if !ok || ifs.Pos() > act.call.Pos() {
					continue
				}
				l, ok := loaded{}, false
				if ifs.Init != nil {
					l, ok = s.loadedBy(ifs.Init)
				} else if j > 0 {
					l, ok = s.loadedBy(list[j-1])
				}
				if ok && l.load.place == act.place && l.ok != nil && s.uses(ifs.Cond, l.ok) && len(act.call.Args) > 0 && expr(l.load.call.Args[0]) == expr(act.call.Args[0]) {
					found, by = ifs, l
				}
			}
		}
		return true
	})
	return found, by, found != nil
}

// test is what a condition says of the result ok of a Load.
func (s *site) test(e ast.Expr, ok types.Object) (present, plain bool) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return true, s.obj(e) == ok
	case *ast.UnaryExpr:
		return false, e.Op.String() == "!" && s.obj(e.X) == ok
	}
	return false, false
}

// storeIfAbsent turns a Store that follows a Load into LoadOrStore.
func (s *site) storeIfAbsent(ifs *ast.IfStmt, l loaded, act mapCall, st *ast.ExprStmt) (*Proposal, error) {
	present, plain := s.test(ifs.Cond, l.ok)
	if !plain {
		return nil, errors.New("the value that is replaced is tested for more than being there")
	}
	args := []string{s.text(act.call.Args[0]), s.text(act.call.Args[1])}
	p := &Proposal{Title: "use LoadOrStore", Why: []string{"it stores only if nothing is there, and returns what is there now: all callers get the same value"}}
	inBody := within(ifs.Body, st.Pos())
	switch {
	case present && !inBody: // if ok { return v }; STORE, or if ok { x = v } else { STORE }
		inElse := ifs.Else != nil && within(ifs.Else, st.Pos())
		if literal(ifs.Body) || !inElse && (ifs.Else != nil || !leaves(ifs.Body)) {
			return nil, errors.New("what is done with a value that was found is not known to fit here")
		}
		return s.storeOr(p, act, st, args, l, ifs.Body.List)
	case !present && inBody:
		if l.v == nil || l.v.Name() == "_" || s.obj(act.call.Args[1]) != l.v {
			if l.v == nil || l.v.Name() == "_" || !s.usedAfter(l.v, st.End()) {
				if o := s.obj(act.call.Args[1]); o == nil || !s.usedAfter(o, st.End()) {
					p.Edits = edits(s.replace(st, s.mapWord(act, "LoadOrStore", args...)))
					return p, nil
				}
			}
			return nil, errors.New("which of two values is used afterwards is not known")
		}
		p.Edits = edits(s.replace(st, l.v.Name()+", _ = "+s.mapWord(act, "LoadOrStore", args...)))
		return p, nil
	}
	return nil, errors.New("the Load and its test have a form that no edit is known for")
}

// storeOr writes a Store as `if prev, loaded := LoadOrStore(…); loaded { … }`.
func (s *site) storeOr(p *Proposal, act mapCall, st *ast.ExprStmt, args []string, l loaded, body []ast.Stmt) (*Proposal, error) {
	prev := "_"
	words := map[types.Object]string{}
	if l.v != nil && slices.ContainsFunc(body, func(b ast.Stmt) bool { return s.uses(b, l.v) }) {
		prev = s.fresh("prev", "actual", "existing")
		words[l.v] = prev
	}
	lines := []string{"if " + prev + ", loaded := " + s.mapWord(act, "LoadOrStore", args...) + "; loaded {"}
	v, made := s.made()
	if made != nil {
		if obj, _, _ := types.LookupFieldOrMethod(v.Type(), true, s.pass.Pkg, "Close"); obj != nil {
			closes, err := s.loser(&section{}, false)
			if err != nil {
				return nil, err
			}
			if closes != "" {
				lines = append(lines, "\t"+closes)
			}
		}
	}
	for _, b := range body {
		lines = append(lines, indented([]string{s.shift(s.rename(b, words), b.Pos())})...)
	}
	lines = append(lines, "}")
	var err error
	p.Edits, err = s.swap(st, 0, lines)
	return p, err
}

// deleteLoaded turns a Delete that follows a Load into LoadAndDelete or CompareAndDelete.
func (s *site) deleteLoaded(ifs *ast.IfStmt, l loaded, act mapCall, st *ast.ExprStmt) (*Proposal, error) {
	key := s.text(act.call.Args[0])
	present, plain := s.test(ifs.Cond, l.ok)
	list, i := s.list(act.call.Pos())
	guarded := plain && !present && ifs.Else == nil && leaves(ifs.Body) && i > 0 && list[i-1] == ast.Stmt(ifs)
	if guarded || plain && present && len(ifs.Body.List) > 0 && ifs.Body.List[0] == st && len(ifs.Body.List) > 1 {
		cut, err := s.remove(st)
		return &Proposal{
			Title: "use LoadAndDelete", Why: []string{"of several callers one gets the value, the others find nothing"},
			Edits: edits(s.replace(ast.Unparen(l.load.call.Fun).(*ast.SelectorExpr).Sel, "LoadAndDelete"), cut),
		}, err
	}
	if l.v == nil || l.v.Name() == "_" || !s.pointerIn(l.v) {
		return nil, errors.New("the value that was looked at is not one that can be compared")
	}
	return &Proposal{
		Title: "use CompareAndDelete", Why: []string{"it removes the entry only if it still holds the value that was looked at"},
		Edits: edits(s.replace(st, s.mapWord(act, "CompareAndDelete", key, l.v.Name()))),
	}, nil
}

// pointerIn says whether a variable of an interface type is known to hold a pointer.
func (s *site) pointerIn(v types.Object) bool {
	found := false
	ast.Inspect(s.body, func(n ast.Node) bool {
		if a, ok := n.(*ast.TypeAssertExpr); ok && a.Type != nil && s.obj(a.X) == v {
			_, found = s.info.TypeOf(a.Type).Underlying().(*types.Pointer)
		}
		return !found
	})
	return found
}

// mapUpdate writes back to a sync.Map only what replaces the value that was read.
func mapUpdate(s *site) (*Proposal, error) {
	list, i := s.list(s.act)
	if i < 0 {
		return nil, nil
	}
	st, ok := list[i].(*ast.ExprStmt)
	if !ok {
		return nil, nil
	}
	act, ok := s.mapOf(st.X)
	if !ok || act.name != "Store" {
		return nil, nil
	}
	ifs, l, ok := s.mapTest(act)
	if !ok || l.v == nil || l.v.Name() == "_" {
		return nil, errors.New("the value that was read is not at hand")
	}
	at := slices.IndexFunc(list, func(x ast.Stmt) bool { return x == ifs })
	if at < 0 {
		return nil, errors.New("the Load and the Store are in different blocks")
	}
	if t := s.asserted(l.v); t == nil || !exact(t, 0) {
		return nil, errors.New("values of this type cannot be compared by identity, as CompareAndSwap must: store a pointer, or hold a mutex")
	}
	first := ast.Stmt(ifs)
	if ifs.Init == nil {
		first = l.stmt
	}
	at = slices.Index(list, first)
	// What the round computes from starts anew in each round.
	if at > 0 {
		if d, ok := list[at-1].(*ast.DeclStmt); ok && s.declared(d, ifs) {
			at--
		}
	}
	return s.swapLoop(list[at:i], ifs, l, act, st)
}

// declared says whether a declaration is of variables without a value that the if statement sets.
func (s *site) declared(d *ast.DeclStmt, ifs *ast.IfStmt) bool {
	g, ok := d.Decl.(*ast.GenDecl)
	if !ok || len(g.Specs) != 1 {
		return false
	}
	v, ok := g.Specs[0].(*ast.ValueSpec)
	return ok && len(v.Values) == 0 && len(v.Names) == 1 && s.assigns(ifs, s.info.ObjectOf(v.Names[0]))
}

// asserted is the type that the value in an interface is taken to have.
func (s *site) asserted(v types.Object) types.Type {
	var t types.Type
	ast.Inspect(s.body, func(n ast.Node) bool {
		if a, ok := n.(*ast.TypeAssertExpr); ok && a.Type != nil && s.obj(a.X) == v {
			t = s.info.TypeOf(a.Type)
		}
		return true
	})
	return t
}

// exact says whether a value of a type always equals itself and can be compared: floats do not, and
// what is in an interface may not.
func exact(t types.Type, depth int) bool {
	if depth > 8 {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Info()&(types.IsFloat|types.IsComplex) == 0
	case *types.Pointer, *types.Chan:
		return true
	case *types.Array:
		return exact(u.Elem(), depth+1)
	case *types.Struct:
		for f := range u.Fields() {
			if !exact(f.Type(), depth+1) {
				return false
			}
		}
		return true
	}
	return false
}

// swapLoop puts a read, what is computed from it, and the write back into a loop.
func (s *site) swapLoop(between []ast.Stmt, ifs *ast.IfStmt, l loaded, act mapCall, st *ast.ExprStmt) (*Proposal, error) {
	own := map[types.Object]bool{}
	for _, b := range between {
		if literal(b) || !s.alone(b) || !s.settles(b, own) {
			return nil, errors.New("what happens between the Load and the Store must not happen twice")
		}
	}
	for o := range own {
		if s.usedAfter(o, st.End()) {
			return nil, errors.New("what is computed is used behind the Store")
		}
	}
	key, value := s.text(act.call.Args[0]), s.text(act.call.Args[1])
	lines := []string{"for {"}
	for _, b := range between {
		text := s.dedent(b)
		if b == ifs && ifs.Init != nil { // the value has to be seen outside the if statement
			lines = append(lines, "\t"+s.text(l.stmt))
			text = "if " + s.dedent(ifs)[s.offset(ifs.Cond.Pos())-s.offset(ifs.Pos()):]
		}
		lines = append(lines, indented([]string{text})...)
	}
	lines = append(lines,
		"\tif !"+l.ok.Name()+" {",
		"\t\tif _, loaded := "+s.mapWord(act, "LoadOrStore", key, value)+"; !loaded {",
		"\t\t\tbreak",
		"\t\t}",
		"\t} else if "+s.mapWord(act, "CompareAndSwap", key, l.v.Name(), value)+" {",
		"\t\tbreak",
		"\t}",
		"}")
	comment, end := s.comment(st)
	if comment != "" {
		lines[len(lines)-8] += " " + comment
	}
	text := s.lay(between[0], lines)
	return &Proposal{
		Title: "retry with CompareAndSwap", Why: []string{"the value is stored only if it is still the one that it was computed from"},
		Edits: []analysis.TextEdit{s.cut(s.offset(between[0].Pos()), end, text)},
	}, nil
}

// settles says whether a statement can run again in each round: it sets variables that the round
// declares, and calls nothing.
func (s *site) settles(n ast.Node, own map[types.Object]bool) bool {
	ok := true
	mine := func(e ast.Expr) bool {
		for {
			switch x := ast.Unparen(e).(type) {
			case *ast.SelectorExpr:
				if _, ptr := s.info.TypeOf(x.X).Underlying().(*types.Pointer); ptr {
					return false
				}
				e = x.X
			case *ast.Ident:
				return x.Name == "_" || own[s.info.ObjectOf(x)]
			default:
				return false
			}
		}
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			for _, id := range n.Names {
				own[s.info.ObjectOf(id)] = true
			}
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				if id, is := e.(*ast.Ident); is && s.info.Defs[id] != nil {
					own[s.info.Defs[id]] = true
				}
				ok = ok && mine(e)
			}
		case *ast.IncDecStmt:
			ok = ok && mine(n.X)
		case *ast.CallExpr:
			tv := s.info.Types[ast.Unparen(n.Fun)]
			_, isMap := s.mapOf(n)
			ok = ok && (tv.IsType() || tv.IsBuiltin() || isMap || s.clock(n))
		case *ast.ReturnStmt, *ast.BranchStmt, *ast.GoStmt, *ast.DeferStmt, *ast.SendStmt, *ast.SelectStmt, *ast.FuncLit:
			ok = false
		}
		return ok
	})
	return ok
}

// clock says whether a call asks for the time: to ask again does no harm.
func (s *site) clock(call *ast.CallExpr) bool {
	t := s.info.TypeOf(call)
	return len(call.Args) == 0 && t != nil && t.String() == "time.Time"
}
