package flow

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// randomState makes a state as the analysis could: records sorted by check, taints by variable.
func randomState(r *rand.Rand) state {
	s := state{live: r.IntN(10) > 0}
	if !s.live {
		return s
	}
	s.held, s.may = uint64(r.IntN(8)), uint64(r.IntN(8))
	s.may |= s.held
	s.yielded, s.maybe = r.IntN(2) == 0, r.IntN(2) == 0
	for c := int32(1); c < 6; c++ {
		if r.IntN(2) == 0 {
			continue
		}
		rec := record{check: c, cover: uint64(r.IntN(8)), expiry: int32(r.IntN(4)), crossed: int32(r.IntN(3)), pend: int32(r.IntN(3))}
		if r.IntN(2) == 0 {
			rec.tested, rec.fact = true, Fact(r.IntN(5))
		}
		s.recs = append(s.recs, rec)
	}
	for v := VarID(1); v < 4; v++ {
		if r.IntN(2) == 0 {
			continue
		}
		t := taint{v: v, kind: copyKind(r.IntN(3))}
		for c := int32(-2); c < 6; c++ {
			if c != 0 && r.IntN(3) == 0 {
				t.from = append(t.from, c)
			}
		}
		if len(t.from) > 0 {
			s.vars = append(s.vars, t)
		}
	}
	return s
}

func (s *state) clone() state {
	c := *s
	c.recs = slices.Clone(s.recs)
	c.vars = slices.Clone(s.vars)
	return c
}

func joined(states ...state) state {
	out := states[0].clone()
	for i := range states[1:] {
		out.join(&states[i+1])
	}
	return out
}

func sameState(a, b state) bool {
	eq := func(x, y taint) bool { return x.v == y.v && x.kind == y.kind && slices.Equal(x.from, y.from) }
	if !slices.Equal(a.recs, b.recs) || !slices.EqualFunc(a.vars, b.vars, eq) {
		return false
	}
	a.recs, b.recs, a.vars, b.vars = nil, nil, nil, nil
	return reflect.DeepEqual(a, b)
}

// TestJoinLaws holds join to the laws of a semilattice, without which the fixpoint would depend
// on the order in which blocks are visited.
func TestJoinLaws(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		a, b, c := randomState(r), randomState(r), randomState(r)
		if !sameState(joined(a, a), a) {
			t.Fatalf("join is not idempotent: %+v", a)
		}
		if !sameState(joined(a, b), joined(b, a)) {
			t.Fatalf("join is not commutative:\n%+v\n%+v\n%+v\n%+v", a, b, joined(a, b), joined(b, a))
		}
		if !sameState(joined(joined(a, b), c), joined(a, joined(b, c))) {
			t.Fatalf("join is not associative:\n%+v\n%+v\n%+v", a, b, c)
		}
		ab := joined(a, b)
		if again := ab.clone(); again.join(&b) || again.join(&a) {
			t.Fatalf("a join reports a change where there is none: %+v with %+v", ab, b)
		}
	}
}

// TestJoinKeepsTheWorse states what the laws leave open: expired wins, covers shrink, the
// earliest expiry stays.
func TestJoinKeepsTheWorse(t *testing.T) {
	fresh := record{check: 1, cover: 6}
	for _, tc := range []struct {
		name       string
		a, b, want record
	}{
		{"expired wins", fresh, record{check: 1, cover: 6, expiry: 5}, record{check: 1, cover: 6, expiry: 5}},
		{"covers intersect", fresh, record{check: 1, cover: 3}, record{check: 1, cover: 2}},
		{"earliest expiry", record{check: 1, expiry: 9}, record{check: 1, expiry: 4}, record{check: 1, expiry: 4}},
		{"tests must agree", record{check: 1, tested: true, fact: FactTrue}, record{check: 1, tested: true, fact: FactFalse}, record{check: 1}},
	} {
		if got := joinRecord(tc.a, tc.b); got != tc.want {
			t.Errorf("%s: %+v", tc.name, got)
		}
	}
}
