package link

import (
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// maxDrawn bounds how far the origin of a value is followed.
const maxDrawn = 12

// drawing asks where the values of one function come from. It may ask several questions about it, and is then
// used for the next function.
type drawing struct {
	l    *linker
	f    *project.Func
	defs []*ir.Instr // by temp
	sets []set       // bindings of variables, and attributes that are counted on, in the order of the text
}

// set is an operation that gives something of that name a value.
type set struct {
	name string
	in   *ir.Instr
}

// drawn says whether all that a variable of f is bound to is drawn anew by each activation: a random name, the
// next number of a counter, what a generator of names gives that is told nothing of the caller's.
func (l *linker) drawn(f *project.Func, name string) bool {
	key := cellKey{f, name}
	if known, ok := l.draws[key]; ok {
		return known
	}
	d := &l.drawing
	if d.f != f {
		d.about(l, f)
	}
	out := d.variable(name, 0)
	l.draws[key] = out
	return out
}

// about makes f the function that is asked about.
func (d *drawing) about(l *linker, f *project.Func) {
	d.l, d.f, d.defs, d.sets = l, f, sized(&d.defs, f.Temps+1), d.sets[:0]
	for b := range f.Blocks {
		for i := range f.Blocks[b].Instrs {
			in := &f.Blocks[b].Instrs[i]
			if in.Dst > 0 {
				d.defs[in.Dst] = in
			}
			if in.Op == ir.Store || in.Op == ir.SetAttr && in.Aug {
				d.sets = append(d.sets, set{in.Name, in})
			}
		}
	}
	slices.SortStableFunc(d.sets, func(a, b set) int { return strings.Compare(a.name, b.name) })
}

// of are the bindings of a name.
func (d *drawing) of(name string) []set {
	i, _ := slices.BinarySearchFunc(d.sets, name, func(s set, name string) int { return strings.Compare(s.name, name) })
	n := i
	for n < len(d.sets) && d.sets[n].name == name {
		n++
	}
	return d.sets[i:n]
}

func (d *drawing) variable(name string, depth int) bool {
	if slices.ContainsFunc(d.f.Params, func(p ir.Param) bool { return p.Name == name }) {
		return false
	}
	bound := false
	for _, s := range d.of(name) {
		in := s.in
		if in.Op != ir.Store || in.A == 0 || d.defs[in.A] != nil && d.defs[in.A].Op == ir.Const {
			continue // declared, or nothing yet
		}
		if bound = d.temp(in.A, depth+1); !bound {
			return false
		}
	}
	return bound
}

func (d *drawing) temp(t ir.Temp, depth int) bool {
	if t <= 0 || d.defs[t] == nil || depth > maxDrawn {
		return false
	}
	part := func(a ir.Arg) bool { return d.temp(a.T, depth+1) }
	switch in := d.defs[t]; in.Op {
	case ir.Load:
		return d.variable(in.Name, depth+1)
	case ir.Await:
		return d.temp(in.A, depth+1)
	case ir.Binary:
		return d.temp(in.A, depth+1) || d.temp(in.B, depth+1) || slices.ContainsFunc(in.Args, part)
	case ir.Build:
		return in.Name == "str" && slices.ContainsFunc(in.Args, part)
	case ir.GetAttr:
		return d.counted(in) || d.temp(in.A, depth+1)
	case ir.Call:
		return d.call(in, depth+1)
	}
	return false
}

// counted says whether an attribute is read that the function has just counted on, and nobody counts back.
func (d *drawing) counted(in *ir.Instr) bool {
	return !in.Aug && d.f.Class != nil && slices.ContainsFunc(d.of(in.Name), func(s set) bool {
		return s.in.Op == ir.SetAttr && s.in.Pos < in.Pos && d.same(s.in.A, in.A)
	}) && onlyGrows(d.f.Class, in.Name)
}

// onlyGrows says whether the methods of a class do nothing to an attribute but add to it, after its making.
func onlyGrows(c *project.Class, attr string) bool {
	for _, k := range c.Lineage() {
		for _, m := range k.Methods {
			defs := map[ir.Temp]*ir.Instr{}
			for b := range m.Blocks {
				for i := range m.Blocks[b].Instrs {
					in := &m.Blocks[b].Instrs[i]
					defs[in.Dst] = in
					if in.Op != ir.SetAttr || in.Name != attr || m.Name == "__init__" {
						continue
					}
					if by := defs[in.B]; !in.Aug || by == nil || by.Op != ir.Binary || !strings.HasPrefix(by.Name, "+") {
						return false
					}
				}
			}
		}
	}
	return true
}

// same says whether two temps are loads of one variable.
func (d *drawing) same(a, b ir.Temp) bool {
	x, y := d.defs[a], d.defs[b]
	return x != nil && y != nil && x.Op == ir.Load && y.Op == ir.Load && x.Name == y.Name
}

func (d *drawing) call(in *ir.Instr, depth int) bool {
	callee := d.defs[in.A]
	if callee == nil {
		return false
	}
	part := func(a ir.Arg) bool { return d.temp(a.T, depth) }
	told := slices.ContainsFunc(in.Args, func(a ir.Arg) bool { return d.given(a.T, depth) })
	switch callee.Op {
	case ir.Load:
		if lib, ok := d.l.p.Tables.Lookup(d.f.Ref(callee.Name).Ext); ok && lib.Unique {
			return true
		}
		return !told && models.Draws(callee.Name) || models.Converts(callee.Name) && slices.ContainsFunc(in.Args, part)
	case ir.GetAttr:
		if base := d.defs[callee.A]; base != nil && base.Op == ir.Load {
			if lib, ok := d.l.p.Tables.Lookup(d.f.Ref(base.Name).Ext + "." + callee.Name); ok && (lib.Unique || lib.Role == models.Spawn) {
				return true // the handle of the call itself, among others
			}
		}
		return !told && models.Draws(callee.Name) || models.Converts(callee.Name) && d.temp(callee.A, depth)
	}
	return false
}

// given says whether a value is made from something that the caller has passed, the receiver aside.
func (d *drawing) given(t ir.Temp, depth int) bool {
	if t <= 0 || d.defs[t] == nil {
		return false
	}
	if depth > maxDrawn {
		return true
	}
	in := d.defs[t]
	if in.Op == ir.Load {
		i := slices.IndexFunc(d.f.Params, func(p ir.Param) bool { return p.Name == in.Name })
		if i >= 0 {
			return i > 0 || !d.f.Method()
		}
		return slices.ContainsFunc(d.of(in.Name), func(s set) bool { return s.in.Op == ir.Store && d.given(s.in.A, depth+1) })
	}
	return d.given(in.A, depth+1) || d.given(in.B, depth+1) || slices.ContainsFunc(in.Args, func(a ir.Arg) bool { return d.given(a.T, depth+1) })
}
