package link

import (
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
)

// closing is an object that has been closed by an awaited call: what it was read as, and from where.
type closing struct {
	path string
	vars []flow.VarID
}

// closes notes that the awaited call closes what a place held when it was read.
func (f *frame) closes(c *coroutine) {
	recv, name := c.recvd, lastName(c.text)
	if c.kind == coroProject {
		if len(c.fns) == 0 {
			return
		}
		recv, name = c.recv, c.fns[0].Name
	}
	if recv == nil || recv.at == nil || recv.elem || recv.v == 0 || !models.Closes(name) || !f.visible(recv.at) {
		return
	}
	f.closed = append(f.closed, closing{recv.at.Path, []flow.VarID{recv.v}})
}

// closedIn is what a place held when it was read to be closed; to clear the place afterwards means that.
func (f *frame) closedIn(p *flow.Place, v *value) []flow.VarID {
	if v.konst != "None" {
		return nil
	}
	var out []flow.VarID
	for _, c := range f.closed {
		if c.path == p.Path {
			out = append(out, c.vars...)
		}
	}
	return out
}

// assertsPresence says whether a block ends with an assert that something is there. It tells type
// checkers, and asks nothing.
func (f *frame) assertsPresence(bl *ir.Block, cond *value) bool {
	if cond == nil || len(bl.Succs) < 2 {
		return false
	}
	for i := range bl.Succs {
		e := &bl.Succs[i]
		if e.Kind != ir.True && e.Kind != ir.False || !f.fails(e.To) {
			continue
		}
		return slices.ContainsFunc(f.truth(cond, e.Kind == ir.False), func(t flow.Test) bool {
			return t.Fact == flow.FactNotNone || t.Fact == flow.FactTrue
		})
	}
	return false
}

// fails says whether a block is what an assert does if its condition is false.
func (f *frame) fails(block int32) bool {
	bl := &f.f.Blocks[block]
	if bl.Exit != ir.Raises || slices.ContainsFunc(bl.Instrs, func(in ir.Instr) bool { return in.Op != ir.Const }) {
		return false
	}
	for i := range f.f.Blocks {
		for _, e := range f.f.Blocks[i].Succs {
			if e.To == block && e.Kind != ir.True && e.Kind != ir.False {
				return false
			}
		}
	}
	return true
}
