package project

import (
	"strconv"
	"strings"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
)

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
		t := f.Construct(callee.Name, in, depth)
		if t != nil && len(t.Args) == 0 && len(callee.Args) > 0 {
			told := *t
			told.Args = callee.Args
			return &told
		}
		return t
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
			return List.Of(t.Elem())
		case "keys":
			if len(t.Args) > 0 {
				return List.Of(t.Args[0])
			}
		}
	case models.Queue:
		if strings.HasPrefix(name, "get") {
			return t.Elem()
		}
	case models.Loop:
		switch name {
		case "create_future":
			return anew("asyncio.Future")
		case "create_task":
			return anew("asyncio.Task")
		case "call_later", "call_at", "call_soon":
			return anew("asyncio.TimerHandle")
		}
	case models.TaskGroup:
		if name == "create_task" {
			return Named("asyncio.Task")
		}
	}
	switch t.Name {
	case "asyncpg.Pool", "asyncpg.pool.Pool":
		if name == "acquire" {
			return Named("asyncpg.Connection")
		}
	}
	return nil
}

// Construct is the type of a call of the library function or type with that name.
func (f *Func) Construct(name string, in *ir.Instr, depth int) *Type {
	if c, ok := f.Module.p.Tables.Lookup(name); ok && (c.Type != "" || c.Role == models.Passes) {
		if c.Role == models.Passes && c.Arg == 1 && len(in.Args) > 0 {
			return f.expr(f.asType(in.Args[0].T, 0), 0)
		}
		t := f.Module.p.Library(c.Type)
		t.Fresh = true
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
	t := f.Module.p.Library(name)
	l := t.Lib()
	if l == nil {
		return nil
	}
	t.Fresh = true
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
	t := anew("defaultdict")
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

func (f *Func) constInt(t ir.Temp) int32 {
	if in := f.def(t); in != nil && in.Op == ir.Const {
		if n, err := strconv.ParseInt(in.Name, 10, 32); err == nil {
			return int32(n)
		}
	}
	return -1
}

func (f *Func) buildType(in *ir.Instr, depth int) *Type {
	t := anew(in.Name)
	if in.Name == "dict" && len(in.Args) >= 2 && in.Args[0].Star == 0 && in.Args[0].Name == "" {
		t.Args = []*Type{f.infer(in.Args[0].T, depth), f.infer(in.Args[1].T, depth)}
	} else if in.Name != "dict" && in.Name != "str" && len(in.Args) > 0 && in.Args[0].Star == 0 && in.Args[0].Name == "" {
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
