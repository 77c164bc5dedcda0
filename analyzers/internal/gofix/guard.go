package gofix

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/toctou-lint/toctou/report"
)

// mutex is a lock that a function can take.
type mutex struct {
	expr  string
	field types.Object
	rw    bool
}

// mutexAtHand finds the lock that guards the place a finding is about: the only one of the struct
// that the place is a field of, or the one that the guarded accesses hold.
func (s *site) mutexAtHand() (*mutex, error) {
	if m := s.heldElsewhere(); m != nil {
		return m, nil
	}
	none := errors.New("no lock that guards it is at hand")
	sel := s.place()
	if sel == nil {
		return nil, none
	}
	t := s.info.TypeOf(sel.X)
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok || !s.stable(sel.X) {
		return nil, none
	}
	var found *mutex
	for f := range st.Fields() {
		if kind := lockType(f.Type()); kind != "" {
			if found != nil {
				return nil, errors.New("the struct has several locks")
			}
			found = &mutex{s.text(sel.X) + "." + f.Name(), f, kind == "RWMutex"}
			if f.Embedded() {
				found.expr = s.text(sel.X)
			}
		}
	}
	if found == nil {
		return nil, none
	}
	return found, nil
}

// lockType is the name of a lock type of package sync, or "".
func lockType(t types.Type) string {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != "sync" || n.Obj().Name() != "Mutex" && n.Obj().Name() != "RWMutex" {
		return ""
	}
	return n.Obj().Name()
}

// heldElsewhere is the package-level lock that the accesses hold which the finding compares with.
func (s *site) heldElsewhere() *mutex {
	for _, st := range s.f.Steps {
		if st.File != s.f.File || !strings.HasPrefix(st.Label, "guarded") {
			continue
		}
		sec := s.held(s.pos(st.Line, st.Column))
		if sec == nil {
			continue
		}
		if o := s.pass.Pkg.Scope().Lookup(sec.recv); o != nil && lockType(o.Type()) != "" {
			return &mutex{sec.recv, o, lockType(o.Type()) == "RWMutex"}
		}
	}
	return nil
}

// place is the field that the act, or else the check, is about.
func (s *site) place() *ast.SelectorExpr {
	last := s.f.Place
	if i := strings.IndexByte(last, '['); i > 0 {
		last = last[:i]
	}
	last = last[strings.LastIndexByte(last, '.')+1:]
	list, i := s.list(s.act)
	if i < 0 {
		return nil
	}
	var found *ast.SelectorExpr
	ast.Inspect(list[i], func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != last || found != nil {
			return true
		}
		if v, ok := s.info.ObjectOf(sel.Sel).(*types.Var); ok && v.IsField() {
			found = sel
		}
		return true
	})
	return found
}

// stable says whether an expression means the same object in all of the function: it starts at a
// receiver, a parameter or a package variable that the function does not assign.
func (s *site) stable(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		o := s.info.ObjectOf(e)
		v, ok := o.(*types.Var)
		return ok && (v.Parent() == s.pass.Pkg.Scope() || v.Pos() < s.body.Pos()) && !s.assigns(s.body, o)
	case *ast.SelectorExpr:
		return s.stable(e.X)
	}
	return false
}

// mayLock says why the function, or part of it, must not take a lock.
func (s *site) mayLock(m *mutex, nodes ...ast.Node) error {
	for _, n := range nodes {
		if s.lockOn(n, m.field, 4) {
			return fmt.Errorf("%s is taken further in: it would be taken twice", m.expr)
		}
	}
	if !s.quiet(nodes...) {
		return fmt.Errorf("it calls or waits for what may take %s, too, or may block", m.expr)
	}
	return s.callersHold(m)
}

// callersHold says whether a caller of the function in the package takes the lock by itself.
func (s *site) callersHold(m *mutex) error {
	d, ok := s.fn.(*ast.FuncDecl)
	if !ok {
		return nil
	}
	fn := s.info.Defs[d.Name]
	if strings.HasSuffix(d.Name.Name, "Locked") {
		return errors.New("its name says that the caller holds the lock")
	}
	for _, f := range s.pass.Files {
		for _, other := range f.Decls {
			other, ok := other.(*ast.FuncDecl)
			if !ok || other.Body == nil || other == d || !s.uses(other.Body, fn) {
				continue
			}
			if strings.HasSuffix(other.Name.Name, "Locked") || s.lockOn(other.Body, m.field, 0) {
				return fmt.Errorf("%s calls it, and takes %s, too", other.Name.Name, m.expr)
			}
		}
	}
	return nil
}

// verbs are the methods that take and release a lock, for reading if that is enough.
func (s *site) verbs(m *mutex, n ast.Node) (take, release string) {
	if m.rw && !s.writes(n) {
		return "RLock", "RUnlock"
	}
	return "Lock", "Unlock"
}

// writes says whether code changes anything but variables of its own.
func (s *site) writes(n ast.Node) bool {
	found := false
	target := func(e ast.Expr) {
		if id, ok := ast.Unparen(e).(*ast.Ident); ok {
			if v, ok := s.info.ObjectOf(id).(*types.Var); id.Name == "_" || ok && v.Parent() != s.pass.Pkg.Scope() {
				return
			}
		}
		found = true
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				target(e)
			}
		case *ast.IncDecStmt:
			target(n.X)
		case *ast.CallExpr:
			tv := s.info.Types[ast.Unparen(n.Fun)]
			if fn := s.callee(n); fn != nil && (s.declOf(fn) != nil || from(fn, "sync/atomic")) {
				found = true
			}
			if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok && tv.IsBuiltin() && slices.Contains([]string{"delete", "clear", "close", "copy", "append"}, id.Name) {
				found = true
			}
		}
		return !found
	})
	return found
}

// inCalls says whether the check or the act is done inside a call.
func (s *site) inCalls() bool {
	return slices.ContainsFunc(s.f.Steps, func(st report.Step) bool { return strings.HasSuffix(st.Label, "inside the call") })
}

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

// atStart puts lines at the start of the function; a body on one line is spread over several.
func (s *site) atStart(lines []string) (analysis.TextEdit, error) {
	indent := s.indent(s.fn.Pos())
	if s.tf.Line(s.body.Lbrace) != s.tf.Line(s.body.Rbrace) {
		_, end := s.lineOf(s.body.Lbrace)
		if rest := strings.TrimSpace(s.between(s.body.Lbrace+1, token.Pos(s.tf.Base()+end))); rest != "" && !strings.HasPrefix(rest, "//") {
			return analysis.TextEdit{}, errCrowded
		}
		return s.cut(end, end, block(indent+"\t", lines)), nil
	}
	for _, st := range s.body.List {
		lines = append(lines, s.text(st))
	}
	return s.cut(s.offset(s.body.Lbrace), s.offset(s.body.Rbrace)+1, "{\n"+block(indent+"\t", lines)+indent+"}"), nil
}

func (s *site) lineOf(p token.Pos) (start, end int) {
	line := s.tf.Line(p)
	start, end = s.offset(s.tf.LineStart(line)), len(s.src)
	if line < s.tf.LineCount() {
		end = s.offset(s.tf.LineStart(line + 1))
	}
	return start, end
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
