package link

import (
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// leaves notes that all but the first of the tasks that a value holds are left running. A loop asks
// again: it leaves those behind that this turn has started.
func (f *frame) leaves(v *value, again bool) {
	if v == nil {
		return
	}
	for _, field := range f.fieldsOf(v) {
		f.fieldUse(field, useWaited, name(f.f))
	}
	for _, t := range v.tasks {
		if t.kind == "gather" {
			t.awaited = true // it runs nothing itself
			continue
		}
		if t.param > 0 {
			f.useOfParam(t.param - 1).awaited = true // whoever made them decides
			continue
		}
		t.outrun = true
		if t.via != 0 || !t.looped || again && t.block != f.block {
			t.awaited = true // a pair that ends with its program, as a rule
		}
	}
}

// anew says whether a loop starts one of the tasks that a value holds in every turn, right before it
// waits for the first of them.
func (f *frame) anew(parts []*value) bool {
	for _, p := range parts {
		if p != nil && slices.ContainsFunc(p.tasks, func(t *task) bool { return t.made() && t.via == 0 && t.looped && t.block == f.block }) {
			return true
		}
	}
	return false
}

// split is the pair of sets that a wait for the first of several gives. Looking at those that are done
// tells nothing about the others.
func (f *frame) split(parts []*value) *value {
	done := f.put(value{typ: project.Set, fresh: true, class: flow.ValueObject})
	pending := f.put(value{typ: project.Set, fresh: true, class: flow.ValueObject})
	for _, p := range parts {
		pending.tasks = append(pending.tasks, p.tasks...)
		pending.fields = union(pending.fields, f.fieldsOf(p))
		pending.items = f.l.merge(f, pending.items, p.items, 0)
	}
	return f.put(value{typ: project.Tuple, fresh: true, rare: &rare{partial: []*value{done, pending}}})
}

// iterated says whether a loop or comprehension runs over a temp.
func (f *frame) iterated(t ir.Temp) bool {
	for b := range f.f.Blocks {
		for i := range f.f.Blocks[b].Instrs {
			if in := &f.f.Blocks[b].Instrs[i]; (in.Op == ir.Iter || in.Op == ir.AIter) && in.A == t {
				return true
			}
		}
	}
	return false
}

// awaitTasks notes that the tasks that a value is or holds are awaited.
func (f *frame) awaitTasks(v *value) {
	kind := useAwaited
	if v.coro != nil && v.coro.first {
		for _, p := range v.coro.parts {
			f.leaves(p, f.loops[f.block])
		}
		return
	}
	if v.coro != nil && v.coro.waitOnly {
		kind = useWaited
	}
	f.taskUse(v, kind, "", nil)
	if v.items != nil {
		f.taskUse(v.items, kind, "", nil)
	}
	if v.coro != nil && v.coro.kind != coroProject {
		for _, p := range v.coro.parts {
			if p != nil && p != v {
				f.taskUse(p, kind, "", nil)
				if p.items != nil {
					f.taskUse(p.items, kind, "", nil)
				}
			}
		}
	}
}
