package flow

import (
	"slices"
)

// edge applies what an edge tells about the answers that it tests.
func (a *analysis) edge(s *state, b BlockID, index int32, edge *Edge) {
	for _, t := range edge.Tests {
		from := a.taintOf(s, t.Var)
		if s.contradicts(from, t.Fact) {
			s.forget(from.from[0])
			continue
		}
		for _, c := range from.from {
			if c < 0 {
				continue
			}
			if r := s.find(c); r != nil {
				r.tested, r.fact = true, a.ofAnswer(c, t.Fact, from.kind)
			}
			a.learn(dep{b, index}, c, a.ofAnswer(c, t.Fact, from.kind))
			a.refute(s, c)
		}
		a.together(from)
		if t.Same == 0 {
			continue
		}
		other := a.taintOf(s, t.Same)
		a.compared(s, dep{b, index}, from, other)
		a.revalidate(s, from.from, other.from)
		for _, c := range slices.Concat(from.from, other.from) {
			if c > 0 {
				e := a.at(c)
				id := identity{dep{b, index}, e.Place, e.Key}
				if !slices.Contains(a.idents, id) {
					a.idents = append(a.idents, id)
				}
			}
		}
	}
}

// maxJoint bounds the pairs of answers that are known to be tested together.
const maxJoint = 64

// together notes that a branch has tested what is computed from the answers about several places: their sum
// against a limit.
func (a *analysis) together(t taint) {
	if t.kind != derived {
		return
	}
	for i, c := range t.from {
		for _, d := range t.from[i+1:] {
			if c < 0 || a.asks[c].place == a.asks[d].place || a.asks[c].ask == AskIter || a.asks[d].ask == AskIter || len(a.joint) == maxJoint {
				continue
			}
			if pair := [2]int32{c, d}; !slices.Contains(a.joint, pair) {
				a.joint = append(a.joint, pair)
				a.moved = a.moved || a.quick && a.counted
			}
		}
	}
}

// refute forgets expired answers that there is no such thing where a fresh one has just told that there is: who
// goes on here relies on the new one.
func (a *analysis) refute(s *state, check int32) {
	q := s.find(check)
	if q == nil || q.expiry != 0 || q.fact != FactTrue && q.fact != FactNotNone {
		return
	}
	c := &a.asks[check]
	if c.key <= 0 || c.ask == AskSize || c.ask == AskIter {
		return
	}
	s.recs = slices.DeleteFunc(s.recs, func(r record) bool {
		o := &a.asks[r.check]
		return r.expiry != 0 && r.tested && (r.fact == FactFalse || r.fact == FactNone) && o.place == c.place && o.key == c.key && o.ask != AskSize && o.ask != AskIter
	})
}

// contradicts says whether a variable that holds one answer is told the opposite of what the paths that
// still have the answer told of it: none of them leads here. Those that replaced the answer may.
func (s *state) contradicts(t taint, f Fact) bool {
	if t.kind == derived || len(t.from) != 1 || t.from[0] < 0 {
		return false
	}
	r := s.find(t.from[0])
	if r == nil || !r.tested {
		return false
	}
	switch f = told(f, t.kind); f {
	case FactTrue, FactFalse, FactNone, FactNotNone:
		return r.fact == f.Not()
	}
	return false
}

// fact is what an edge tells about the answer of one check.
type fact struct {
	check int32
	fact  Fact
}

func (a *analysis) learn(d dep, check int32, f Fact) {
	if !a.tested[check] {
		a.tested[check] = true
		a.moved = a.moved || a.passed[check] || a.missed[check]
	}
	if !a.told[check] && f != FactAny {
		a.told[check] = true
		a.moved = a.moved || a.missed[check]
	}
	n := a.edges[d.block] + d.edge
	list := a.facts[n]
	for i := range list {
		if list[i].check == check {
			if list[i].fact != f {
				list[i].fact = FactAny
			}
			return
		}
	}
	a.facts[n] = append(list, fact{check, f})
	a.moved = a.moved || a.seen[n]
}

// ofAnswer is the fact about the answer of a check when the fact about a value made from it is known. Nil says no
// where the answer is whether there is something: an error that is only made if there is.
func (a *analysis) ofAnswer(check int32, f Fact, kind copyKind) Fact {
	if kind == negated || a.asks[check].ask == AskHas {
		switch f {
		case FactNone:
			f = FactFalse
		case FactNotNone:
			f = FactTrue
		}
	}
	return told(f, kind)
}

// tells says whether some branch tells whether there is something, as far as that is known yet.
func (a *analysis) tells(check int32) bool { return a.told[check] || a.miss(check) }

// isTested does the same for whether some branch tests the answer.
func (a *analysis) isTested(check int32) bool { return a.tested[check] || a.miss(check) }

// miss notes that something is not known yet of an answer, and is relied on where there is no second look. It is false.
func (a *analysis) miss(check int32) bool {
	a.missed[check] = a.quick
	return false
}

// told is the fact about the answer itself when the fact about a value made from it is known.
func told(f Fact, kind copyKind) Fact {
	switch kind {
	case same:
		return f
	case negated:
		if f == FactTrue || f == FactFalse {
			return f.Not()
		}
	}
	return FactAny
}

// revalidate makes an expired answer as good as a fresh one on the same place that it was found
// equal to: comparing with the old value is what makes data fresh again.
func (a *analysis) revalidate(s *state, x, y []int32) {
	for _, c := range x {
		for _, d := range y {
			if c < 0 || d < 0 {
				continue
			}
			r, q := s.find(c), s.find(d)
			if r == nil || q == nil || c == d {
				continue
			}
			ec, ed := a.at(c), a.at(d)
			if ec.Place != ed.Place || ec.Key != ed.Key || ec.Key < 0 {
				continue
			}
			if r.expiry != 0 && q.expiry == 0 {
				r.expiry, r.cover = 0, q.cover
			} else if q.expiry != 0 && r.expiry == 0 {
				q.expiry, q.cover = 0, r.cover
			}
		}
	}
}

// version is an edge that is taken only if a place still holds what it did: two checks of it agree.
type version struct {
	dep
	place    PlaceID
	old, now int32
}

// want is an edge that is taken only if a fresh answer equals a parameter.
type want struct {
	dep
	check int32
	param int
}

// compared notes that an edge is taken only where a fresh answer equals an older one on the same place, or
// a parameter.
func (a *analysis) compared(s *state, d dep, x, y taint) {
	if x.kind == same && y.kind == same && len(x.from) == 1 && len(y.from) == 1 && (x.from[0] < 0) != (y.from[0] < 0) {
		c, p := max(x.from[0], y.from[0]), int(-1-min(x.from[0], y.from[0]))
		if w := (want{d, c, p}); !slices.Contains(a.wants, w) {
			a.wants = append(a.wants, w)
		}
		return
	}
	if x.kind != same || y.kind != same || len(x.from) != 1 || len(y.from) != 1 || x.from[0] < 0 || y.from[0] < 0 {
		return
	}
	old, now := s.find(x.from[0]), s.find(y.from[0])
	if old == nil || now == nil || old == now {
		return
	}
	if old.expiry == 0 {
		old, now = now, old
	}
	e, f := a.at(old.check), a.at(now.check)
	if v := (version{d, e.Place, old.check, now.check}); old.expiry != 0 && now.expiry == 0 && e.Place == f.Place && e.Key == f.Key && e.Key >= 0 && !slices.Contains(a.vers, v) {
		a.vers = append(a.vers, v)
	}
}

// way is an edge of a block that leads on, and what it tells.
type way struct {
	fact
	dep
}

// maxWays bounds how many of them are compared with each other.
const maxWays = 64

// deciders calls visit for every answer that decides whether block b runs. An answer whose every branch
// leads to b on both ways does not decide by itself, only whether something else is asked that may. Unless one way
// leads there, or to the question on the way there, whatever else is asked, and the other does not: `if full(x) or old(y)`.
// With telling, one that says whether there is something decides all the same (`if x is None or old(y)`).
func (a *analysis) deciders(b BlockID, telling bool, visit func(fact)) {
	ways := a.ways[:0]
	a.g.controllers(b, func(d dep) bool {
		a.seen[a.edges[d.block]+d.edge] = true
		for _, f := range a.factsOf(d) {
			ways = append(ways, way{f, d})
		}
		return true
	})
	a.ways = ways
	for _, w := range ways {
		if a.f.Preempt || len(ways) > maxWays || telling && a.tells(w.check) || a.oneWay(b, w.check, !telling) {
			visit(w.fact)
		}
	}
}

// oneWay says whether some branch on a check leads to block b on one way only, or on one way only for certain.
func (a *analysis) oneWay(b BlockID, check int32, certain bool) bool {
	for _, w := range a.ways {
		if w.check != check {
			continue
		}
		both := false
		for _, o := range a.ways {
			both = both || o.check == check && o.block == w.block && o.edge != w.edge && !(certain && a.g.surer(w.dep, o.dep, b))
		}
		if !both {
			return true
		}
	}
	return false
}
