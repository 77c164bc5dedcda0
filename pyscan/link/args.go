package link

import (
	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/models"
)

// flowArgs are the arguments as the engine wants them. They live as long as the frame.
func (f *frame) flowArgs(vals []*value) []flow.Arg {
	out := f.mem.args.make(len(vals))
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
		switch vs := v.vars(); len(vs) {
		case 0:
		case 1:
			a.Var = vs[0]
		default:
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
