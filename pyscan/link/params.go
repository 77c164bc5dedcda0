package link

import (
	"cmp"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// use is what a function does with a task or coroutine that it is handed.
type use struct {
	usage
	spawned *task // it starts a task for the coroutine
	run     bool  // it awaits or calls it
}

// useOfParam is what is known of the use of a parameter.
func (f *frame) useOfParam(i int) *use {
	if i >= len(f.params) {
		return &use{} // of a callee that has more
	}
	u := f.params[i]
	if u == nil {
		u = &use{}
		f.params[i] = u
	}
	return u
}

// paramUses applies what a callee does with its parameters to the tasks and coroutines passed.
func (f *frame) paramUses(g *project.Func, args []*value, pos flow.Pos) {
	for i, u := range f.l.fn(g).params {
		if u == nil || i >= len(args) || args[i] == nil {
			continue
		}
		a := args[i]
		if u.spawned != nil {
			u.spawned.aim(a)
			f.begin(u.spawned, a, pos)
		}
		if u.run && a.coro != nil && a.coro.kind == coroProject {
			f.runAt(a.coro, true, pos)
		}
		if c := classOf(a); c != nil && a.fresh && (u.stored || u.passed || u.returned || u.inside != "") {
			f.l.escaped[c] = true
			switch {
			case u.stored:
				f.settles(c, useStored, nil)
			case u.returned || u.inside != "":
				f.settles(c, useInside, nil)
			}
		}
		for _, o := range []struct {
			kind useKind
			done bool
		}{{useAwaited, u.awaited}, {useCancelled, u.cancelled}, {useObserved, u.observed != ""}, {usePassed, u.passed}} {
			if o.done {
				f.fieldUses(a, o.kind)
			}
		}
		for _, t := range a.tasks {
			if t.param > 0 {
				o := f.useOfParam(t.param - 1)
				if o.spawned == nil {
					o.spawned = u.spawned
				}
				o.run = o.run || u.run
				o.take(&u.usage)
				continue
			}
			t.take(&u.usage)
		}
	}
	for _, a := range args {
		if a != nil {
			f.shareLock(a)
		}
	}
}

// take adds what a callee did with the task.
func (t *usage) take(u *usage) {
	if u.stored {
		t.stored, t.place, t.keeper = true, u.place, u.keeper
		t.places = union(t.places, u.places)
	}
	t.awaited = t.awaited || u.awaited
	t.cancelled = t.cancelled || u.cancelled
	t.passed = t.passed || u.passed
	t.observed, t.drained = cmp.Or(t.observed, u.observed), cmp.Or(t.drained, u.drained)
	t.callbacks, t.discards = append(t.callbacks, u.callbacks...), append(t.discards, u.discards...)
	if t.inside == "" {
		t.inside = u.inside
	}
}

// paramSpawn notes that the coroutine of a new task is one of our parameters.
func (f *frame) paramSpawn(a *value, t *task) {
	for _, p := range a.tasks {
		if p.param > 0 {
			u := f.useOfParam(p.param - 1)
			u.spawned = t
		}
	}
	if a.coro != nil && a.coro.kind == coroUnknown && a.coro.in != nil {
		if v := f.need(a.coro.in.A); len(v.tasks) > 0 {
			f.paramSpawn(f.put(value{tasks: v.tasks}), t)
		}
	}
}

// paramRun notes that a parameter is called or awaited here.
func (f *frame) paramRun(v *value) {
	for _, p := range v.tasks {
		if p.param > 0 && v.coro == nil {
			u := f.useOfParam(p.param - 1)
			u.run = true
		}
	}
}
