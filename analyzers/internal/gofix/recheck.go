package gofix

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// recheckUnderLock tests the answer again in the section that acts.
func recheckUnderLock(s *site) (*Proposal, error) {
	sec := s.held(s.act)
	if sec == nil || sec.read() {
		return nil, nil
	}
	all := s.guards()
	if len(all) == 0 || slices.ContainsFunc(all, func(g guard) bool {
		return s.locksItself(g.ifs, sec.recv) || slices.ContainsFunc(g.reads, func(r *ast.AssignStmt) bool { return s.locksItself(r, sec.recv) })
	}) {
		return nil, nil
	}
	s.under = sec.recv
	defer func() { s.under = "" }()
	p := &Proposal{
		Title: "check again under " + sec.recv + ", right before the act",
		Why:   []string{"what was found out before the lock was taken may have changed; what is checked under it holds until the act"},
	}
	if held := s.owed(sec); held != "" && slices.ContainsFunc(all, func(g guard) bool { return g.exits }) {
		return nil, fmt.Errorf("a new way out before the act would keep what was taken from %s", held)
	}
	same := sec.stmt.Pos() < s.check // the lock was given up and taken again in between, out of sight
	if len(all) == 1 && all[0].exits && !same {
		if read, a := s.readAgain(all[0], sec); read != nil {
			lines, err := s.replayed(all[0], a, sec, same)
			if err != nil {
				return nil, err
			}
			edit, err := s.after(read, lines...)
			p.Edits = edits(edit)
			return p, err
		}
	}
	var lines []string
	for _, g := range all {
		if !g.exits {
			continue
		}
		text, err := s.replay(g, sec, same)
		if err != nil {
			return nil, err
		}
		lines = append(lines, text...)
	}
	if i := slices.IndexFunc(all, func(g guard) bool { return !g.exits }); i >= 0 {
		return s.wrap(p, all[i], sec, same)
	}
	var err error
	list, i := s.list(s.act)
	switch {
	case same:
		edit, e := s.before(list[i], lines...)
		p.Edits, err = append(p.Edits, edit), e
	case sec.defers != nil:
		edit, e := s.after(sec.defers.stmt, lines...)
		p.Edits, err = append(p.Edits, edit), e
	default:
		edit, e := s.after(sec.stmt, lines...)
		p.Edits, err = append(p.Edits, edit), e
	}
	return p, err
}

// loser is the statement that closes what was made for the act and is not needed after all.
func (s *site) loser(sec *section, same bool) (string, error) {
	v, made := s.made()
	if v == nil || made == nil {
		return "", nil
	}
	obj, _, _ := types.LookupFieldOrMethod(v.Type(), true, s.pass.Pkg, "Close")
	fn, ok := obj.(*types.Func)
	if !ok || fn.Signature().Params().Len() > 0 {
		return "", nil
	}
	if sec.defers != nil || same {
		if d := s.declOf(fn); d == nil || d.Body == nil || !s.quiet(d.Body) {
			return "", errors.New("what was made for nothing has to be closed, and that must not happen under the lock")
		}
	}
	end := v.Name() + ".Close()"
	if fn.Signature().Results().Len() > 0 {
		end = "_ = " + end
	}
	if s.perhapsNil(v, made) {
		end = "if " + v.Name() + " != nil {\n\t" + end + "\n}"
	}
	return end, nil
}

// perhapsNil says whether a variable may be nil at the act, since nobody leaves for the error that the call
// returned beside it.
func (s *site) perhapsNil(v types.Object, made *ast.CallExpr) bool {
	results, ok := s.info.TypeOf(made).(*types.Tuple)
	if !ok || !types.Identical(results.At(results.Len()-1).Type(), types.Universe.Lookup("error").Type()) {
		return false
	}
	switch v.Type().Underlying().(type) {
	case *types.Interface, *types.Pointer:
	default:
		return false
	}
	checked := false
	s.inspect(s.check, s.act, func(n ast.Node) {
		a, ok := n.(*ast.AssignStmt)
		if !ok || len(a.Rhs) != 1 || ast.Unparen(a.Rhs[0]) != made {
			return
		}
		failed := s.obj(a.Lhs[len(a.Lhs)-1])
		s.inspect(a.Pos(), s.act, func(n ast.Node) {
			ifs, ok := n.(*ast.IfStmt)
			checked = checked || ok && failed != nil && s.uses(ifs.Cond, failed) && leaves(ifs.Body)
		})
	})
	return !checked
}

// cancels are the functions that end contexts which were made between check and act: vet wants them
// called on every path.
func (s *site) cancels() []string {
	var out []string
	ast.Inspect(s.body, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		a, ok := n.(*ast.AssignStmt)
		if !ok || a.Pos() < s.check || a.Pos() > s.act || len(a.Rhs) != 1 || len(a.Lhs) != 2 {
			return true
		}
		call, ok := a.Rhs[0].(*ast.CallExpr)
		if !ok || !from(s.callee(call), "context") {
			return true
		}
		if v := s.obj(a.Lhs[1]); v != nil && v.Name() != "_" && !s.deferred(v) {
			out = append(out, v.Name())
		}
		return true
	})
	return out
}

// deferred says whether the function defers a call of a function value.
func (s *site) deferred(v types.Object) bool {
	return slices.ContainsFunc(s.body.List, func(st ast.Stmt) bool {
		d, ok := st.(*ast.DeferStmt)
		return ok && s.obj(d.Call.Fun) == v
	})
}

// made is the variable that the act stores, and the call between check and act that it comes from.
func (s *site) made() (types.Object, *ast.CallExpr) {
	list, i := s.list(s.act)
	if i < 0 {
		return nil, nil
	}
	var stored ast.Expr
	switch st := list[i].(type) {
	case *ast.AssignStmt:
		stored = st.Rhs[len(st.Rhs)-1]
	case *ast.ExprStmt:
		if _, _, call := method(st.X); call != nil && len(call.Args) > 0 {
			stored = call.Args[len(call.Args)-1]
		}
	}
	v := s.obj(stored)
	if v == nil {
		return nil, nil
	}
	var made *ast.CallExpr
	ast.Inspect(s.body, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if !ok || a.Pos() < s.check || a.Pos() > s.act || len(a.Rhs) != 1 {
			return true
		}
		if call, ok := a.Rhs[0].(*ast.CallExpr); ok && slices.ContainsFunc(a.Lhs, func(e ast.Expr) bool { return s.obj(e) == v }) {
			if tv := s.info.Types[ast.Unparen(call.Fun)]; !tv.IsType() && !tv.IsBuiltin() {
				made = call
			}
		}
		return true
	})
	return v, made
}

// wrap puts the acts of a section under the condition of the guard that encloses them.
func (s *site) wrap(p *Proposal, g guard, sec *section, same bool) (*Proposal, error) {
	list, i := s.list(s.act)
	from, to := i, i+1
	if !same && slices.Contains(list, sec.stmt) {
		from = sec.at + 1
		if sec.defers != nil {
			from = slices.Index(list, sec.defers.stmt) + 1
		}
		for to < len(list) {
			if c, ok := s.lockOf(list[to]); ok && c.recv == sec.recv {
				break
			}
			to++
		}
	}
	if from > i || to == len(list) && sec.defers == nil && !same {
		return nil, errors.New("the section does not end in the block that it starts in")
	}
	first, last := list[from], list[to-1]
	for _, st := range list[from:to] {
		if _, ok := st.(*ast.ReturnStmt); ok || literal(st) {
			return nil, errors.New("the section that acts does more than that")
		}
		if a, ok := st.(*ast.AssignStmt); ok && a.Tok == token.DEFINE {
			for _, e := range a.Lhs {
				if o := s.obj(e); o != nil && s.usedAfter(o, last.End()) {
					return nil, errors.New("what the section computes is used behind it")
				}
			}
		}
	}
	v := s.answered(g)
	stored, made := s.made()
	alias := v != nil && stored == v
	if made != nil && !alias {
		if obj, _, _ := types.LookupFieldOrMethod(stored.Type(), true, s.pass.Pkg, "Close"); obj != nil {
			return nil, errors.New("what is made for the act would have to be closed where it is not needed")
		}
	}
	a, err := s.again(g, alias)
	if err != nil {
		return nil, err
	}
	head := a.cond
	if alias {
		head = negated(g.ifs.Cond, a.cond)
	}
	if a.init != "" {
		head = a.init + "; " + head
	}
	indent := s.indent(first.Pos())
	start, _ := s.lines(first)
	_, end := s.lines(last)
	var b strings.Builder
	b.WriteString(indent + "if " + head + " {\n")
	if alias {
		b.WriteString(indent + "\t" + v.Name() + " = " + a.words[v] + "\n" + indent + "} else {\n")
	}
	for line := range strings.Lines(string(s.src[start:end])) {
		if strings.TrimSpace(line) != "" {
			b.WriteString("\t")
		}
		b.WriteString(line)
	}
	b.WriteString(indent + "}\n")
	p.Edits = append(p.Edits, s.cut(start, end, b.String()))
	return p, nil
}
