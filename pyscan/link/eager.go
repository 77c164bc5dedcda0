package link

import (
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// undone finds handles that are stored when the task behind them may have ended already, and has taken
// its handle away before it was there.
func (l *linker) undone(p *Program) {
	for _, fn := range l.order {
		if fn.index < 0 || len(fn.tasks) == 0 || asks(fn.f, "done") {
			continue
		}
		for _, t := range fn.tasks {
			if !t.eager || !t.stored || t.weak {
				continue
			}
			for _, g := range t.targets {
				body := l.fn(g)
				removal := body.firstRemoval(t.place)
				if store := fn.guardedStore(t.place); removal != 0 && store != 0 && body.index >= 0 {
					p.Undone = append(p.Undone, verdict.Undone{Func: fn.index, Store: store, Spawn: t.pos, Field: t.place, Place: t.keeper, Body: body.index, Removal: removal})
				}
			}
		}
	}
	slices.SortFunc(p.Undone, func(a, b verdict.Undone) int { return int(a.Store) - int(b.Store) })
}

// asks says whether a function uses an attribute of that name.
func asks(f *project.Func, name string) bool {
	for b := range f.Blocks {
		for i := range f.Blocks[b].Instrs {
			if in := &f.Blocks[b].Instrs[i]; in.Op == ir.GetAttr && in.Name == name {
				return true
			}
		}
	}
	return false
}

// guardedStore is where a task is put into a place after a look at it, or 0.
func (fn *fn) guardedStore(field string) flow.Pos {
	for i := range fn.res.Accesses {
		a := &fn.res.Accesses[i]
		e := &fn.built.Blocks[a.Ref.Block].Events[a.Ref.Index]
		if e.Op == flow.OpAct && e.Effect == flow.EffectSet && e.Value == flow.ValueTask && a.Guarded && e.Flags&flow.FlagCallee == 0 && fn.built.Places[e.Place].Field == field {
			return e.Pos
		}
	}
	return 0
}

// firstRemoval is where the function empties a place on a way on which it never suspends, or 0.
func (fn *fn) firstRemoval(field string) flow.Pos {
	if fn.built == nil || len(fn.built.Blocks) == 0 {
		return 0
	}
	seen := make([]bool, len(fn.built.Blocks))
	work := []flow.BlockID{0}
	seen[0] = true
	for len(work) > 0 {
		b := &fn.built.Blocks[work[0]]
		work = work[1:]
		suspends := false
		for i := range b.Events {
			e := &b.Events[i]
			if e.Op == flow.OpAct && fn.built.Places[e.Place].Field == field && (e.Effect == flow.EffectDel || e.Effect == flow.EffectSet && e.Value == flow.ValueNone) {
				return e.Pos
			}
			if suspends = e.Op == flow.OpYield || e.Op == flow.OpAcquire && e.Flags&flow.FlagContended != 0; suspends {
				break
			}
		}
		for _, next := range b.Succs {
			if !suspends && !seen[next.To] {
				seen[next.To] = true
				work = append(work, next.To)
			}
		}
	}
	return 0
}
