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
	"golang.org/x/tools/go/ast/astutil"

	"github.com/toctou-lint/toctou/report"
)

// site is the syntax around a finding.
type site struct {
	pass  *analysis.Pass
	info  *types.Info
	file  *ast.File
	tf    *token.File
	name  string
	src   []byte
	f     *report.Finding
	act   token.Pos
	check token.Pos // NoPos if the finding has none in this file
	path  []ast.Node
	fn    ast.Node       // the innermost function around the act
	body  *ast.BlockStmt // of fn
	under string         // the lock that what is written now stands under: its getters are written out
}

func (p *Proposer) site(f *report.Finding) (*site, error) {
	file := p.files[f.File]
	if file == nil {
		return nil, errors.New("the file is not at hand")
	}
	tf := p.pass.Fset.File(file.FileStart)
	if tf == nil {
		return nil, errors.New("the file is not at hand")
	}
	for _, imp := range file.Imports {
		if imp.Path.Value == `"C"` {
			return nil, errors.New("the file uses cgo: positions in it are those of generated text")
		}
	}
	if p.pass.Fset.Position(file.FileEnd-1).Filename != tf.Name() || ast.IsGenerated(file) {
		return nil, errors.New("the file is generated: its source has to be changed")
	}
	src, err := p.read(tf.Name())
	if err != nil {
		return nil, err
	}
	if len(src) != tf.Size() {
		return nil, errors.New("the file has changed since it was read")
	}
	s := &site{pass: p.pass, info: p.pass.TypesInfo, file: file, tf: tf, name: tf.Name(), src: src, f: f}
	s.act = s.pos(f.Line, f.Column)
	for _, st := range f.Steps {
		if st.Kind == report.StepCheck && st.File == f.File && s.check == token.NoPos {
			s.check = s.pos(st.Line, st.Column)
		}
	}
	s.path, _ = astutil.PathEnclosingInterval(file, s.act, s.act)
	if s.fn, s.body = enclosing(s.path); s.body == nil {
		return nil, errors.New("it is in no function")
	}
	return s, nil
}

// enclosing returns the innermost function of a path from a node outwards.
func enclosing(path []ast.Node) (ast.Node, *ast.BlockStmt) {
	for _, n := range path {
		switch n := n.(type) {
		case *ast.FuncDecl:
			return n, n.Body
		case *ast.FuncLit:
			return n, n.Body
		}
	}
	return nil, nil
}

func (s *site) pos(line, column int) token.Pos {
	if line < 1 || line > s.tf.LineCount() {
		return s.file.FileStart
	}
	return min(s.tf.LineStart(line)+token.Pos(max(column, 1)-1), s.file.FileEnd)
}

func (s *site) offset(p token.Pos) int { return int(p) - s.tf.Base() }

func (s *site) text(n ast.Node) string { return string(s.src[s.offset(n.Pos()):s.offset(n.End())]) }

func (s *site) between(from, to token.Pos) string { return string(s.src[s.offset(from):s.offset(to)]) }

// literal says whether a node holds a string that spans lines, which must not be indented anew.
func literal(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && strings.Contains(l.Value, "\n") {
			found = true
		}
		return !found
	})
	return found
}

// list finds the innermost list of statements with one that contains a position.
func (s *site) list(p token.Pos) ([]ast.Stmt, int) {
	path, _ := astutil.PathEnclosingInterval(s.file, p, p)
	for _, n := range path {
		if l := statements(n); l != nil {
			if i := slices.IndexFunc(l, func(x ast.Stmt) bool { return x.Pos() <= p && p <= x.End() }); i >= 0 {
				return l, i
			}
		}
		if n == s.fn {
			break
		}
	}
	return nil, -1
}

func statements(n ast.Node) []ast.Stmt {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return n.List
	case *ast.CaseClause:
		return n.Body
	case *ast.CommClause:
		return n.Body
	}
	return nil
}

// within says whether a node contains a position.
func within(n ast.Node, p token.Pos) bool { return n != nil && n.Pos() <= p && p < n.End() }

// fresh finds a name that means nothing yet in the function and the package.
func (s *site) fresh(names ...string) string {
	used := map[string]bool{}
	ast.Inspect(s.fn, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			used[id.Name] = true
		}
		return true
	})
	for _, n := range names {
		if !used[n] {
			return n
		}
	}
	for i := 2; ; i++ {
		if n := fmt.Sprintf("%s%d", names[0], i); !used[n] {
			return n
		}
	}
}

// obj is the variable that an identifier names.
func (s *site) obj(e ast.Expr) types.Object {
	if id, ok := ast.Unparen(e).(*ast.Ident); ok {
		return s.info.ObjectOf(id)
	}
	return nil
}

// uses says whether a node mentions an object.
func (s *site) uses(n ast.Node, o types.Object) bool {
	found := false
	if o != nil && n != nil {
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && s.info.ObjectOf(id) == o {
				found = true
			}
			return !found
		})
	}
	return found
}

// usedAfter says whether an object is mentioned in the function behind a position.
func (s *site) usedAfter(o types.Object, p token.Pos) bool {
	found := false
	ast.Inspect(s.body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Pos() >= p && s.info.ObjectOf(id) == o {
			found = true
		}
		return !found
	})
	return found
}

// rename gives the text of a node with other words for some objects.
func (s *site) rename(n ast.Node, words map[types.Object]string) string {
	type place struct {
		at, end int
		text    string
	}
	var places []place
	ast.Inspect(n, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && s.under != "" {
			if field, lock := s.getter(call); lock == s.under {
				places = append(places, place{s.offset(call.Pos()), s.offset(call.End()), field})
				return false
			}
		}
		if id, ok := n.(*ast.Ident); ok {
			if w, ok := words[s.info.ObjectOf(id)]; ok && s.info.ObjectOf(id) != nil {
				places = append(places, place{s.offset(id.Pos()), s.offset(id.End()), w})
			}
		}
		return true
	})
	var b strings.Builder
	at := s.offset(n.Pos())
	for _, p := range places {
		b.Write(s.src[at:p.at])
		b.WriteString(p.text)
		at = p.end
	}
	b.Write(s.src[at:s.offset(n.End())])
	return b.String()
}

// method returns receiver and name of a method call.
func method(n ast.Node) (recv ast.Expr, name string, call *ast.CallExpr) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return nil, "", nil
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil, "", nil
	}
	return sel.X, sel.Sel.Name, call
}

// callee is the function or method that a call names, if it is one.
func (s *site) callee(call *ast.CallExpr) *types.Func {
	var id *ast.Ident
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		id = f
	case *ast.SelectorExpr:
		id = f.Sel
	case *ast.IndexExpr:
		if x, ok := f.X.(*ast.Ident); ok {
			id = x
		}
	}
	if id == nil {
		return nil
	}
	fn, _ := s.info.Uses[id].(*types.Func)
	return fn
}

// from says whether fn is of the package with that path.
func from(fn *types.Func, path string) bool {
	return fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == path
}

// expr is an expression as text, comparable.
func expr(e ast.Expr) string { return types.ExprString(ast.Unparen(e)) }

// declOf finds the declaration of a function of the package, in any of its files.
func (s *site) declOf(fn *types.Func) *ast.FuncDecl {
	if fn == nil || fn.Pkg() != s.pass.Pkg {
		return nil
	}
	fn = fn.Origin()
	for _, f := range s.pass.Files {
		if !within(f, fn.Pos()) && !(f.FileStart <= fn.Pos() && fn.Pos() < f.FileEnd) {
			continue
		}
		for _, d := range f.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Name.Pos() == fn.Pos() {
				return d
			}
		}
	}
	return nil
}
