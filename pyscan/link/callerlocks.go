package link

import (
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// private says whether only the project itself can call f.
func private(f *project.Func) bool {
	return strings.HasPrefix(f.Name, "_") && !strings.HasSuffix(f.Name, "__") || strings.HasSuffix(f.Name, "_locked") || f.Parent != nil && f.Parent.Kind&(ir.ModuleBody|ir.ClassBody) == 0
}

// from is a call and who makes it.
type from struct {
	by *fn
	s  *callSite
}

type held struct {
	top   bool // not yet known: every lock
	locks []flow.Lock
}

// entryLocks finds the locks that every caller of a private function holds.
func (l *linker) entryLocks() map[*fn][]flow.Lock {
	sites := map[*fn][]from{} // of the functions that can have such callers
	some := false
	for _, by := range l.order {
		for i := range by.sites {
			s := &by.sites[i]
			some = some || len(s.held) > 0
			if g := l.fn(s.callee); (g.test || !by.test) && private(g.f) {
				sites[g] = append(sites[g], from{by, s})
			}
		}
	}
	state := map[*fn]*held{}
	var order []*fn
	for _, g := range l.order {
		if e := l.entries[g.f]; some && len(sites[g]) > 0 && (e == nil || !e.outside) {
			state[g] = &held{top: true}
			order = append(order, g)
		}
	}
	for range 8 {
		changed := false
		for _, g := range order {
			st := state[g]
			next := held{top: true}
			for _, at := range sites[g] {
				if n := at.by.f.Name; (n == "__init__" || n == "__post_init__") && g.f.Class != nil && sameReceiver(at.by, g, at.s) {
					continue // nobody else has the object yet
				}
				var here []flow.Lock
				if !at.s.own {
					here = slices.Clone(at.s.held)
					if o := state[at.by]; o != nil {
						if o.top {
							continue
						}
						here = append(here, o.locks...)
					}
				}
				inner := inward(g.f, at.s, here)
				if next.top {
					next = held{locks: inner}
					continue
				}
				next.locks = slices.DeleteFunc(next.locks, func(a flow.Lock) bool {
					return !slices.ContainsFunc(inner, func(b flow.Lock) bool { return a.Path == b.Path })
				})
			}
			if next.top != st.top || len(next.locks) != len(st.locks) {
				*st = next
				changed = true
			}
		}
		if !changed {
			break
		}
	}
	out := map[*fn][]flow.Lock{}
	for g, st := range state {
		if !st.top && len(st.locks) > 0 {
			out[g] = st.locks
		}
	}
	l.wrapped(out)
	l.contracts(out, sites)
	return out
}

// inward names the locks held at a call as the callee would.
func inward(g *project.Func, s *callSite, locks []flow.Lock) []flow.Lock {
	var out []flow.Lock
	for _, k := range locks {
		if k.Local {
			continue
		}
		if k.Key != 0 {
			k.Key = flow.KeyAny
		}
		if k.Root == flow.RootGlobal || k.Root == flow.RootCell {
			out = append(out, k)
			continue
		}
		for i, p := range s.args {
			if p.Path == "" || i >= len(g.Params) || !strings.HasPrefix(k.Path, p.Path) {
				continue
			}
			rest := k.Path[len(p.Path):]
			if rest != "" && rest[0] != '.' && rest[0] != '[' {
				continue
			}
			n := k
			n.Path, n.Root, n.Param = g.Params[i].Name+rest, flow.RootParam, i
			out = append(out, n)
			break
		}
	}
	return out
}

// wrapped finds functions whose decorator calls them with a lock held.
func (l *linker) wrapped(out map[*fn][]flow.Lock) {
	wrappers := make([][]*fn, len(l.fns)) // by module: functions that call what they are to stand for
	some := false
	for i, row := range l.fns {
		for _, fn := range row {
			if len(fn.wraps) > 0 {
				wrappers[i], some = append(wrappers[i], fn), true
			}
		}
	}
	if !some {
		return
	}
	for _, row := range l.fns {
		for _, fn := range row {
			if len(fn.f.Params) == 0 {
				continue
			}
			for i := range fn.f.Decorators {
				by := &fn.f.Decorators[i]
				d := fn.f.Parent.Dotted(by.Name).Func
				if d == nil {
					continue
				}
				for _, inner := range wrappers[d.Module.ID] {
					if inner.f.Func.Parent != d.ID && !(by.Call && madeBy(inner.f, d)) {
						continue
					}
					for _, w := range inner.wraps {
						held := inward(fn.f, &callSite{args: w.args}, w.held)
						out[fn] = append(out[fn], called(fn.f, held, by)...)
					}
				}
			}
		}
	}
}

// madeBy says whether a function is the inner one of a decorator that a call of d makes.
func madeBy(inner, d *project.Func) bool {
	return inner.Parent != nil && inner.Parent.Func.Parent == d.ID
}

// contracts believes comments and names that say that the caller holds a lock, where no caller
// is known.
func (l *linker) contracts(out map[*fn][]flow.Lock, known map[*fn][]from) {
	for _, row := range l.fns {
		for _, fn := range row {
			f := fn.f
			if !f.Method() || len(out[fn]) > 0 {
				continue
			}
			said := ""
			for _, c := range f.Module.Comments {
				if c.Func == f.ID && strings.Contains(strings.ToLower(c.Text), "hold") {
					said = c.Text
				}
			}
			if said == "" && !(strings.HasSuffix(f.Name, "_locked") && len(known[fn]) == 0) {
				continue
			}
			var found []*project.Var
			for _, k := range f.Class.Lineage() {
				for v := range k.Attrs {
					t := v.VarType()
					if t.Kind() != models.Lock && t.Kind() != models.Condition {
						continue
					}
					if said == "" || strings.Contains(said, v.Name) {
						found = append(found, v)
					}
				}
			}
			if len(found) == 1 {
				v := found[0]
				lib := v.VarType().Lib()
				k := flow.Lock{Path: f.Params[0].Name + "." + v.Name, Field: f.Class.Field(v.Name), Root: flow.RootParam}
				if lib.Thread {
					k.Kind = flow.LockThread
				}
				k.Reentrant = lib.Reentrant
				out[fn] = []flow.Lock{k}
			}
		}
	}
}
