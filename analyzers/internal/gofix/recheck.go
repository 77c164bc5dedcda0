package gofix

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// recheckUnderLock tests the answer again in the section that acts.
func recheckUnderLock(s *site) (*Proposal, error) {
	sec := s.held(s.act)
	if sec == nil || sec.read() {
		return nil, nil
	}
	all := s.guards()
	if len(all) == 0 {
		return nil, nil
	}
	p := &Proposal{
		Title: "check again under " + sec.recv + ", right before the act",
		Why:   []string{"what was found out before the lock was taken may have changed; what is checked under it holds until the act"},
	}
	if held := s.owed(sec); held != "" && slices.ContainsFunc(all, func(g guard) bool { return g.exits }) {
		return nil, fmt.Errorf("a new way out before the act would keep what was taken from %s", held)
	}
	same := sec.stmt.Pos() < s.check // the lock was given up and taken again in between, out of sight
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
			a.init = s.text(init)
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
		a.init = name + " := " + s.text(r.Rhs[0])
	}
	a.cond = s.rename(g.ifs.Cond, a.words)
	return a, nil
}

// operand is the text of an expression as part of another.
func (s *site) operand(e, in ast.Expr) string {
	_, binary := e.(*ast.BinaryExpr)
	if _, all := ast.Unparen(in).(*ast.Ident); binary && !all {
		return "(" + s.text(e) + ")"
	}
	return s.text(e)
}

// replay repeats a guard that leaves the function, for use while the lock of sec is held.
func (s *site) replay(g guard, sec *section, same bool) ([]string, error) {
	a, err := s.again(g, false)
	if err != nil {
		return nil, err
	}
	if literal(g.ifs) {
		return nil, errors.New("its test holds a string of several lines")
	}
	read := s.anew(g, sec)
	if read != "" {
		a = &answer{cond: s.text(g.ifs.Cond)}
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
	if read != "" {
		out = append([]string{read}, out...)
	}
	if sec.defers == nil && !same {
		out = append(out, "\t"+sec.recv+"."+unlockName(sec)+"()")
	}
	loser, err := s.loser(sec, same)
	if err != nil {
		return nil, err
	}
	if loser != "" {
		out = append(out, "\t"+loser)
	}
	for _, cancel := range s.cancels() {
		out = append(out, "\t"+cancel+"()")
	}
	return append(append(out, indented(body[last:])...), "}"), nil
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
	if fn.Signature().Results().Len() > 0 {
		return "_ = " + v.Name() + ".Close()", nil
	}
	return v.Name() + ".Close()", nil
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
	return strings.Join(names, ", ") + " = " + s.text(r.Rhs[0])
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
