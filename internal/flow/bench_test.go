package flow

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// program makes a function of about n events in the shape of real code: guards that leave early,
// nested branches, loops, locked sections, calls that suspend, over a bounded number of places
// and variables.
func program(n int) *Func {
	r := rand.New(rand.NewPCG(7, 7))
	b := NewBuilder("bench", false)
	self := b.Param("self")
	_ = self
	var places []PlaceID
	for i := range 24 {
		name := fmt.Sprintf("x%d", i)
		places = append(places, b.Place(Place{Path: "self." + name, Field: "m.S." + name, Root: RootParam}))
	}
	lock := b.Lock(Lock{Path: "self.l", Field: "m.S.l", Root: RootParam})
	vars := make([]VarID, 40)
	for i := range vars {
		vars[i] = b.Var(fmt.Sprintf("v%d", i))
	}
	end := b.Block()
	events := 0
	emit := func(e Event) {
		events++
		e.Pos = Pos(events)
		b.Emit(e)
	}
	var body func(depth int)
	body = func(depth int) {
		for range 2 + r.IntN(4) {
			p, v := places[r.IntN(len(places))], vars[r.IntN(len(vars))]
			emit(Event{Op: OpCheck, Place: p, Dst: v})
			emit(Event{Op: OpLet, Dst: vars[r.IntN(len(vars))], Srcs: []VarID{v}})
			from, then, next := b.Current(), b.Block(), b.Block()
			b.Edge(from, Edge{To: then, Tests: []Test{{Var: v, Fact: FactNone}}})
			b.Edge(from, Edge{To: next, Tests: []Test{{Var: v, Fact: FactNotNone}}})
			b.At(then)
			if r.IntN(3) == 0 {
				emit(Event{Op: OpAcquire, Lock: lock, Flags: FlagContended})
			}
			if r.IntN(2) == 0 {
				emit(Event{Op: OpYield, Text: "await"})
			}
			emit(Event{Op: OpAct, Effect: EffectSet, Place: p, Srcs: []VarID{vars[r.IntN(len(vars))]}})
			emit(Event{Op: OpRelease, Lock: lock})
			if depth < 4 && r.IntN(3) == 0 {
				body(depth + 1)
			}
			switch r.IntN(12) {
			case 0:
				b.Edge(b.Current(), Edge{To: end})
			case 1:
				b.Edge(b.Current(), Edge{To: from})
				b.Edge(b.Current(), Edge{To: next})
			default:
				b.Edge(b.Current(), Edge{To: next})
			}
			b.At(next)
		}
	}
	for events < n {
		body(0)
	}
	b.Edge(b.Current(), Edge{To: end})
	b.At(end)
	b.Emit(Event{Op: OpReturn})
	return b.Func()
}

// BenchmarkAnalyze shows near-linear growth: compare ns/event from 10² to 10⁵ events.
func BenchmarkAnalyze(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000, 100_000} {
		f := program(n)
		events := 0
		for i := range f.Blocks {
			events += len(f.Blocks[i].Events)
		}
		b.Run(fmt.Sprintf("events=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Analyze(f)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(events), "ns/event")
		})
	}
}

// TestCutOff: a function past the bound is not analysed and says so.
func TestCutOff(t *testing.T) {
	b := NewBuilder("huge", false)
	for range MaxEvents + 1 {
		b.Emit(Event{Op: OpYield})
	}
	res := Analyze(b.Func())
	if res.Partial == "" || !res.Summary.Truncated || res.Summary.Suspends == Never {
		t.Errorf("partial %q, summary %+v", res.Partial, res.Summary)
	}
}
