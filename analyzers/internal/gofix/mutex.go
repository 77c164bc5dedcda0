package gofix

import (
	"errors"
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

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

// actsInCall says whether the act is done inside a call.
func (s *site) actsInCall() bool {
	return slices.ContainsFunc(s.f.Steps, func(st report.Step) bool { return strings.HasSuffix(st.Label, " done here, inside the call") })
}

// inCalls says whether the check or the act is done inside a call.
func (s *site) inCalls() bool {
	return slices.ContainsFunc(s.f.Steps, func(st report.Step) bool { return strings.HasSuffix(st.Label, "inside the call") })
}
