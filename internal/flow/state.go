package flow

import "slices"

// maxRecords bounds the answers kept at one point of a function, maxTaint the answers that one
// variable may be computed from.
const (
	maxRecords = 192
	maxTaint   = 24
)

// record is one answer at one point of the function. Records are joined by union over checks;
// for one check, join makes covers intersect, lets expired win and keeps the earliest expiry.
type record struct {
	check   int32  // ordinal of the check
	cover   uint64 // locks held without a break since the check
	near    uint64 // locks taken, without having to wait, in the step of the check: they cover what is suspended under them
	expiry  int32  // ordinal of the event where it expired; 0: fresh (no expiry has ordinal 0)
	crossed int32  // ordinal of the first yield that the cover survived; 0: none
	late    int32  // ordinal of the first yield without a cover that does not depend on what the check told; 0: none
	signal  int32  // ordinal of the first wait for a signal, without a cover, that it led to; 0: none
	own     int32  // of an iteration: ordinal of the first own act that changes what is iterated; 0: none
	pend    int32  // ordinal of a deferred act that waits for us to suspend or return; 0: none
	fact    Fact   // what the latest tested edge told
	tested  bool
}

func joinRecord(a, b record) record {
	a.cover &= b.cover
	a.near &= b.near
	a.expiry = earliest(a.expiry, b.expiry)
	a.crossed = earliest(a.crossed, b.crossed)
	a.late = earliest(a.late, b.late)
	a.signal = earliest(a.signal, b.signal)
	a.own = earliest(a.own, b.own)
	a.pend = earliest(a.pend, b.pend)
	if a.tested != b.tested || a.fact != b.fact {
		a.tested, a.fact = false, FactAny
	}
	return a
}

// earliest is the smaller of two ordinals, where 0 is "never".
func earliest(a, b int32) int32 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// taint says what one variable is computed from: ordinals of checks, or -1-i for parameter i.
type taint struct {
	v    VarID
	kind copyKind
	from []int32 // sorted; shared, never written in place
}

type copyKind uint8

const (
	derived copyKind = iota // computed from
	same                    // a copy of
	negated                 // the negation of a copy of
)

// state is the analysis state at one point. Join is a semilattice: commutative, associative,
// idempotent; the property tests hold it to that.
type state struct {
	live    bool
	recs    []record // sorted by check
	vars    []taint  // sorted by v; only variables that are assigned more than once
	held    uint64   // locks held on every path
	twice   uint64   // of these, the ones taken twice
	may     uint64   // locks held on some path
	yielded bool     // every path has passed a yield that must suspend
	maybe   bool     // some path has passed a yield
	since   uint64   // locks that have covered the time from the start to here; callers' locks are none of them
	near    uint64   // locks taken without having to wait before the first yield, and held since
	expired bool     // on some path, what callers knew at the start may be wrong by now
	dropped bool     // a bound was met
}

// copyFrom makes s a copy of o in the memory that s has.
func (s *state) copyFrom(o *state) {
	recs, vars := append(s.recs[:0], o.recs...), append(s.vars[:0], o.vars...)
	*s = *o
	s.recs, s.vars = recs, vars
}

// join merges o into s and says whether s changed. It never writes to what o refers to, nor keeps it;
// s must own its lists.
func (s *state) join(o *state) bool {
	if !o.live {
		return false
	}
	if !s.live {
		s.copyFrom(o)
		return true
	}
	before := *s
	s.held &= o.held
	s.twice &= o.twice
	s.may |= o.may
	s.yielded = s.yielded && o.yielded
	s.maybe = s.maybe || o.maybe
	s.since &= o.since
	s.near &= o.near
	s.expired = s.expired || o.expired
	s.dropped = s.dropped || o.dropped
	changed := s.joinRecords(o.recs)
	if changed {
		s.bound()
	}
	changed = s.joinVars(o.vars) || changed
	return changed || s.held != before.held || s.twice != before.twice ||
		s.may != before.may || s.yielded != before.yielded || s.maybe != before.maybe ||
		s.since != before.since || s.near != before.near || s.expired != before.expired || s.dropped != before.dropped
}

// joinRecords unites the records with others and says whether that has changed any.
func (s *state) joinRecords(o []record) (changed bool) {
	a := s.recs
	missing := 0 // records of o that a lacks
	i := 0
	for j := range o {
		r := &o[j]
		for i < len(a) && a[i].check < r.check {
			i++
		}
		if i == len(a) || a[i].check != r.check {
			missing++
			continue
		}
		if q := &a[i]; *q != *r {
			if m := joinRecord(*q, *r); m != *q {
				*q, changed = m, true
			}
		}
		i++
	}
	if missing == 0 {
		return changed
	}
	i = len(a) - 1
	a = slices.Grow(a, missing)[:len(a)+missing]
	for j, at := len(o)-1, len(a)-1; missing > 0; at-- { // from the end, where the room is
		switch {
		case i < 0 || a[i].check < o[j].check:
			a[at] = o[j]
			j--
			missing--
		default:
			if a[i].check == o[j].check {
				j--
			}
			a[at] = a[i]
			i--
		}
	}
	s.recs = a
	return true
}

// joinVars unites the taints with others and says whether that has changed any.
func (s *state) joinVars(o []taint) (changed bool) {
	a := s.vars
	missing := 0
	i := 0
	for j := range o {
		t := &o[j]
		for i < len(a) && a[i].v < t.v {
			i++
		}
		if i == len(a) || a[i].v != t.v {
			missing++
			continue
		}
		if q := &a[i]; q.kind != t.kind || !sameSet(q.from, t.from) {
			if m := joinTaint(*q, *t); m.kind != q.kind || !sameSet(m.from, q.from) {
				*q, changed = m, true
			}
		}
		i++
	}
	if missing == 0 {
		return changed
	}
	i = len(a) - 1
	a = slices.Grow(a, missing)[:len(a)+missing]
	for j, at := len(o)-1, len(a)-1; missing > 0; at-- {
		switch {
		case i < 0 || a[i].v < o[j].v:
			a[at] = o[j]
			j--
			missing--
		default:
			if a[i].v == o[j].v {
				j--
			}
			a[at] = a[i]
			i--
		}
	}
	s.vars = a
	return true
}

// sameSet says whether two sorted sets are equal, at once if they are one in memory.
func sameSet(a, b []int32) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0] || slices.Equal(a, b))
}

// joinRecord is join with a state that has one record only.
func (s *state) joinRecord(r *record) {
	if r == nil {
		return
	}
	if old := s.find(r.check); old != nil {
		*old = joinRecord(*old, *r)
		return
	}
	s.put(*r)
}

// joinVar is join with a state that has one variable only.
func (s *state) joinVar(t taint) {
	if len(t.from) == 0 {
		return
	}
	if old, ok := s.getVar(t.v); ok {
		t = joinTaint(old, t)
	}
	s.setVar(t)
}

// bound drops the oldest records past maxRecords.
func (s *state) bound() {
	if over := len(s.recs) - maxRecords; over > 0 {
		s.recs = slices.Delete(s.recs, 0, over)
		s.dropped = true
	}
}

func joinTaint(a, b taint) taint {
	a.from = unite(nil, a.from, b.from)
	if a.kind != b.kind {
		a.kind = derived
	}
	return a
}

// unite merges two sorted sets in memory of the pool; the result may share memory with either.
func unite(p *pool, a, b []int32) []int32 {
	if len(a) == 0 || sameSet(a, b) {
		return b
	}
	if len(b) == 0 {
		return a
	}
	out := p.list(len(a) + len(b))
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case j == len(b) || i < len(a) && a[i] < b[j]:
			out = append(out, a[i])
			i++
		case i == len(a) || b[j] < a[i]:
			out = append(out, b[j])
			j++
		default:
			out = append(out, a[i])
			i++
			j++
		}
	}
	if len(out) == len(a) {
		p.back(len(a) + len(b))
		return a
	}
	p.back(len(a) + len(b) - len(out))
	if len(out) > maxTaint {
		out = out[len(out)-maxTaint:]
	}
	return out
}

// search finds the record of a check, or where it would have to be.
func (s *state) search(check int32) (at int, ok bool) {
	low, high := 0, len(s.recs)
	if high > 0 && s.recs[high-1].check < check { // mostly: checks are met in their order
		return high, false
	}
	for low < high {
		if mid := int(uint(low+high) >> 1); s.recs[mid].check < check {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, low < len(s.recs) && s.recs[low].check == check
}

// searchVar does the same for a variable.
func (s *state) searchVar(v VarID) (at int, ok bool) {
	low, high := 0, len(s.vars)
	for low < high {
		if mid := int(uint(low+high) >> 1); s.vars[mid].v < v {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, low < len(s.vars) && s.vars[low].v == v
}

func (s *state) find(check int32) *record {
	i, ok := s.search(check)
	if !ok {
		return nil
	}
	return &s.recs[i]
}

func (s *state) put(r record) {
	i, ok := s.search(r.check)
	switch {
	case ok:
		s.recs[i] = r
		return
	case i == len(s.recs):
		s.recs = append(s.recs, r)
	default:
		s.recs = slices.Insert(s.recs, i, r)
	}
	s.bound()
}

func (s *state) setVar(t taint) {
	i, ok := s.searchVar(t.v)
	switch {
	case ok && len(t.from) == 0:
		s.vars = slices.Delete(s.vars, i, i+1)
	case ok:
		s.vars[i] = t
	case len(t.from) > 0:
		s.vars = slices.Insert(s.vars, i, t)
	}
}

func (s *state) getVar(v VarID) (taint, bool) {
	i, ok := s.searchVar(v)
	if !ok {
		return taint{v: v}, false
	}
	return s.vars[i], true
}

// forget drops the answer of a check.
func (s *state) forget(check int32) {
	s.recs = slices.DeleteFunc(s.recs, func(r record) bool { return r.check == check })
}
