package gofix

import (
	"errors"
	"go/ast"
	"go/types"
	"go/version"
	"strings"
)

// startTracked starts a goroutine through the WaitGroup or errgroup that its owner waits for.
func startTracked(s *site) (*Proposal, error) {
	var st *ast.GoStmt
	for _, n := range s.path {
		if g, ok := n.(*ast.GoStmt); ok {
			st = g
			break
		}
	}
	if st == nil {
		return nil, nil
	}
	group, kind, err := s.group()
	if err != nil {
		return nil, err
	}
	p := &Proposal{Title: "start it through " + group, Why: []string{"whoever waits for " + group + " waits for this goroutine, too"}}
	if lit, ok := st.Call.Fun.(*ast.FuncLit); ok && len(st.Call.Args) == 0 && lit.Type.Results == nil && kind == "sync" {
		p.Edits = edits(
			s.cut(s.offset(st.Go), s.offset(st.Call.Fun.Pos()), group+".Go("),
			s.cut(s.offset(lit.End()), s.offset(st.Call.End()), ")"),
		)
		return p, nil
	}
	if !s.unchanging(st.Call) {
		return nil, errors.New("its arguments are evaluated when it is started, and would be later")
	}
	head, result := "func() { ", s.info.TypeOf(st.Call)
	if kind == "errgroup" {
		if result == nil || result.String() != "error" {
			return nil, errors.New("what it returns does not fit the group")
		}
		head = "func() error { return "
	}
	if call := st.Call; len(call.Args) == 0 && (kind == "errgroup" || result == nil || result.String() == "()") {
		if _, lit := call.Fun.(*ast.FuncLit); !lit {
			p.Edits = edits(s.replace(st, group+".Go("+s.text(call.Fun)+")"))
			return p, nil
		}
	}
	p.Edits = edits(s.replace(st, group+".Go("+head+s.text(st.Call)+" })"))
	return p, nil
}

// unchanging says whether a call means the same when it is made later.
func (s *site) unchanging(call *ast.CallExpr) bool {
	ok := true
	ast.Inspect(call, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			ok = ok && n == call
		case *ast.Ident:
			if v, is := s.info.Uses[n].(*types.Var); is && !v.IsField() {
				ok = ok && v.Parent() != s.pass.Pkg.Scope() && !s.reassigned(v)
			}
		case *ast.SelectorExpr:
			if v, is := s.info.Uses[n.Sel].(*types.Var); is && v.IsField() {
				_, fn := call.Fun.(*ast.SelectorExpr)
				ok = ok && fn && within(call.Fun, n.Pos()) // the receiver's path, not an argument
			}
		case *ast.IndexExpr, *ast.StarExpr, *ast.FuncLit:
			ok = false
		}
		return ok
	})
	return ok
}

// group finds a WaitGroup or errgroup in scope, or in the receiver, that somebody waits for.
func (s *site) group() (expr, kind string, err error) {
	none := errors.New("no WaitGroup or errgroup that somebody waits for is at hand")
	for sc := s.pass.Pkg.Scope().Innermost(s.act); sc != nil && sc != s.pass.Pkg.Scope(); sc = sc.Parent() {
		for _, name := range sc.Names() {
			v, ok := sc.Lookup(name).(*types.Var)
			if !ok || v.Pos() >= s.act {
				continue
			}
			if kind := s.groupKind(v.Type()); kind != "" && s.waited(v) {
				return name, kind, nil
			}
		}
	}
	d, ok := s.path[len(s.path)-2].(*ast.FuncDecl)
	if !ok || d.Recv == nil || len(d.Recv.List) == 0 || len(d.Recv.List[0].Names) == 0 {
		return "", "", none
	}
	recv := d.Recv.List[0].Names[0]
	t := s.info.TypeOf(recv)
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	fields, ok := t.Underlying().(*types.Struct)
	if !ok {
		return "", "", none
	}
	for f := range fields.Fields() {
		if kind := s.groupKind(f.Type()); kind != "" && s.waited(f) {
			return recv.Name + "." + f.Name(), kind, nil
		}
	}
	return "", "", none
}

// groupKind says whether a type is a group that has a method Go.
func (s *site) groupKind(t types.Type) string {
	name := strings.TrimPrefix(types.Unalias(t).String(), "*")
	switch {
	case name == "sync.WaitGroup" && (s.pass.Pkg.GoVersion() == "" || version.Compare(s.pass.Pkg.GoVersion(), "go1.25") >= 0):
		return "sync"
	case name == "golang.org/x/sync/errgroup.Group":
		return "errgroup"
	}
	return ""
}

// waited says whether the package waits for a group.
func (s *site) waited(group types.Object) bool {
	found := false
	for _, f := range s.pass.Files {
		ast.Inspect(f, func(n ast.Node) bool {
			if recv, name, _ := method(n); recv != nil && name == "Wait" && s.fieldOf(recv) == group {
				found = true
			}
			return !found
		})
	}
	return found
}
