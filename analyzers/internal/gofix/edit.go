package gofix

import (
	"errors"
	"go/ast"
	"go/format"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

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

func edits(list ...analysis.TextEdit) []analysis.TextEdit { return list }

// atStart puts lines at the start of the function; a body on one line is spread over several.
func (s *site) atStart(lines []string) (analysis.TextEdit, error) {
	indent := s.indent(s.fn.Pos())
	if s.tf.Line(s.body.Lbrace) != s.tf.Line(s.body.Rbrace) {
		_, end := s.lineOf(s.body.Lbrace)
		if rest := strings.TrimSpace(s.between(s.body.Lbrace+1, token.Pos(s.tf.Base()+end))); rest != "" && !strings.HasPrefix(rest, "//") {
			return analysis.TextEdit{}, errCrowded
		}
		return s.cut(end, end, block(indent+"\t", lines)), nil
	}
	for _, st := range s.body.List {
		lines = append(lines, s.text(st))
	}
	return s.cut(s.offset(s.body.Lbrace), s.offset(s.body.Rbrace)+1, "{\n"+block(indent+"\t", lines)+indent+"}"), nil
}

func (s *site) lineOf(p token.Pos) (start, end int) {
	line := s.tf.Line(p)
	start, end = s.offset(s.tf.LineStart(line)), len(s.src)
	if line < s.tf.LineCount() {
		end = s.offset(s.tf.LineStart(line + 1))
	}
	return start, end
}
