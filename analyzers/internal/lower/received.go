package lower

import (
	"go/constant"
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// findPublished learns which fields are written before a channel of the same object is closed, and
// nowhere without that: who has received from the channel reads what was written.
func (p *pkg) findPublished() {
	p.published = map[string]map[string]bool{}
	bare := map[string]bool{} // written without any channel being closed after it
	for _, x := range p.funcs {
		if x.isInit {
			continue
		}
		closes := x.closings()
		for _, b := range x.f.Blocks {
			for _, in := range b.Instrs {
				s, ok := in.(*ssa.Store)
				if !ok {
					continue
				}
				if _, field := s.Addr.(*ssa.FieldAddr); !field {
					continue
				}
				r := x.valueOf(s.Addr)
				if !r.named() || r.key != nil || r.fresh() {
					continue
				}
				found := false
				for c, ch := range closes {
					if owner(ch) == owner(r) && comesBefore(s, c) {
						if p.published[ch.field] == nil {
							p.published[ch.field] = map[string]bool{}
						}
						p.published[ch.field][r.field], found = true, true
					}
				}
				if !found {
					bare[r.field] = true
				}
			}
		}
	}
	for _, fields := range p.published {
		for f := range fields {
			if bare[f] {
				delete(fields, f)
			}
		}
	}
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
