package link

import (
	"cmp"
	"strings"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// findEntries looks at decorators, base classes and names.
func (l *linker) findEntries(modules []*project.Module) {
	for _, m := range modules {
		threads, cli := false, false
		for i := range m.Imports {
			threads = threads || models.SyncRoutesInThreads(m.Imports[i].Module)
			cli = cli || models.CommandLine(m.Imports[i].Module)
		}
		for _, f := range m.Funcs {
			for i := range f.Decorators {
				d := &f.Decorators[i]
				text := d.Text
				if text == "" {
					for _, a := range d.Args {
						if a.Text != "" {
							text = a.Text
							break
						}
					}
				}
				kind, what := models.ByDecorator(d.Name, d.Call, text)
				if cli && kind == models.Listener && strings.HasSuffix(d.Name, ".command") {
					kind = models.CLI
				}
				if own := l.declaredEntry(f, d.Name); own != models.NoEntry {
					kind, what = own, "called by "+d.Name
				}
				if kind != models.NoEntry {
					e := l.entry(f)
					e.kind, e.text, e.outside = kind, what, true
					if kind == models.Route && threads && f.Kind&ir.Async == 0 {
						e.thread = true
					}
				}
			}
			if f.Class != nil && !strings.HasPrefix(f.Name, "_") {
				for _, k := range f.Class.Lineage() {
					if kind := l.p.Tables.Entry(k.Qual); kind != models.NoEntry {
						e := l.entry(f)
						e.kind, e.text, e.outside = kind, "called by "+k.Name, true
					}
					for _, b := range k.External {
						kind := cmp.Or(l.p.Tables.Entry(b), models.ByBase(b, f.Name))
						if kind != models.NoEntry {
							e := l.entry(f)
							e.kind, e.text, e.outside = kind, "called by "+b, true
						}
					}
				}
			}
			if threads {
				l.dependencies(f)
			}
		}
	}
}

// declaredEntry is what the project says of a decorator of f, by what its name means there.
func (l *linker) declaredEntry(f *project.Func, name string) models.Entry {
	if l.p.Tables == nil {
		return models.NoEntry
	}
	full := name
	first, rest, dotted := strings.Cut(name, ".")
	switch r := f.Dotted(name); {
	case r.Ext != "":
		full = r.Ext
	case r.Func != nil:
		full = r.Func.Qual
	case r.Class != nil:
		full = r.Class.Qual
	case dotted:
		if v := f.Dotted(first).Var; v != nil && v.VarType().Known() {
			full = v.VarType().Text() + "." + rest
		}
	}
	return cmp.Or(l.p.Tables.Entry(full), l.p.Tables.Entry(name))
}

// dependencies finds the plain functions that FastAPI runs in its thread pool: Depends(f), as a default or
// in the annotation of a parameter.
func (l *linker) dependencies(f *project.Func) {
	for i := range f.Params {
		l.annotated(f, &f.Params[i].Type, 0)
	}
	for b := range f.Blocks {
		for i := range f.Blocks[b].Instrs {
			in := &f.Blocks[b].Instrs[i]
			if in.Op != ir.Call || len(in.Args) == 0 {
				continue
			}
			g := f.Def(in.A)
			if g == nil || !models.Dependency(g.Name) {
				continue
			}
			if a := f.Def(in.Args[0].T); a != nil && a.Op == ir.Load {
				l.dependency(f.Ref(a.Name).Func)
			}
		}
	}
}

// maxAnnotated bounds the depth of an annotation that is searched for dependencies.
const maxAnnotated = 8

// annotated finds the dependencies in an annotation.
func (l *linker) annotated(f *project.Func, t *ir.TypeExpr, depth int) {
	if t.Call && len(t.Args) > 0 && models.Dependency(t.Name) {
		l.dependency(f.Dotted(t.Args[0].Name).Func)
		return
	}
	for i := range t.Args {
		if depth < maxAnnotated {
			l.annotated(f, &t.Args[i], depth+1)
		}
	}
}

// dependency notes that a framework calls g for every request.
func (l *linker) dependency(g *project.Func) {
	if g == nil {
		return
	}
	e := l.entry(g)
	e.kind, e.text, e.outside = models.Route, "dependency of a route", true
	e.thread = g.Kind&ir.Async == 0
}
