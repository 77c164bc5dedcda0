package project

import (
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
)

// Ref is what a name refers to. At most one of Class, Func and Var is set; Ext names something
// outside the project; Module alone is a module.
type Ref struct {
	Class  *Class
	Func   *Func
	Var    *Var
	Module *Module
	Ext    string
}

// Known says whether the name was found.
func (r Ref) Known() bool {
	return r.Class != nil || r.Func != nil || r.Var != nil || r.Module != nil || r.Ext != ""
}

// binding is what a name at the top level of a module is bound to: the first of these that there is.
type binding struct {
	class    *Class
	fn       *Func
	imported *imported
	v        *Var
}

// imported is what an import binds a name to.
type imported struct {
	module *Module
	name   string // with a module, what that module calls it; else the name outside the project
	lazy   bool   // name is to be looked up in module
	from   int    // the size of the project, in modules, for which it has been looked up
	found  Ref    // what it is there
}

// at is the binding of a name at the top level of the module, made if there is none.
func (m *Module) at(name string) *binding {
	b := m.names[name]
	if b == nil {
		b = m.p.bindings.next()
		m.names[name] = b
	}
	return b
}

// Global resolves a name at the top level of the module.
func (m *Module) Global(name string) Ref { return m.global(name, 0) }

const maxReexports = 16

func (m *Module) global(name string, depth int) Ref {
	if depth > maxReexports {
		return Ref{}
	}
	if b := m.names[name]; b != nil {
		switch {
		case b.class != nil:
			return Ref{Class: b.class}
		case b.fn != nil:
			return Ref{Func: b.fn}
		case b.imported != nil:
			return b.imported.settle(m.p, depth)
		case b.v != nil:
			return Ref{Var: b.v}
		}
	}
	for _, s := range m.stars {
		if r := s.global(name, depth+1); r.Known() {
			return r
		}
	}
	return Ref{}
}

// settle follows `from m import x` to what x is.
func (i *imported) settle(p *Project, depth int) Ref {
	switch {
	case !i.lazy && i.module != nil:
		return Ref{Module: i.module}
	case !i.lazy:
		return Ref{Ext: i.name}
	case p.indexed != 0 && i.from == p.indexed:
		return i.found
	}
	r := i.module.global(i.name, depth+1)
	if !r.Known() && i.module.Package {
		if sub := p.find(i.module, i.name, 1); sub != nil {
			r = Ref{Module: sub}
		}
	}
	if depth == 0 {
		i.found, i.from = r, p.indexed
	}
	return r
}

// Attr resolves an attribute of what r refers to, for modules and things outside the project.
func (r Ref) Attr(name string) Ref {
	switch {
	case r.Ext != "":
		return Ref{Ext: r.Ext + "." + name}
	case r.Module != nil && r.Class == nil && r.Func == nil && r.Var == nil:
		if t := r.Module.Global(name); t.Known() {
			return t
		}
		dir := strings.TrimSuffix(r.Module.Path, "__init__.py")
		if r.Module.Package {
			if sub := r.Module.p.at(dir + name); sub != nil {
				return Ref{Module: sub}
			}
		}
	case r.Class != nil:
		if f := r.Class.Method(name); f != nil {
			return Ref{Func: f}
		}
		for _, c := range r.Class.Module.Classes {
			if c.Outer == r.Class.ID && c.Name == name {
				return Ref{Class: c}
			}
		}
	}
	return Ref{}
}

// inner is a name in the scope of a function.
type inner struct {
	fn   int
	name string
}

// nest fills m.nested: of a function and a class of the same name the function counts, and the first of several.
func (m *Module) nest() {
	add := func(parent int, name string, r Ref) {
		if parent < 0 || parent >= len(m.Funcs) || m.Funcs[parent].Kind&ir.ModuleBody != 0 {
			return // its symbols
		}
		if m.nested == nil {
			m.nested = map[inner]Ref{}
		}
		if _, ok := m.nested[inner{parent, name}]; !ok {
			m.nested[inner{parent, name}] = r
			m.Funcs[parent].scope = true
		}
	}
	for _, g := range m.Funcs {
		if g.Class == nil && g.Kind&(ir.Lambda|ir.ClassBody) == 0 {
			add(g.Func.Parent, g.Name, Ref{Func: g})
		}
	}
	for _, c := range m.Classes {
		if c.Outer < 0 {
			add(c.Class.Parent, c.Name, Ref{Class: c})
		}
	}
}

// Ref resolves a name that is not a variable of f itself: of the functions around it only
// imports, classes and functions are found.
func (f *Func) Ref(name string) Ref {
	for q := f; q != nil; q = q.scopeParent() {
		if q.Kind&ir.ModuleBody != 0 {
			break
		}
		if q.scope {
			if i := f.Module.imports[inner{q.ID, name}]; i != nil {
				return i.settle(f.Module.p, 0)
			}
			if r, ok := f.Module.nested[inner{q.ID, name}]; ok {
				return r
			}
		}
		if slices.Contains(q.Locals, name) && !slices.Contains(q.Globals, name) && !slices.Contains(q.Nonlocals, name) {
			return Ref{}
		}
	}
	if r := f.Module.Global(name); r.Known() {
		return r
	}
	if builtin(name) {
		return Ref{Ext: name}
	}
	return Ref{}
}

func builtin(name string) bool {
	if _, ok := models.Lookup(name); ok {
		return true
	}
	if models.TypeOf(name) != nil {
		return true
	}
	switch name {
	case "super", "getattr", "setattr", "hasattr", "delattr", "isinstance", "next", "anext", "aiter", "print", "range", "type", "id", "vars", "object", "Exception", "BaseException", "ValueError", "KeyError", "RuntimeError", "callable", "property":
		return true
	}
	return false
}

// dotted resolves a dotted name as written in f.
func (f *Func) dotted(name string) Ref {
	first, rest, _ := strings.Cut(name, ".")
	r := f.Ref(first)
	for rest != "" && r.Known() {
		first, rest, _ = strings.Cut(rest, ".")
		r = r.Attr(first)
	}
	return r
}

// Dotted resolves a dotted name as written at the top level of the module or in f.
func (f *Func) Dotted(name string) Ref { return f.dotted(name) }
