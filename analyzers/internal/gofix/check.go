package gofix

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/astutil"
)

// guard is an if statement that tests the answer and decides whether the act is reached.
type guard struct {
	ifs   *ast.IfStmt
	reads []*ast.AssignStmt // what gives the variables that the condition tests, in order
	exits bool              // its body leaves the function; otherwise the act is in its body
}

// guards finds the tests between the check and the act, in source order.
func (s *site) guards() []guard {
	if s.check == token.NoPos || !within(s.body, s.check) || s.check >= s.act {
		return nil
	}
	reads := s.reads()
	var out []guard
	path, _ := astutil.PathEnclosingInterval(s.file, s.act, s.act)
	for k, n := range path {
		if n == s.fn {
			break
		}
		if ifs, ok := n.(*ast.IfStmt); ok && k > 0 && path[k-1] == ifs.Body {
			if g, ok := s.guard(ifs, reads); ok {
				out = append(out, g)
			}
			continue
		}
		list := statements(n)
		for _, st := range list {
			if st.End() > s.act {
				break
			}
			ifs, ok := st.(*ast.IfStmt)
			if !ok || ifs.Else != nil || !leaves(ifs.Body) {
				continue
			}
			if g, ok := s.guard(ifs, reads); ok {
				g.exits = true
				out = append(out, g)
			}
		}
	}
	slices.SortFunc(out, func(a, b guard) int { return int(a.ifs.Pos() - b.ifs.Pos()) })
	return out
}

// guard says whether an if statement tests one of the reads, or reads by itself.
func (s *site) guard(ifs *ast.IfStmt, reads []*ast.AssignStmt) (guard, bool) {
	g := guard{ifs: ifs}
	for _, r := range reads {
		if r.Pos() < ifs.Pos() && slices.ContainsFunc(r.Lhs, func(e ast.Expr) bool { return s.uses(ifs.Cond, s.obj(e)) }) {
			g.reads = append(g.reads, r)
		}
	}
	direct := within(ifs.Cond, s.check) || ifs.Init != nil && within(ifs.Init, s.check)
	return g, direct || len(g.reads) > 0
}

// reads are the plain statements that take answers under the same lock as the check.
func (s *site) reads() []*ast.AssignStmt {
	list, i := s.list(s.check)
	if i < 0 {
		return nil
	}
	from, to := i, i+1
	if sec := s.held(s.check); sec != nil && slices.Contains(sec.list, list[i]) {
		from = sec.at + 1
		for to < len(list) {
			if c, ok := s.lockOf(list[to]); ok && !c.takes() {
				break
			}
			to++
		}
	}
	var out []*ast.AssignStmt
	for _, st := range list[from:to] {
		if a, ok := st.(*ast.AssignStmt); ok && len(a.Rhs) == 1 && a.End() < s.act && (s.pure(a.Rhs[0]) || s.gets(a.Rhs[0])) {
			out = append(out, a)
		}
	}
	return out
}

// pure says whether an expression can be evaluated once more: it calls nothing.
func (s *site) pure(e ast.Expr) bool {
	ok := true
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			tv := s.info.Types[ast.Unparen(n.Fun)]
			ok = ok && (tv.IsType() || tv.IsBuiltin())
		case *ast.UnaryExpr:
			ok = ok && n.Op != token.ARROW && n.Op != token.AND
		case *ast.FuncLit, *ast.CompositeLit:
			ok = false
		}
		return ok
	})
	return ok
}

// leaves says whether a block ends in a return.
func leaves(b *ast.BlockStmt) bool {
	if len(b.List) == 0 {
		return false
	}
	_, ok := b.List[len(b.List)-1].(*ast.ReturnStmt)
	return ok
}

// answered is the variable that holds the value which the guard's read found.
func (s *site) answered(g guard) types.Object {
	reads := g.reads
	if init, ok := g.ifs.Init.(*ast.AssignStmt); ok {
		reads = []*ast.AssignStmt{init}
	}
	for _, r := range reads {
		if o := s.obj(r.Lhs[0]); o != nil && o.Name() != "_" {
			return o
		}
	}
	return nil
}

// negated is the opposite of a condition whose text is given.
func negated(e ast.Expr, text string) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		if e.Op == token.NOT {
			return strings.TrimPrefix(text, "!")
		}
	case *ast.BinaryExpr:
		swap := map[token.Token]string{token.EQL: "!=", token.NEQ: "=="}
		if to, ok := swap[e.Op]; ok && strings.Count(text, e.Op.String()) == 1 {
			return strings.Replace(text, e.Op.String(), to, 1)
		}
	case *ast.Ident:
		return "!" + text
	}
	return "!(" + text + ")"
}
