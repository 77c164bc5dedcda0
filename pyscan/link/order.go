package link

import (
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// step is a block on the way to the one at work, and which of its edges comes next.
type step struct {
	block int32
	next  int
}

// order is a reverse postorder of the blocks; rpo is the position of each in it.
func (f *frame) order() (order []int32, rpo []int) {
	n := len(f.f.Blocks)
	rpo = sized(&f.mem.rpo, n)
	f.loops, f.opened = f.l.stacks.flags.make(n), f.l.stacks.flags.make(n)
	seen := f.l.stacks.flags.make(n)
	post := f.mem.order[:0]
	stack := append(f.mem.steps[:0], step{})
	seen[0] = true
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		succs := f.f.Blocks[top.block].Succs
		if top.next < len(succs) {
			to := succs[len(succs)-1-top.next].To
			top.next++
			if int(to) < n && !seen[to] {
				seen[to] = true
				stack = append(stack, step{block: to})
			}
			continue
		}
		post = append(post, top.block)
		stack = stack[:len(stack)-1]
	}
	f.mem.steps = stack
	slices.Reverse(post)
	order, f.mem.order = post, post
	for i, b := range order {
		rpo[b] = i
	}
	for i, b := range order {
		bl := &f.f.Blocks[b]
		for j := range bl.Instrs {
			if in := &bl.Instrs[j]; in.Op == ir.Store || in.Op == ir.Delete {
				if ix, ok := f.local(in.Name); ok && (in.A != 0 || in.Op == ir.Delete) {
					f.stored[ix]++
				}
			}
		}
		for _, e := range bl.Succs {
			if int(e.To) < n && seen[e.To] && rpo[e.To] <= i {
				f.opened[e.To] = true
				for k := rpo[e.To]; k <= i; k++ {
					f.loops[order[k]] = true
				}
			}
		}
	}
	for ix := range f.stored {
		if f.stored[ix] > 1 && f.slots[ix] == 0 && !f.cells[ix] {
			f.slots[ix] = f.b.Var(f.f.Locals[ix])
			if f.l.drawn(f.f, f.f.Locals[ix]) {
				f.unique = append(f.unique, f.slots[ix])
			}
		}
	}
	return order, rpo
}

// forget drops, at the head of a loop, what the loop will change.
func (f *frame) forget(b int, rpo []int) {
	for ix, v := range f.env.vals {
		if v == nil || f.slots[ix] == 0 {
			continue
		}
		for _, later := range f.laterStores(ix, b, rpo) {
			if later {
				n := f.like(v)
				n.v, n.also, n.konst, n.hasID, n.test = f.slots[ix], nil, "", false, nil
				n.fresh = n.fresh && v.konst == ""
				if t := f.declared(f.f.Locals[ix]); t != nil {
					n.typ = t
				}
				if v.konst != "" {
					n.class = flow.ValueUnknown
					n.at = nil
				}
				f.env.vals[ix] = n
				break
			}
		}
	}
}

func (f *frame) laterStores(ix, b int, rpo []int) []bool {
	name := f.f.Locals[ix]
	for other := range f.f.Blocks {
		if rpo[other] < rpo[b] || !f.loops[other] {
			continue
		}
		for j := range f.f.Blocks[other].Instrs {
			if in := &f.f.Blocks[other].Instrs[j]; in.Op == ir.Store && in.Name == name {
				return []bool{true}
			}
		}
	}
	return nil
}

// declared is the annotated type of a local, or nil.
func (f *frame) declared(name string) *project.Type {
	for b := range f.f.Blocks {
		for i := range f.f.Blocks[b].Instrs {
			if in := &f.f.Blocks[b].Instrs[i]; in.Op == ir.Store && in.Name == name && in.Type != nil && in.Type.Name != "" {
				return f.f.Expr(in.Type)
			}
		}
	}
	return nil
}
