package lower

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

func deref(t types.Type) types.Type {
	if p, ok := types.Unalias(t).Underlying().(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

func coreOf(t types.Type) (*types.Struct, bool) {
	s, ok := types.Unalias(t).Underlying().(*types.Struct)
	return s, ok
}

func coreStruct(t types.Type) (*types.Struct, bool) {
	if tp, ok := types.Unalias(t).(*types.TypeParam); ok {
		s, ok := tp.Constraint().Underlying().(*types.Struct)
		return s, ok
	}
	return nil, false
}

func isAggregate(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Struct, *types.Array:
		return true
	}
	return false
}

// typeName is the program-wide name of a named type, or "".
func typeName(t types.Type) string {
	n, ok := types.Unalias(deref(types.Unalias(t))).(*types.Named)
	if !ok {
		return ""
	}
	o := n.Origin().Obj()
	if o.Pkg() == nil {
		return o.Name()
	}
	return o.Pkg().Path() + "." + o.Name()
}

func fullName(f *ssa.Function) string {
	if o, ok := f.Object().(*types.Func); ok {
		return o.Origin().FullName()
	}
	return f.String()
}

func isMutex(t types.Type) bool {
	switch typeName(t) {
	case "sync.Mutex", "sync.RWMutex":
		return true
	}
	return false
}

// isPlain says whether values of a type are plain data without identity.
func isPlain(t types.Type, depth int) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() != types.UnsafePointer
	case *types.Struct:
		if depth > 3 || typeName(t) == "time.Time" {
			return true
		}
		for field := range u.Fields() {
			if !isPlain(field.Type(), depth+1) {
				return false
			}
		}
		return true
	case *types.Array:
		return isPlain(u.Elem(), depth+1)
	case *types.Interface:
		return typeName(t) == "reflect.Type"
	}
	return false
}

func hasMethod(t types.Type, names ...string) bool {
	for _, n := range names {
		if obj, _, _ := types.LookupFieldOrMethod(t, true, nil, n); obj != nil {
			if _, ok := obj.(*types.Func); ok {
				return true
			}
		}
	}
	return false
}

func isContext(t types.Type) bool { return typeName(t) == "context.Context" }

func isChan(t types.Type) bool {
	_, ok := t.Underlying().(*types.Chan)
	return ok
}

func returnsError(sig *types.Signature) bool {
	r := sig.Results()
	return r.Len() > 0 && types.Identical(r.At(r.Len()-1).Type(), types.Universe.Lookup("error").Type())
}
