package project

import (
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/pyscan/ir"
)

// annotation is what an annotation means where the names in it are those of the module.
type annotation struct {
	typ   *Type
	names []string // the first parts of the names in it
	own   bool     // it means something else in each class
}

// spelling tells annotations of one module apart: what is written alike is kept once.
type spelling struct {
	name string
	args *ir.TypeExpr
	n    int
}

// Expr resolves an annotation written in f, a method of self (or nil).
func (f *Func) Expr(e *ir.TypeExpr) *Type {
	if e == nil || e.Name == "" {
		return nil
	}
	m := f.Module
	if m.p.indexed == 0 {
		return f.expr(e, 0)
	}
	if m.annotated != m.p.indexed {
		m.annotated, m.annotations = m.p.indexed, map[spelling]annotation{}
	}
	key := spelling{name: e.Name, n: len(e.Args)}
	if key.n > 0 {
		key.args = &e.Args[0]
	}
	a, known := m.annotations[key]
	if !known {
		a.note(e, 0)
		if !a.own {
			a.typ = m.Funcs[0].expr(e, 0)
		}
		m.annotations[key] = a
	}
	if a.own || !f.outside(a.names) {
		return f.expr(e, 0)
	}
	return a.typ
}

// note adds the names in a part of the annotation.
func (a *annotation) note(e *ir.TypeExpr, depth int) {
	first, _, _ := strings.Cut(e.Name, ".")
	if a.own = a.own || depth > maxTypeDepth || e.Name == "Self" || strings.HasSuffix(e.Name, ".Self"); a.own {
		return
	}
	if !slices.Contains(a.names, first) {
		a.names = append(a.names, first)
	}
	for i := range e.Args {
		a.note(&e.Args[i], depth+1)
	}
}

// outside says whether neither f nor a function around it binds one of the names.
func (f *Func) outside(names []string) bool {
	for q := f; q != nil && q.Kind&ir.ModuleBody == 0; q = q.scopeParent() {
		if q.scope || slices.ContainsFunc(names, func(n string) bool { return slices.Contains(q.Locals, n) }) {
			return false
		}
	}
	return true
}
