package project

import (
	"strings"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
)

// Type is a static type. Types are immutable once made.
type Type struct {
	Name  string // library type by its canonical name
	Class *Class // project class; Name is empty then
	Args  []*Type
	Union []*Type
	Func  *Func        // a function
	Alias *Var         // of a condition: the attribute or global that holds its lock
	Count int32        // of a semaphore: its limit, if it is a known constant
	Opt   bool         // may be None
	Meta  bool         // the class itself, not an instance
	Bound bool         // Func is bound to a receiver
	Fresh bool         // known to be made anew by the expression that has this type
	named bool         // lib says what is known of Name
	own   *models.Type // what the project's tables say of Name
	lib   *models.Type // what the models say of it
}

// Named is the library type with that canonical name, as far as the models know it.
func Named(name string) *Type { return &Type{Name: name, lib: models.TypeOf(name), named: true} }

// Renamed is the same type under another name.
func (t *Type) Renamed(name string) *Type {
	c := *t
	c.Name, c.named, c.lib = name, false, nil
	return &c
}

// Types that have no arguments, or whose arguments nobody knows.
var (
	Bool  = Named("bool")
	Str   = Named("str")
	Int   = Named("int")
	Float = Named("float")
	None  = Named("None")
	Tuple = Named("tuple")
	List  = Named("list")
	Set   = Named("set")
	Slice = Named("slice")
	Dict  = Named("dict")
)

// Of is the type t of such things.
func (t *Type) Of(args ...*Type) *Type {
	c := *t
	c.Args = args
	return &c
}

// anew is the type of that canonical name, of something that has just been made.
func anew(name string) *Type {
	var t Type
	switch name {
	case "dict":
		t = *Dict
	case "list":
		t = *List
	case "tuple":
		t = *Tuple
	case "set":
		t = *Set
	case "str":
		t = *Str
	default:
		t = *Named(name)
	}
	t.Fresh = true
	return &t
}

// Library is the type with that dotted name, which is no class of the project.
func (p *Project) Library(name string) *Type {
	t := Named(models.Canonical(name))
	if p.Tables != nil {
		t.own = p.Tables.Types[name]
	}
	return t
}

// plain is the library type with that dotted name, without arguments.
func (p *Project) plain(name string) *Type {
	t := p.types[name]
	if t == nil {
		t = p.Library(name)
		p.types[name] = t
	}
	return t
}

// Instance is the type of an instance of c.
func (c *Class) Instance() *Type {
	if c.instance == nil {
		c.instance = &Type{Class: c}
	}
	return c.instance
}

// Made is the type of an instance of c that has just been made.
func (c *Class) Made() *Type {
	if c.made == nil {
		c.made = &Type{Class: c, Fresh: true}
	}
	return c.made
}

// Itself is the type of the class c itself.
func (c *Class) Itself() *Type {
	if c.itself == nil {
		c.itself = &Type{Class: c, Meta: true}
	}
	return c.itself
}

// LibraryClass is the library class with that dotted name itself.
func (p *Project) LibraryClass(name string) *Type {
	t := p.outside[name]
	if t == nil {
		t = p.Library(name)
		t.Meta = true
		p.outside[name] = t
	}
	return t
}

// Lib returns what the models know of a library type, or nil.
func (t *Type) Lib() *models.Type {
	if t == nil || t.Meta {
		return nil
	}
	if t.Class != nil {
		return t.Class.lib()
	}
	if t.own != nil {
		return t.own
	}
	if t.named {
		return t.lib
	}
	return models.TypeOf(t.Name)
}

// Kind is the kind of library type, Object if it is not known.
func (t *Type) Kind() models.Kind {
	if l := t.Lib(); l != nil {
		return l.Kind
	}
	return models.Object
}

// Text is the program-wide name of the type, for reports.
func (t *Type) Text() string {
	switch {
	case t == nil:
		return ""
	case t.Class != nil:
		return t.Class.Qual
	}
	return t.Name
}

// Known says whether anything at all is known.
func (t *Type) Known() bool { return t != nil && (t.Name != "" || t.Class != nil || t.Func != nil) }

// Elem is the type of the elements: values of a dictionary, members of a list.
func (t *Type) Elem() *Type {
	if t == nil || len(t.Args) == 0 {
		return nil
	}
	switch t.Kind() {
	case models.Dict:
		return t.Args[len(t.Args)-1]
	case models.List, models.Set, models.Immutable, models.Queue, models.Future, models.TaskHandle:
		return t.Args[0]
	}
	switch t.Name {
	case "typing.Coroutine":
		return t.Args[len(t.Args)-1]
	case "typing.Generator", "typing.AsyncGenerator":
		return t.Args[0]
	}
	if strings.HasPrefix(t.Name, "typing.") {
		return t.Args[0]
	}
	return nil
}

func (t *Type) optional() *Type {
	if t == nil || t.Opt {
		return t
	}
	c := *t
	c.Opt = true
	return &c
}

const maxTypeDepth = 8

// expr is Expr, at a depth of types in types.
func (f *Func) expr(e *ir.TypeExpr, depth int) *Type {
	if e == nil || e.Name == "" || depth > maxTypeDepth {
		return nil
	}
	arg := func(i int) *Type {
		if i < len(e.Args) {
			return f.expr(&e.Args[i], depth+1)
		}
		return nil
	}
	if e.Name == "|" {
		return f.union(e.Args, depth)
	}
	switch e.Name[strings.LastIndexByte(e.Name, '.')+1:] {
	case "Optional":
		return arg(0).optional()
	case "Union":
		return f.union(e.Args, depth)
	case "Annotated", "Final", "ClassVar", "Required", "NotRequired", "Mapped", "ReadOnly", "InitVar":
		return arg(0)
	case "Self":
		for q := f; q != nil; q = q.Parent {
			if q.Class != nil {
				return q.Class.Instance()
			}
		}
		return nil
	case "type", "Type":
		if t := arg(0); t != nil {
			c := *t
			c.Meta = true
			return &c
		}
	}
	r := f.dotted(e.Name)
	switch {
	case r.Class != nil:
		if len(e.Args) == 0 {
			return r.Class.Instance()
		}
		t := &Type{Class: r.Class}
		for i := range e.Args {
			t.Args = append(t.Args, arg(i))
		}
		return t
	case r.Var != nil:
		return r.Var.alias(depth)
	case r.Ext != "" || !r.Known():
		name := r.Ext
		if name == "" {
			name = e.Name
		}
		t := f.Module.p.plain(name)
		if t.Name == "Any" || t.Name == "typing.Any" || t.Name == "object" {
			return nil
		}
		if len(e.Args) == 0 {
			return t
		}
		bare := *t
		t = &bare
		for i := range e.Args {
			t.Args = append(t.Args, arg(i))
		}
		return t
	}
	return nil
}

// alias resolves a global used as a type: `Job = dict[str, Task]`.
func (v *Var) alias(depth int) *Type {
	if v.first.fn == nil || len(v.more) > 0 || depth > maxTypeDepth {
		return nil
	}
	if !v.read {
		v.means, v.read = v.first.fn.asType(v.first.t, 0), true
	}
	return v.first.fn.expr(v.means, depth+1)
}

// asType reads an expression as an annotation.
func (f *Func) asType(t ir.Temp, depth int) *ir.TypeExpr {
	in := f.def(t)
	if in == nil || depth > maxTypeDepth {
		return nil
	}
	switch in.Op {
	case ir.Load:
		return &ir.TypeExpr{Name: in.Name}
	case ir.GetAttr:
		if base := f.asType(in.A, depth+1); base != nil && len(base.Args) == 0 {
			return &ir.TypeExpr{Name: base.Name + "." + in.Name}
		}
	case ir.GetItem:
		base := f.asType(in.A, depth+1)
		if base == nil {
			return nil
		}
		if k := f.def(in.B); k != nil && k.Op == ir.Build {
			for _, a := range k.Args {
				if x := f.asType(a.T, depth+1); x != nil {
					base.Args = append(base.Args, *x)
				} else {
					base.Args = append(base.Args, ir.TypeExpr{})
				}
			}
		} else if x := f.asType(in.B, depth+1); x != nil {
			base.Args = append(base.Args, *x)
		}
		return base
	}
	return nil
}

func (f *Func) union(args []ir.TypeExpr, depth int) *Type {
	var known []*Type
	opt := false
	for i := range args {
		if args[i].Name == "None" {
			opt = true
			continue
		}
		known = append(known, f.expr(&args[i], depth+1))
	}
	var t *Type
	switch {
	case len(known) == 1:
		t = known[0]
	case len(known) > 1 && known[0] != nil:
		c := *known[0]
		c.Union = known
		t = &c
		for _, k := range known {
			if k == nil || k.Class == nil && k.Kind() != known[0].Kind() {
				t = nil
				break
			}
		}
	}
	if opt {
		return t.optional()
	}
	return t
}

// ParamType is the type of a parameter by its annotation, or of the receiver.
func (f *Func) ParamType(i int) *Type {
	if i == 0 && f.Method() {
		if f.ClassM || f.Name == "__new__" {
			return f.Class.Itself()
		}
		return f.Class.Instance()
	}
	p := &f.Params[i]
	t := f.Expr(&p.Type)
	switch p.Star {
	case 1:
		all := Tuple.Of(t)
		all.Fresh = true
		return all
	case 2:
		all := Dict.Of(Str, t)
		all.Fresh = true
		return all
	}
	return t
}
