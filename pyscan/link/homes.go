package link

import (
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// maxRelated bounds the derived classes that are looked at to tell two classes apart.
const maxRelated = 256

// homes is where the instances of a class are made and where they end up, tests aside.
type homes struct {
	makers map[*project.Func]bool
	owners map[*project.Class]bool // in an attribute of one of these
	given  bool                    // to a caller, or in something that is made there
	asked  bool                    // whether it is tied is being asked
	spread bool                    // in a table, a global, a closure, or where it cannot be told
}

func (l *linker) home(c *project.Class) *homes {
	h := l.homes[c]
	if h == nil {
		h = &homes{makers: map[*project.Func]bool{}, owners: map[*project.Class]bool{}}
		l.homes[c] = h
	}
	return h
}

// settles notes what becomes of a new instance.
func (f *frame) settles(c *project.Class, kind useKind, p *flow.Place) {
	if f.testsClass(c) {
		return
	}
	h := f.l.home(c)
	switch {
	case kind == usePassed:
	case kind == useStored && p != nil && p.Root == flow.RootParam && p.Param == 0 && f.f.Method() && ownAttribute(f.f, p.Path):
		h.owners[f.f.Class] = true
	case kind == useReturned, kind == useInside, kind == useStored && p != nil && (p.Root == flow.RootCell || p.Root == flow.RootLocal):
		h.given = true
	default:
		h.spread = true
	}
}

// factory notes that a call is given a class, to make instances of it where nobody sees them.
func (f *frame) factory(v *value) {
	if c := v.itself(); c != nil && v.at == nil && !f.testsClass(c) {
		f.l.home(c).spread = true
	}
}

// ownAttribute says whether a path is an attribute of a method's own object, or an element of one. What the class
// has is everybody's.
func ownAttribute(m *project.Func, path string) bool {
	attr, _, _ := strings.Cut(path, "[")
	return !m.ClassM && attr == m.Params[0].Name+"."+lastName(attr)
}

// tied says whether each instance of the class belongs to the activation or the object that made
// it: made anew by every request, connection or call, and kept by nothing that others share.
func (l *linker) tied(c *project.Class, depth int) bool {
	h := l.homes[c]
	if h == nil || h.spread || depth > maxEvidence || len(h.makers) == 0 || h.given && !models.Made(c.Name) {
		return false
	}
	if h.asked {
		return true // objects that have one another
	}
	h.asked = true
	defer func() { h.asked = false }()
	for m := range h.makers {
		if m.Kind&ir.ModuleBody != 0 || m.Class != nil && (m.Name == "__init__" || m.Name == "__post_init__") && !l.ownedAt(m.Class, depth+1) || models.Startup(m.Name) && !strings.HasPrefix(m.Name, "__") || models.Starts(m.Name) {
			return false
		}
	}
	for o := range h.owners {
		if !l.ownedAt(o, depth+1) {
			return false
		}
	}
	for _, s := range c.Subs {
		if s != c && l.homes[s] != nil && !l.tied(s, depth+1) {
			return false
		}
	}
	return true
}

// owned says whether instances of the class look used by one task at a time.
func (l *linker) owned(c *project.Class) bool {
	known, ok := l.owners[c]
	if !ok {
		known = l.ownedAt(c, 0)
		if l.owners != nil {
			l.owners[c] = known
		}
	}
	return known
}

func (l *linker) ownedAt(c *project.Class, depth int) bool {
	if models.SingleOwner(c.Name) || models.Happening(c.Name) && !c.Has("wait", "set", "clear") || c.Method("__anext__") != nil || c.Method("__next__") != nil {
		return true
	}
	if c.Has("__await__") && c.Has("__aenter__", "__enter__") && !slices.ContainsFunc(models.Closers(), func(m string) bool { return c.Has(m) }) {
		return true // what a call gives, to be awaited or entered once, and closed by nobody
	}
	if t := l.p.Tables.TypeOf(c.Qual); t != nil && t.Single {
		return true
	}
	if l.only(c, depth) {
		return true
	}
	for _, k := range c.Lineage() {
		if t := l.p.Tables.OwnType(k.Qual); t != nil && t.Single {
			return true
		}
		for _, e := range k.External {
			if t := l.p.Tables.TypeOf(e); t != nil && t.Single {
				return true
			}
		}
	}
	return l.tied(c, depth)
}

// only says whether a class is never made by itself, and all that derive from it are owned.
func (l *linker) only(c *project.Class, depth int) bool {
	if len(c.Subs) == 0 || depth > maxEvidence || l.homes[c] != nil {
		return false
	}
	for _, s := range c.Subs {
		if s == c || !l.ownedAt(s, depth+1) {
			return false
		}
	}
	return true
}

// apart says whether no object is of both classes: neither is derived from the other, and nothing from both.
func (l *linker) apart(a, b string) bool {
	x, y := l.classes[a], l.classes[b]
	if x == nil || y == nil || slices.Contains(x.Lineage(), y) || slices.Contains(y.Lineage(), x) {
		return false
	}
	seen := map[*project.Class]bool{}
	work := slices.Clone(x.Subs)
	for len(work) > 0 {
		c := work[0]
		work = work[1:]
		switch {
		case seen[c]:
		case len(seen) >= maxRelated || slices.Contains(c.Lineage(), y):
			return false
		default:
			seen[c] = true
			work = append(work, c.Subs...)
		}
	}
	return true
}

// ownedField says whether a place belongs to an object that one task uses at a time.
func (l *linker) ownedField(field string) bool {
	dot := strings.LastIndexByte(field, '.')
	if dot < 0 {
		return false
	}
	c := l.classes[field[:dot]]
	return c != nil && c.Attr(field[dot+1:]) != nil && l.owned(c) // what the library's base has may be shared
}
