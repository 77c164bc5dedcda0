package link

import (
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// search is a question that goes over the members of a container one by one: what is known of the
// answers if it finds some member, and if it finds none.
type search struct {
	box       *flow.Place // the container, if others can change it
	hit, miss []flow.Test
	yes, no   []flow.Test // if what is collected of a member is true, or false
	filtered  bool
	counted   bool // the members are numbered: what is found may be a position
}

func (s *search) tests(found bool) []flow.Test {
	if found {
		return s.hit
	}
	return s.miss
}

// parts are the parts that a Build is made of, and the conditions of a comprehension.
func parts(in *ir.Instr) (parts, filters []ir.Arg) {
	for i := range in.Args {
		if in.A != 0 && in.Args[i].Name != "" {
			return in.Args[:i], in.Args[i:]
		}
	}
	return in.Args, nil
}

// searched makes the result of a comprehension depend on what it asked of the members.
func (f *frame) searched(out *value, in *ir.Instr, vs []*value, filters []ir.Arg) {
	s := &search{filtered: len(filters) > 0}
	if it := f.need(in.A); it.iter != nil && it.live {
		if p := f.contents(it.iter); p != nil && it.iter.container() && f.l.changes(p) {
			s.box, s.counted = p, it.method == "(enumerate)"
		}
	}
	again := map[flow.VarID]flow.VarID{}
	srcs := slices.Clone(vs)
	for _, a := range filters {
		c := f.need(a.T)
		yes, no := f.afterwards(f.truth(c, true), again), f.afterwards(f.truth(c, false), again)
		switch a.Name {
		case ir.FilterUnless:
			yes, no = no, yes
		case ir.FilterMaybe:
			yes, no = untold(yes), untold(no)
		}
		if len(filters) > 1 {
			no = untold(no) // one of them was not met, nobody knows which
		}
		s.hit, s.miss = append(s.hit, yes...), append(s.miss, no...)
		for _, t := range f.truth(c, true) {
			if d := again[t.Var]; d != t.Var {
				srcs = append(srcs, f.put(value{v: d})) // what was asked of the members, not what they were compared with
			}
		}
	}
	if len(vs) == 1 {
		s.yes, s.no = f.afterwards(f.truth(vs[0], true), again), f.afterwards(f.truth(vs[0], false), again)
		srcs = append(srcs, f.answered(s.yes))
	}
	out.v = f.derive(srcs...)
	out.edit().search = s
}

// afterwards are tests of the same answers as they stand when the loop over the members is done: it ends in
// the step in which it began.
func (f *frame) afterwards(tests []flow.Test, again map[flow.VarID]flow.VarID) []flow.Test {
	out := slices.Clone(tests)
	for i, t := range out {
		d, ok := again[t.Var]
		if !ok {
			d = f.askAgain(t.Var)
			again[t.Var] = d
		}
		out[i].Var = d
	}
	return out
}

// maxLook bounds how many questions are looked through for the one that gave an answer.
const maxLook = 64

// askAgain repeats the question behind an answer, if it is one about an attribute of a member.
func (f *frame) askAgain(v flow.VarID) flow.VarID {
	for n, i := 0, len(f.asks)-1; i >= 0 && n < maxLook; n, i = n+1, i-1 {
		if e := *f.event(f.asks[i]); e.Dst == v && e.Ask == flow.AskValue && e.Key == 0 {
			e.Dst = f.b.Var("")
			f.b.Emit(e)
			return e.Dst
		}
	}
	return v
}

// untold are tests that only say that something was looked at.
func untold(tests []flow.Test) []flow.Test {
	out := make([]flow.Test, len(tests))
	for i, t := range tests {
		out[i] = flow.Test{Var: t.Var}
	}
	return out
}

// answered is a value that is computed from the answers tested.
func (f *frame) answered(tests []flow.Test) *value {
	v := f.value()
	for _, t := range tests {
		if t.Var != 0 {
			v.also = append(v.also, t.Var)
		}
	}
	return v
}

// firstFound is next(x for x in …): some member, or what stands for none.
func (f *frame) firstFound(c *coroutine) *value {
	a := c.args[0]
	s := a.more().search
	if s == nil {
		return a.items
	}
	n := f.like(a.items)
	n.also = append(append([]flow.VarID(nil), n.also...), f.vars(a)...)
	if len(c.args) > 1 && c.args[1].konst == "None" {
		absent := f.absence(s, c)
		n.edit().search = absent
	}
	if s.box != nil && s.counted {
		spot := f.check(s.box, flow.AskSize, 0, c.pos, 0)
		n.edit().spot = spot
		n.also = append(n.also, spot)
	}
	return n
}

// absence is a search whose failure says that the container has no such member: who adds one goes by that.
func (f *frame) absence(s *search, c *coroutine) *search {
	if s.box == nil {
		return s
	}
	n := *s
	d := f.check(s.box, flow.AskSize, 0, c.pos, 0)
	n.miss = append(slices.Clip(n.miss), flow.Test{Var: d, Fact: flow.FactFalse})
	return &n
}

// folded is any(…), all(…), sum(…) or the choice of one over the members of a container; nil if it is
// something else.
func (f *frame) folded(a *value, name string, c *coroutine) *value {
	if a == nil || c.in == nil || len(c.args) != 1 && !(name == "sum" && len(c.args) == 2) {
		return nil
	}
	if models.PicksOne(name) {
		if k := f.someKey(a, c.pos); k != nil {
			return k
		}
		if a.items == nil {
			return nil
		}
		return f.element(a, flow.KeyAny, f.derive(f.all(c)...))
	}
	s := a.more().search
	switch name {
	case "any", "all":
		if s == nil || len(s.yes)+len(s.hit) == 0 {
			return nil
		}
		yes, no := slices.Clone(s.yes), slices.Clone(s.no)
		if s.filtered {
			yes, no = untold(yes), untold(no)
		}
		t := &test{when: append(yes, untold(s.hit)...), other: append(no, untold(s.miss)...)}
		if n := f.absence(&search{box: s.box}, c); len(n.miss) > 0 {
			if name == "any" {
				t.other = append(t.other, n.miss...)
			} else {
				t.when = append(t.when, n.miss...)
			}
		}
		return f.put(value{class: flow.ValuePlain, test: t, typ: project.Bool, also: f.vars(a)})
	case "sum":
		if s != nil && s.box != nil {
			d := f.check(s.box, flow.AskSize, 0, c.pos, 0)
			return f.put(value{class: flow.ValuePlain, also: append([]flow.VarID{d}, f.vars(a)...)})
		}
		if a.iter != nil && a.live && a.iter.container() {
			if p := f.contents(a.iter); p != nil && f.l.changes(p) {
				return f.put(value{v: f.check(p, flow.AskSize, 0, c.pos, 0), also: f.vars(a), class: flow.ValuePlain})
			}
		}
	}
	return nil
}
