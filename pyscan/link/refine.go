package link

import (
	"context"
	"reflect"
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
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
	n, callees := 0, 0
	for _, fn := range l.order {
		for _, g := range fn.calls {
			if h := l.fn(g); h.called == 0 {
				callees++
			}
			l.fn(g).called++
			n++
		}
	}
	out, all := make(map[*fn][]*fn, callees), make([]*fn, n)
	for _, fn := range l.order {
		for _, g := range fn.calls {
			h := l.fn(g)
			if k := h.called; k > 0 {
				out[h], all = all[:0:k], all[k:]
				h.called = 0
			}
			out[h] = append(out[h], fn)
		}
	}
	return out
}

// enter analyses a function again that is called with other locks held.
func (l *linker) enter(fn *fn) {
	f := fn.built
	if f == &idle {
		return
	}
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
