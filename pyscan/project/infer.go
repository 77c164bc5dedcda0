package project

import (
	"strings"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
)

// def is the operation that makes a temp; of several, the last.
func (f *Func) def(t ir.Temp) *ir.Instr {
	if f.defs == nil {
		f.defs = make([]*ir.Instr, f.Temps+1)
		for b := range f.Blocks {
			for i := range f.Blocks[b].Instrs {
				in := &f.Blocks[b].Instrs[i]
				if in.Dst > 0 && int(in.Dst) < len(f.defs) {
					f.defs[in.Dst] = in
				}
			}
		}
	}
	if t <= 0 || int(t) >= len(f.defs) {
		return nil
	}
	return f.defs[t]
}

// Def is the operation that makes a temp, or nil; of several, the last.
func (f *Func) Def(t ir.Temp) *ir.Instr { return f.def(t) }

const maxInfer = 12

// maxSites bounds the assignments that the type of a variable is told from.
const maxSites = 9

// VarType is the type of an attribute or global, by its annotation or what it is first assigned.
func (v *Var) VarType() *Type {
	if v.known || v.busy {
		return v.typ
	}
	v.busy = true
	var t *Type
	if v.Type != nil {
		t = v.scope.Expr(v.Type)
	}
	if v.Class != nil && t == nil {
		// A subclass may know better than the base that declares it.
		for _, k := range v.Class.Lineage()[1:] {
			if o := k.attrs[v.Name]; o != nil && o.Type != nil {
				t = o.VarType()
			}
		}
	}
	for i := -1; i < min(len(v.more), maxSites-1); i++ {
		s := v.first
		if i >= 0 {
			s = v.more[i]
		}
		if s.fn == nil {
			break
		}
		u := s.fn.infer(s.t, 0)
		if u == nil {
			continue
		}
		if u.Name == "None" {
			t = t.optional()
			continue
		}
		t = refine(t, u)
	}
	v.typ, v.known, v.busy = t, true, false
	return t
}

// refine adds what an initialiser tells to an annotated type.
func refine(t, u *Type) *Type {
	if t == nil {
		return u
	}
	if t.Class == nil && u.Class == nil && (t.Name == u.Name || t.Name == "dict" && u.Name == "defaultdict") {
		c := t.Renamed(u.Name)
		if len(c.Args) == 0 {
			c.Args = u.Args
		}
		if c.Count == 0 {
			c.Count = u.Count
		}
		if c.Alias == nil {
			c.Alias = u.Alias
		}
		return c
	}
	if t.Class == nil && t.Lib() == nil && u.Known() {
		return u
	}
	return t
}

// TempType infers the type of an expression without following control flow.
func (f *Func) TempType(t ir.Temp) *Type { return f.infer(t, 0) }

func (f *Func) infer(t ir.Temp, depth int) *Type {
	in := f.def(t)
	if in == nil || depth > maxInfer {
		return nil
	}
	switch in.Op {
	case ir.Const:
		return constType(in.Name)
	case ir.Load:
		return f.nameType(in.Name, depth+1)
	case ir.GetAttr:
		return f.attrType(in, depth+1)
	case ir.GetItem:
		u := f.infer(in.A, depth+1)
		if u != nil && u.Meta { // dict[str, int]
			if e := f.expr(f.asType(t, 0), 0); e != nil {
				c := *e
				c.Meta = true
				return &c
			}
			return u
		}
		return u.Elem()
	case ir.Await:
		u := f.infer(in.A, depth+1)
		if u != nil && (u.Name == "typing.Awaitable" || u.Name == "typing.Coroutine" || u.Kind() == models.Future || u.Kind() == models.TaskHandle) {
			return u.Elem()
		}
		return u
	case ir.Call:
		return f.callType(in, depth+1)
	case ir.Build:
		return f.buildType(in, depth+1)
	case ir.Move:
		return f.infer(in.A, depth+1)
	case ir.Closure:
		return &Type{Func: f.Module.Funcs[in.Func]}
	case ir.MakeClass:
		return f.Module.Classes[in.Func].Itself()
	case ir.Not, ir.Is, ir.IsNot, ir.In, ir.NotIn, ir.Eq, ir.NotEq, ir.Order:
		return Bool
	case ir.Binary:
		a := f.infer(in.A, depth+1)
		if a != nil && (a.Name == "int" || a.Name == "float" || a.Name == "str") {
			return &Type{Name: a.Name, named: a.named, lib: a.lib}
		}
		if a != nil && a.Name == "list" && (in.Name == "*" || in.Name == "+") {
			return &Type{Name: a.Name, named: a.named, lib: a.lib, Args: a.Args, Fresh: true}
		}
	case ir.AEnter, ir.Enter:
		u := f.infer(in.A, depth+1)
		if u != nil && u.Class != nil {
			for _, n := range []string{"__aenter__", "__enter__"} {
				if g := u.Class.Method(n); g != nil {
					if r := g.Result(); r != nil {
						return r
					}
				}
			}
		}
		return u
	}
	return nil
}

func constType(text string) *Type {
	switch {
	case text == "None" || text == "True" || text == "False":
		if text == "None" {
			return None
		}
		return Bool
	case text == "":
		return nil
	case text[0] == '"' || text[0] == '\'' || strings.ContainsAny(text, `"'`):
		return Str
	case text == "..." || text == "Ellipsis":
		return nil
	case strings.ContainsAny(text, ".eEjJ") && !strings.HasPrefix(text, "0x"):
		return Float
	}
	return Int
}

func (f *Func) nameType(name string, depth int) *Type {
	if owner := f.Owner(name); owner != nil {
		for i := range owner.Params {
			if owner.Params[i].Name == name {
				return owner.ParamType(i)
			}
		}
		if r := f.Ref(name); r.Func != nil || r.Class != nil || r.Ext != "" || r.Module != nil {
			return r.refType(f.Module.p)
		}
		for b := range owner.Blocks {
			for i := range owner.Blocks[b].Instrs {
				if in := &owner.Blocks[b].Instrs[i]; in.Op == ir.Store && in.Name == name {
					if in.Type != nil && in.Type.Name != "" {
						return owner.Expr(in.Type)
					}
					if u := owner.infer(in.A, depth+1); u != nil && u.Name != "None" {
						return u
					}
				}
			}
		}
		return nil
	}
	return f.Ref(name).refType(f.Module.p)
}

// refType is the type of what a name refers to.
func (r Ref) refType(p *Project) *Type {
	switch {
	case r.Class != nil:
		return r.Class.Itself()
	case r.Func != nil:
		return &Type{Func: r.Func}
	case r.Var != nil:
		return r.Var.VarType()
	case r.Ext != "":
		return p.LibraryClass(r.Ext)
	}
	return nil
}

func (f *Func) attrType(in *ir.Instr, depth int) *Type {
	base := f.infer(in.A, depth)
	if base == nil {
		if r := f.refOf(in.A, depth); r.Known() {
			return r.Attr(in.Name).refType(f.Module.p)
		}
		if c := f.Module.p.Unique(in.Name); c != nil && strings.HasPrefix(in.Name, "_") {
			return c.Attr(in.Name).VarType()
		}
		return nil
	}
	if base.Meta && base.Class == nil {
		return f.Module.p.LibraryClass(base.Name + "." + in.Name)
	}
	return base.AttrType(in.Name)
}

// AttrType is the type of an attribute of a value of type t.
func (t *Type) AttrType(name string) *Type {
	if t == nil || t.Class == nil {
		return nil
	}
	if m := t.Class.Method(name); m != nil {
		if m.Property {
			return m.Result()
		}
		return &Type{Func: m, Bound: !t.Meta || m.ClassM}
	}
	return t.Class.TypeOf(t.Class.Attr(name))
}

// TypeOf is the type that an attribute of the class, as Attr gives it, has there.
func (c *Class) TypeOf(v *Var) *Type {
	if v == nil {
		return nil
	}
	u := v.VarType()
	if c != v.Class && !u.Known() {
		// A subclass may assign something more telling.
		for _, k := range c.Lineage() {
			if o := k.attrs[v.Name]; o != nil && o != v && !u.Known() {
				u = o.VarType()
			}
		}
	}
	return u
}

func (f *Func) refOf(t ir.Temp, depth int) Ref {
	in := f.def(t)
	if in == nil || depth > maxInfer {
		return Ref{}
	}
	switch in.Op {
	case ir.Load:
		if f.Owner(in.Name) == nil || f.Ref(in.Name).Known() {
			return f.Ref(in.Name)
		}
	case ir.GetAttr:
		return f.refOf(in.A, depth+1).Attr(in.Name)
	}
	return Ref{}
}
