package gofix

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// answer is a condition put in terms of a new read.
type answer struct {
	init, cond string
	words      map[types.Object]string // what the body calls the variables now
}

// again words the condition of a guard so that it reads anew.
func (s *site) again(g guard, alias bool) (*answer, error) {
	a := &answer{words: map[types.Object]string{}}
	if g.ifs.Init != nil {
		if len(g.reads) > 0 {
			return nil, errors.New("its test depends on two reads")
		}
		init, ok := g.ifs.Init.(*ast.AssignStmt)
		if !ok || len(init.Rhs) != 1 {
			return nil, errors.New("its test has a form that no edit is known for")
		}
		if s.pure(init.Rhs[0]) && len(init.Lhs) == 2 && alias {
			g.reads = []*ast.AssignStmt{init}
		} else {
			a.init = s.rename(init, nil)
		}
	}
	inBody := func(o types.Object) bool { return s.uses(g.ifs.Body, o) }
	for _, r := range g.reads {
		lhs := make([]types.Object, len(r.Lhs))
		for i, e := range r.Lhs {
			lhs[i] = s.obj(e)
		}
		if len(lhs) == 1 && !inBody(lhs[0]) && !alias {
			a.words[lhs[0]] = s.operand(r.Rhs[0], g.ifs.Cond)
			continue
		}
		if a.init != "" {
			return nil, errors.New("its test depends on two reads")
		}
		name := "_"
		if v := lhs[0]; v != nil && (alias || inBody(v) || s.uses(g.ifs.Cond, v)) {
			name = s.fresh("cur", "current", "existing")
			a.words[v] = name
		}
		if len(lhs) == 2 {
			name += ", " + s.text(r.Lhs[1])
		}
		a.init = name + " := " + s.rename(r.Rhs[0], nil)
	}
	a.cond = s.rename(g.ifs.Cond, a.words)
	if not, ok := ast.Unparen(g.ifs.Cond).(*ast.UnaryExpr); ok && not.Op == token.NOT && len(g.reads) == 1 { // !(x == nil) reads better as x != nil
		b, isComparison := ast.Unparen(g.reads[0].Rhs[0]).(*ast.BinaryExpr)
		if isComparison && (b.Op == token.EQL || b.Op == token.NEQ) && s.obj(not.X) != nil && a.words[s.obj(not.X)] == "("+s.text(g.reads[0].Rhs[0])+")" {
			a.cond = negated(b, s.text(b))
		}
	}
	return a, nil
}

// operand is the text of an expression as part of another.
func (s *site) operand(e, in ast.Expr) string {
	_, binary := e.(*ast.BinaryExpr)
	if _, all := ast.Unparen(in).(*ast.Ident); binary && !all {
		return "(" + s.rename(e, nil) + ")"
	}
	return s.rename(e, nil)
}

// readAgain is the statement of a section that reads already, first of all, what a guard tests, and the
// condition of the guard in terms of it.
func (s *site) readAgain(g guard, sec *section) (ast.Stmt, *answer) {
	old, ok := g.ifs.Init.(*ast.AssignStmt)
	if len(g.reads) == 1 && g.ifs.Init == nil {
		old, ok = g.reads[0], true
	}
	at := sec.at + 1
	if sec.defers != nil {
		at++
	}
	if !ok || len(g.reads) > 1 || at >= len(sec.list) {
		return nil, nil
	}
	now, ok := sec.list[at].(*ast.AssignStmt)
	if !ok || len(now.Rhs) != 1 || len(old.Rhs) != 1 || len(now.Lhs) != len(old.Lhs) || now.End() > s.act || !s.pure(now.Rhs[0]) || expr(now.Rhs[0]) != expr(old.Rhs[0]) {
		return nil, nil
	}
	a := &answer{words: map[types.Object]string{}}
	for i, e := range old.Lhs {
		v := s.obj(e)
		if v == nil || !s.uses(g.ifs.Cond, v) && !s.uses(g.ifs.Body, v) {
			continue
		}
		if s.obj(now.Lhs[i]) == nil {
			return nil, nil
		}
		a.words[v] = s.text(now.Lhs[i])
	}
	a.cond = s.rename(g.ifs.Cond, a.words)
	return now, a
}

// replay repeats a guard that leaves the function, for use while the lock of sec is held.
func (s *site) replay(g guard, sec *section, same bool) ([]string, error) {
	a, err := s.again(g, false)
	if err != nil {
		return nil, err
	}
	read := s.anew(g, sec)
	if read != "" {
		a = &answer{cond: s.text(g.ifs.Cond)}
	}
	lines, err := s.replayed(g, a, sec, same)
	if read != "" {
		lines = append([]string{read}, lines...)
	}
	return lines, err
}

// replayed is a guard that leaves the function, with its condition put as a says.
func (s *site) replayed(g guard, a *answer, sec *section, same bool) ([]string, error) {
	if literal(g.ifs) {
		return nil, errors.New("its test holds a string of several lines")
	}
	head := "if " + a.cond + " {"
	if a.init != "" {
		head = "if " + a.init + "; " + a.cond + " {"
	}
	var body []string
	for _, st := range g.ifs.Body.List {
		if c, ok := s.lockOf(st); ok && c.recv == sec.recv && !c.takes() {
			continue
		}
		body = append(body, s.shift(s.rename(st, a.words), st.Pos()))
	}
	if !s.quiet(g.ifs.Body) && len(body) > 1 {
		return nil, errors.New("the code that leaves the function does more than that, and would do it twice")
	}
	last := len(body) - 1
	out := append([]string{head}, indented(body[:last])...)
	if sec.defers == nil && !same {
		if read, leave := s.readFirst(g, a, sec); read != "" {
			out, body[last] = append(out, "\t"+read), leave
		}
		out = append(out, "\t"+sec.recv+"."+unlockName(sec)+"()")
	}
	loser, err := s.loser(sec, same)
	if err != nil {
		return nil, err
	}
	if loser != "" {
		out = append(out, indented([]string{loser})...)
	}
	for _, cancel := range s.cancels() {
		out = append(out, "\t"+cancel+"()")
	}
	return append(append(out, indented(body[last:])...), "}"), nil
}

// readFirst takes what a guard returns from beside the lock into a variable, while the lock is held.
func (s *site) readFirst(g guard, a *answer, sec *section) (read, leave string) {
	ret, ok := g.ifs.Body.List[len(g.ifs.Body.List)-1].(*ast.ReturnStmt)
	i := strings.LastIndexByte(sec.recv, '.')
	if !ok || i < 0 {
		return "", ""
	}
	var results []string
	for _, e := range ret.Results {
		text := s.rename(e, a.words)
		sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
		if ok && strings.HasPrefix(expr(sel), sec.recv[:i+1]) && s.pure(sel) && s.info.Selections[sel] != nil && s.info.Selections[sel].Kind() == types.FieldVal {
			if read != "" {
				return "", ""
			}
			name := s.fresh("kept", "there")
			read, text = name+" := "+text, name
		}
		results = append(results, text)
	}
	return read, "return " + strings.Join(results, ", ")
}

func unlockName(sec *section) string {
	if sec.read() {
		return "RUnlock"
	}
	return "Unlock"
}

func indented(lines []string) []string {
	var out []string
	for _, l := range lines {
		for part := range strings.SplitSeq(l, "\n") {
			out = append(out, "\t"+part)
		}
	}
	return out
}

// anew is the statement that reads an answer again into its own variables, where the act goes on to use
// what they hold: it may be another entry by then. "" if one read will not do, or nothing uses them.
func (s *site) anew(g guard, sec *section) string {
	if g.ifs.Init != nil || len(g.reads) != 1 {
		return ""
	}
	r := g.reads[0]
	used := false
	for _, e := range r.Lhs {
		v := s.obj(e)
		if id, ok := e.(*ast.Ident); ok && id.Name == "_" {
			continue
		}
		if v == nil || v.Parent() == nil || v.Parent() == s.pass.Pkg.Scope() {
			return ""
		}
		if s.setAfter(v, r.End()) {
			return ""
		}
		used = used || s.usedAfter(v, sec.stmt.End())
	}
	if !used || s.asserts(r) {
		return ""
	}
	var names []string
	for _, e := range r.Lhs {
		names = append(names, s.text(e))
	}
	return strings.Join(names, ", ") + " = " + s.rename(r.Rhs[0], nil)
}

// setAfter says whether a variable gets another value behind a position.
func (s *site) setAfter(v types.Object, p token.Pos) bool {
	found := false
	ast.Inspect(s.body, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && a.Pos() > p {
			found = found || slices.ContainsFunc(a.Lhs, func(e ast.Expr) bool { return s.obj(e) == v })
		}
		return !found
	})
	return found
}

// asserts says whether a read converts what it finds.
func (s *site) asserts(r *ast.AssignStmt) bool {
	_, ok := r.Rhs[0].(*ast.TypeAssertExpr)
	return ok
}
