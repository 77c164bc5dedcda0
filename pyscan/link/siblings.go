package link

import (
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/models"
)

// siblings notes that several tasks, started side by side, get one object as the same argument.
func (f *frame) siblings(co *coroutine) {
	for _, g := range f.alternatives(co.fns) {
		for i, a := range f.bind(g, co) {
			if a == nil || a.more().users < 2 || i == 0 && g.Method() || a.kind() != models.Future && classOf(a) == nil {
				continue
			}
			fn := f.l.fn(g)
			if fn.siblings == nil {
				fn.siblings = map[int]bool{}
			}
			fn.siblings[i] = true
		}
	}
}

// unseen says whether such arguments have become known since the function was lowered.
func (fn *fn) unseen() bool { return len(fn.siblings) > fn.seen }

// shared says whether a place is, or hangs on, an argument that sibling tasks have, too.
func (f *frame) shared(p *flow.Place) bool {
	return p != nil && p.Root == flow.RootParam && f.fn.siblings[p.Param]
}

// wrote notes that the function knows what it has just put into an object that its siblings have, too.
func (f *frame) wrote(p *flow.Place, pos flow.Pos) {
	if !f.shared(p) || f.mode != whole || strings.Count(p.Path, ".") != 1 {
		return
	}
	if f.own == nil {
		f.own = map[string]bool{}
	}
	f.own[p.Path] = true
	f.check(p, flow.AskValue, 0, pos, flow.FlagTested)
}

// readBack notes that the function relies on what it has put there still being there.
func (f *frame) readBack(p *flow.Place, pos flow.Pos, name string) {
	if p != nil && f.own[p.Path] {
		f.act(p, flow.EffectNone, 0, nil, flow.FlagNeeds|flow.FlagOwn, pos, "."+name)
	}
}

// pending notes, at the start of the function, that a future which its siblings have, too, is not
// settled yet: it is passed on to be.
func (f *frame) pending(p *flow.Place) {
	if !f.shared(p) || f.mode != whole || f.b.Asked(f.b.Place(*p)) {
		return
	}
	d := f.b.Var("")
	first := &f.b.Func().Blocks[0]
	f.b.MarkAsked(f.b.Place(*p))
	first.Events = append([]flow.Event{{
		Op: flow.OpCheck, Ask: flow.AskValue, Place: f.b.Place(*p), Dst: d, Pos: f.pos(f.f.NamePos), Flags: flow.FlagTested,
	}}, first.Events...)
	for i := range f.asks {
		if f.asks[i].Block == 0 {
			f.asks[i].Index++
		}
	}
}
