package gofix

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"
)

// compareFirst removes an entry only if it is still the one that the clean-up belongs to.
func compareFirst(s *site) (*Proposal, error) {
	list, i := s.list(s.act)
	if i < 0 {
		return nil, nil
	}
	var entry string
	var typ types.Type
	switch st := list[i].(type) {
	case *ast.ExprStmt:
		call, ok := st.X.(*ast.CallExpr)
		if !ok || expr(call.Fun) != "delete" || len(call.Args) != 2 {
			return nil, errors.New("the removal is done inside a call, which would have to be told whose entry it may remove")
		}
		m, ok := s.info.TypeOf(call.Args[0]).Underlying().(*types.Map)
		if !ok || !s.pure(call.Args[0]) || !s.pure(call.Args[1]) {
			return nil, nil
		}
		entry, typ = s.text(call.Args[0])+"["+s.text(call.Args[1])+"]", m.Elem()
	case *ast.AssignStmt:
		if len(st.Lhs) != 1 || st.Tok != token.ASSIGN || !s.pure(st.Lhs[0]) {
			return nil, nil
		}
		entry, typ = s.text(st.Lhs[0]), s.info.TypeOf(st.Lhs[0])
	default:
		return nil, errors.New("the removal is done inside a call, which would have to be told whose entry it may remove")
	}
	if !identity1(typ) {
		return nil, errors.New("the entries have no identity to compare: equal values are not the same entry")
	}
	v := s.ownEntry(typ)
	if v == nil {
		return nil, nil
	}
	if literal(list[i]) {
		return nil, errCrowded
	}
	lines := []string{"if " + entry + " == " + v.Name() + " {"}
	lines = append(append(lines, indented([]string{s.dedent(list[i])})...), "}")
	edits, err := s.swap(list[i], 1, lines)
	return &Proposal{
		Title: "remove " + entry + " only if it is still " + v.Name(), Why: []string{"what somebody put there in the meantime is not this clean-up's to remove"},
		Edits: edits,
	}, err
}

// stillOwn removes an entry in a section of its own only if it is still the one that an earlier section
// found: that somebody has put another one there makes no difference to whether there is one.
func stillOwn(s *site) (*Proposal, error) {
	list, i := s.list(s.act)
	first, second := s.held(s.check), s.held(s.act)
	if i < 0 || first == nil || second == nil || first.recv != second.recv || first.stmt == second.stmt {
		return nil, nil
	}
	st, ok := list[i].(*ast.ExprStmt)
	if !ok {
		return nil, nil
	}
	call, ok := st.X.(*ast.CallExpr)
	if !ok || expr(call.Fun) != "delete" || len(call.Args) != 2 {
		return nil, nil
	}
	p, _ := compareFirst(s) // why it cannot be compared is no reason against the other shapes
	if p == nil {
		return nil, nil
	}
	entry := expr(call.Args[0]) + "[" + expr(call.Args[1]) + "]"
	for _, r := range s.reads() {
		if expr(r.Rhs[0]) == entry && s.obj(r.Lhs[0]) == s.ownEntry(s.info.TypeOf(call.Args[0]).Underlying().(*types.Map).Elem()) {
			return p, nil
		}
	}
	return nil, nil
}

// identity1 says whether two values of a type are equal only if they are the same thing.
func identity1(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Pointer, *types.Chan:
		return true
	case *types.Interface:
		return u.NumMethods() > 0
	}
	return false
}

// ownEntry is the one variable of a type that the function was given, or that is in scope where
// it was made.
func (s *site) ownEntry(t types.Type) types.Object {
	scope := s.pass.Pkg.Scope().Innermost(s.act)
	var found types.Object
	for sc := scope; sc != nil && sc != s.pass.Pkg.Scope(); sc = sc.Parent() {
		for _, name := range sc.Names() {
			v, ok := sc.Lookup(name).(*types.Var)
			if !ok || v.Pos() >= s.act || !types.Identical(v.Type(), t) || name == "_" {
				continue
			}
			if found != nil {
				return nil
			}
			found = v
		}
	}
	if found == nil || s.reassigned(found) {
		return nil
	}
	return found
}

// reassigned says whether a variable gets another value after it was declared.
func (s *site) reassigned(v types.Object) bool {
	found := false
	ast.Inspect(s.file, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok {
			for _, e := range a.Lhs {
				if id, ok := e.(*ast.Ident); ok && s.info.Uses[id] == v {
					found = true
				}
			}
		}
		return !found
	})
	return found
}
