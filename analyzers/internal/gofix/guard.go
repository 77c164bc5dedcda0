package gofix

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// guardFunction holds the lock for all of a function that does not have it.
func guardFunction(s *site) (*Proposal, error) {
	if s.held(s.act) != nil || s.check.IsValid() && within(s.body, s.check) && s.held(s.check) != nil {
		return nil, nil
	}
	if s.inCalls() {
		return nil, nil
	}
	if list, i := s.list(s.act); i < 0 || len(s.atomics(list[i], "", "")) > 0 {
		return nil, nil // atomics and locks do not mix
	}
	m, err := s.mutexAtHand()
	if err != nil {
		return nil, err
	}
	if len(s.lockCalls(s.body)) > 0 {
		return nil, errors.New("the function takes locks elsewhere: where one section can start and end is not known")
	}
	if err := s.mayLock(m, s.body); err != nil {
		return nil, err
	}
	take, release := "Lock", "Unlock"
	if s.f.Rule == "unevenguard" {
		take, release = s.verbs(m, s.body)
	}
	lines := []string{m.expr + "." + take + "()", "defer " + m.expr + "." + release + "()"}
	p := &Proposal{Title: "hold " + m.expr, Why: []string{"the other accesses hold it: only then they keep each other out"}}
	edit, err := s.atStart(lines)
	p.Edits = edits(edit)
	return p, err
}

// guardStatement holds the lock for one statement of a longer function.
func guardStatement(s *site) (*Proposal, error) {
	if s.held(s.act) != nil || len(s.body.List) <= 3 && len(s.lockCalls(s.body)) == 0 && s.quiet(s.body) {
		return nil, nil
	}
	list, i := s.list(s.act)
	if i < 0 {
		return nil, nil
	}
	switch list[i].(type) {
	case *ast.AssignStmt, *ast.IncDecStmt, *ast.ExprStmt:
	default:
		return nil, nil
	}
	m, err := s.mutexAtHand()
	if err != nil {
		return nil, err
	}
	if err := s.mayLock(m, list[i]); err != nil {
		return nil, err
	}
	take, release := s.verbs(m, list[i])
	before, err := s.before(list[i], m.expr+"."+take+"()")
	if err != nil {
		return nil, err
	}
	after, err := s.after(list[i], m.expr+"."+release+"()")
	return &Proposal{
		Title: "hold " + m.expr + " here", Why: []string{"the other accesses hold it: only then they keep each other out"},
		Edits: edits(before, after),
	}, err
}

// writeLock takes the lock for writing where it was taken for reading and something is changed.
func writeLock(s *site) (*Proposal, error) {
	sec := s.held(s.act)
	if sec == nil || !sec.read() {
		return nil, nil
	}
	p := &Proposal{
		Title: "take " + sec.recv + " for writing", Why: []string{"holders of the read lock run at the same time: only the write lock keeps them out"},
	}
	for _, c := range s.lockCalls(s.body) {
		if c.recv != sec.recv {
			continue
		}
		if !c.read() {
			return nil, errors.New("the function takes the lock for writing, too: the two sections have to be told apart")
		}
		var call *ast.CallExpr
		switch st := c.stmt.(type) {
		case *ast.ExprStmt:
			call = st.X.(*ast.CallExpr)
		case *ast.DeferStmt:
			call = st.Call
		}
		sel := ast.Unparen(call.Fun).(*ast.SelectorExpr).Sel
		p.Edits = append(p.Edits, s.replace(sel, strings.TrimPrefix(sel.Name, "R")))
	}
	return p, nil
}

// cloneHeader copies a map or slice under the lock where only its header was copied.
func cloneHeader(s *site) (*Proposal, error) {
	var def *ast.AssignStmt
	sets := 0
	for _, over := range s.ranged() {
		def, sets = nil, 0
		v := s.obj(over)
		ast.Inspect(s.body, func(n ast.Node) bool {
			if a, ok := n.(*ast.AssignStmt); ok && slices.ContainsFunc(a.Lhs, func(e ast.Expr) bool { return s.obj(e) == v }) {
				def, sets = a, sets+1
			}
			return true
		})
		if def != nil && len(def.Rhs) == 1 && s.named(def.Rhs[0]) {
			break
		}
	}
	if def == nil || sets != 1 || len(def.Lhs) != 1 || len(def.Rhs) != 1 || s.held(def.Pos()) == nil || !s.pure(def.Rhs[0]) {
		return nil, nil
	}
	path := "slices"
	switch s.info.TypeOf(def.Rhs[0]).Underlying().(type) {
	case *types.Map:
		path = "maps"
	case *types.Slice:
	default:
		return nil, nil
	}
	imp, ok := s.importing(path)
	if !ok {
		return nil, errors.New("the file cannot import " + path + " under that name")
	}
	return &Proposal{
		Title: "copy it under the lock", Why: []string{"an assignment copies the header only: both still share what it points to"},
		Edits: append(imp, s.replace(def.Rhs[0], path+".Clone("+s.text(def.Rhs[0])+")")),
	}, nil
}

// ranged are the variables that the function's loops go over.
func (s *site) ranged() []ast.Expr {
	var out []ast.Expr
	ast.Inspect(s.body, func(n ast.Node) bool {
		if r, ok := n.(*ast.RangeStmt); ok && s.obj(r.X) != nil {
			out = append(out, r.X)
		}
		return true
	})
	return out
}

// named says whether an expression ends in the field or variable that the finding is about.
func (s *site) named(e ast.Expr) bool {
	o := s.fieldOf(e)
	return o != nil && o.Name() == s.f.Place[strings.LastIndexByte(s.f.Place, '.')+1:]
}

// unshadowLock takes out a lock of one call that hides the package's.
func unshadowLock(s *site) (*Proposal, error) {
	sec := s.held(s.act + 1)
	list, i := s.list(s.act)
	if i < 0 {
		return nil, nil
	}
	c, ok := s.lockOf(list[i])
	if !ok || sec == nil && !c.takes() {
		return nil, nil
	}
	global := s.pass.Pkg.Scope().Lookup(c.recv)
	if global == nil || lockType(global.Type()) == "" {
		return nil, nil
	}
	for _, st := range s.body.List {
		a, ok := st.(*ast.AssignStmt)
		if !ok || a.Tok != token.DEFINE || len(a.Lhs) != 1 || expr(a.Lhs[0]) != c.recv || a.Pos() > s.act {
			continue
		}
		cut, err := s.remove(a)
		return &Proposal{
			Title: "use the package's " + c.recv, Why: []string{"a lock that each call makes for itself keeps nobody out"}, Edits: edits(cut),
		}, err
	}
	return nil, nil
}

// atomicAccess uses sync/atomic where a variable that others use so is read or written plainly.
func atomicAccess(s *site) (*Proposal, error) {
	sel := s.place()
	if sel == nil {
		return nil, nil
	}
	field := s.info.ObjectOf(sel.Sel)
	kind := ""
	for _, f := range s.pass.Files {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 || !from(s.callee(call), "sync/atomic") {
				return true
			}
			if addr, ok := ast.Unparen(call.Args[0]).(*ast.UnaryExpr); ok && addr.Op == token.AND && s.fieldOf(addr.X) == field {
				name := s.callee(call).Name()
				for _, op := range []string{"CompareAndSwap", "Load", "Store", "Add", "Swap"} {
					if k, ok := strings.CutPrefix(name, op); ok {
						kind = k
						break
					}
				}
			}
			return true
		})
	}
	if kind == "" {
		return nil, nil
	}
	imp, ok := s.importing("sync/atomic")
	if !ok {
		return nil, errors.New("the file cannot import sync/atomic under that name")
	}
	p := &Proposal{Title: "use sync/atomic here, too", Why: []string{"a plain access beside atomic ones is a data race"}, Edits: imp}
	addr := "&" + s.text(sel)
	list, i := s.list(s.act)
	switch st := list[i].(type) {
	case *ast.IncDecStmt:
		switch {
		case ast.Unparen(st.X) != sel:
			return nil, nil
		case st.Tok == token.INC:
			p.Edits = append(p.Edits, s.replace(st, "atomic.Add"+kind+"("+addr+", 1)"))
		case strings.HasPrefix(kind, "Int"):
			p.Edits = append(p.Edits, s.replace(st, "atomic.Add"+kind+"("+addr+", -1)"))
		default:
			return nil, errors.New("an unsigned number has no atomic decrement that reads well")
		}
		return p, nil
	case *ast.AssignStmt:
		if len(st.Lhs) == 1 && ast.Unparen(st.Lhs[0]) == sel {
			op := map[token.Token]string{token.ASSIGN: "Store", token.ADD_ASSIGN: "Add"}[st.Tok]
			if op == "" || s.uses(st.Rhs[0], field) {
				return nil, errors.New("reading and writing it in one step takes a loop with CompareAndSwap")
			}
			p.Edits = append(p.Edits, s.replace(st, "atomic."+op+kind+"("+addr+", "+s.text(st.Rhs[0])+")"))
			return p, nil
		}
	}
	p.Edits = append(p.Edits, s.replace(sel, "atomic.Load"+kind+"("+addr+")"))
	return p, nil
}
