package flow

import (
	"math/rand/v2"
	"reflect"
	"testing"
)

// randomFunc makes a function in which nothing suspends and nothing leads back, of checks, tests of their answers, and acts.
func randomFunc(r *rand.Rand) *Func {
	b := NewBuilder("f", false)
	b.Param("self")
	var places []PlaceID
	for _, p := range []string{"self.a", "self.a.b", "self.n"} {
		places = append(places, b.Place(Place{Path: p, Field: "R" + p[4:], Root: RootParam, Kind: PlaceKind(r.IntN(2))}))
	}
	keys := []KeyID{0, 0, 0, b.Key(Key{Text: "k", Const: true}), b.Key(Key{Text: "self.k", Path: ".k", Root: 1}), KeyAny}
	vars := []VarID{1}
	for range 4 {
		vars = append(vars, b.Var("v"))
	}
	blocks := 2 + r.IntN(7)
	for range blocks - 1 {
		b.Block()
	}
	pos := Pos(1)
	for i := range blocks {
		b.At(BlockID(i))
		for range 1 + r.IntN(5) {
			e := Event{Pos: pos, Place: places[r.IntN(len(places))], Key: keys[r.IntN(len(keys))]}
			pos++
			for range r.IntN(3) {
				e.Srcs = append(e.Srcs, vars[r.IntN(len(vars))])
			}
			switch r.IntN(5) {
			case 0, 1:
				e.Op, e.Ask, e.Srcs, e.Dst = OpCheck, Ask(r.IntN(4)), nil, vars[r.IntN(len(vars))]
				e.Flags = [...]Flags{0, 0, 0, FlagTested, FlagCallee}[r.IntN(5)]
			case 2:
				e.Op, e.Place, e.Key, e.Dst = OpLet, 0, 0, vars[r.IntN(len(vars))]
				e.Flags = [...]Flags{0, FlagAlias, FlagAlias | FlagNot}[r.IntN(3)]
			default:
				e.Op, e.Effect, e.Value = OpAct, Effect(r.IntN(8)), Value(r.IntN(9))
				e.Flags = [...]Flags{0, 0, FlagNeeds, FlagDeferred, FlagIter | FlagNeeds, FlagUpdate, FlagCallee | FlagRechecked, FlagClosed}[r.IntN(8)]
			}
			b.Emit(e)
		}
		if i == blocks-1 || r.IntN(10) == 0 {
			b.Emit(Event{Op: OpReturn, Value: Value(r.IntN(4)), Srcs: []VarID{vars[r.IntN(len(vars))]}, Pos: pos})
			pos++
			continue
		}
		v := vars[r.IntN(len(vars))]
		fact := Fact(r.IntN(5))
		later := func() BlockID { return BlockID(i + 1 + r.IntN(blocks-i-1)) }
		b.Edge(BlockID(i), Edge{To: later(), Tests: []Test{{Var: v, Fact: fact, Same: VarID(r.IntN(3) / 2)}}})
		b.Edge(BlockID(i), Edge{To: later(), Tests: []Test{{Var: v, Fact: fact.Not()}}, Except: r.IntN(5) == 0, Bears: r.IntN(2) == 0})
	}
	return b.Func()
}

// TestQuick: what a function in which no answer can expire comes to is the same whether it is gone over once or until nothing changes.
func TestQuick(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	windows := 0
	for range 10_000 {
		f := randomFunc(r)
		got, want := analyze(f, true), analyze(f, false)
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("once:\n%+v\nuntil nothing changes:\n%+v\nof\n%+v", got, want, *f)
		}
		windows += len(got.Windows)
	}
	if windows < 500 {
		t.Errorf("%d windows: the functions are too plain", windows)
	}
}
