package ir

import (
	"bufio"
	"fmt"
	"io"
	"sort"
	"strings"
)

var opNames = [...]string{
	Const: "const", Load: "load", Store: "store", Delete: "delete", GetAttr: "getattr", SetAttr: "setattr",
	DelAttr: "delattr", GetItem: "getitem", SetItem: "setitem", DelItem: "delitem", Slice: "slice", Call: "call",
	Await: "await", Yield: "yield", YieldFrom: "yieldfrom", Closure: "closure", MakeClass: "class", Not: "not",
	Is: "is", IsNot: "isnot", In: "in", NotIn: "notin", Eq: "eq", NotEq: "ne", Order: "order", Binary: "binary",
	Build: "build", Iter: "iter", AIter: "aiter", Unpack: "unpack", Move: "move", Enter: "enter", Exit: "exit",
	AEnter: "aenter", AExit: "aexit", Match: "match", Catch: "catch",
}

// String is the operation's name in the text form.
func (o Op) String() string {
	if int(o) < len(opNames) && opNames[o] != "" {
		return opNames[o]
	}
	return fmt.Sprintf("Op(%d)", uint8(o))
}

var edgeNames = [...]string{Jump: "jump", True: "true", False: "false", Next: "next", Done: "done", Except: "except"}

// String is the edge kind's name in the text form.
func (k EdgeKind) String() string {
	if int(k) < len(edgeNames) {
		return edgeNames[k]
	}
	return fmt.Sprintf("EdgeKind(%d)", uint8(k))
}

// Line of an offset, counted from 1.
func (m *Module) Line(offset uint32) int {
	return sort.Search(len(m.Lines), func(i int) bool { return m.Lines[i] > offset })
}

// Print writes m as text, an instruction a line, for people and tests.
func Print(w io.Writer, m *Module) error {
	p := &printer{w: bufio.NewWriter(w), m: m}
	for _, i := range m.Imports {
		p.f("import %s = %s%s", i.Name, strings.Repeat(".", i.Level), i.Module)
		if i.Symbol != "" {
			p.f(":%s", i.Symbol)
		}
		p.f(" in f%d\n", i.Func)
	}
	for i, c := range m.Classes {
		p.f("class c%d %s%s body f%d methods %v%s\n", i, c.Qual, typeArgs('(', c.Bases), c.Body, c.Methods, decorators(c.Decorators))
	}
	for i := range m.Comments {
		c := &m.Comments[i]
		p.f("comment line %d in f%d own=%t %q\n", m.Line(c.Start), c.Func, c.Own, c.Text)
	}
	for _, d := range m.Damaged {
		p.f("damaged line %d\n", m.Line(d.Start))
	}
	for i := range m.Funcs {
		p.fn(i, &m.Funcs[i])
	}
	return p.w.Flush()
}

type printer struct {
	w *bufio.Writer
	m *Module
}

// f prints; bufio keeps the first error for Flush.
func (p *printer) f(format string, args ...any) { fmt.Fprintf(p.w, format, args...) }

var kindNames = []struct {
	kind FuncKind
	name string
}{
	{Async, "async"}, {Generator, "generator"}, {Lambda, "lambda"}, {ModuleBody, "module"}, {ClassBody, "classbody"},
	{StubBody, "stub"}, {Method, "method"},
}

func (p *printer) fn(i int, f *Func) {
	p.f("func f%d %s", i, f.Qual)
	if f.Qual == "" {
		p.f("%s", f.Name)
	}
	var params []string
	for _, q := range f.Params {
		s := strings.Repeat("*", int(q.Star)) + q.Name
		if t := q.Type.String(); t != "" {
			s += ": " + t
		}
		if q.Default {
			s += "=…"
		}
		if q.KwOnly {
			s += " (keyword)"
		}
		params = append(params, s)
	}
	p.f("(%s)", strings.Join(params, ", "))
	if t := f.Returns.String(); t != "" {
		p.f(" -> %s", t)
	}
	for _, k := range kindNames {
		if f.Kind&k.kind != 0 {
			p.f(" %s", k.name)
		}
	}
	if f.Parent >= 0 {
		p.f(" in f%d", f.Parent)
	}
	if f.Class >= 0 {
		p.f(" of c%d", f.Class)
	}
	p.f("%s\n", decorators(f.Decorators))
	for _, l := range []struct {
		name  string
		names []string
	}{{"locals", f.Locals}, {"global", f.Globals}, {"nonlocal", f.Nonlocals}} {
		if len(l.names) > 0 {
			p.f("  %s %s\n", l.name, strings.Join(l.names, " "))
		}
	}
	if f.Doc != "" {
		p.f("  doc %q\n", f.Doc)
	}
	if f.Cut != "" {
		p.f("  cut: %s\n", f.Cut)
	}
	for b := range f.Blocks {
		p.f(" b%d:\n", b)
		for j := range f.Blocks[b].Instrs {
			p.instr(&f.Blocks[b].Instrs[j])
		}
		p.end(&f.Blocks[b])
	}
}

func (p *printer) instr(in *Instr) {
	p.f("  %3d ", p.m.Line(in.Pos))
	if in.Dst != 0 {
		p.f("t%d = ", in.Dst)
	}
	p.f("%v", in.Op)
	if in.Name != "" {
		p.f(" %s", in.Name)
	}
	switch in.Op {
	case Unpack:
		p.f(" %d of", in.Index)
	case Closure:
		p.f(" f%d", in.Func)
	case MakeClass:
		p.f(" c%d", in.Func)
	}
	for _, t := range []Temp{in.A, in.B, in.C} {
		if t != 0 {
			p.f(" t%d", t)
		}
	}
	if len(in.Args) > 0 || in.Op == Call {
		var args []string
		for _, a := range in.Args {
			s := strings.Repeat("*", int(a.Star))
			if a.T != 0 {
				s += fmt.Sprintf("t%d", a.T)
			}
			switch {
			case a.Name != "" && s != "":
				s = a.Name + "=" + s
			case a.Name != "":
				s = a.Name
			}
			args = append(args, s)
		}
		p.f("(%s)", strings.Join(args, ", "))
	}
	if in.Type != nil {
		p.f(" : %s", in.Type)
	}
	if in.Aug {
		p.f(" aug")
	}
	if in.Last {
		p.f(" last")
	}
	p.f("\n")
}

func (p *printer) end(b *Block) {
	switch b.Exit {
	case Returns:
		p.f("      return")
		if b.Return != 0 {
			p.f(" t%d", b.Return)
		}
		p.f("\n")
	case Raises:
		p.f("      raises\n")
	}
	for _, e := range b.Succs {
		p.f("      %v", e.Kind)
		switch e.Kind {
		case True, False:
			p.f(" t%d", b.Cond)
		case Next, Done:
			if b.Async {
				p.f(" async")
			}
			p.f(" t%d", b.Cond)
			if e.Kind == Next {
				p.f(" as t%d", b.Elem)
			}
		case Except:
			if len(e.Names) > 0 {
				p.f(" (%s)", strings.Join(e.Names, ", "))
			}
		}
		p.f(" -> b%d\n", e.To)
	}
}

// String writes t about as it stood in the source.
func (t TypeExpr) String() string {
	if t.Name == "|" {
		parts := make([]string, len(t.Args))
		for i, a := range t.Args {
			parts[i] = a.String()
		}
		return strings.Join(parts, " | ")
	}
	s := t.Name
	if t.Text != "" {
		if s != "" {
			s += "="
		}
		s += fmt.Sprintf("%q", t.Text)
	}
	if t.Call {
		return s + "(" + strings.TrimSuffix(strings.TrimPrefix(typeArgs('(', t.Args), "("), ")") + ")"
	}
	return s + typeArgs('[', t.Args)
}

func typeArgs(open byte, args []TypeExpr) string {
	if len(args) == 0 {
		return ""
	}
	parts := make([]string, len(args))
	for i, a := range args {
		parts[i] = a.String()
	}
	closing := "]"
	if open == '(' {
		closing = ")"
	}
	return string(open) + strings.Join(parts, ", ") + closing
}

func decorators(list []TypeExpr) string {
	var b strings.Builder
	for _, d := range list {
		b.WriteString(" @" + d.String())
	}
	return b.String()
}
