package link

import (
	"cmp"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// starts says whether f is called once for an object, by its name and because it has to be told nothing.
func starts(f *project.Func) bool {
	if f.Class == nil || private(f) || !models.Starts(f.Name) || f.Name == "run" {
		return false
	}
	for i := 1; i < len(f.Params); i++ {
		if p := &f.Params[i]; !models.Starter(f.Name) || p.Star == 0 && !p.Default {
			return false
		}
	}
	return len(f.Params) > 0
}

// starting says whether a function runs while its object is started, which happens once: it is the method that
// does so, by its name; or a helper that is called only by such methods, or on what its caller has just made.
func (l *linker) starting(fn *fn, depth int) bool {
	f := fn.f
	if starts(f) {
		return !restarted(fn)
	}
	e := cmp.Or(l.entries[f], &entry{})
	if f.Class == nil {
		return depth <= maxEvidence && l.startsAll(fn, e, depth)
	}
	once := len(fn.callers) == 1 && !fn.from[0].loop && l.internal(fn, e)
	if !private(f) && !once || depth > maxEvidence || len(fn.callers) == 0 || e.outside || e.spawned > 0 || e.thread || e.many {
		return false
	}
	for i, by := range fn.callers {
		s := fn.from[i]
		if len(s.args) > 0 && s.args[0].fresh && private(f) {
			continue
		}
		if by == fn || !sameReceiver(by, fn, s) && !(once && sameObject(by, fn, s)) || !l.starting(by, depth+1) {
			return false
		}
	}
	return true
}

// startsAll says whether all that call a plain function do so when the application starts, or for a command of which a
// process runs one.
func (l *linker) startsAll(fn *fn, e *entry, depth int) bool {
	f := fn.f
	if f.Kind&ir.ModuleBody != 0 || f.Parent == nil || f.Parent.Kind&ir.ModuleBody == 0 || len(fn.callers) == 0 || e.outside || e.spawned > 0 || e.thread || e.many {
		return false
	}
	for i, by := range fn.callers {
		at := l.entries[by.f]
		begins := by.f.Class == nil && (models.Startup(by.f.Name) && !strings.Contains(by.f.Name, "main") && by.f.Name != "run_server" || at != nil && (at.kind == models.Start || at.kind == models.CLI))
		if fn.from[i].loop || !begins && !l.starting(by, depth+1) {
			return false
		}
	}
	return true
}

// restarted says whether a method of the same object calls it that, by its name, runs when something
// happens, or begins anew; or whether one at work does, and it asks first whether there is anything to do.
func restarted(fn *fn) bool {
	for i, by := range fn.callers {
		if !sameReceiver(by, fn, fn.from[i]) || by == fn {
			continue
		}
		if models.Restarts(by.f.Name) || !private(by.f) && !models.Starts(by.f.Name) && !models.Opens(by.f.Name) && !strings.HasPrefix(by.f.Name, "__") && fn.asksFirst() {
			return true
		}
	}
	return false
}

// asksFirst says whether the function fills something only where it finds nothing: it is made to be called
// whenever the object is used.
func (fn *fn) asksFirst() bool {
	return slices.ContainsFunc(fn.res.Windows, func(w flow.Window) bool {
		return w.Use&flow.UseControl != 0 && (w.Fact == flow.FactNone || w.Fact == flow.FactFalse)
	})
}
