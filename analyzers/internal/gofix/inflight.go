package gofix

import (
	"go/ast"
	"go/token"
	"slices"

	"golang.org/x/tools/go/analysis"
)

// recheckInFlight repeats a check inside the function that singleflight runs: whoever comes late
// finds what the one before has stored.
func recheckInFlight(s *site) (*Proposal, error) {
	if s.check == token.NoPos {
		return nil, nil
	}
	for _, n := range s.path {
		lit, ok := n.(*ast.CallExpr)
		if !ok || !from(s.callee(lit), "golang.org/x/sync/singleflight") || len(lit.Args) != 2 {
			continue
		}
		body, ok := lit.Args[1].(*ast.FuncLit)
		if !ok || len(body.Body.List) == 0 {
			return nil, nil
		}
		_, outer := enclosing(s.path[slices.Index(s.path, n):])
		if lines := s.lookup(); lines != nil {
			edit, err := s.before(body.Body.List[0], lines...)
			return inFlight(edit), err
		}
		for _, st := range outer.List {
			ifs, ok := st.(*ast.IfStmt)
			if !ok || st.Pos() > s.check || st.End() < s.check || ifs.Init == nil || ifs.Else != nil || !leaves(ifs.Body) || literal(ifs) {
				continue
			}
			edit, err := s.before(body.Body.List[0], s.dedent(ifs))
			return inFlight(edit), err
		}
	}
	return nil, nil
}

func inFlight(edit analysis.TextEdit) *Proposal {
	return &Proposal{
		Title: "check again inside the call that singleflight makes",
		Why:   []string{"a caller that comes when the flight has ended starts another: it must look whether the work is done"},
		Edits: edits(edit),
	}
}

// lookup is the code of a check under a lock that it takes and releases, with the guard that leaves
// the function after it; nil if the check has another form.
func (s *site) lookup() []string {
	sec := s.held(s.check)
	if sec == nil || sec.defers != nil {
		return nil
	}
	j := s.releasedAt(sec)
	if j < 0 || j+1 >= len(sec.list) {
		return nil
	}
	ifs, ok := sec.list[j+1].(*ast.IfStmt)
	if !ok || ifs.Else != nil || ifs.Init != nil || !leaves(ifs.Body) || len(ifs.Body.List) != 1 {
		return nil
	}
	var lines []string
	for _, st := range sec.list[sec.at : j+2] {
		if literal(st) {
			return nil
		}
		if a, ok := st.(*ast.AssignStmt); ok && (len(a.Rhs) != 1 || !s.pure(a.Rhs[0])) {
			return nil
		} else if _, call := s.lockOf(st); !ok && !call && st != ast.Stmt(ifs) {
			return nil
		}
		lines = append(lines, s.dedent(st))
	}
	return lines
}
