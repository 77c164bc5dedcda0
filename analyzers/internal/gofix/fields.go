package gofix

import (
	"errors"
	"go/ast"
	"go/format"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// fieldAfter adds a field below another one, and lays the struct out anew as gofmt does.
func (s *site) fieldAfter(spec *ast.Field, name, typ string) ([]analysis.TextEdit, error) {
	var st *ast.StructType
	ast.Inspect(s.file, func(n ast.Node) bool {
		if x, ok := n.(*ast.StructType); ok && slices.Contains(x.Fields.List, spec) {
			st = x
		}
		return true
	})
	if st == nil {
		return nil, errors.New("the struct is not at hand")
	}
	_, end := s.lines(spec)
	at := s.offset(st.Pos())
	text := string(s.src[at:end]) + "\t" + name + " " + typ + "\n" + string(s.src[end:s.offset(st.End())])
	indent := s.indent(st.Pos())
	tidy, err := format.Source([]byte("package p\n\ntype t " + s.shift(text, st.Pos()) + "\n"))
	if err != nil {
		return nil, errors.New("the struct cannot be laid out anew")
	}
	_, out, ok := strings.Cut(string(tidy), "type t ")
	if !ok {
		return nil, errors.New("the struct cannot be laid out anew")
	}
	lines := strings.Split(strings.TrimRight(out, "\n"), "\n")
	for i := range lines[1:] {
		if lines[i+1] != "" {
			lines[i+1] = indent + lines[i+1]
		}
	}
	return s.lineEdits(st, lines), nil
}

// lineEdits replaces those lines of a node that differ, leaving the others alone.
func (s *site) lineEdits(n ast.Node, lines []string) []analysis.TextEdit {
	old := strings.Split(s.text(n), "\n")
	head, tail := 0, 0
	for head < len(old) && head < len(lines) && old[head] == lines[head] {
		head++
	}
	for tail < len(old)-head && tail < len(lines)-head && old[len(old)-1-tail] == lines[len(lines)-1-tail] {
		tail++
	}
	start := s.offset(n.Pos())
	for _, l := range old[:head] {
		start += len(l) + 1
	}
	end := s.offset(n.End())
	for _, l := range old[len(old)-tail:] {
		end -= len(l) + 1
	}
	body := strings.Join(lines[head:len(lines)-tail], "\n")
	if start > end { // only lines are added
		return edits(s.cut(start, start, body+"\n"))
	}
	return edits(s.cut(start, end, body))
}

// importing makes sure that a package of the standard library can be named in the file.
func (s *site) importing(path string) ([]analysis.TextEdit, bool) {
	base := path[strings.LastIndex(path, "/")+1:]
	for _, imp := range s.file.Imports {
		if have, err := strconv.Unquote(imp.Path.Value); err == nil && have == path {
			return nil, imp.Name == nil || imp.Name.Name == base
		}
	}
	if s.file.Scope != nil && s.file.Scope.Lookup(base) != nil || s.pass.Pkg.Scope().Lookup(base) != nil {
		return nil, false
	}
	var decl *ast.GenDecl
	for _, d := range s.file.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
			decl = g
			break
		}
	}
	quoted := strconv.Quote(path)
	switch {
	case decl == nil:
		_, end := s.lines(s.file.Name)
		return edits(s.cut(end, end, "\nimport "+quoted+"\n")), true
	case !decl.Lparen.IsValid():
		spec := decl.Specs[0].(*ast.ImportSpec)
		pair := []string{quoted, s.text(spec)}
		if spec.Name == nil && spec.Path.Value < quoted {
			slices.Reverse(pair)
		}
		return edits(s.cut(s.offset(spec.Pos()), s.offset(spec.End()), "(\n\t"+pair[0]+"\n\t"+pair[1]+"\n)")), true
	}
	var prev ast.Spec
	for _, spec := range decl.Specs {
		i := spec.(*ast.ImportSpec)
		if prev != nil && s.tf.Line(i.Pos()) > s.tf.Line(prev.End())+1 || i.Path.Value > quoted || strings.Contains(i.Path.Value, ".") {
			break
		}
		prev = spec
	}
	if prev == nil {
		at := s.offset(s.tf.LineStart(s.tf.Line(decl.Specs[0].Pos())))
		return edits(s.cut(at, at, "\t"+quoted+"\n")), true
	}
	_, end := s.lines(prev)
	return edits(s.cut(end, end, "\t"+quoted+"\n")), true
}
