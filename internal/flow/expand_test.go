package flow

import (
	"fmt"
	"strings"
	"testing"
)

// TestExpandRecursive: a structure that contains its like does not make longer and longer paths.
func TestExpandRecursive(t *testing.T) {
	self := Place{Path: "self", Root: RootParam}
	sum := &Summary{
		Name:     "close",
		Acts:     []SummaryAct{{Place: &Place{Path: "self.done", Field: "R.done", Root: RootParam}, Effect: EffectSet, Origin: 1}},
		Releases: []Lock{{Path: "self.l", Field: "R.l", Root: RootParam}},
	}
	inner := self
	inner.Path += "._inner"
	for round := range 12 {
		b := NewBuilder("close", false)
		b.Param("self")
		b.Emit(Event{Op: OpAct, Effect: EffectSet, Place: b.Place(Place{Path: "self.done", Field: "R.done", Root: RootParam}), Pos: 1})
		b.Expand(sum, Call{Pos: 2, Args: []Arg{{Place: inner}}})
		b.Emit(Event{Op: OpReturn, Pos: 3})
		sum = &Analyze(b.Func()).Summary
		if len(sum.Acts) > 3 || len(sum.Releases) > 3 {
			t.Fatalf("round %d: the summary grows:\n%s", round, spell(sum))
		}
	}
	if got := sum.Acts[1].Place.Path; got != "self._inner.done" {
		t.Errorf("acts on %q; the parts at hand should still be named", got)
	}
}

// TestLocksOfCallees: locks that only callees hold do not count towards the bound, and are still
// known where the act is.
func TestLocksOfCallees(t *testing.T) {
	b := NewBuilder("many", false)
	const n = 3 * maxLocks
	for i := range n {
		sum := &Summary{Acts: []SummaryAct{{
			Place: &Place{Path: "table", Field: "table", Root: RootGlobal}, Effect: EffectModify, Origin: Pos(1000 + i),
			More: &ActDetail{Locks: []Lock{{Path: fmt.Sprintf("l%d", i), Field: fmt.Sprintf("l%d", i), Root: RootGlobal}}},
		}}}
		b.Expand(sum, Call{Pos: Pos(i + 1)})
	}
	res := Analyze(b.Func())
	if res.Partial != "" {
		t.Errorf("partial: %s", res.Partial)
	}
	for i, a := range res.Accesses {
		if len(a.Held()) != 1 || res.Locks[a.Held()[0]].Path != fmt.Sprintf("l%d", i) {
			t.Fatalf("access %d: held %v", i, a.Held())
		}
	}
}

// TestLocksBound: a lock past the bound is reported, and not taken for one of the caller's.
func TestLocksBound(t *testing.T) {
	b := NewBuilder("many", false)
	for i := range maxLocks + 10 {
		l := b.Lock(Lock{Path: fmt.Sprintf("l%d", i), Root: RootGlobal})
		b.Emit(Event{Op: OpAcquire, Lock: l, Pos: Pos(i + 1)})
		b.Emit(Event{Op: OpRelease, Lock: l, Pos: Pos(i + 1)})
	}
	res := Analyze(b.Func())
	if !strings.Contains(res.Partial, "locks") {
		t.Errorf("partial %q", res.Partial)
	}
	if n := len(res.Summary.Releases); n > 0 {
		t.Errorf("%d locks are said to be given back for the caller", n)
	}
}
