package lower

import (
	"go/constant"
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// written is a store of a field by a function that runs once the object is shared.
type written struct {
	by *fn
	in *ssa.Store
	r  ref
}

// findWritten lists who writes which field.
func (p *pkg) findWritten() {
	p.written = map[string][]written{}
	for _, x := range p.funcs {
		if x.isInit {
			continue
		}
		for _, b := range x.f.Blocks {
			for _, in := range b.Instrs {
				s, ok := in.(*ssa.Store)
				if !ok {
					continue
				}
				if _, field := s.Addr.(*ssa.FieldAddr); !field {
					continue
				}
				if r := x.valueOf(s.Addr); r.named() && r.key == nil && !r.fresh() {
					p.written[r.field] = append(p.written[r.field], written{x, s, r})
				}
			}
		}
	}
}

// findPublished learns which fields are written before a channel of the same object is closed, and
// nowhere without that: who has received from the channel reads what was written.
func (p *pkg) findPublished() {
	p.findWritten()
	p.published = map[string]map[string]bool{}
	closes := map[*fn]map[ssa.Instruction]ref{}
	for field, list := range p.written {
		var channels map[string]bool // that are closed after every one of the stores
		for i, w := range list {
			if _, ok := closes[w.by]; !ok {
				closes[w.by] = w.by.closings()
			}
			here := map[string]bool{}
			for c, ch := range closes[w.by] {
				if owner(ch) == owner(w.r) && comesBefore(w.in, c) && (i == 0 || channels[ch.field]) {
					here[ch.field] = true
				}
			}
			channels = here
		}
		for ch := range channels {
			if p.published[ch] == nil {
				p.published[ch] = map[string]bool{}
			}
			p.published[ch][field] = true
		}
	}
}

// startedAfter says whether x is a goroutine, and whoever writes a field starts x afterwards: then it was
// written before x began to run.
func (x *fn) startedAfter(r ref) bool {
	list := x.p.written[r.field]
	if len(list) == 0 || len(x.called) == 0 || x.escape || !r.named() || r.key != nil {
		return false
	}
	for _, c := range x.called {
		if !c.spawned || inLoop(c.instr.Block()) {
			return false
		}
	}
	for _, w := range list {
		if !slices.ContainsFunc(x.called, func(c callSite) bool { return c.caller == w.by && comesBefore(w.in, c.instr) }) {
			return false
		}
	}
	return true
}

// closings are the calls of x that close a channel which has a name.
func (x *fn) closings() map[ssa.Instruction]ref {
	var out map[ssa.Instruction]ref
	for _, b := range x.f.Blocks {
		for _, in := range b.Instrs {
			c, ok := in.(*ssa.Call)
			if !ok {
				continue
			}
			if bi, ok := c.Call.Value.(*ssa.Builtin); !ok || bi.Name() != "close" {
				continue
			}
			if r := x.valueOf(c.Call.Args[0]); r.named() && r.key == nil {
				if out == nil {
					out = map[ssa.Instruction]ref{}
				}
				out[in] = r
			}
		}
	}
	return out
}

// comesBefore says whether a is done whenever b is, and before it.
func comesBefore(a, b ssa.Instruction) bool {
	if a.Block() != b.Block() {
		return a.Block().Dominates(b.Block())
	}
	for _, in := range a.Block().Instrs {
		switch in {
		case a:
			return true
		case b:
			return false
		}
	}
	return false
}

// received says whether the current instruction comes after a receive from a channel that is closed
// once the place r has been written.
func (x *body) received(r ref) bool {
	if len(x.p.published) == 0 || !r.named() || r.key != nil {
		return false
	}
	tells := func(ch ssa.Value) bool {
		c := x.valueOf(ch)
		return c.named() && x.p.published[c.field][r.field] && owner(c) == owner(r)
	}
	for _, b := range x.f.Blocks {
		for _, in := range b.Instrs {
			switch in := in.(type) {
			case *ssa.UnOp:
				if in.Op == token.ARROW && tells(in.X) && comesBefore(in, x.in) {
					return true
				}
			case *ssa.Select:
				for i, s := range in.States {
					if tells(s.Chan) {
						if at := caseOf(in, i); at != nil && at.Dominates(x.in.Block()) {
							return true
						}
					}
				}
			}
		}
	}
	return false
}

// caseOf finds the block that runs when the select has chosen its case i.
func caseOf(s *ssa.Select, i int) *ssa.BasicBlock {
	for _, r := range *s.Referrers() {
		index, ok := r.(*ssa.Extract)
		if !ok || index.Index != 0 {
			continue
		}
		for _, u := range *index.Referrers() {
			eq, ok := u.(*ssa.BinOp)
			if !ok || eq.Op != token.EQL {
				continue
			}
			c, ok := eq.Y.(*ssa.Const)
			if !ok || c.Value == nil || constant.Compare(c.Value, token.NEQ, constant.MakeInt64(int64(i))) {
				continue
			}
			for _, u := range *eq.Referrers() {
				if br, ok := u.(*ssa.If); ok && len(br.Block().Succs[0].Preds) == 1 {
					return br.Block().Succs[0]
				}
			}
		}
	}
	return nil
}
