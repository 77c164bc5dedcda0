package gofix

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// storeUnderLock takes the lock of the check once more for an act that has none: what is to be stored is
// made before, and stored only if the answer still holds.
func storeUnderLock(s *site) (*Proposal, error) {
	if s.check == token.NoPos || !within(s.body, s.check) || s.actsInCall() || s.held(s.act) != nil {
		return nil, nil
	}
	list, i := s.list(s.act)
	if i < 0 {
		return nil, nil
	}
	st, ok := list[i].(*ast.AssignStmt)
	if !ok || st.Tok != token.ASSIGN || len(st.Lhs) != 1 || len(st.Rhs) != 1 || !s.stored(st.Lhs[0]) || literal(st) {
		return nil, nil
	}
	all := s.guards()
	if len(all) != 1 {
		return nil, nil
	}
	g := all[0]
	recv := s.asksUnder(g)
	if recv == "" || s.locksItself(g.ifs, recv) || !s.lockFree(g.ifs.Cond) {
		return nil, nil
	}
	now := &section{lockCall: lockCall{stmt: st, recv: recv, name: "Lock"}, list: list, at: i}
	s.under = recv
	defer func() { s.under = "" }()
	var lines []string
	act := s.text(st)
	if !s.quiet(st.Rhs[0]) {
		name := s.nameFor(st.Lhs[0])
		lines = append(lines, name+" := "+s.text(st.Rhs[0]))
		act = s.text(st.Lhs[0]) + " = " + name
		if !g.exits && s.hasEnd(st.Rhs[0]) {
			return nil, errors.New("what is made for the act would have to be closed where it is not needed")
		}
	}
	lines = append(lines, recv+".Lock()")
	at := len(lines)
	if g.exits {
		if held := s.owed(now); held != "" {
			return nil, fmt.Errorf("a new way out before the act would keep what was taken from %s", held)
		}
		again, err := s.replay(g, now, false)
		if err != nil {
			return nil, err
		}
		lines = append(append(lines, again...), act)
		at = len(lines) - 1
	} else {
		if v, _ := s.made(); v != nil && s.usedAfter(v, st.End()) {
			return nil, errors.New("what is made for the act is used after it, stored or not")
		}
		a, err := s.again(g, false)
		if err != nil {
			return nil, err
		}
		head := "if " + a.cond + " {"
		if a.init != "" {
			head = "if " + a.init + "; " + a.cond + " {"
		}
		lines = append(lines, head, "\t"+act, "}")
		at++
	}
	lines = append(lines, recv+".Unlock()")
	swapped, err := s.swap(st, at, lines)
	if err != nil {
		return nil, err
	}
	return &Proposal{
		Title: "take " + recv + " for the act, and check again under it",
		Why: []string{
			"what was found out under the lock may have changed since it was released; what is checked under it now holds until the act",
			"nothing is made or called under the lock that was not there before",
		},
		Edits: swapped,
	}, nil
}

// storeAfterAsking is the same for a write that is reported for having no lock, where the function has
// asked for the place under the lock before.
func storeAfterAsking(s *site) (*Proposal, error) {
	list, i := s.list(s.act)
	if s.check != token.NoPos || i < 0 {
		return nil, nil
	}
	st, ok := list[i].(*ast.AssignStmt)
	if !ok || len(st.Lhs) != 1 {
		return nil, nil
	}
	asks := *s
	ast.Inspect(s.body, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok && e.End() < st.Pos() && expr(e) == expr(st.Lhs[0]) && s.held(e.Pos()) != nil {
			asks.check = e.Pos()
		}
		return true
	})
	if asks.check == token.NoPos {
		return nil, nil
	}
	return storeUnderLock(&asks)
}

// asksUnder is the lock that a guard gets its answer under: in a section of the function, or in a getter.
func (s *site) asksUnder(g guard) string {
	if sec := s.held(s.check); sec != nil {
		return sec.recv
	}
	for _, r := range g.reads {
		if _, lock := s.getter(r.Rhs[0]); lock != "" && len(g.reads) == 1 {
			return lock
		}
	}
	found := ""
	ast.Inspect(g.ifs.Cond, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && found == "" {
			_, found = s.getter(call)
		}
		return found == ""
	})
	return found
}

// stored says whether an expression is the field that the finding is about, or an element of it.
func (s *site) stored(e ast.Expr) bool {
	if ix, ok := ast.Unparen(e).(*ast.IndexExpr); ok {
		if !s.pure(ix.Index) {
			return false
		}
		e = ix.X
	}
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	return ok && sel == s.place() && s.stable(sel.X)
}

// lockFree says whether a condition can be asked under a lock; getters of that lock are written out there.
func (s *site) lockFree(cond ast.Expr) bool {
	free := true
	ast.Inspect(cond, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			_, lock := s.getter(call)
			free = free && (lock != "" || s.calmCall(call, 4))
		}
		return free
	})
	return free
}

// hasEnd says whether a value has to be closed or stopped by whoever does not need it.
func (s *site) hasEnd(e ast.Expr) bool {
	t := s.info.TypeOf(e)
	if t == nil {
		return true
	}
	for _, name := range []string{"Close", "Stop", "Shutdown", "Cancel"} {
		if obj, _, _ := types.LookupFieldOrMethod(t, true, s.pass.Pkg, name); obj != nil {
			if _, ok := obj.(*types.Func); ok {
				return true
			}
		}
	}
	_, isFunc := t.Underlying().(*types.Signature)
	return isFunc
}

// nameFor is a name for what is to be stored in a field, that means nothing yet in the function.
func (s *site) nameFor(e ast.Expr) string {
	if ix, ok := ast.Unparen(e).(*ast.IndexExpr); ok {
		e = ix.X
	}
	name := "made"
	if sel, ok := ast.Unparen(e).(*ast.SelectorExpr); ok && token.IsIdentifier(sel.Sel.Name) && !ast.IsExported(sel.Sel.Name) && types.Universe.Lookup(sel.Sel.Name) == nil {
		taken := s.pass.Pkg.Scope().Lookup(sel.Sel.Name) != nil
		ast.Inspect(s.fn, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && id.Name == sel.Sel.Name {
				v, ok := s.info.ObjectOf(id).(*types.Var)
				taken = taken || !ok || !v.IsField()
			}
			return !taken
		})
		for _, imp := range s.file.Imports {
			p := s.info.PkgNameOf(imp)
			taken = taken || p != nil && p.Name() == sel.Sel.Name
		}
		if !taken {
			name = sel.Sel.Name
		}
	}
	if name == "made" {
		name = s.fresh("made")
	}
	return name
}
