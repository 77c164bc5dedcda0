package gofix

import (
	"errors"
	"fmt"
	"go/ast"
	"go/format"
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

// indent is the white space before the line of a position.
func (s *site) indent(p token.Pos) string {
	line := s.src[s.offset(s.tf.LineStart(s.tf.Line(p))):]
	n := 0
	for n < len(line) && (line[n] == '\t' || line[n] == ' ') {
		n++
	}
	return string(line[:n])
}

// alone says whether nothing but n is on its lines.
func (s *site) alone(n ast.Node) bool {
	start, end := s.lines(n)
	head, tail := string(s.src[start:s.offset(n.Pos())]), string(s.src[s.offset(n.End()):end])
	return strings.TrimSpace(head) == "" && strings.TrimSpace(tail) == ""
}

// starts says whether nothing comes before n on its first line.
func (s *site) starts(n ast.Node) bool {
	start, _ := s.lines(n)
	return strings.TrimSpace(string(s.src[start:s.offset(n.Pos())])) == ""
}

// comment is the comment behind a node, if that is all that follows on its last line, and where
// it ends.
func (s *site) comment(n ast.Node) (text string, end int) {
	_, end = s.lines(n)
	tail := strings.TrimRight(string(s.src[s.offset(n.End()):end]), "\r\n")
	text = strings.TrimSpace(tail)
	if !strings.HasPrefix(text, "//") {
		return "", s.offset(n.End())
	}
	return text, s.offset(n.End()) + len(tail)
}

// swap puts lines in the place of a statement; a comment at its end goes to the line at index at.
func (s *site) swap(n ast.Stmt, at int, lines []string) ([]analysis.TextEdit, error) {
	comment, end := s.comment(n)
	if !s.starts(n) || comment == "" && !s.alone(n) {
		return nil, errCrowded
	}
	if comment != "" {
		lines = slices.Clone(lines)
		lines[at] += " " + comment
	}
	return edits(s.cut(s.offset(n.Pos()), end, s.lay(n, lines))), nil
}

// lay lays lines of code out as gofmt does, to stand in the place of a statement.
func (s *site) lay(n ast.Stmt, lines []string) string {
	const head = "package p\n\nfunc _() {\n"
	if tidy, err := format.Source([]byte(head + strings.Join(lines, "\n") + "\n}\n")); err == nil {
		lines = strings.Split(strings.TrimSuffix(strings.TrimPrefix(string(tidy), head), "\n}\n"), "\n")
		for i := range lines {
			lines[i] = strings.TrimPrefix(lines[i], "\t")
		}
	}
	return strings.TrimRight(strings.TrimLeft(block(s.indent(n.Pos()), lines), "\t "), "\n")
}

// lines are the offsets of the lines of a node, with the line end.
func (s *site) lines(n ast.Node) (start, end int) {
	start = s.offset(s.tf.LineStart(s.tf.Line(n.Pos())))
	end = len(s.src)
	if last := s.tf.Line(n.End()); last < s.tf.LineCount() {
		end = s.offset(s.tf.LineStart(last + 1))
	}
	return start, end
}

var errCrowded = errors.New("other code or a comment is on the same line")

// remove deletes a statement with its line, and a blank line that would be left beside another. A
// comment at the end of the line stays.
func (s *site) remove(n ast.Node) (analysis.TextEdit, error) {
	if comment, end := s.comment(n); comment != "" && s.starts(n) {
		return s.cut(s.offset(n.Pos()), end, comment), nil
	}
	if !s.alone(n) {
		return analysis.TextEdit{}, errCrowded
	}
	start, end := s.lines(n)
	head, tail := s.src[:start], s.src[end:]
	line, _, _ := strings.Cut(string(tail), "\n")
	closes := strings.HasPrefix(strings.TrimSpace(line), "}")
	opened := strings.HasSuffix(strings.TrimRight(string(head), "\r\n"), "{")
	blankBefore := strings.HasSuffix(string(head), "\n\n")
	switch {
	case len(tail) > 0 && strings.TrimSpace(line) == "" && (blankBefore || opened && len(line) < len(tail)):
		end += len(line) + 1
	case closes && blankBefore:
		start--
	}
	return s.cut(start, end, ""), nil
}

// cut replaces the text between two offsets.
func (s *site) cut(start, end int, text string) analysis.TextEdit {
	return analysis.TextEdit{Pos: token.Pos(s.tf.Base() + start), End: token.Pos(s.tf.Base() + end), NewText: []byte(text)}
}

// replace puts text in the place of a node.
func (s *site) replace(n ast.Node, text string) analysis.TextEdit {
	return analysis.TextEdit{Pos: n.Pos(), End: n.End(), NewText: []byte(text)}
}

// after puts lines of code below a statement, at its indentation; a comment at the end of its line
// stays there.
func (s *site) after(n ast.Stmt, lines ...string) (analysis.TextEdit, error) {
	if comment, _ := s.comment(n); !s.starts(n) || comment == "" && !s.alone(n) {
		return analysis.TextEdit{}, errCrowded
	}
	_, end := s.lines(n)
	return s.cut(end, end, block(s.indent(n.Pos()), lines)), nil
}

// before puts lines of code above a statement and the comments that belong to it.
func (s *site) before(n ast.Stmt, lines ...string) (analysis.TextEdit, error) {
	start, _ := s.lines(n)
	if strings.TrimSpace(string(s.src[start:s.offset(n.Pos())])) != "" {
		return analysis.TextEdit{}, errCrowded
	}
	for _, g := range s.file.Comments {
		if s.tf.Line(g.End()) == s.tf.Line(n.Pos())-1 && g.End() < n.Pos() && s.ownLine(g) {
			start = s.offset(s.tf.LineStart(s.tf.Line(g.Pos())))
		}
	}
	return s.cut(start, start, block(s.indent(n.Pos()), lines)), nil
}

func (s *site) ownLine(g *ast.CommentGroup) bool {
	start := s.offset(s.tf.LineStart(s.tf.Line(g.Pos())))
	return strings.TrimSpace(string(s.src[start:s.offset(g.Pos())])) == ""
}

// block indents lines of code; a line that spans several keeps its own indentation below that.
func block(indent string, lines []string) string {
	var b strings.Builder
	for _, l := range lines {
		for part := range strings.SplitSeq(l, "\n") {
			if part != "" {
				b.WriteString(indent + part)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// dedent gives the text of a node as if it started at the margin.
func (s *site) dedent(n ast.Node) string { return s.shift(s.text(n), n.Pos()) }

func (s *site) shift(text string, at token.Pos) string {
	indent := s.indent(at)
	lines := strings.Split(text, "\n")
	for i := range lines[1:] {
		lines[i+1] = strings.TrimPrefix(lines[i+1], indent)
	}
	return strings.Join(lines, "\n")
}

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

func edits(list ...analysis.TextEdit) []analysis.TextEdit { return list }
