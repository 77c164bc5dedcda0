// Package pyfix proposes fixes for findings in Python code: the edits that a careful engineer
// would make, or the reason why no safe edit exists.
//
// It works on the syntax tree and the findings' positions, writes no file, and claims nothing
// about the result: whoever applies the edits parses and scans it again. It never changes a
// signature, drops a comment, or touches formatting outside its edits.
package pyfix

import (
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// file is one parsed file.
type file struct {
	t      *syntax.Tree
	byName map[string][]syntax.ID // functions by name, once somebody has asked
	base   func(string) (*syntax.Tree, syntax.ID)
	stores func(string) (string, *syntax.Tree)
}

func (f *file) text(n syntax.ID) string { return string(f.t.Text(n)) }

func (f *file) start(n syntax.ID) int { return int(f.t.Nodes[n].Start) }
func (f *file) end(n syntax.ID) int   { return int(f.t.Nodes[n].End) }

// offset of a 1-based line and byte column, or -1.
func (f *file) offset(line, col int) int {
	if line < 1 || line > len(f.t.Lines) || col < 1 {
		return -1
	}
	at := int(f.t.Lines[line-1]) + col - 1
	if at >= len(f.t.Src) {
		return -1
	}
	return at
}

// at is the smallest named node around an offset.
func (f *file) at(offset int) syntax.ID {
	if offset < 0 {
		return syntax.Nil
	}
	n := syntax.ID(0)
descend:
	for {
		for c := range f.t.Named(n) {
			if f.start(c) <= offset && offset < f.end(c) {
				n = c
				continue descend
			}
		}
		return n
	}
}

// up climbs from n to the nearest node of one of the kinds, n included; Nil if there is none.
func (f *file) up(n syntax.ID, kinds ...syntax.Kind) syntax.ID {
	for ; n != syntax.Nil; n = f.t.Parent(n) {
		for _, k := range kinds {
			if f.t.Kind(n) == k {
				return n
			}
		}
	}
	return syntax.Nil
}

// statement is the statement that n stands in: the ancestor right below a block.
func (f *file) statement(n syntax.ID) syntax.ID {
	for n != syntax.Nil {
		p := f.t.Parent(n)
		if p == syntax.Nil {
			return syntax.Nil
		}
		if k := f.t.Kind(p); k == syntax.Block || k == syntax.Module {
			return n
		}
		n = p
	}
	return syntax.Nil
}

// function is the innermost function or lambda around n.
func (f *file) function(n syntax.ID) syntax.ID {
	return f.up(n, syntax.FunctionDefinition, syntax.Lambda)
}

// classOf is the class that function fn is directly defined in, or Nil.
func (f *file) classOf(fn syntax.ID) syntax.ID {
	p := f.t.Parent(fn)
	if f.t.Kind(p) == syntax.DecoratedDefinition {
		p = f.t.Parent(p)
	}
	if f.t.Kind(p) != syntax.Block || f.t.Kind(f.t.Parent(p)) != syntax.ClassDefinition {
		return syntax.Nil
	}
	return f.t.Parent(p)
}

func (f *file) isAsync(fn syntax.ID) bool { return f.t.ChildOfKind(fn, syntax.Async) != syntax.Nil }

// first is the first named child of n, or Nil.
func (f *file) first(n syntax.ID) syntax.ID {
	for c := range f.t.Named(n) {
		return c
	}
	return syntax.Nil
}

// line is the 1-based line of an offset.
func (f *file) line(offset int) int {
	line, _ := f.t.Position(uint32(offset))
	return line
}

// body is the block of a function, class or compound statement.
func (f *file) body(n syntax.ID) syntax.ID {
	if b := f.t.ChildByField(n, syntax.FieldBody); b != syntax.Nil {
		return b
	}
	if b := f.t.ChildByField(n, syntax.FieldConsequence); b != syntax.Nil {
		return b
	}
	return f.t.ChildOfKind(n, syntax.Block)
}

func (f *file) name(n syntax.ID) string { return f.text(f.t.ChildByField(n, syntax.FieldName)) }

// method finds a method of a class by name, or Nil.
func (f *file) method(class syntax.ID, name string) syntax.ID {
	for c := range f.t.Named(f.body(class)) {
		if f.t.Kind(c) == syntax.DecoratedDefinition {
			c = f.t.ChildOfKind(c, syntax.FunctionDefinition)
		}
		if f.t.Kind(c) == syntax.FunctionDefinition && f.name(c) == name {
			return c
		}
	}
	return syntax.Nil
}

// lineStart is the offset of the start of the line that offset is on.
func (f *file) lineStart(offset int) int {
	line, _ := f.t.Position(uint32(offset))
	return int(f.t.Lines[line-1])
}

// lineEnd is the offset just past the line that offset is on, its newline included.
func (f *file) lineEnd(offset int) int {
	line, _ := f.t.Position(uint32(offset))
	if line < len(f.t.Lines) {
		return int(f.t.Lines[line])
	}
	return len(f.t.Src)
}

// indent is the white space before a statement; ok is false if other code stands before it on
// its line.
func (f *file) indent(stmt syntax.ID) (string, bool) {
	at := f.start(stmt)
	s := string(f.t.Src[f.lineStart(at):at])
	return s, strings.Trim(s, " \t") == ""
}

// unit is one step of indentation, as the body of a compound statement uses it.
func (f *file) unit(outer, inner syntax.ID) string {
	a, _ := f.indent(outer)
	for c := range f.t.Named(inner) {
		if b, ok := f.indent(c); ok && strings.HasPrefix(b, a) && len(b) > len(a) {
			return b[len(a):]
		}
	}
	return "    "
}

// inString says whether the line that starts at offset begins inside a string.
func (f *file) inString(offset int) bool {
	n := f.up(f.at(offset), syntax.String)
	return n != syntax.Nil && f.start(n) < offset
}

// indented is the text of whole lines from start to end, one step further in.
func (f *file) indented(start, end int, unit string) string {
	return fix.Indent(string(f.t.Src[start:end]), unit, func(at int) bool { return f.inString(start + at) })
}
