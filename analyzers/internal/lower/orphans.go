package lower

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
)

// reenters emits the need that comes with putting an object, or what is made from it, into another
// container of its owner: the entry that it was found under must still be there. It counts where the
// lock of the look-up is held again; whether it was held all along is for the engine to say.
func (x *body) reenters(into ref, vals ...ssa.Value) {
	if !into.named() || into.fresh() || len(x.held) == 0 {
		return
	}
	for _, v := range vals {
		for _, l := range x.lookedUp(v, 0) {
			from := x.valueOf(l.X)
			if from.key != nil || from.field == into.field || from.root != into.root || topOf(from.path) != topOf(into.path) || !x.heldAgain(l) {
				continue
			}
			if place, ok := x.place(from, flow.Container); ok {
				x.emit(flow.Event{Op: flow.OpAct, Place: place, Key: x.key(l.Index), Effect: flow.EffectNone, Flags: flow.FlagNeeds, Pos: x.pos(x.in.Pos())})
			}
		}
	}
}

// reentersBy does the same for what a callee with a summary puts into containers.
func (x *body) reentersBy(sum *flow.Summary, args []ssa.Value) {
	for i := range sum.Acts {
		a := &sum.Acts[i]
		if a.Effect != flow.EffectGrow && (a.Effect != flow.EffectSet || !a.HasKey) || a.Place.Root != flow.RootParam || a.Place.Param >= len(args) || args[a.Place.Param] == nil {
			continue
		}
		into := x.valueOf(args[a.Place.Param])
		if into.path == "" || into.key != nil {
			continue
		}
		into.field = a.Place.Field
		for _, p := range a.Params {
			if p < len(args) && args[p] != nil && p != a.Place.Param {
				x.reenters(into, args[p])
			}
		}
	}
}

// topOf is the object that a path starts from.
func topOf(path string) string {
	for i := range path {
		if path[i] == '.' || path[i] == '[' {
			return path[:i]
		}
	}
	return path
}

// lookedUp finds the map look-ups that v is, is a part of, or is made from.
func (x *body) lookedUp(v ssa.Value, depth int) []*ssa.Lookup {
	if depth > 6 || v == nil {
		return nil
	}
	switch w := v.(type) {
	case *ssa.Lookup:
		m, ok := w.X.Type().Underlying().(*types.Map)
		if !ok {
			return nil
		}
		if _, ok := m.Elem().Underlying().(*types.Pointer); ok {
			return []*ssa.Lookup{w}
		}
	case *ssa.Extract:
		if l, ok := w.Tuple.(*ssa.Lookup); ok && w.Index == 0 {
			return x.lookedUp(l, depth+1)
		}
	case *ssa.MakeInterface:
		return x.lookedUp(w.X, depth+1)
	case *ssa.ChangeType:
		return x.lookedUp(w.X, depth+1)
	case *ssa.FieldAddr:
		return x.lookedUp(w.X, depth+1)
	case *ssa.UnOp:
		if w.Op == token.MUL {
			return x.lookedUp(w.X, depth+1)
		}
	case *ssa.Alloc:
		if c := x.constant(w); c != nil {
			return x.lookedUp(c, depth+1)
		}
		var out []*ssa.Lookup
		for _, r := range *w.Referrers() {
			if fa, ok := r.(*ssa.FieldAddr); ok {
				for _, q := range *fa.Referrers() {
					if s, ok := q.(*ssa.Store); ok && s.Addr == ssa.Value(fa) {
						out = append(out, x.lookedUp(s.Val, depth+1)...)
					}
				}
			}
		}
		slices.SortFunc(out, func(a, b *ssa.Lookup) int { return int(a.Pos() - b.Pos()) })
		return slices.Compact(out)
	}
	return nil
}

// heldAgain says whether a lock that was held at the look-up, in whichever mode, is held alone now.
func (x *body) heldAgain(l *ssa.Lookup) bool {
	if x.lookups == nil {
		x.lookups = map[*ssa.Lookup]lockState{}
		x.visit(func(in ssa.Instruction, held lockState) {
			if l, ok := in.(*ssa.Lookup); ok {
				x.lookups[l] = held
			}
		})
	}
	return slices.ContainsFunc(x.lookups[l], func(k flow.Lock) bool {
		return slices.ContainsFunc(x.held, func(o flow.Lock) bool { return o.Path == k.Path && !o.Read })
	})
}

// likened says whether the element that the current instruction sets is set where it is missing, and
// also where comparing the old one with the new found them alike.
func (x *body) likened(container ref, key, val ssa.Value) bool {
	missing, like := false, false
	for _, b := range x.in.Block().Preds {
		br, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
		if !ok {
			return false
		}
		var operands []ssa.Value
		switch c := br.Cond.(type) {
		case *ssa.Extract:
			l, ok := c.Tuple.(*ssa.Lookup)
			missing = missing || ok && x.sameElement(l, container, key)
		case *ssa.BinOp:
			operands = []ssa.Value{c.X, c.Y}
		case *ssa.Call:
			operands = c.Call.Args
		}
		old, replaces := false, false
		for _, o := range operands {
			old = old || slices.ContainsFunc(x.lookedUp(o, 0), func(l *ssa.Lookup) bool { return x.sameElement(l, container, key) })
			replaces = replaces || partOf(o, val)
		}
		like = like || old && replaces
	}
	return missing && like
}

func (x *body) sameElement(l *ssa.Lookup, container ref, key ssa.Value) bool {
	return x.whole(x.valueOf(l.X)).path == container.path && x.key(l.Index) == x.key(key)
}

// partOf says whether v is read from whole.
func partOf(v, whole ssa.Value) bool {
	for range maxDepth {
		if v == whole {
			return true
		}
		switch w := v.(type) {
		case *ssa.UnOp:
			v = w.X
		case *ssa.FieldAddr:
			v = w.X
		case *ssa.Field:
			v = w.X
		default:
			return false
		}
	}
	return false
}
