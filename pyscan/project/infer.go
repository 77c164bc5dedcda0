package project

import (
	"strconv"
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
	for i, s := range v.sites {
		if i > 8 {
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
		c := *t
		c.Name = u.Name
		if len(c.Args) == 0 {
			c.Args = u.Args
		}
		if c.Count == 0 {
			c.Count = u.Count
		}
		if c.Alias == nil {
			c.Alias = u.Alias
		}
		return &c
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
		return f.infer(in.A, depth+1).Elem()
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
		return &Type{Class: f.Module.Classes[in.Func], Meta: true}
	case ir.Not, ir.Is, ir.IsNot, ir.In, ir.NotIn, ir.Eq, ir.NotEq, ir.Order:
		return &Type{Name: "bool"}
	case ir.Binary:
		a := f.infer(in.A, depth+1)
		if a != nil && (a.Name == "int" || a.Name == "float" || a.Name == "str") {
			return &Type{Name: a.Name}
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
			return &Type{Name: "None"}
		}
		return &Type{Name: "bool"}
	case text == "":
		return nil
	case text[0] == '"' || text[0] == '\'' || strings.ContainsAny(text, `"'`):
		return &Type{Name: "str"}
	case text == "..." || text == "Ellipsis":
		return nil
	case strings.ContainsAny(text, ".eEjJ") && !strings.HasPrefix(text, "0x"):
		return &Type{Name: "float"}
	}
	return &Type{Name: "int"}
}

func (f *Func) nameType(name string, depth int) *Type {
	if owner := f.Owner(name); owner != nil {
		for i := range owner.Params {
			if owner.Params[i].Name == name {
				return owner.ParamType(i)
			}
		}
		if r := f.Ref(name); r.Func != nil || r.Class != nil || r.Ext != "" || r.Module != nil {
			return r.refType()
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
	return f.Ref(name).refType()
}

// refType is the type of what a name refers to.
func (r Ref) refType() *Type {
	switch {
	case r.Class != nil:
		return &Type{Class: r.Class, Meta: true}
	case r.Func != nil:
		return &Type{Func: r.Func}
	case r.Var != nil:
		return r.Var.VarType()
	case r.Ext != "":
		return &Type{Name: models.Canonical(r.Ext), Meta: true}
	}
	return nil
}

func (f *Func) attrType(in *ir.Instr, depth int) *Type {
	base := f.infer(in.A, depth)
	if base == nil {
		if r := f.refOf(in.A, depth); r.Known() {
			return r.Attr(in.Name).refType()
		}
		if c := f.Module.p.Unique(in.Name); c != nil && strings.HasPrefix(in.Name, "_") {
			return c.Attr(in.Name).VarType()
		}
		return nil
	}
	if base.Meta && base.Class == nil {
		return &Type{Name: models.Canonical(base.Name + "." + in.Name), Meta: true}
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
	if v := t.Class.Attr(name); v != nil {
		u := v.VarType()
		if t.Class != v.Class {
			// A subclass may assign something more telling.
			for _, k := range t.Class.Lineage() {
				if o := k.attrs[name]; o != nil && o != v && !u.Known() {
					u = o.VarType()
				}
			}
		}
		return u
	}
	return nil
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

func (f *Func) callType(in *ir.Instr, depth int) *Type {
	callee := f.infer(in.A, depth)
	if callee == nil {
		if g := f.def(in.A); g != nil && g.Op == ir.GetAttr {
			return f.methodType(g, depth)
		}
		return nil
	}
	switch {
	case callee.Meta && callee.Class != nil:
		return &Type{Class: callee.Class, Args: callee.Args, Fresh: true}
	case callee.Func != nil:
		return callee.Func.Result()
	case callee.Meta:
		return f.Construct(callee.Name, in, depth)
	}
	if g := f.def(in.A); g != nil && g.Op == ir.GetAttr {
		return f.methodType(g, depth)
	}
	if callee.Name == "typing.Callable" && len(callee.Args) > 0 {
		return callee.Args[len(callee.Args)-1]
	}
	return nil
}

func (f *Func) methodType(g *ir.Instr, depth int) *Type {
	recv := f.infer(g.A, depth)
	if recv == nil {
		return nil
	}
	return recv.MethodResult(g.Name)
}

// MethodResult is the type of the result of a method of a library type.
func (t *Type) MethodResult(name string) *Type {
	if t == nil {
		return nil
	}
	switch t.Kind() {
	case models.Dict, models.List, models.Set:
		switch name {
		case "get", "pop", "setdefault", "popleft":
			u := t.Elem()
			if name == "get" {
				u = u.optional()
			}
			return u
		case "copy":
			return t
		case "values":
			return &Type{Name: "list", Args: []*Type{t.Elem()}}
		case "keys":
			if len(t.Args) > 0 {
				return &Type{Name: "list", Args: []*Type{t.Args[0]}}
			}
		}
	case models.Queue:
		if strings.HasPrefix(name, "get") {
			return t.Elem()
		}
	case models.Loop:
		switch name {
		case "create_future":
			return &Type{Name: "asyncio.Future", Fresh: true}
		case "create_task":
			return &Type{Name: "asyncio.Task", Fresh: true}
		case "call_later", "call_at", "call_soon":
			return &Type{Name: "asyncio.TimerHandle", Fresh: true}
		}
	case models.TaskGroup:
		if name == "create_task" {
			return &Type{Name: "asyncio.Task"}
		}
	}
	switch t.Name {
	case "asyncpg.Pool", "asyncpg.pool.Pool":
		if name == "acquire" {
			return &Type{Name: "asyncpg.Connection"}
		}
	}
	return nil
}

// Construct is the type of a call of the library function or type with that name.
func (f *Func) Construct(name string, in *ir.Instr, depth int) *Type {
	if c, ok := models.Lookup(name); ok && (c.Type != "" || c.Role == models.Passes) {
		if c.Role == models.Passes && c.Arg == 1 && len(in.Args) > 0 {
			return f.Expr(f.asType(in.Args[0].T, 0))
		}
		t := &Type{Name: c.Type, Fresh: true}
		if c.Role == models.Copy && len(in.Args) > 0 {
			if a := f.infer(in.Args[0].T, depth); a != nil {
				t.Args = a.Args
				if t.Name != "dict" && a.Kind() == models.Dict && len(a.Args) > 0 {
					t.Args = a.Args[:1]
				}
			}
		}
		if t.Name == "dict" || t.Name == "defaultdict" {
			if made := f.defaultDict(in, depth); len(made.Args) > 0 {
				return made
			}
		}
		return t
	}
	name = models.Canonical(name)
	l := models.TypeOf(name)
	if l == nil {
		return nil
	}
	t := &Type{Name: name, Fresh: true}
	switch l.Kind {
	case models.Semaphore:
		t.Count = 1
		if len(in.Args) > 0 {
			t.Count = f.constInt(in.Args[0].T)
		}
	case models.Condition:
		if len(in.Args) > 0 {
			t.Alias = f.varOf(in.Args[0].T)
		}
	}
	return t
}

func (f *Func) defaultDict(in *ir.Instr, depth int) *Type {
	t := &Type{Name: "defaultdict", Fresh: true}
	if len(in.Args) == 0 {
		return t
	}
	made := f.infer(in.Args[0].T, depth)
	var elem *Type
	switch {
	case made == nil:
	case made.Meta:
		c := *made
		c.Meta = false
		c.Count = 1
		elem = &c
	case made.Func != nil:
		elem = made.Func.Result()
	case made.Kind() == models.Dict:
		t.Args = made.Args
		return t
	}
	if elem != nil {
		t.Args = []*Type{nil, elem}
	}
	return t
}

// varOf is the attribute of the receiver, or the global, that an expression reads.
func (f *Func) varOf(t ir.Temp) *Var {
	in := f.def(t)
	if in == nil {
		return nil
	}
	switch in.Op {
	case ir.GetAttr:
		if base := f.infer(in.A, 1); base != nil && base.Class != nil {
			return base.Class.Attr(in.Name)
		}
	case ir.Load:
		if f.Owner(in.Name) == nil {
			return f.Ref(in.Name).Var
		}
	}
	return nil
}

func (f *Func) constInt(t ir.Temp) int {
	if in := f.def(t); in != nil && in.Op == ir.Const {
		if n, err := strconv.Atoi(in.Name); err == nil {
			return n
		}
	}
	return -1
}

func (f *Func) buildType(in *ir.Instr, depth int) *Type {
	t := &Type{Name: in.Name, Fresh: true}
	if in.Name == "dict" && len(in.Args) >= 2 && in.Args[0].Star == 0 {
		t.Args = []*Type{f.infer(in.Args[0].T, depth), f.infer(in.Args[1].T, depth)}
	} else if in.Name != "dict" && in.Name != "str" && len(in.Args) > 0 && in.Args[0].Star == 0 {
		t.Args = []*Type{f.infer(in.Args[0].T, depth)}
	}
	return t
}

// Result is the type of the result of f: of a coroutine function, of awaiting it.
func (f *Func) Result() *Type {
	if f.known || f.busy {
		return f.result
	}
	f.busy = true
	var t *Type
	if f.Returns.Name != "" {
		t = f.Expr(&f.Returns)
	}
	if t == nil && f.Kind&ir.Generator == 0 {
		for b := range f.Blocks {
			if bl := &f.Blocks[b]; bl.Exit == ir.Returns && bl.Return != 0 {
				u := f.infer(bl.Return, 1)
				if u == nil {
					continue
				}
				if u.Name == "None" {
					t = t.optional()
					continue
				}
				if t == nil {
					t = u
				}
			}
		}
	}
	if f.Manager && t != nil && len(t.Args) > 0 && strings.HasPrefix(t.Name, "typing.") {
		t = t.Args[0]
	}
	f.result, f.known, f.busy = t, true, false
	return t
}
