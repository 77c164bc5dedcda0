package link

import (
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/verdict"
)

// limited is a place where a task that others may await, too, is awaited under a time limit: when that
// runs out, the task is cancelled for all of them.
type limited struct {
	pos   flow.Pos
	field string
	place string
}

// limited notes that a kept task is awaited under a time limit, without a shield.
func (f *frame) limited(v *value, pos flow.Pos) {
	fields := f.fieldsOf(v)
	place := ""
	if b := f.base(v); b != nil {
		place = b.Path
	}
	for _, t := range v.tasks {
		if t.stored && !t.weak {
			fields = union(fields, t.places)
			place = t.keeper
		}
	}
	for _, field := range fields {
		f.limits = append(f.limits, limited{pos, strings.TrimSuffix(field, "[]"), place})
	}
}

// cancelled are the places whose tasks a function cancels, by itself or through what it calls.
func (l *linker) cancelled(fn *fn) []string {
	out := fn.cancels
	for i := range fn.sites {
		if s := &fn.sites[i]; !s.own && len(l.fn(s.callee).cancels) > 0 {
			out = union(out, l.fn(s.callee).cancels)
		}
	}
	return out
}

// cutShort finds tasks that are made where nobody has made one yet, and awaited by all who come, each
// under a time limit of its own.
func (l *linker) cutShort(p *Program) {
	for _, fn := range l.order {
		if fn.index < 0 || fn.test {
			continue
		}
		for _, w := range fn.limits {
			if start := fn.guardedStore(w.field); start != 0 && !slices.Contains(fn.cancels, w.field) {
				p.CutShort = append(p.CutShort, verdict.CutShort{Func: fn.index, Await: w.pos, Store: start, Field: w.field, Place: w.place})
			}
		}
	}
	slices.SortStableFunc(p.CutShort, func(a, b verdict.CutShort) int { return int(a.Await) - int(b.Await) })
	p.CutShort = slices.CompactFunc(p.CutShort, func(a, b verdict.CutShort) bool { return a.Await == b.Await })
}
