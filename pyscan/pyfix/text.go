package pyfix

import (
	"bytes"
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// newline is the line end that the file uses.
func (f *file) newline() string {
	if i := bytes.IndexByte(f.t.Src, '\n'); i > 0 && f.t.Src[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// native turns the line ends of new text into those of the file.
func (f *file) native(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", f.newline())
}

// insertLines puts whole lines after the line of stmt. A file whose last line has no line end
// keeps it so.
func (f *file) insertLines(stmt syntax.ID, text string) fix.Edit {
	at := f.lineEnd(f.end(stmt) - 1)
	text = f.native(text)
	if at == len(f.t.Src) && at > 0 && f.t.Src[at-1] != '\n' {
		text = f.newline() + strings.TrimSuffix(text, f.newline())
	}
	return fix.Edit{Start: at, End: at, New: text}
}

// insertBefore puts whole lines before the line of stmt, its decorators and the comments that
// belong to it.
func (f *file) insertBefore(stmt syntax.ID, text string) fix.Edit {
	at := f.lineStart(f.start(stmt))
	for at > 0 {
		prev := f.lineStart(at - 1)
		line := bytes.TrimSpace(f.t.Src[prev:at])
		if len(line) == 0 || line[0] != '#' || f.inString(prev) {
			break
		}
		at = prev
	}
	return fix.Edit{Start: at, End: at, New: f.native(text)}
}

// replace is the edit that puts text in place of a node.
func (f *file) replace(n syntax.ID, text string) fix.Edit {
	return fix.Edit{Start: f.start(n), End: f.end(n), New: text}
}

// alone says whether a statement has its lines for itself, but for a comment.
func (f *file) alone(stmt syntax.ID) bool {
	_, ok := f.indent(stmt)
	next := f.t.NextSibling(stmt)
	return ok && (next == syntax.Nil || f.start(next) >= f.lineEnd(f.end(stmt)-1))
}

// lineMargin is the white space before the first statement on the line of a plain statement, if that line
// holds whole statements of one block.
func (f *file) lineMargin(stmt syntax.ID) (string, bool) {
	start, end := f.lineStart(f.start(stmt)), f.lineEnd(f.end(stmt)-1)
	for c := range f.t.Named(f.t.Parent(stmt)) {
		from, to := f.start(c), f.end(c)
		if to <= start || from >= end {
			continue
		}
		if from < start || to > end {
			return "", false
		}
		if from < f.start(stmt) {
			stmt = c
		}
	}
	return f.indent(stmt)
}

// trailing is what follows a statement on its last line: white space and a comment.
func (f *file) trailing(stmt syntax.ID) string {
	return strings.TrimRight(string(f.t.Src[f.end(stmt):f.lineEnd(f.end(stmt)-1)]), "\r\n")
}

// span is a whole section of lines as text that ends with a line end.
func (f *file) span(start, end int) string {
	text := string(f.t.Src[start:end])
	if !strings.HasSuffix(text, "\n") {
		text += f.newline()
	}
	return text
}

// trimEnd takes the last line end from text that replaces the end of a file without one.
func (f *file) trimEnd(end int, text string) string {
	if end == len(f.t.Src) && !bytes.HasSuffix(f.t.Src, []byte("\n")) {
		return strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	}
	return text
}

// replaceIn is the text of the lines from start to end with every node that reads as from
// replaced by to. ok is false if a nested function uses it: it would keep the name.
func (f *file) replaceIn(fn syntax.ID, start, end int, from, to string) (text string, n int, ok bool) {
	var b strings.Builder
	at := start
	for id := fn; id < f.t.Nodes[fn].Next; id++ {
		if f.start(id) < start || f.end(id) > end || f.start(id) < at {
			continue
		}
		switch k := f.t.Kind(id); {
		case k != syntax.Identifier && k != syntax.Attribute, f.text(id) != from:
			continue
		case k == syntax.Identifier && !f.isVariable(id):
			continue
		}
		if f.function(id) != fn {
			return "", 0, false
		}
		b.Write(f.t.Src[at:f.start(id)])
		b.WriteString(to)
		at = f.end(id)
		n++
	}
	b.Write(f.t.Src[at:end])
	return b.String(), n, true
}

// isVariable says whether an identifier is a variable: no attribute, parameter or keyword name.
func (f *file) isVariable(id syntax.ID) bool {
	switch f.t.Kind(f.t.Parent(id)) {
	case syntax.Attribute:
		return f.t.Nodes[id].Field == syntax.FieldObject
	case syntax.KeywordArgument:
		return f.t.Nodes[id].Field != syntax.FieldName
	}
	return true
}

// mentions says whether a part of the tree reads or writes a place (a dotted name).
func (f *file) mentions(n syntax.ID, place string) bool {
	return f.firstMention(n, place) != syntax.Nil
}

func (f *file) firstMention(n syntax.ID, place string) syntax.ID {
	for id := n; n != syntax.Nil && id < f.t.Nodes[n].Next; id++ {
		k := f.t.Kind(id)
		if (k == syntax.Attribute || k == syntax.Identifier && f.isVariable(id)) && f.text(id) == place {
			return id
		}
	}
	return syntax.Nil
}

// uses says whether a function mentions a plain name, as a variable or otherwise.
func (f *file) uses(fn syntax.ID, name string) bool {
	for n := fn; n < f.t.Nodes[fn].Next; n++ {
		if f.t.Kind(n) == syntax.Identifier && f.text(n) == name && f.isVariable(n) {
			return true
		}
	}
	return false
}

// freeName is the first of the names that a function does not use; "" if it uses all.
func (f *file) freeName(fn syntax.ID, names ...string) string {
	for _, name := range names {
		if name != "" && !keyword[name] && !f.uses(fn, name) && !f.definesGlobal(name) {
			return name
		}
	}
	return ""
}

// definesGlobal says whether the module itself binds a name.
func (f *file) definesGlobal(name string) bool {
	for c := range f.t.Named(0) {
		switch f.t.Kind(c) {
		case syntax.DecoratedDefinition:
			c = f.t.ChildByField(c, syntax.FieldDefinition)
			fallthrough
		case syntax.FunctionDefinition, syntax.ClassDefinition:
			if f.name(c) == name {
				return true
			}
		case syntax.ImportStatement, syntax.ImportFromStatement:
			for part := range f.t.Named(c) {
				text := f.text(part)
				if text == name || strings.HasSuffix(text, " as "+name) {
					return true
				}
			}
		case syntax.ExpressionStatement:
			if f.target(c) == name {
				return true
			}
		}
	}
	return false
}

// target is what a plain assignment statement assigns to, as text; "" for anything else.
func (f *file) target(stmt syntax.ID) string {
	a := f.first(stmt)
	if f.t.Kind(stmt) != syntax.ExpressionStatement || f.t.Kind(a) != syntax.Assignment {
		return ""
	}
	return f.text(f.t.ChildByField(a, syntax.FieldLeft))
}

// value is what a plain assignment statement assigns, or Nil.
func (f *file) value(stmt syntax.ID) syntax.ID {
	a := f.first(stmt)
	if f.t.Kind(stmt) != syntax.ExpressionStatement || f.t.Kind(a) != syntax.Assignment {
		return syntax.Nil
	}
	return f.t.ChildByField(a, syntax.FieldRight)
}

var keyword = map[string]bool{
	"and": true, "as": true, "assert": true, "async": true, "await": true, "break": true, "class": true, "continue": true,
	"def": true, "del": true, "elif": true, "else": true, "except": true, "finally": true, "for": true, "from": true,
	"global": true, "if": true, "import": true, "in": true, "is": true, "lambda": true, "nonlocal": true, "not": true,
	"or": true, "pass": true, "raise": true, "return": true, "try": true, "while": true, "with": true, "yield": true,
	"None": true, "True": true, "False": true, "list": true, "dict": true, "set": true, "type": true, "id": true, "next": true,
}
