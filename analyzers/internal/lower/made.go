package lower

import (
	"go/types"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/pattern"
)

// handsOut are the beginnings of the names of methods that give out what they keep.
var handsOut = pattern.New(`^(?i:get|lookup|find|load|fetch|resolve|select|pick)`)

// makers are the beginnings of the names of functions that give a new object away.
var makers = []string{"New", "new", "Make", "make", "Clone", "clone", "Copy"}

func (x *fn) callResult(c *ssa.Call, v ssa.Value) ref {
	callee := c.Call.StaticCallee()
	if callee == nil {
		return x.unknown(v)
	}
	if callee.Signature.Recv() != nil && (handsOut.MatchString(callee.Name()) || x.p.funcOf(callee).givesElements()) {
		if r := x.valueOf(c.Call.Args[0]); r.path != "" && r.key == nil && !r.fresh() {
			// What an object hands out, others are handed, too. Each call is a thing of its own.
			text := r.path + "." + callee.Name() + "()"
			x.handed[text]++
			if n := x.handed[text]; n > 1 {
				text += "#" + strconv.Itoa(n)
			}
			return ref{path: text, root: flow.RootNone}
		}
	}
	if full := fullName(callee); modelOf(full) == opOwned {
		return x.local(v)
	}
	for _, m := range makers {
		if strings.HasPrefix(callee.Name(), m) && callee.Signature.Recv() == nil {
			return x.local(v)
		}
	}
	if y := x.p.funcOf(callee); y != nil && y.makes() {
		return x.local(v)
	}
	return x.unknown(v)
}

// givesElements says whether a method returns what is in a map of its object, whatever it is called.
func (x *fn) givesElements() bool {
	if x == nil || x.f.Signature.Results().Len() == 0 {
		return false
	}
	if _, object := types.Unalias(x.f.Signature.Results().At(0).Type()).Underlying().(*types.Pointer); !object {
		return false
	}
	if x.giver == 0 {
		x.giver = -1
		for _, b := range x.f.Blocks {
			if r, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return); ok && x.elementOf(r.Results[0], 0) {
				x.giver = 1
			}
		}
	}
	return x.giver > 0
}

// elementOf says whether a value was found in a map of the receiver's.
func (x *fn) elementOf(v ssa.Value, depth int) bool {
	if depth > 4 {
		return false
	}
	switch w := spilled(v).(type) {
	case *ssa.Phi:
		return slices.ContainsFunc(w.Edges, func(e ssa.Value) bool { return x.elementOf(e, depth+1) })
	case *ssa.Extract:
		return w.Index == 0 && x.elementOf(w.Tuple, depth+1)
	case *ssa.Lookup:
		r := x.valueOf(w.X)
		return r.root == flow.RootParam && r.param == 0
	}
	return false
}

// makes says whether the first result of x is always an object that x made and stored nowhere.
func (x *fn) makes() bool {
	if x.maker != 0 {
		return x.maker > 0
	}
	x.maker = -1 // a recursion makes nothing
	some := false
	for _, b := range x.f.Blocks {
		for _, in := range b.Instrs {
			r, ok := in.(*ssa.Return)
			if !ok || len(r.Results) == 0 {
				continue
			}
			switch v := r.Results[0].(type) {
			case *ssa.Const:
			case *ssa.Alloc:
				if !v.Heap || published(v) {
					return false
				}
				some = true
			case *ssa.Call:
				if c := v.Call.StaticCallee(); c == nil || x.p.funcOf(c) == nil || !x.p.funcOf(c).makes() || published(v) {
					return false
				}
				some = true
			default:
				return false
			}
		}
	}
	if some {
		x.maker = 1
	}
	return some
}

// published says whether a new object is stored somewhere, or handed to a goroutine, by the
// function that made it.
func published(v ssa.Value) bool {
	for _, r := range *v.Referrers() {
		switch r := r.(type) {
		case *ssa.Store:
			if r.Val == v {
				return true
			}
		case *ssa.MapUpdate, *ssa.Send, *ssa.Go, *ssa.MakeClosure, *ssa.MakeInterface, *ssa.Phi:
			return true
		}
	}
	return false
}
