package gofix

import (
	"errors"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// atomicCall is an operation of sync/atomic, as a method or as a function.
type atomicCall struct {
	call  *ast.CallExpr
	place string // the variable, as text
	op    string // Load, Store, Add, …
	kind  string // the suffix of functions: Int64…; "" for methods
	args  []ast.Expr
}

// atomicOf reads an expression as an atomic operation.
func (s *site) atomicOf(n ast.Node) (atomicCall, bool) {
	e, ok := n.(ast.Expr)
	if !ok {
		return atomicCall{}, false
	}
	recv, name, call := method(ast.Unparen(e))
	if call == nil || !from(s.callee(call), "sync/atomic") {
		return atomicCall{}, false
	}
	if s.callee(call).Signature().Recv() != nil {
		return atomicCall{call, expr(recv), name, "", call.Args}, true
	}
	for _, op := range []string{"Load", "Store", "Add", "Swap", "CompareAndSwap"} {
		kind, is := strings.CutPrefix(name, op)
		if addr, ok := first(call.Args).(*ast.UnaryExpr); is && ok && addr.Op == token.AND {
			return atomicCall{call, expr(addr.X), op, kind, call.Args[1:]}, true
		}
	}
	return atomicCall{}, false
}

func first(list []ast.Expr) ast.Expr {
	if len(list) == 0 {
		return nil
	}
	return ast.Unparen(list[0])
}

// word writes an atomic operation on the place of another one.
func (s *site) word(like atomicCall, op string, args ...string) string {
	sel := ast.Unparen(like.call.Fun).(*ast.SelectorExpr)
	if like.kind == "" {
		return s.text(sel.X) + "." + op + "(" + strings.Join(args, ", ") + ")"
	}
	return s.text(sel.X) + "." + op + like.kind + "(" + strings.Join(append([]string{s.text(like.call.Args[0])}, args...), ", ") + ")"
}

// atomics finds the operations with one name on one place in a node.
func (s *site) atomics(n ast.Node, place, op string) []atomicCall {
	var out []atomicCall
	if n == nil {
		return nil
	}
	ast.Inspect(n, func(x ast.Node) bool {
		if c, ok := s.atomicOf(x); ok && (op == "" || c.op == op) && (place == "" || c.place == place) {
			out = append(out, c)
		}
		return true
	})
	return out
}

// acting is the atomic operation that a finding is about, as a statement of its own.
func (s *site) acting(op string) (atomicCall, ast.Stmt, []ast.Stmt, int, bool) {
	list, i := s.list(s.act)
	if i < 0 {
		return atomicCall{}, nil, nil, 0, false
	}
	st, ok := list[i].(*ast.ExprStmt)
	if !ok {
		return atomicCall{}, nil, nil, 0, false
	}
	c, ok := s.atomicOf(st.X)
	return c, st, list, i, ok && c.op == op
}

// addResult uses what Add returns in place of a Load after it.
func addResult(s *site) (*Proposal, error) {
	list, i := s.list(s.act)
	if i < 1 {
		return nil, nil
	}
	ifs, ok := list[i].(*ast.IfStmt)
	if !ok || ifs.Init != nil {
		return nil, nil
	}
	prev, ok := list[i-1].(*ast.ExprStmt)
	if !ok {
		return nil, nil
	}
	add, ok := s.atomicOf(prev.X)
	if !ok || add.op != "Add" {
		return nil, nil
	}
	loads := s.atomics(ifs.Cond, add.place, "Load")
	if len(loads) != 1 {
		return nil, nil
	}
	cut, err := s.remove(prev)
	if b, ok := ifs.Cond.(*ast.BinaryExpr); ok && (b.Op == token.LAND || b.Op == token.LOR) && !within(b.X, loads[0].call.Pos()) {
		return nil, errors.New("the Load is not always evaluated, the Add is")
	}
	return &Proposal{
		Title: "use the result of Add", Why: []string{"what Add returns is what this call made of it; a Load after it sees what others did, too"},
		Edits: edits(cut, s.replace(loads[0].call, s.text(add.call))),
	}, err
}

// atomicSwap makes one CompareAndSwap of a Load, its test, and a Store.
func atomicSwap(s *site) (*Proposal, error) {
	store, st, list, i, ok := s.acting("Store")
	if !ok || len(store.args) != 1 {
		return nil, nil
	}
	p := &Proposal{
		Title: "use CompareAndSwap", Why: []string{"it tests and stores in one step: of several callers one succeeds, the others see that"},
	}
	// if LOAD == old { STORE; … }
	for _, n := range s.path {
		ifs, ok := n.(*ast.IfStmt)
		if !ok || ifs.Init != nil || ifs.Else != nil || len(ifs.Body.List) == 0 || ifs.Body.List[0] != st {
			continue
		}
		loads := s.atomics(ifs.Cond, store.place, "Load")
		if len(loads) != 1 {
			continue
		}
		if old, hit := s.equals(ifs.Cond, loads[0]); hit {
			if !s.pure(store.args[0]) {
				return nil, errors.New("what is stored comes from a call, which would be made by those that do not store, too")
			}
			if len(ifs.Body.List) > 1 {
				cut, err := s.remove(st)
				p.Edits = edits(s.replace(ifs.Cond, s.word(store, "CompareAndSwap", old, s.text(store.args[0]))), cut)
				return p, err
			}
		}
		if len(ifs.Body.List) == 1 && s.pure(store.args[0]) {
			return s.raise(p, ifs, loads[0], store)
		}
	}
	// if LOAD != old { return }; STORE
	for j := i - 1; j >= 0; j-- {
		ifs, ok := list[j].(*ast.IfStmt)
		if !ok || ifs.Init != nil || ifs.Else != nil || !leaves(ifs.Body) {
			continue
		}
		loads := s.atomics(ifs.Cond, store.place, "Load")
		if len(loads) != 1 {
			continue
		}
		if !s.pure(store.args[0]) {
			return nil, errors.New("what is stored comes from a call, which must not be made twice")
		}
		if old, hit := s.differs(ifs.Cond, loads[0]); hit && j == i-1 {
			cut, err := s.remove(st)
			p.Edits = edits(s.replace(ifs.Cond, "!"+s.word(store, "CompareAndSwap", old, s.text(store.args[0]))), cut)
			return p, err
		}
		return s.storeUnless(p, ifs, loads[0], store, st)
	}
	return nil, nil
}

// equals reads a condition as a test that a Load gives one known value, and returns that value.
func (s *site) equals(cond ast.Expr, load atomicCall) (string, bool) {
	switch c := ast.Unparen(cond).(type) {
	case *ast.BinaryExpr:
		if c.Op != token.EQL {
			return "", false
		}
		if ast.Unparen(c.X) == load.call && s.constant(c.Y) {
			return s.text(c.Y), true
		}
		if ast.Unparen(c.Y) == load.call && s.constant(c.X) {
			return s.text(c.X), true
		}
	case *ast.UnaryExpr:
		return "false", c.Op == token.NOT && ast.Unparen(c.X) == load.call
	case *ast.CallExpr:
		return "true", c == load.call
	}
	return "", false
}

// differs reads a condition as a test that a Load gives anything but one known value.
func (s *site) differs(cond ast.Expr, load atomicCall) (string, bool) {
	switch c := ast.Unparen(cond).(type) {
	case *ast.BinaryExpr:
		if c.Op != token.NEQ {
			return "", false
		}
		if ast.Unparen(c.X) == load.call && s.constant(c.Y) {
			return s.text(c.Y), true
		}
	case *ast.UnaryExpr:
		return "true", c.Op == token.NOT && ast.Unparen(c.X) == load.call
	case *ast.CallExpr:
		return "false", c == load.call
	}
	return "", false
}

func (s *site) constant(e ast.Expr) bool {
	tv := s.info.Types[e]
	return tv.IsNil() || tv.Value != nil && tv.Value.Kind() != constant.Unknown
}

// raise writes `if cond(LOAD) { STORE }` as a loop that tries until the condition is false.
func (s *site) raise(p *Proposal, ifs *ast.IfStmt, load, store atomicCall) (*Proposal, error) {
	if !s.pureBut(ifs.Cond, load.call) {
		return nil, errors.New("the test calls something, which would be called again in each round")
	}
	cur := s.fresh("cur", "old", "seen")
	cond := s.between(ifs.Cond.Pos(), load.call.Pos()) + cur + s.between(load.call.End(), ifs.Cond.End())
	p.Title = "retry with CompareAndSwap"
	lines := []string{
		"for " + cur + " := " + s.text(load.call) + "; " + cond + "; " + cur + " = " + s.text(load.call) + " {",
		"\tif " + s.word(store, "CompareAndSwap", cur, s.text(store.args[0])) + " {",
		"\t\tbreak",
		"\t}",
		"}",
	}
	if comment, _ := s.comment(ifs.Body.List[0]); comment != "" {
		lines[1] += " " + comment
	}
	var err error
	p.Edits, err = s.swap(ifs, len(lines)-1, lines)
	return p, err
}

// pureBut says whether an expression calls nothing but one call.
func (s *site) pureBut(e ast.Expr, but *ast.CallExpr) bool {
	ok := true
	ast.Inspect(e, func(n ast.Node) bool {
		if n == but {
			return false
		}
		if c, is := n.(*ast.CallExpr); is {
			tv := s.info.Types[ast.Unparen(c.Fun)]
			ok = ok && (tv.IsType() || tv.IsBuiltin())
		}
		return ok
	})
	return ok
}

// storeUnless writes a Store as a loop that repeats the test which made an earlier one leave.
func (s *site) storeUnless(p *Proposal, ifs *ast.IfStmt, load, store atomicCall, st ast.Stmt) (*Proposal, error) {
	if !s.pureBut(ifs.Cond, load.call) || literal(ifs) || len(ifs.Body.List) > 1 && !s.quiet(ifs.Body) {
		return nil, errors.New("the code that leaves the function does more than that, and would do it twice")
	}
	cur := s.fresh("cur", "old", "seen")
	p.Title = "retry with CompareAndSwap"
	lines := []string{
		"for {",
		"\t" + cur + " := " + s.text(load.call),
		"\tif " + s.between(ifs.Cond.Pos(), load.call.Pos()) + cur + s.between(load.call.End(), ifs.Cond.End()) + " {",
	}
	for _, b := range ifs.Body.List {
		for part := range strings.SplitSeq(s.dedent(b), "\n") {
			lines = append(lines, "\t\t"+part)
		}
	}
	lines = append(lines, "\t}", "\tif "+s.word(store, "CompareAndSwap", cur, s.text(store.args[0]))+" {", "\t\tbreak", "\t}", "}")
	var err error
	p.Edits, err = s.swap(st, len(lines)-4, lines)
	return p, err
}

// atomicUpdate makes one operation of a Load, a computation, and a Store.
func atomicUpdate(s *site) (*Proposal, error) {
	store, st, list, i, ok := s.acting("Store")
	if !ok || len(store.args) != 1 {
		return nil, nil
	}
	p := &Proposal{Title: "use Add", Why: []string{"it reads and writes in one step"}}
	value := ast.Unparen(store.args[0])
	if loads := s.atomics(value, store.place, "Load"); len(loads) == 1 {
		if b, ok := value.(*ast.BinaryExpr); ok && ast.Unparen(b.X) == loads[0].call && integer(s.info.TypeOf(value)) && s.pure(b.Y) {
			switch b.Op {
			case token.ADD:
				p.Edits = edits(s.replace(st, s.word(store, "Add", s.text(b.Y))))
				return p, nil
			case token.SUB:
				if tv := s.info.Types[b.Y]; tv.Value != nil && !unsigned(s.info.TypeOf(value)) {
					p.Edits = edits(s.replace(st, s.word(store, "Add", "-"+s.text(b.Y))))
					return p, nil
				}
			}
		}
		if !s.pureBut(value, loads[0].call) {
			return nil, errors.New("what is stored comes from a call, which must not be made twice")
		}
		cur := s.fresh("cur", "old", "seen")
		to := s.between(value.Pos(), loads[0].call.Pos()) + cur + s.between(loads[0].call.End(), value.End())
		return s.retry(p, nil, st, st, cur+" := "+s.text(loads[0].call), s.word(store, "CompareAndSwap", cur, to))
	}
	// v := LOAD; …; STORE(f(v))
	for j := i - 1; j >= 0; j-- {
		a, ok := list[j].(*ast.AssignStmt)
		if !ok || len(a.Rhs) != 1 || len(a.Lhs) != 1 {
			continue
		}
		load, ok := s.atomicOf(a.Rhs[0])
		if !ok || load.op != "Load" || load.place != store.place || a.Tok != token.DEFINE {
			continue
		}
		v := s.obj(a.Lhs[0])
		if !s.pure(value) || s.usedAfter(v, st.End()) || slices.ContainsFunc(list[j+1:i], func(x ast.Stmt) bool { return s.assigns(x, v) || !s.repeatable(x, st.End()) }) {
			return nil, errors.New("what happens between the Load and the Store must not happen twice")
		}
		return s.retry(p, list[j+1:i], list[j], st, s.text(a), s.word(store, "CompareAndSwap", v.Name(), s.text(value)))
	}
	return nil, nil
}

// retry puts statements into a loop that ends when swap succeeds.
func (s *site) retry(p *Proposal, between []ast.Stmt, first, last ast.Stmt, load, swap string) (*Proposal, error) {
	comment, end := s.comment(last)
	if !s.starts(first) || comment == "" && !s.alone(last) || first != last && !s.alone(first) || slices.ContainsFunc(between, func(x ast.Stmt) bool { return !s.alone(x) || literal(x) }) {
		return nil, errCrowded
	}
	p.Title, p.Why = "retry with CompareAndSwap", []string{"the value is stored only if it is still the one that it was computed from"}
	lines := []string{"for {", "\t" + load}
	for _, b := range between {
		lines = append(lines, indented([]string{s.dedent(b)})...)
	}
	lines = append(lines, strings.TrimRight("\tif "+swap+" { "+comment, " "), "\t\tbreak", "\t}", "}")
	p.Edits = edits(s.cut(s.offset(first.Pos()), end, s.lay(first, lines)))
	return p, nil
}

// assigns says whether a statement changes a variable.
func (s *site) assigns(n ast.Node, v types.Object) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			found = found || slices.ContainsFunc(n.Lhs, func(e ast.Expr) bool { return s.obj(e) == v })
		case *ast.IncDecStmt:
			found = found || s.obj(n.X) == v
		}
		return !found
	})
	return found
}

// repeatable says whether a statement can run several times: it sets variables of its own only.
func (s *site) repeatable(n ast.Stmt, end token.Pos) bool {
	a, ok := n.(*ast.AssignStmt)
	if !ok || a.Tok != token.DEFINE {
		return false
	}
	for i, e := range a.Rhs {
		if !s.pure(e) || i < len(a.Lhs) && s.usedAfter(s.obj(a.Lhs[i]), end) {
			return false
		}
	}
	return true
}

func integer(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsInteger != 0
}

func unsigned(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsUnsigned != 0
}
