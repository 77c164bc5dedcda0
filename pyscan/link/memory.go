package link

import (
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
)

// memory is what one frame needs while it works and leaves to a later one. Nothing in it may be
// kept beyond the frame's end, but for a result that says so: see retire.
type memory struct {
	values chunks[value]
	envs   chunks[env]
	coros  chunks[coroutine]
	ptrs   slab[*value]
	locals map[string]int
	cached map[string]*value
	order  []int32
	rpo    []int
	stored []int32
	slots  []flow.VarID
	starts []flow.BlockID
	ins    []*env
	flags  slab[bool]
}

// chunks hands out elements, which stay where they are.
type chunks[T any] struct {
	list [][]T
	used int
}

const perChunk = 32

// next is one more element, zero.
func (c *chunks[T]) next() *T {
	n := c.used / perChunk
	if n == len(c.list) {
		c.list = append(c.list, make([]T, perChunk))
	}
	c.used++
	return &c.list[n][(c.used-1)%perChunk]
}

// reset takes all elements back.
func (c *chunks[T]) reset() {
	for i := 0; i*perChunk < c.used; i++ {
		clear(c.list[i][:min(perChunk, c.used-i*perChunk)])
	}
	c.used = 0
}

// slab hands out lists.
type slab[T any] struct {
	room []T
	used int
}

const minSlab = 256

// make is a list of n zero elements, without room to grow.
func (s *slab[T]) make(n int) []T {
	if len(s.room)-s.used < n {
		s.room, s.used = make([]T, max(minSlab, n, 2*len(s.room))), 0 // the old one is left to its users
	}
	s.used += n
	return s.room[s.used-n : s.used : s.used]
}

// reset takes all lists back.
func (s *slab[T]) reset() {
	clear(s.room[:s.used])
	s.used = 0
}

// sized is a list of n zero elements, in the memory of s if that is enough.
func sized[T any](s *[]T, n int) []T {
	if cap(*s) < n {
		*s = make([]T, n, n+n/2)
	}
	*s = (*s)[:n]
	clear(*s)
	return *s
}

// maxKept bounds the values of memory that is kept for later frames.
const maxKept = 1 << 14

// borrow gives a frame its memory.
func (l *linker) borrow() *memory {
	n := len(l.spare)
	if n == 0 {
		return &memory{locals: map[string]int{}, cached: map[string]*value{}}
	}
	m := l.spare[n-1]
	l.spare = l.spare[:n-1]
	return m
}

// retire ends the frame. Its values are gone, unless its result refers to one.
func (f *frame) retire() {
	m := f.mem
	f.mem = nil
	if f.ret.pins() || f.gives.pins() || m.values.used > maxKept {
		return
	}
	m.values.reset()
	m.envs.reset()
	m.coros.reset()
	m.ptrs.reset()
	m.flags.reset()
	if len(m.locals) > 64 || len(m.cached) > 64 {
		m.locals, m.cached = map[string]int{}, map[string]*value{} // cheaper than to clear them
	}
	clear(m.locals)
	clear(m.cached)
	f.l.spare = append(f.l.spare, m)
}

// pins says whether the shape refers to values of the frame that made it.
func (s *shape) pins() bool { return s != nil && (s.recv != nil || s.coroRecv != nil) }

// value is a new value. It lives as long as the frame.
func (f *frame) value() *value { return f.mem.values.next() }

// put makes a value, which lives as long as the frame.
func (f *frame) put(v value) *value { return f.like(&v) }

// like is a copy of a value, which lives as long as the frame.
func (f *frame) like(v *value) *value {
	n := f.mem.values.next()
	*n = *v
	return n
}

// clone is a copy of what is known at one point.
func (f *frame) clone(e *env) *env {
	n := f.mem.envs.next()
	n.vals = f.mem.ptrs.make(len(e.vals))
	copy(n.vals, e.vals)
	n.held, n.open, n.limits = slices.Clone(e.held), slices.Clone(e.open), e.limits
	return n
}
