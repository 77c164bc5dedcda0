package gofix

import (
	"go/ast"
	"go/token"
)

// condLoop waits for a condition in a loop: others may have taken what it was signalled for.
func condLoop(s *site) (*Proposal, error) {
	var found *ast.IfStmt
	ast.Inspect(s.body, func(n ast.Node) bool {
		ifs, ok := n.(*ast.IfStmt)
		if !ok || ifs.Pos() > s.act || ifs.Init != nil || ifs.Else != nil || len(ifs.Body.List) != 1 || !within(ifs, s.check) {
			return true
		}
		if st, ok := ifs.Body.List[0].(*ast.ExprStmt); ok {
			if _, name, call := method(st.X); name == "Wait" && from(s.callee(call), "sync") {
				found = ifs
			}
		}
		return true
	})
	if found == nil || s.check == token.NoPos {
		return nil, nil
	}
	return &Proposal{
		Title: "test the condition again after each Wait",
		Why:   []string{"between the signal and the return of Wait another goroutine can take what was signalled"},
		Edits: edits(s.cut(s.offset(found.If), s.offset(found.If)+len("if"), "for")),
	}, nil
}
