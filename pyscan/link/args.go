package link

import (
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/models"
)

// flowArgs are the arguments as the engine wants them. They live as long as the frame.
func (f *frame) flowArgs(vals []*value) []flow.Arg {
	out := f.l.stacks.args.make(len(vals))
	for i, v := range vals {
		if v == nil {
			continue
		}
		a := &out[i]
		if v.row != nil && v.row.key > 0 {
			a.Row = v.row.key
		}
		if p := f.base(v); f.visible(p) || p != nil && p.Root == flow.RootParam && !f.silent {
			a.Place = *p
		}
		switch n := v.count(); {
		case n == 1 && v.v != 0:
			a.Var = v.v
		case n == 1:
			a.Var = v.also[0]
		case n > 1:
			a.Var = f.derive(v)
		}
		switch {
		case v.konst != "":
			a.Key, a.HasKey = flow.Key{Text: v.konst, Const: true}, true
		case v.hasID:
			a.Key, a.HasKey = v.id, true
		case v.kind() == models.Immutable || v.typ == nil || v.at == nil:
			f.keyOf(v)
			a.Key, a.HasKey = v.id, v.hasID
		}
	}
	return out
}

// namedArg is an argument that is passed by name.
type namedArg struct {
	name string
	v    *value
}

// namedArgs are those of one call, in the order of their names.
type namedArgs []namedArg

// get is the argument of that name, or nil.
func (n namedArgs) get(name string) *value {
	for i := range n {
		if n[i].name == name {
			return n[i].v
		}
	}
	return nil
}

// set adds an argument.
func (n *namedArgs) set(name string, v *value) {
	i, found := slices.BinarySearchFunc(*n, name, func(a namedArg, name string) int { return strings.Compare(a.name, name) })
	if found {
		(*n)[i].v = v
		return
	}
	*n = slices.Insert(*n, i, namedArg{name, v})
}
