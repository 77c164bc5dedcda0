package lower

import (
	"go/constant"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/toctou-lint/toctou/internal/flow"
)

// tells is the result whose constants say how the function has decided, counted from 0: its last truth value, or else
// the error that it ends with. -1: there is none.
func (x *fn) tells() int {
	results := x.f.Signature.Results()
	for i := results.Len() - 1; i >= 0; i-- {
		if b, ok := types.Unalias(results.At(i).Type()).Underlying().(*types.Basic); ok && b.Kind() == types.Bool {
			return i
		}
	}
	if i := results.Len() - 1; i >= 0 && isError(results.At(i).Type()) {
		return i
	}
	return -1
}

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }

// toldValue is what a constant result says: yes or no, an error that is none, or one for certain.
func toldValue(v ssa.Value) flow.Value {
	switch w := v.(type) {
	case *ssa.Const:
		if isError(w.Type()) || w.Value != nil && w.Value.Kind() == constant.Bool {
			return constValue(w)
		}
	case *ssa.MakeInterface:
		if isError(w.Type()) {
			return flow.ValueTrue
		}
	case *ssa.UnOp:
		if g, ok := w.X.(*ssa.Global); ok && w.Op == token.MUL && isError(deref(g.Type())) {
			return flow.ValueTrue
		}
	case *ssa.Call:
		if f := w.Call.StaticCallee(); f != nil && makesError[fullName(f)] {
			return flow.ValueTrue
		}
	}
	return flow.ValueUnknown
}

var makesError = map[string]bool{"errors.New": true, "fmt.Errorf": true}

// unsaid takes back what the errors that f returns say, if it does more than to ask: they may be about that.
func (x *fn) unsaid(f *flow.Func) {
	i := x.tells()
	if i < 0 || !isError(x.f.Signature.Results().At(i).Type()) {
		return
	}
	acts := false
	for _, b := range f.Blocks {
		for i := range b.Events {
			acts = acts || b.Events[i].Op == flow.OpAct && b.Events[i].Effect != flow.EffectNone
		}
	}
	if !acts {
		return
	}
	for _, b := range f.Blocks {
		for i := range b.Events {
			if b.Events[i].Op == flow.OpReturn {
				b.Events[i].Value = flow.ValueUnknown
			}
		}
	}
}
