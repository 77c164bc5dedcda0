package link

import (
	"slices"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// opening says whether a function begins the use of its object, by its name, or is called only by such methods
// of its object, and by none that runs whenever something happens.
func (l *linker) opening(at *fn, e *entry, depth int) bool {
	f := at.f
	if f.Class == nil || e.outside || e.many || e.spawned > 0 || depth > maxEvidence || restarted(at) {
		return false
	}
	if models.Begins(f.Name) && !private(f) {
		return true
	}
	for i, by := range at.callers {
		o := l.entries[by.f]
		if o == nil {
			o = &entry{}
		}
		if by == at || !sameReceiver(by, at, at.from[i]) || !l.opening(by, o, depth+1) {
			return false
		}
	}
	return private(f) && len(at.callers) > 0
}

// inline says whether a nested function is called by its maker alone, and neither handed on nor run in a task:
// its calls follow one another as long as the maker runs.
func (l *linker) inline(at *fn, e *entry) bool {
	f := at.f
	if f.Parent == nil || f.Parent.Kind&(ir.ModuleBody|ir.ClassBody) != 0 || e.outside || e.many || e.spawned > 0 || e.thread {
		return false
	}
	if len(at.callers) == 0 {
		return f.AsyncGen() || f.Kind&ir.Generator != 0 // whoever gets it asks for one item after the other
	}
	return !slices.ContainsFunc(at.callers, func(by *fn) bool { return by.f != f.Parent })
}

// decorates says whether a function is a decorator, or called by one: what it adds is added where things are
// defined.
func (l *linker) decorates(at *fn, depth int) bool {
	if decorator(l, at.f) {
		return true
	}
	return depth < 3 && slices.ContainsFunc(at.callers, func(by *fn) bool { return by != at && l.decorates(by, depth+1) })
}

// decorator says whether a function gives back the function that it is given: it is made and returned by
// another one that is told what for.
func decorator(l *linker, f *project.Func) bool {
	if f.Parent == nil || f.Parent.Kind&(ir.ModuleBody|ir.ClassBody) != 0 || len(f.Params) != 1 {
		return false
	}
	ret, made := l.fn(f).ret, l.fn(f.Parent).ret
	return ret != nil && ret.param == 1 && made != nil && slices.Contains(made.fns, f)
}
