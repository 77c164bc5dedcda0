package gofix

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"slices"

	"golang.org/x/tools/go/analysis"
)

// mergeSections makes one critical section of the one that checks and the one that acts, where
// nothing between them blocks.
func mergeSections(s *site) (*Proposal, error) {
	if s.check == token.NoPos || !within(s.body, s.check) {
		return nil, nil
	}
	first, second := s.held(s.check), s.held(s.act)
	if first == nil || second == nil || first.recv != second.recv || first.stmt == second.stmt || first.stmt.Pos() > second.stmt.Pos() {
		return nil, nil
	}
	if first.read() || second.read() {
		return nil, nil // readers would have to wait for each other
	}
	p := &Proposal{
		Title: fmt.Sprintf("hold %s from the check to the act", first.recv),
		Why:   []string{"nothing between the two sections blocks or takes a lock: they can be one"},
	}
	if whole, err := s.whole(first); err == nil {
		p.Edits = whole
		return p, nil
	}
	var err error
	p.Edits, err = s.linear(first, second)
	return p, err
}

// whole makes the section last to the end of the function.
func (s *site) whole(first *section) ([]analysis.TextEdit, error) {
	i := slices.Index(s.body.List, first.stmt)
	if i < 0 {
		return nil, errors.New("the first section is in an inner block")
	}
	rest := nodes(s.body.List[i+1:])
	if !s.quiet(rest...) {
		return nil, errors.New("the function blocks or calls code that is not known")
	}
	edit, err := s.after(first.stmt, "defer "+first.recv+"."+unlockName(first)+"()")
	if err != nil {
		return nil, err
	}
	out := edits(edit)
	for _, c := range s.lockCalls(s.body) {
		switch {
		case c.stmt == first.stmt:
		case c.recv != first.recv || c.stmt.Pos() < first.stmt.Pos():
			return nil, errors.New("other locks are taken, too")
		default:
			cut, err := s.remove(c.stmt)
			if err != nil {
				return nil, err
			}
			out = append(out, cut)
		}
	}
	return out, nil
}

func nodes(list []ast.Stmt) []ast.Node {
	out := make([]ast.Node, len(list))
	for i, st := range list {
		out[i] = st
	}
	return out
}

// linear takes out the release and the taking between two sections of one list of statements.
func (s *site) linear(first, second *section) ([]analysis.TextEdit, error) {
	k := slices.Index(first.list, second.stmt)
	j := s.releasedAt(first)
	if k < 0 || j < 0 || j > k {
		return nil, errors.New("the lock is released and taken in different blocks")
	}
	between, out, err := s.exits(first, first.list[j+1:k])
	if err != nil {
		return nil, err
	}
	if !s.quiet(between...) {
		return nil, errors.New("what is between the two sections may block, or take the same lock")
	}
	for _, st := range []ast.Stmt{first.list[j], second.stmt} {
		cut, err := s.remove(st)
		if err != nil {
			return nil, err
		}
		out = append(out, cut)
	}
	return out, nil
}

// releasedAt is the index in its list of the statement that ends a section, or -1.
func (s *site) releasedAt(sec *section) int {
	for j := sec.at + 1; j < len(sec.list); j++ {
		if c, ok := s.lockOf(sec.list[j]); ok && c.recv == sec.recv {
			if c.deferred || c.takes() {
				return -1
			}
			return j
		}
	}
	return -1
}

// exits releases the lock before each return in statements that come under it. What only leaves the
// function needs no lock: there it is released first. between is what runs under the lock.
func (s *site) exits(sec *section, list []ast.Stmt) (between []ast.Node, out []analysis.TextEdit, err error) {
	for _, st := range list {
		if ifs, ok := st.(*ast.IfStmt); ok && ifs.Else == nil && leaves(ifs.Body) && len(s.lockCalls(ifs)) == 0 {
			edit, err := s.before(ifs.Body.List[0], sec.recv+"."+unlockName(sec)+"()")
			if err != nil {
				return nil, nil, err
			}
			out = append(out, edit)
			if between = append(between, ifs.Cond); ifs.Init != nil {
				between = append(between, ifs.Init)
			}
			continue
		}
		between = append(between, st)
		ast.Inspect(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.BranchStmt:
				err = errors.New("it is left by a jump")
			case *ast.ReturnStmt:
				edit, e := s.before(n, sec.recv+"."+unlockName(sec)+"()")
				if e != nil {
					err = e
				}
				out = append(out, edit)
			case *ast.ExprStmt, *ast.DeferStmt:
				if _, ok := s.lockOf(n); ok {
					err = errors.New("locks are taken in between")
				}
			}
			return err == nil
		})
	}
	return between, out, err
}

// extendSection moves the release of the lock behind an act that follows it.
func extendSection(s *site) (*Proposal, error) {
	if s.check == token.NoPos || !within(s.body, s.check) || s.held(s.act) != nil {
		return nil, nil
	}
	sec := s.held(s.check)
	if sec == nil {
		return nil, nil
	}
	j := s.releasedAt(sec)
	k := slices.IndexFunc(sec.list, func(st ast.Stmt) bool { return within(st, s.act) })
	if j < 0 || k <= j {
		return nil, nil
	}
	between, out, err := s.exits(sec, sec.list[j+1:k])
	if err != nil {
		return nil, err
	}
	_, last, err := s.exits(sec, sec.list[k:k+1])
	if err != nil {
		return nil, err
	}
	out = append(out, last...)
	if !s.quiet(between...) || !s.brief(sec.list[k]) {
		return nil, errors.New("the act, or what comes before it, may block or take a lock: that must not happen under " + sec.recv)
	}
	cut, err := s.remove(sec.list[j])
	if err != nil {
		return nil, err
	}
	add, err := s.after(sec.list[k], s.text(sec.list[j]))
	if err != nil {
		return nil, err
	}
	return &Proposal{
		Title: fmt.Sprintf("release %s after the act, not before it", sec.recv),
		Why:   []string{"the answer holds as long as the lock under which it was obtained is held"},
		Edits: append(out, cut, add),
	}, nil
}

// brief says whether a statement can run under a lock: it is quiet, or a call on a counter.
func (s *site) brief(st ast.Stmt) bool {
	if e, ok := st.(*ast.ExprStmt); ok {
		if recv, name, call := method(e.X); recv != nil && from(s.callee(call), "sync") && (name == "Add" || name == "Done" || name == "Signal" || name == "Broadcast") {
			return s.quiet(nodesOf(call.Args)...)
		}
	}
	return s.quiet(st)
}

func nodesOf(list []ast.Expr) []ast.Node {
	out := make([]ast.Node, len(list))
	for i, e := range list {
		out[i] = e
	}
	return out
}
