package lower

import (
	"go/constant"
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// stuck says whether a goroutine hands its result over on an unbuffered channel to a caller that may have
// given up: x receives in one select, beside something else that ends the wait, and never again.
func (x *fn) stuck(in *ssa.Go) bool {
	mc := x.closure(in.Call.Value)
	if mc == nil || inLoop(in.Block()) {
		return false
	}
	y := x.p.funcOf(mc.Fn.(*ssa.Function))
	if y == nil || y.site != mc {
		return false
	}
	for _, b := range y.f.Blocks {
		for _, in := range b.Instrs {
			s, ok := in.(*ssa.Send)
			if !ok {
				continue
			}
			u, ok := s.Chan.(*ssa.UnOp)
			if !ok {
				continue
			}
			fv, ok := u.X.(*ssa.FreeVar)
			if !ok {
				continue
			}
			if owner, v := y.capturedCell(fv); owner == x && x.givesUp(v, mc) {
				return true
			}
		}
	}
	return false
}

// limited says whether what else ends a wait comes from elsewhere: a context, a timer, a channel that says
// stop. Another goroutine of the same function that is done is a result as well.
func limited(s *ssa.Select, own ssa.Value) bool {
	for _, st := range s.States {
		if st.Chan == own {
			continue
		}
		if u, ok := st.Chan.(*ssa.UnOp); ok {
			if _, local := u.X.(*ssa.Alloc); local {
				return false
			}
		}
		if _, local := st.Chan.(*ssa.MakeChan); local {
			return false
		}
	}
	return true
}

// givesUp says whether a variable holds an unbuffered channel that only mc has besides, and from which x
// receives in one select that something else ends as well.
func (x *fn) givesUp(v ssa.Value, mc *ssa.MakeClosure) bool {
	a, ok := v.(*ssa.Alloc)
	if !ok {
		return false
	}
	ch, ok := x.constant(a).(*ssa.MakeChan)
	if !ok || len(*ch.Referrers()) != 1 {
		return false
	}
	if size, ok := ch.Size.(*ssa.Const); !ok || size.Value == nil || constant.Sign(size.Value) != 0 {
		return false
	}
	selects := 0
	for _, r := range *a.Referrers() {
		switch r := r.(type) {
		case *ssa.MakeClosure:
			if r != mc {
				return false
			}
		case *ssa.UnOp:
			if r.Op != token.MUL {
				return false
			}
			for _, q := range *r.Referrers() {
				s, ok := q.(*ssa.Select)
				if !ok || !s.Blocking || len(s.States) < 2 || inLoop(s.Block()) || !limited(s, r) {
					return false
				}
				selects++
			}
		case *ssa.Store, *ssa.DebugRef:
		default:
			return false
		}
	}
	return selects == 1
}
