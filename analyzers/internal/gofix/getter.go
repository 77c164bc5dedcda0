package gofix

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// getter says what a call returns that takes a lock of its receiver, reads a field of it, and does nothing
// else: the field, as the caller writes it, and the lock. Both are "" for other calls.
func (s *site) getter(e ast.Expr) (field, lock string) {
	recv, _, call := method(ast.Unparen(e))
	if call == nil || len(call.Args) > 0 || !s.stable(recv) {
		return "", ""
	}
	d := s.declOf(s.callee(call))
	if d == nil || d.Recv == nil || len(d.Recv.List) != 1 || len(d.Recv.List[0].Names) != 1 || d.Body == nil || len(d.Body.List) < 3 {
		return "", ""
	}
	take, ok := s.lockOf(d.Body.List[0])
	if !ok || !take.takes() || take.deferred {
		return "", ""
	}
	var read ast.Expr
	release := d.Body.List[1]
	if ret, ok := d.Body.List[2].(*ast.ReturnStmt); ok && len(ret.Results) == 1 && len(d.Body.List) == 3 { // Lock; defer Unlock; return x
		read = ret.Results[0]
		if c, ok := s.lockOf(release); !ok || !c.deferred || c.takes() || c.recv != take.recv {
			return "", ""
		}
	} else { // Lock; v := x; Unlock; return v
		def, isDef := d.Body.List[1].(*ast.AssignStmt)
		c, isRelease := s.lockOf(d.Body.List[2])
		if !isDef || !isRelease || len(d.Body.List) != 4 || def.Tok != token.DEFINE || len(def.Lhs) != 1 || len(def.Rhs) != 1 || c.deferred || c.takes() || c.recv != take.recv {
			return "", ""
		}
		ret, ok := d.Body.List[3].(*ast.ReturnStmt)
		if !ok || len(ret.Results) != 1 || s.obj(ret.Results[0]) == nil || s.obj(ret.Results[0]) != s.obj(def.Lhs[0]) {
			return "", ""
		}
		read = def.Rhs[0]
	}
	self := d.Recv.List[0].Names[0].Name
	name, isField := strings.CutPrefix(expr(read), self+".")
	mutex, isOwn := strings.CutPrefix(take.recv, self+".")
	sel, isSel := ast.Unparen(read).(*ast.SelectorExpr)
	if take.recv == self { // embedded
		mutex, isOwn = "", true
	}
	if !isField || !isOwn || !isSel || strings.ContainsAny(name, "([") {
		return "", ""
	}
	if v, ok := s.info.ObjectOf(sel.Sel).(*types.Var); !ok || !v.IsField() {
		return "", ""
	}
	lock = s.text(recv)
	if mutex != "" {
		lock += "." + mutex
	}
	return s.text(recv) + "." + name, lock
}

// gets says whether an expression is a call of a getter.
func (s *site) gets(e ast.Expr) bool {
	_, lock := s.getter(e)
	return lock != ""
}

// locksItself says whether code calls a getter of another lock than the one given.
func (s *site) locksItself(n ast.Node, held string) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if _, lock := s.getter(call); lock != "" && lock != held {
				found = true
			}
		}
		return !found
	})
	return found
}
