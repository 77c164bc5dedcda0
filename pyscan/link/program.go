package link

import (
	"cmp"
	"iter"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// program puts the result together, in source order.
func (l *linker) program() *Program {
	l.countLoops()
	l.findCallers()
	l.findStored()
	l.findStarts()
	out := &Program{l: l, Program: &verdict.Program{Language: "python", Site: l.site, Until: l.until}}
	n := 0
	for _, fn := range l.order {
		if fn.matters() {
			n++
		}
	}
	out.Funcs = make([]verdict.Func, 0, n)
	for _, row := range l.fns {
		for _, fn := range row {
			if fn.built == nil {
				continue
			}
			if why := cmp.Or(fn.f.Cut, fn.res.Partial, fn.cut); why != "" {
				out.Partial = append(out.Partial, Partial{Pos: l.pos(fn.f, fn.f.NamePos), Function: fn.f.Func.Qual, Reason: why})
			}
			if !fn.matters() {
				continue
			}
			fn.index = len(out.Funcs)
			v := verdict.Func{Name: name(fn.f), Pos: l.pos(fn.f, fn.f.NamePos), Flow: fn.built, Result: fn.res, Context: l.context(fn), Joins: l.joins(fn), Starts: l.begins[fn.f]}
			if fn.f.Class != nil {
				v.Type = fn.f.Class.Qual
			}
			for k := range fn.built.Params {
				given := l.given(fn, k, 0)
				switch {
				case fn.siblings[k]:
					given = verdict.GivenSiblings
				case given == verdict.GivenShared && l.keptByCallers(fn, k):
					given = verdict.GivenKept
				}
				v.Given = append(v.Given, given)
			}
			v.Cancels, v.Asleep = l.cancelled(fn), fn.asleep
			v.Unique, v.Chosen, v.Itself = fn.unique, fn.chosen, fn.itself
			v.Serves = servesOne(fn.f)
			out.Funcs = append(out.Funcs, v)
		}
	}
	out.Owned, out.Apart = l.ownedField, l.apart
	l.judgeTasks(out)
	l.lockFacts(out)
	l.threadFacts(out)
	l.retakes(out)
	l.undone(out)
	l.cutShort(out)
	return out
}

// matters says whether the function does anything that a verdict can speak of.
func (fn *fn) matters() bool {
	return len(fn.res.Accesses) > 0 || len(fn.res.Holds) > 0 || len(fn.tasks) > 0 || len(fn.res.Windows) > 0
}

func name(f *project.Func) string {
	if f.Kind&ir.ModuleBody != 0 {
		return "<module>"
	}
	return f.Func.Qual
}

// given says what the known callers pass for a parameter; an argument that is a parameter itself
// is followed to its own callers.
func (l *linker) given(fn *fn, param, depth int) verdict.Given {
	if len(fn.from) == 0 || depth > 4 {
		return verdict.GivenUnknown
	}
	out := verdict.GivenFresh
	for i, s := range fn.from {
		switch by := fn.callers[i]; {
		case param >= len(s.args):
		case s.args[param].fresh:
			continue
		case s.args[param].Root == flow.RootParam && !strings.Contains(s.args[param].Path, ".") && by != fn:
			if g := l.given(by, int(s.args[param].Param), depth+1); g != verdict.GivenShared {
				out = min(out, g)
				continue
			}
		}
		return verdict.GivenShared
	}
	return out
}

// keptByCallers says whether every known caller passes, for a parameter, what its module or its own object
// keeps, if that object is not owned by one task.
func (l *linker) keptByCallers(fn *fn, param int) bool {
	for i, s := range fn.from {
		if param >= len(s.args) || strings.Contains(s.args[param].Path, "[*]") || strings.Contains(s.args[param].Path, "[?]") {
			return false // one that is picked out of many, or that a loop is at
		}
		if e := l.entries[fn.f]; e != nil && e.spawned > 0 && strings.Contains(s.args[param].Path, "[") {
			return false // a task for each entry
		}
		a, by := &s.args[param], fn.callers[i].f
		own := a.Root == flow.RootParam && a.Param == 0 && by.Method() && strings.Contains(a.Path, ".") && !l.owned(by.Class) && by.Name != "__init__"
		if a.Root != flow.RootGlobal && !own {
			return false
		}
	}
	return len(fn.from) > 0
}

// findCallers lists who calls whom, tests of the callee aside.
func (l *linker) findCallers() {
	n := int32(0)
	for g := range l.calls() {
		g.called++
		n++
	}
	callers, from := make([]*fn, n), make([]*callSite, n)
	for g, at := range l.calls() {
		if k := g.called; k > 0 {
			g.callers, callers = callers[:0:k], callers[k:]
			g.from, from = from[:0:k], from[k:]
			g.called = 0
		}
		g.callers = append(g.callers, at.by)
		g.from = append(g.from, at.s)
	}
}

// calls are the callee, caller and place of each call that is evidence of how the callee is used: what a test does
// is none.
func (l *linker) calls() iter.Seq2[*fn, from] {
	return func(yield func(*fn, from) bool) {
		for _, row := range l.fns {
			for _, by := range row {
				for i := range by.sites {
					if g := l.fn(by.sites[i].callee); g.test || !by.test {
						if !yield(g, from{by, &by.sites[i]}) {
							return
						}
					}
				}
			}
		}
	}
}
