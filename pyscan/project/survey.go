package project

import (
	"path"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
)

// survey looks once at every operation of the module: it collects where attributes and globals
// are assigned, and the names of those that something changes after its making.
func (m *Module) survey() {
	for _, f := range m.Funcs {
		m.surveyFunc(f)
	}
}

// origins tells where the values of one function come from, as far as it has been looked at.
type origins struct {
	f    *Func
	defs []*ir.Instr         // by temp
	via  map[string][]string // local → names of attributes and globals that it was loaded from
}

// about makes f the function that is looked at.
func (o *origins) about(f *Func) {
	n := f.Temps + 1
	if cap(o.defs) < n {
		o.defs = make([]*ir.Instr, n, n+n/2)
	}
	o.f, o.defs = f, o.defs[:n]
	clear(o.defs)
	if len(o.via) > 64 {
		o.via = nil // cheaper than to clear it
	}
	clear(o.via)
}

func (o *origins) at(t ir.Temp) *ir.Instr {
	if t <= 0 || int(t) >= len(o.defs) {
		return nil
	}
	return o.defs[t]
}

// names visits the attributes or variables that a temp was read from; an element or a view stands for its container.
func (o *origins) names(t ir.Temp, depth int, visit func(string)) {
	in := o.at(t)
	if in == nil || depth > 6 {
		return
	}
	switch in.Op {
	case ir.GetAttr:
		visit(in.Name)
	case ir.Load:
		if o.f.Owner(in.Name) != o.f {
			visit(in.Name)
		} else {
			for _, n := range o.via[in.Name] {
				visit(n)
			}
		}
	case ir.GetItem, ir.Move, ir.Await:
		o.names(in.A, depth+1, visit)
	case ir.Call:
		if g := o.at(in.A); g != nil && g.Op == ir.GetAttr {
			switch g.Name {
			case "get", "setdefault", "values", "items", "pop":
				o.names(g.A, depth+1, visit)
			}
		}
	}
}

// store notes what a local of the function is loaded from.
func (o *origins) store(in *ir.Instr) {
	o.names(in.A, 0, func(n string) {
		if o.via == nil {
			o.via = map[string][]string{}
		}
		o.via[in.Name] = append(o.via[in.Name], n)
	})
}

func (m *Module) surveyFunc(f *Func) {
	hot := m.p.Hot
	body := f.Kind&(ir.ModuleBody|ir.ClassBody) != 0
	init := f.Class != nil && (f.Name == "__init__" || f.Name == "__post_init__" || f.Name == "__new__")
	o := &m.p.origins
	o.about(f)
	mark := func(t ir.Temp) { o.names(t, 0, func(n string) { hot[n] = true }) }
	for bi := range f.Blocks {
		b := &f.Blocks[bi]
		for i := range b.Instrs {
			in := &b.Instrs[i]
			if in.Dst > 0 && int(in.Dst) < len(o.defs) {
				o.defs[in.Dst] = in
			}
			switch in.Op {
			case ir.SetAttr:
				m.surveySet(f, in, o.at(in.A))
				if !init && !body && in.B != 0 {
					m.p.Rebound[in.Name] = true
					m.p.Reset[in.Name] = m.p.Reset[in.Name] || !countsUp(in, o.at(in.B))
				}
			case ir.DelAttr:
				m.p.Rebound[in.Name] = true
			case ir.SetItem, ir.DelItem:
				if g := o.at(in.A); g != nil && g.Op == ir.GetAttr {
					m.p.Keyed[g.Name] = true
				}
				if !body && !init {
					mark(in.A)
				}
			case ir.Store:
				m.surveyStore(f, in)
				if in.A != 0 && !body {
					if f.Owner(in.Name) == f {
						o.store(in)
					} else {
						m.p.Rebound[in.Name] = true
						m.p.Reset[in.Name] = m.p.Reset[in.Name] || !countsUp(in, o.at(in.A))
					}
				}
			case ir.Delete:
				if f.Owner(in.Name) != f && !body {
					m.p.Rebound[in.Name] = true
				}
			case ir.Call:
				g := o.at(in.A)
				if g != nil && models.ChangesFirst[g.Name] && len(in.Args) > 0 && !body && !init {
					mark(in.Args[0].T)
				}
				if g == nil || g.Op != ir.GetAttr {
					continue
				}
				if models.Mutators[g.Name] && !body && !init {
					mark(g.A)
					if g.Name == "clear" {
						o.names(g.A, 0, func(n string) { m.p.Emptied[n] = true })
					}
				}
				if g.Name == "set_task_factory" && !models.Test(m.Path) && m.namesEagerFactory() {
					m.p.Eager[path.Dir(m.Path)] = true
				}
			}
		}
	}
	// A variable that a closure shares with its maker changes if the maker assigns it again.
	for _, n := range f.Nonlocals {
		m.p.Rebound[n] = true
	}
}

// countsUp says whether an assignment is `x += …`.
func countsUp(in, value *ir.Instr) bool {
	return in.Aug && value != nil && value.Op == ir.Binary && value.Name == "+"
}

// namesEagerFactory says whether the module mentions asyncio's eager task factory, however it gets it:
// by an attribute, an import, or getattr where older versions have none.
func (m *Module) namesEagerFactory() bool {
	if slices.ContainsFunc(m.Imports, func(i ir.Import) bool { return models.EagerFactories[i.Symbol] }) {
		return true
	}
	return slices.ContainsFunc(m.Funcs, func(f *Func) bool {
		for b := range f.Blocks {
			for i := range f.Blocks[b].Instrs {
				in := &f.Blocks[b].Instrs[i]
				if in.Op == ir.GetAttr && models.EagerFactories[in.Name] || in.Op == ir.Const && models.EagerFactories[strings.Trim(in.Name, `"'`)] {
					return true
				}
			}
		}
		return false
	})
}

func (m *Module) surveySet(f *Func, in *ir.Instr, recv *ir.Instr) {
	if recv == nil || recv.Op != ir.Load || f.Class == nil && f.Parent == nil {
		return
	}
	owner := f
	for owner != nil && owner.Class == nil {
		owner = owner.Parent
	}
	if owner == nil || owner.Static || len(owner.Params) == 0 || owner.Params[0].Name != recv.Name {
		return
	}
	v := owner.Class.attr(in.Name)
	if in.Type != nil && in.Type.Name != "" && v.Type == nil {
		v.Type, v.scope = in.Type, f
	}
	if in.B != 0 && !in.Aug {
		v.assign(site{f, in.B})
	}
}

func (m *Module) surveyStore(f *Func, in *ir.Instr) {
	switch {
	case f.Kind&ir.ModuleBody != 0 || f.Kind&ir.ClassBody == 0 && f.declaresGlobal(in.Name):
		b := m.at(in.Name)
		if b.v == nil {
			b.v = m.p.vars.next()
			b.v.Name, b.v.Module = in.Name, m
		}
		b.v.add(f, in)
	case f.Kind&ir.ClassBody != 0:
		for _, c := range m.Classes {
			if c.Body == f.ID {
				c.attr(in.Name).add(f, in)
			}
		}
	}
}

func (f *Func) declaresGlobal(name string) bool {
	return slices.Contains(f.Globals, name)
}

func (v *Var) add(f *Func, in *ir.Instr) {
	if in.Type != nil && in.Type.Name != "" && v.Type == nil {
		v.Type, v.scope = in.Type, f
	}
	if in.A != 0 && !in.Aug {
		v.assign(site{f, in.A})
	}
}

// assign notes an assignment.
func (v *Var) assign(s site) {
	if v.first.fn == nil {
		v.first = s
	} else {
		v.more = append(v.more, s)
	}
}

// Field is the program-wide name of an attribute or a global.
func (v *Var) Field() string {
	if v.field == "" {
		of := v.Module.Qual
		if v.Class != nil {
			of = v.Class.Qual
		}
		v.field = of + "." + v.Name
	}
	return v.field
}

// Constant says whether a name looks like a constant by convention.
func Constant(name string) bool { return strings.ToUpper(name) == name && len(name) > 1 }
