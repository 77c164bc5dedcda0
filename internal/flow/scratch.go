package flow

import "sync"

// scratch is memory that the analysis of one function leaves to the next.
type scratch struct {
	run    analysis
	last   reporter
	done   *results // while a function is analysed
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
	parts  []uint8      // by place: whether parts of it are asked about: 1 no, 2 yes, 0 not known yet
	edges  []int32      // by block: number of its first edge
	facts  [][]fact     // by edge: what it tells about answers
	seen   []bool       // by edge: somebody has asked what it tells
	tested []bool       // by ordinal: some branch tests the answer
	told   []bool       // by ordinal: some branch tells whether there is something
	missed []bool       // by ordinal of a check: that nothing was known of it has been relied on
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
	found  []Window     // the windows of the function
	rests  []Hold       // where it suspends
	sums   []SummaryAct // the acts of the summary
	ends   []exit       // the normal returns
	asked  []Answer     // the answers of the summary
	gates  []Control    // of the act at work
	pool   pool         // of what variables are computed from
	now    state        // of the block at work; its memory is used again for the next one
	raised state        // where its exceptions go
	edged  state        // after what an edge tells
}

// results is memory for what stays of functions.
type results struct {
	all      chunk[Result]
	accesses chunk[Access]
	around   chunk[around]
	acts     chunk[SummaryAct]
	answers  chunk[Answer]
	windows  chunk[Window]
	holds    chunk[Hold]
}

// pool hands out the memory of small sets that nobody needs once the function is done. Those of a pool that is nil are for good.
type pool struct{ free []int32 }

// list is an empty list with room for n numbers.
func (p *pool) list(n int) []int32 {
	if p == nil {
		return make([]int32, 0, n)
	}
	from := len(p.free)
	if n > cap(p.free)-from {
		p.free, from = make([]int32, 0, max(n, 1024)), 0
	}
	p.free = p.free[:from+n]
	return p.free[from : from : from+n]
}

// back says that the last n numbers of the list that was handed out last are not needed.
func (p *pool) back(n int) {
	if p != nil {
		p.free = p.free[:len(p.free)-n]
	}
}

// one is the set of one number.
func (p *pool) one(n int32) []int32 { return append(p.list(1), n) }

// question is what a check asks.
type question struct {
	place PlaceID
	key   KeyID
	ask   Ask
}

var scratches = sync.Pool{New: func() any { return &scratch{} }}

var finished shelf[results]

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
