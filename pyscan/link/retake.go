package link

import (
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// taken is a place where a function waits for a lock, for as long as it takes.
type taken struct {
	lock flow.Lock
	pos  flow.Pos
	held []flow.Lock
}

// takes notes that the frame waits here for a lock.
func (f *frame) takes(v *value, pos flow.Pos) {
	if lock, _, ok := f.lockOf(v); ok && !lock.Reentrant && !lock.Local && lock.Field != "" {
		f.taken = append(f.taken, taken{lock, pos, f.heldNow()})
	}
}

// retakes finds the places where a task that holds a lock waits for it again: by itself, or by a
// function that it calls.
func (l *linker) retakes(p *Program) {
	for _, by := range l.order {
		if by.index < 0 || by.test {
			continue
		}
		for _, t := range by.taken {
			if holds(t.held, t.lock) {
				p.Retakes = append(p.Retakes, verdict.Retake{Func: by.index, Lock: t.lock.Path, Field: t.lock.Field, Pos: t.pos, Inner: t.pos, In: by.index})
			}
		}
		seen := map[flow.Pos]bool{}
		for i := range by.sites {
			s := &by.sites[i]
			if s.own || seen[s.pos] || len(s.held) == 0 {
				continue
			}
			g := l.fn(s.callee)
			if in, t := l.retaken(g, inward(g.f, s, s.held), 0); t != nil && in.index >= 0 {
				seen[s.pos] = true
				p.Retakes = append(p.Retakes, verdict.Retake{Func: by.index, Lock: t.lock.Path, Field: t.lock.Field, Pos: s.pos, Inner: t.pos, In: in.index})
			}
		}
	}
	slices.SortFunc(p.Retakes, func(a, b verdict.Retake) int { return int(a.Pos) - int(b.Pos) })
}

// retaken finds where g, or what it calls, waits for one of the locks that its caller holds.
func (l *linker) retaken(g *fn, locks []flow.Lock, depth int) (*fn, *taken) {
	if depth > maxEvidence || len(locks) == 0 || g.sum == nil || asksForLocks(g.f) {
		return nil, nil
	}
	locks = slices.DeleteFunc(locks, func(k flow.Lock) bool { return k.Reentrant || holds(g.sum.Releases, k) })
	for i := range g.taken {
		if t := &g.taken[i]; holds(locks, t.lock) {
			return g, t
		}
	}
	for i := range g.sites {
		s := &g.sites[i]
		if h := l.fn(s.callee); !s.own && h != g {
			if in, t := l.retaken(h, inward(h.f, s, locks), depth+1); t != nil {
				return in, t
			}
		}
	}
	return nil, nil
}

// holds says whether one of the locks certainly is k.
func holds(locks []flow.Lock, k flow.Lock) bool {
	return slices.ContainsFunc(locks, func(o flow.Lock) bool { return o.Path == k.Path && o.Field == k.Field && o.Key == 0 && k.Key == 0 })
}

// asksForLocks says whether a function looks at the lock, or is told whether it is held, before it
// takes it.
func asksForLocks(f *project.Func) bool {
	for i := range f.Params {
		if n := f.Params[i].Name; strings.Contains(n, "lock") || strings.Contains(n, "held") {
			return true
		}
	}
	for b := range f.Blocks {
		for i := range f.Blocks[b].Instrs {
			if in := &f.Blocks[b].Instrs[i]; in.Op == ir.GetAttr && (in.Name == "locked" || in.Name == "_is_owned") {
				return true
			}
		}
	}
	return false
}
