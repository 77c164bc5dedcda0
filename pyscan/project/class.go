package project

import (
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
)

// maxLineage bounds the classes looked at for one hierarchy.
const maxLineage = 64

func (c *Class) scope() *Func { return c.Module.Funcs[max(0, c.Parent)] }

func (c *Class) inherit() {
	for i := range c.IR().Bases {
		b := &c.IR().Bases[i]
		last := b.Name[strings.LastIndexByte(b.Name, '.')+1:]
		r := c.scope().dotted(b.Name)
		switch {
		case r.Class != nil && r.Class != c:
			c.Bases = append(c.Bases, r.Class)
			r.Class.Subs = append(r.Class.Subs, c)
		case r.Ext != "":
			c.External = append(c.External, r.Ext)
		case b.Name != "":
			c.External = append(c.External, b.Name)
		}
		if last == "Protocol" || last == "ABC" {
			c.Abstract = true
		}
		if last == "BaseModel" || last == "NamedTuple" || last == "Struct" || last == "SQLModel" || last == "TypedDict" {
			c.Data = true
			c.Frozen = c.Frozen || last == "NamedTuple"
		}
	}
	for i := range c.Decorators {
		d := &c.Decorators[i]
		switch d.Name[strings.LastIndexByte(d.Name, '.')+1:] {
		case "dataclass", "define", "attrs", "mutable":
			c.Data = true
		case "s", "attr":
			c.Data = true
		case "frozen":
			c.Data, c.Frozen = true, true
		}
		for _, a := range d.Args {
			c.Frozen = c.Frozen || a.Name == "frozen"
		}
	}
}

// IR returns the class as lowered.
func (c *Class) IR() *ir.Class { return c.Class }

// Lineage is an approximation of the method resolution order: the class, then its bases from
// left to right, depth first, each once.
func (c *Class) Lineage() []*Class {
	if c.mro != nil {
		return c.mro
	}
	if len(c.Bases) == 0 {
		c.alone[0] = c
		c.mro = c.alone[:]
		return c.mro
	}
	var out []*Class
	work := []*Class{c}
	for len(work) > 0 && len(out) < maxLineage {
		at := work[0]
		work = work[1:]
		if slices.Contains(out, at) {
			continue
		}
		out = append(out, at)
		work = append(slices.Clone(at.Bases), work...)
	}
	c.mro = out
	return out
}

// lib is what the tables know of a class, by what it is derived from; nil if nothing.
func (c *Class) lib() *models.Type {
	if !c.known {
		c.library, c.known = c.findLib(), true
	}
	return c.library
}

func (c *Class) findLib() *models.Type {
	for _, k := range c.Lineage() {
		if k.said != nil {
			return k.said
		}
		for _, e := range k.External {
			if l := k.Module.p.Tables.TypeOf(e); l != nil {
				return l
			}
		}
	}
	return nil
}

// Method finds a method, inherited ones included.
func (c *Class) Method(name string) *Func {
	if len(c.Lineage()) == 1 {
		return c.Methods[name]
	}
	return c.member(name).method
}

// member is what Method and Attr find under a name.
type member struct {
	method *Func
	attr   *Var
}

// member looks a name up once for each state of the project.
func (c *Class) member(name string) member {
	now := c.Module.p.indexed
	if c.asked != now {
		c.asked, c.members = now, nil
	}
	m, known := c.members[name]
	if known {
		return m
	}
	for _, k := range c.Lineage() {
		if f := k.Methods[name]; f != nil && m.method == nil {
			m.method = f
		}
		if v := k.attrs[name]; v != nil {
			m.attr = v
		}
	}
	if now != 0 {
		if c.members == nil {
			c.members = map[string]member{}
		}
		c.members[name] = m
	}
	return m
}

// Super finds the method that super() means in a method of c.
func (c *Class) Super(name string) *Func {
	for _, k := range c.Lineage()[1:] {
		if f := k.Methods[name]; f != nil {
			return f
		}
	}
	return nil
}

// maxTargets bounds the implementations that one call may mean.
const maxTargets = 12

// Targets are the methods that a call on a value of type c may run: the one that c has, and the
// ones that replace it in classes derived from c. Nobody may change the list.
func (c *Class) Targets(name string) []*Func {
	var out []*Func
	if f := c.Method(name); f != nil {
		out = f.alone[:]
	}
	if len(c.Subs) == 0 {
		return out
	}
	seen := map[*Class]bool{c: true}
	work := slices.Clone(c.Subs)
	for len(work) > 0 && len(out) < maxTargets {
		k := work[0]
		work = work[1:]
		if seen[k] {
			continue
		}
		seen[k] = true
		if f := k.Methods[name]; f != nil && !slices.Contains(out, f) {
			out = append(out, f)
		}
		work = append(work, k.Subs...)
	}
	return out
}

// Opaque says whether c or a base of it is outside the project, so that methods may come from there.
func (c *Class) Opaque() bool {
	for _, k := range c.Lineage() {
		for _, e := range k.External {
			switch e[strings.LastIndexByte(e, '.')+1:] {
			case "object", "Protocol", "ABC", "Generic", "Enum", "str", "int", "NamedTuple", "TypedDict", "BaseModel", "Exception":
			default:
				return true
			}
		}
	}
	return false
}

// Has says whether the class, or a base, has a method of that name.
func (c *Class) Has(names ...string) bool {
	for _, n := range names {
		if c.Method(n) != nil {
			return true
		}
	}
	return false
}

// Attr finds an instance or class attribute, inherited ones included: the declaration nearest to
// the root of the hierarchy, so that all classes that share the attribute agree on it.
func (c *Class) Attr(name string) *Var {
	if len(c.Lineage()) == 1 {
		return c.attrs[name]
	}
	return c.member(name).attr
}

// Unique returns the only class of the project that assigns an attribute of that name, or nil.
// Private names are distinctive enough for that.
func (p *Project) Unique(attr string) *Class {
	if c := p.owners[attr]; c != several {
		return c
	}
	return nil
}

// Field is the program-wide name of an attribute of c.
func (c *Class) Field(name string) string {
	if v := c.Attr(name); v != nil {
		return v.Field()
	}
	return c.Qual + "." + name
}

func (c *Class) attr(name string) *Var {
	v := c.attrs[name]
	if v == nil {
		p := c.Module.p
		v = p.vars.next()
		v.Name, v.Class, v.Module = name, c, c.Module
		c.attrs[name] = v
		if strings.HasPrefix(name, "_") {
			if p.owners[name] == nil {
				p.owners[name] = c
			} else {
				p.owners[name] = several
			}
		}
	}
	return v
}

// Attrs calls yield for every attribute that the class itself declares, in no order.
func (c *Class) Attrs(yield func(*Var) bool) {
	for _, v := range c.attrs {
		if !yield(v) {
			return
		}
	}
}
