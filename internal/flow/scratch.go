package flow

import "sync"

// scratch is memory that the analysis of one function leaves to the next.
type scratch struct {
	graph  graph
	slots  []uint8      // by lock: its bit in sets of locks, plus one; 0 if it has none yet
	base   []int32      // ordinal of the first event of each block; ordinals start at 1, in block order
	refs   []Ref        // by ordinal
	asks   []question   // by ordinal of a check: what it asks
	once   []taint      // by variable: taint of variables assigned exactly once, kept outside the state
	multi  []bool       // by variable: assigned more than once
	used   []bool       // by variable assigned once: somebody has seen its taint
	roots  []bool       // by variable: keys are computed from it
	checks [][]int32    // by place: ordinals of its checks, in order
	acts   [][]int32    // by place: ordinals of its acts
	edges  []int32      // by block: number of its first edge
	facts  [][]fact     // by edge: what it tells about answers
	seen   []bool       // by edge: somebody has asked what it tells
	tested []bool       // by ordinal: some branch tests the answer
	told   []bool       // by ordinal: some branch tells whether there is something
	passed []bool       // by ordinal of a check: somebody has seen it untested
	waits  []bool       // by ordinal of a check: because of it the function suspends, one way or the other
	marks  []int32      // by ordinal: the round in which it was marked last
	in     []state      // by block
	dirty  []bool       // by block: its entry state has changed
	noted  []int32      // by ordinal of a check: the round in which it was noted as a control
	ctrl   []Fact       // and what it had told then
	list   []int32      // of these checks
	ways   []way        // edges that lead to a block, and what they tell
	heldAt [][]LockID   // by ordinal of a check or act: the locks held there
	kept   []actAt      // what the summary is made of
	sums   []SummaryAct // the acts of the summary
	now    state        // of the block at work; its memory is used again for the next one
	raised state        // where its exceptions go
	edged  state        // after what an edge tells
}

// question is what a check asks.
type question struct {
	place PlaceID
	key   KeyID
	ask   Ask
}

var scratches = sync.Pool{New: func() any { return &scratch{} }}

// sized is s with n zero elements, in the memory that s has if that is enough.
func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/2)
	}
	s = s[:n]
	clear(s)
	return s
}

// emptied is s with n empty lists, which keep the memory that they have.
func emptied[T any](s [][]T, n int) [][]T {
	if cap(s) < n {
		s = append(s[:cap(s)], make([][]T, n-cap(s))...)
	}
	s = s[:n]
	for i := range s {
		s[i] = s[i][:0]
	}
	return s
}

// states makes n dead states, which keep the memory that they have.
func (w *scratch) states(n int) {
	if cap(w.in) < n {
		w.in = append(w.in[:cap(w.in)], make([]state, n-cap(w.in))...)
	}
	w.in = w.in[:n]
	for i := range w.in {
		s := &w.in[i]
		*s = state{recs: s.recs[:0], vars: s.vars[:0]}
	}
}
