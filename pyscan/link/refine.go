package link

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// callSite is a call of a project function, and what its caller holds there.
type callSite struct {
	callee *project.Func
	args   []passed // by parameter
	held   []flow.Lock
	own    bool // runs by itself: the caller's locks do not count
	pos    flow.Pos
	loop   bool
}

// passed is what is known of an argument.
type passed struct {
	Path  string // of the place that it denotes; "" if none
	Param int32
	Root  flow.RootKind
	fresh bool // an object that nobody else has
}

// site notes a call.
func (f *frame) site(g *project.Func, args []*value, pos flow.Pos, spawned bool) {
	s := callSite{callee: g, pos: pos, own: spawned, loop: f.loops != nil && f.loops[f.block]}
	if !spawned {
		s.held = f.heldNow()
	}
	s.args = f.l.passed.make(len(args))
	for i, v := range args {
		if v == nil {
			continue
		}
		a := &s.args[i]
		if p := f.base(v); p != nil {
			a.at(p)
		}
		if v.fresh && v.at == nil {
			a.fresh = true
			v.handed = &handing{&a.fresh, v.handed}
			if users := v.more().users; users > 1 || users == 1 && !spawned && !f.gathers {
				f.l.lose(v)
			}
		}
	}
	f.sites = append(f.sites, s)
}

// at notes which place the argument denotes.
func (a *passed) at(p *flow.Place) { a.Path, a.Root, a.Param = p.Path, p.Root, int32(p.Param) }

// rework says what has to be done once more to a function.
type rework uint8

const (
	entered rework = iota + 1 // other locks are held when it is called: what it does is the same
	lowered                   // what it does may be something else
)

// refine does what can be told only when all callers and holders have been seen: which locks
// are never contended, and which functions are always called with a lock held.
func (l *linker) refine(ctx context.Context) error {
	dirty := map[*fn]rework{}
	order := l.remaining()
	before := l.free
	suspends := l.contention()
	for _, fn := range order {
		for _, w := range fn.waits {
			if w.lock != "" && l.free[w.lock] != before[w.lock] || w.call != nil && len(l.free) > 0 && !suspends[l.fn(w.call)] {
				dirty[fn] = lowered
			}
		}
	}
	for fn, locks := range l.entryLocks() {
		if !fn.settled {
			fn.entry = locks
			dirty[fn] = max(dirty[fn], entered)
		}
	}
	for _, by := range order {
		if len(l.late) > 0 && slices.ContainsFunc(by.calls, func(g *project.Func) bool { return l.late[l.fn(g)] }) {
			dirty[by] = lowered
		}
	}
	for _, fn := range order {
		if fn.unseen() {
			dirty[fn] = lowered
		}
	}
	for fn := range l.threads() {
		if !fn.preempt && !fn.settled {
			fn.preempt = true
			dirty[fn] = lowered
		}
	}
	if len(dirty) == 0 {
		return nil
	}
	return l.again(ctx, dirty)
}

// remaining are the functions that may still be looked at, in the order in which they were finished.
func (l *linker) remaining() []*fn {
	i := 0
	for i < len(l.order) && l.order[i].settled {
		i++
	}
	return l.order[i:]
}

// again looks at functions once more, callees first, and at the callers of those whose summary
// has changed.
func (l *linker) again(ctx context.Context, dirty map[*fn]rework) error {
	var callers map[*fn][]*fn // once somebody asks: most of the time nothing changes
	for range maxSweeps {
		for _, fn := range l.order {
			if err := ctx.Err(); err != nil {
				return err
			}
			how, ok := dirty[fn]
			if !ok {
				continue
			}
			delete(dirty, fn)
			sum, enter, exit := fn.sum, fn.enter, fn.exit
			if how == entered && !fn.early {
				l.enter(fn)
			} else {
				l.build(fn)
			}
			if reflect.DeepEqual(sum, fn.sum) && reflect.DeepEqual(enter, fn.enter) && reflect.DeepEqual(exit, fn.exit) {
				continue
			}
			if callers == nil {
				callers = l.callersByCall()
			}
			for _, by := range callers[fn] {
				dirty[by] = lowered
			}
		}
		if len(dirty) == 0 {
			break
		}
	}
	for fn := range dirty {
		fn.cut = unsettled
	}
	return nil
}

// callersByCall lists who calls whom, by what they were lowered with.
func (l *linker) callersByCall() map[*fn][]*fn {
	out := map[*fn][]*fn{}
	for _, fn := range l.order {
		for _, g := range fn.calls {
			out[l.fn(g)] = append(out[l.fn(g)], fn)
		}
	}
	return out
}

// enter analyses a function again that is called with other locks held.
func (l *linker) enter(fn *fn) {
	f := fn.built
	f.Entry = nil
	for _, k := range fn.entry {
		i := slices.IndexFunc(f.Locks, func(o flow.Lock) bool { return o.Path == k.Path && o.Read == k.Read && o.Key == k.Key })
		if i < 0 {
			i = len(f.Locks)
			f.Locks = append(f.Locks, k)
		}
		f.Entry = append(f.Entry, flow.LockID(i))
	}
	fn.res = flow.Analyze(f)
	fn.sum = &fn.res.Summary
}

// contention is the least fixpoint over all holders: a lock is contended if somebody may suspend
// while holding it, and to take a contended lock may suspend. It makes l.free and says which
// functions may suspend.
func (l *linker) contention() map[*fn]bool {
	l.free = map[string]bool{}
	contended := map[string]bool{}
	all := map[string]bool{}
	suspends := map[*fn]bool{}
	for field, k := range l.locks {
		if k.unknown {
			contended[field] = true
		}
	}
	for again := true; again; {
		again = false
		for _, fn := range l.order {
			for _, w := range fn.waits {
				if w.lock != "" {
					all[w.lock] = true
				}
				var yes bool
				switch {
				case w.call != nil:
					yes = suspends[l.fn(w.call)] || l.fn(w.call).sum == nil
				case w.lock != "":
					yes = contended[w.lock]
				default:
					yes = true
				}
				if !yes {
					continue
				}
				if !suspends[fn] {
					suspends[fn], again = true, true
				}
				for _, h := range w.held {
					if h.Field != "" && !contended[h.Field] {
						contended[h.Field], again = true, true
					}
				}
			}
		}
	}
	for field := range all {
		if !contended[field] {
			l.free[field] = true
		}
	}
	return suspends
}

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
	for _, row := range l.fns {
		for _, fn := range row {
			for i := range fn.f.Decorators {
				d := fn.f.Parent.Dotted(fn.f.Decorators[i].Name).Func
				if d == nil {
					continue
				}
				for _, inner := range d.Module.Funcs {
					if len(fn.f.Params) == 0 || inner.Func.Parent != d.ID && !(fn.f.Decorators[i].Call && madeBy(inner, d)) {
						continue
					}
					for _, w := range l.fn(inner).wraps {
						held := inward(fn.f, &callSite{args: w.args}, w.held)
						out[fn] = append(out[fn], called(fn.f, held, &fn.f.Decorators[i])...)
					}
				}
			}
		}
	}
}

// madeBy says whether a function is the inner one of a decorator that a call of d makes.
func madeBy(inner, d *project.Func) bool {
	for _, f := range d.Module.Funcs {
		if f.ID == inner.Func.Parent {
			return f.Func.Parent == d.ID
		}
	}
	return false
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
