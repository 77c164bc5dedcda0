package lower

import (
	"bytes"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// lower writes the body of a function that waited in the queue.
func (f *fn) lower(p pending) {
	l := f.lowerer
	*f = f.fresh()
	f.lowerer, f.index, f.out, f.cur, f.renames = l, p.fn, l.mod.Funcs[p.fn], -1, p.renames
	for i := range f.out.Params {
		f.bind(f.out.Params[i].Name)
	}
	f.start(f.newBlock())
	switch {
	case f.out.Kind&ir.ModuleBody != 0:
		f.out.Doc = f.docstring(p.node)
		f.suite(p.node)
	case f.out.Kind&ir.Lambda != 0:
		if body := f.t.ChildByField(p.node, syntax.FieldBody); body != syntax.Nil {
			v := f.expr(body)
			f.leave(body, v)
		}
	default:
		body := f.t.ChildByField(p.node, syntax.FieldBody)
		f.out.Doc = f.docstring(body)
		if f.stub(body) {
			f.out.Kind |= ir.StubBody
		}
		f.block(body)
	}
	if f.cur >= 0 {
		f.blocks[f.cur].exit = ir.Returns
		f.seal()
	}
	if len(f.out.Globals)+len(f.out.Nonlocals) > 0 {
		f.bound = slices.DeleteFunc(f.bound, func(name string) bool {
			return slices.Contains(f.out.Globals, name) || slices.Contains(f.out.Nonlocals, name)
		})
	}
	f.out.Locals = f.strs.keep(f.bound)
	f.finish()
}

// bind makes name a local of the function, unless a global or nonlocal statement says otherwise.
func (f *fn) bind(name string) {
	const few = 16
	if len(f.bound) <= few {
		if slices.Contains(f.bound, name) {
			return
		}
		if len(f.bound) == few {
			if f.locals == nil {
				f.locals = make(map[string]bool, 4*few)
			}
			for _, n := range f.bound {
				f.locals[n] = true
			}
			f.locals[name] = true
		}
	} else {
		if f.locals[name] {
			return
		}
		f.locals[name] = true
	}
	f.bound = append(f.bound, name)
}

// qualified is the qualified name of a definition made here, and its parent.
func (f *fn) qualified(name string) string {
	const long = 1000 // names of nested definitions add up
	switch {
	case len(f.out.Qual) > long:
		return "….<locals>." + name
	case f.out.Kind&ir.ModuleBody != 0:
		return name
	case f.out.Kind&ir.ClassBody != 0:
		return f.out.Qual + "." + name
	}
	return f.out.Qual + ".<locals>." + name
}

// closure defines a function or lambda and leaves its body for later.
func (f *fn) closure(n syntax.ID, decorators []ir.TypeExpr) ir.Temp {
	params := f.t.ChildByField(n, syntax.FieldParameters)
	base := len(f.argv)
	list := f.params(params)
	args := f.args.keep(f.argv[base:])
	f.argv = f.argv[:base]

	index, ok := f.defs[n]
	if !ok {
		def := ir.Func{Parent: f.index, Class: -1, Params: list, Decorators: decorators, Span: f.span(n), NamePos: f.nodes[n].Start}
		if f.kind(n) == syntax.Lambda {
			def.Name, def.Kind = "<lambda>", ir.Lambda
		} else {
			name := f.t.ChildByField(n, syntax.FieldName)
			def.Name = f.name(name)
			if name != syntax.Nil {
				def.NamePos = f.nodes[name].Start
			}
			if f.hasAsync(n) {
				def.Kind |= ir.Async
			}
			if r := f.t.ChildByField(n, syntax.FieldReturnType); r != syntax.Nil {
				def.Returns = f.annotation(r)
			}
		}
		def.Qual = f.qualified(def.Name)
		method := f.out.Kind&ir.ClassBody != 0 && def.Kind&ir.Lambda == 0
		if method {
			def.Kind |= ir.Method
			def.Class = f.out.Class
		}
		var renames []rename
		for _, r := range f.renames {
			if !slices.ContainsFunc(list, func(p ir.Param) bool { return p.Name == r.from }) {
				renames = append(renames, r)
			}
		}
		index = f.addFunc(n, def, renames)
		f.defs[n] = index
		if method {
			c := &f.mod.Classes[f.out.Class]
			c.Methods = append(c.Methods, int(index))
		}
	}
	return f.value(n, ir.Instr{Op: ir.Closure, More: f.more(ir.More{Func: index, Args: args})})
}

// params reads a parameter list. Defaults are evaluated here, and left on argv.
func (f *fn) params(n syntax.ID) []ir.Param {
	base := len(f.formal) // defaults may hold lambdas
	keyword := false
	for c := range f.t.Named(n) {
		var p ir.Param
		name := c
		switch f.kind(c) {
		case syntax.KeywordSeparator:
			keyword = true
			continue
		case syntax.PositionalSeparator:
			continue
		case syntax.TypedParameter:
			name = f.first(c)
		case syntax.DefaultParameter, syntax.TypedDefaultParameter:
			name = f.t.ChildByField(c, syntax.FieldName)
			p.Default = true
		}
		if t := f.t.ChildByField(c, syntax.FieldType); t != syntax.Nil {
			p.Type = f.annotation(t)
		}
		switch f.kind(name) {
		case syntax.ListSplatPattern:
			p.Star, name = 1, f.first(name)
		case syntax.DictionarySplatPattern:
			p.Star, name = 2, f.first(name)
		}
		if f.kind(name) != syntax.Identifier {
			continue // Python 2's tuples, and damage
		}
		p.Name, p.KwOnly = f.name(name), keyword && p.Star == 0
		if p.Star == 1 {
			keyword = true
		}
		f.formal = append(f.formal, p)
		if v := f.t.ChildByField(c, syntax.FieldValue); v != syntax.Nil {
			f.argv = append(f.argv, ir.Arg{Name: p.Name, T: f.expr(v)})
		}
	}
	list := f.kept.params.keep(f.formal[base:])
	f.formal = f.formal[:base]
	return list
}

// define lowers a def or class statement with its decorators, which are evaluated but not
// applied: Func.Decorators and Class.Decorators say what they are.
func (f *fn) define(n syntax.ID) {
	var decorators []ir.TypeExpr
	def := n
	if f.kind(n) == syntax.DecoratedDefinition {
		def = f.t.ChildByField(n, syntax.FieldDefinition)
		for c := range f.t.Named(n) {
			if e := f.first(c); f.kind(c) == syntax.Decorator && e != syntax.Nil {
				f.expr(e)
				decorators = append(decorators, parseType(f.t.Text(e), false))
			}
		}
	}
	name := f.t.ChildByField(def, syntax.FieldName)
	var v ir.Temp
	switch f.kind(def) {
	case syntax.FunctionDefinition:
		v = f.closure(def, decorators)
	case syntax.ClassDefinition:
		v = f.class(def, decorators)
	default:
		return
	}
	if name != syntax.Nil {
		f.storeName(name, f.name(name), v, nil)
	}
}

func (f *fn) class(n syntax.ID, decorators []ir.TypeExpr) ir.Temp {
	bases := f.t.ChildByField(n, syntax.FieldSuperclasses)
	args := f.arguments(bases)
	index, ok := f.defs[n]
	if !ok {
		name := f.t.ChildByField(n, syntax.FieldName)
		c := ir.Class{Name: f.name(name), Decorators: decorators, Parent: f.index, Outer: -1, Span: f.span(n), NamePos: f.nodes[n].Start}
		c.Qual = f.qualified(c.Name)
		if name != syntax.Nil {
			c.NamePos = f.nodes[name].Start
		}
		if f.out.Kind&ir.ClassBody != 0 {
			c.Outer = f.out.Class
			c.Parent = f.mod.Classes[c.Outer].Parent
		}
		for b := range f.t.Named(bases) {
			if f.kind(b) != syntax.KeywordArgument {
				c.Bases = append(c.Bases, parseType(f.t.Text(b), true))
			}
		}
		index = int32(len(f.mod.Classes))
		c.Body = int(f.addFunc(n, ir.Func{
			Name: c.Name, Qual: c.Qual, Kind: ir.ClassBody, Parent: f.index, Class: int(index), Span: c.Span, NamePos: c.NamePos,
		}, f.renames))
		f.mod.Classes = append(f.mod.Classes, c)
		f.defs[n] = index
	}
	return f.value(n, ir.Instr{Op: ir.MakeClass, More: f.more(ir.More{Func: index, Args: args})})
}

// docNode is the string that opens a body, or Nil.
func (f *fn) docNode(body syntax.ID) syntax.ID {
	if s := f.first(body); f.kind(s) == syntax.ExpressionStatement {
		if d := f.first(s); f.kind(d) == syntax.String || f.kind(d) == syntax.ConcatenatedString {
			return d
		}
	}
	return syntax.Nil
}

func (f *fn) docstring(body syntax.ID) string {
	d := f.docNode(body)
	if d == syntax.Nil {
		return ""
	}
	f.contract(d)
	for line := range bytes.Lines(f.t.Text(f.t.ChildOfKind(d, syntax.StringContent))) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			return string(line)
		}
	}
	return ""
}

// stub reports whether a body says nothing about what the function does.
func (f *fn) stub(body syntax.ID) bool {
	for s := range f.t.Named(body) {
		e := f.first(s)
		switch f.kind(s) {
		case syntax.PassStatement:
		case syntax.ExpressionStatement:
			if k := f.kind(e); k != syntax.Ellipsis && k != syntax.String && k != syntax.ConcatenatedString {
				return false
			}
		case syntax.RaiseStatement:
			if !strings.HasPrefix(string(f.t.Text(e)), "NotImplementedError") {
				return false
			}
		default:
			return false
		}
	}
	return true
}
