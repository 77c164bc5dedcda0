package gofix

import (
	"go/ast"
	"go/token"
	"go/types"
)

// takers and givers are methods that take something for a while, and that give it back.
var (
	takers = map[string]bool{"Acquire": true, "Take": true, "Get": true, "Wait": true, "WaitN": true, "Borrow": true}
	givers = map[string]bool{"Release": true, "Put": true, "Done": true, "Return": true, "Give": true}
)

// owed names what the function takes between check and section and gives back after the act: a token
// received from a channel, or a permit. A new way out in between would keep it for good. What is given
// back by a deferred call is not owed.
func (s *site) owed(sec *section) string {
	taken := map[string]bool{}
	s.inspect(s.check, sec.stmt.Pos(), func(n ast.Node) {
		switch n := n.(type) {
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				taken[expr(n.X)] = true
			}
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.SelectorExpr); ok && takers[f.Sel.Name] {
				taken[expr(f.X)] = true
			}
			for _, arg := range n.Args {
				if t := s.info.TypeOf(arg); t != nil {
					if _, ok := t.Underlying().(*types.Chan); ok {
						taken[expr(arg)] = true
					}
				}
			}
		}
	})
	delete(taken, "")
	owed := ""
	s.inspect(s.act, s.body.End(), func(n ast.Node) {
		switch n := n.(type) {
		case *ast.SendStmt:
			if taken[expr(n.Chan)] {
				owed = expr(n.Chan)
			}
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.SelectorExpr); ok && givers[f.Sel.Name] && taken[expr(f.X)] {
				owed = expr(f.X)
			}
		}
	})
	return owed
}

// inspect visits the nodes of the function that begin between two positions; closures and deferred
// calls are passed over.
func (s *site) inspect(from, to token.Pos, visit func(ast.Node)) {
	ast.Inspect(s.body, func(n ast.Node) bool {
		switch n.(type) {
		case nil:
			return false
		case *ast.FuncLit, *ast.DeferStmt:
			return false
		}
		if n.Pos() >= from && n.Pos() < to {
			visit(n)
		}
		return true
	})
}
