package link

import (
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// memory is what one frame needs while it works and leaves to a later one. Nothing in it may be
// kept beyond the frame's end, but for a result that says so: see retire.
type memory struct {
	frame  frame
	began  height
	steps  []step
	locals map[string]int
	cached map[string]*value
	order  []int32
	rpo    []int
	stored []int32
	slots  []flow.VarID
	starts []flow.BlockID
	ins    []*env
}

// room hands out lists that are kept.
type room[T any] struct{ left []T }

// perRoom is how many elements are made at a time: few enough that what is left over at the end is little.
const perRoom = 256

// make is a list of n zero elements, without room to grow.
func (r *room[T]) make(n int) []T {
	if n == 0 {
		return nil
	}
	if n > len(r.left) {
		if n > perRoom/8 {
			return make([]T, n)
		}
		r.left = make([]T, perRoom)
	}
	out := r.left[:n:n]
	r.left = r.left[n:]
	return out
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

// maxMoved bounds the values that the result of a frame takes along.
const maxMoved = 256

// borrow gives a frame its memory.
func (l *linker) borrow() *memory {
	var m *memory
	if n := len(l.spare); n > 0 {
		m = l.spare[n-1]
		l.spare = l.spare[:n-1]
	} else {
		m = &memory{locals: map[string]int{}, cached: map[string]*value{}}
	}
	m.began = l.stacks.height()
	return m
}

// retire ends the frame. Its values are gone but for those that its result refers to.
func (f *frame) retire() {
	m := f.mem
	f.mem = nil
	d := mover{}
	d.shape(f.ret)
	d.shape(f.gives)
	f.l.stacks.shrink(m.began, len(d.values) >= maxMoved)
	if len(m.locals) > 64 || len(m.cached) > 64 {
		m.locals, m.cached = map[string]int{}, map[string]*value{} // cheaper than to clear them
	}
	clear(m.locals)
	clear(m.cached)
	f.l.spare = append(f.l.spare, m)
}

// mover copies values out of a frame's memory, with all that they refer to.
type mover struct {
	values map[*value]*value
	coros  map[*coroutine]*coroutine
	places []movedPlace
}

type movedPlace struct{ from, to *flow.Place }

func (d *mover) shape(s *shape) {
	if s == nil {
		return
	}
	if len(s.fns) == 0 && s.view == nil {
		s.recv = nil // of an attribute that is no method
	}
	s.recv, s.coroRecv = d.value(s.recv), d.value(s.coroRecv)
	s.at, s.view, s.index = d.place(s.at), d.place(s.view), d.place(s.index)
	if s.member != nil {
		s.member.at = d.place(s.member.at)
	}
}

func (d *mover) place(p *flow.Place) *flow.Place {
	if p == nil {
		return nil
	}
	for _, m := range d.places {
		if m.from == p {
			return m.to
		}
	}
	n := new(flow.Place)
	*n = *p
	if len(d.values) > 0 { // which may share it
		d.places = append(d.places, movedPlace{p, n})
	}
	return n
}

func (d *mover) value(v *value) *value {
	if v == nil || len(d.values) >= maxMoved {
		return v
	}
	if n := d.values[v]; n != nil {
		return n
	}
	n := new(value)
	*n = *v
	if d.values == nil {
		d.values = map[*value]*value{}
	}
	d.values[v] = n
	n.whole, n.recv, n.items, n.iter = d.value(v.whole), d.value(v.recv), d.value(v.items), d.value(v.iter)
	n.coro, n.at = d.coro(v.coro), d.place(v.at)
	if v.ref != nil {
		r := *v.ref
		n.ref = &r
	}
	if v.rare != nil {
		r := n.edit()
		r.rest, r.keys, r.of, r.partial, r.taken = d.value(r.rest), d.value(r.keys), d.value(r.of), d.list(r.partial), d.place(r.taken)
		r.size, r.index = d.value(r.size), d.value(r.index)
		if r.search != nil {
			s := *r.search
			s.box, r.search = d.place(s.box), &s
		}
	}
	return n
}

func (d *mover) list(vs []*value) []*value {
	vs = slices.Clone(vs)
	for i, v := range vs {
		vs[i] = d.value(v)
	}
	return vs
}

func (d *mover) coro(c *coroutine) *coroutine {
	if c == nil {
		return nil
	}
	if n := d.coros[c]; n != nil {
		return n
	}
	n := new(coroutine)
	*n = *c
	if d.coros == nil {
		d.coros = map[*coroutine]*coroutine{}
	}
	d.coros[c] = n
	n.recv, n.recvd, n.args, n.parts = d.value(c.recv), d.value(c.recvd), d.list(c.args), d.list(c.parts)
	n.named = slices.Clone(c.named)
	for i := range n.named {
		n.named[i].v = d.value(n.named[i].v)
	}
	return n
}

// place keeps a place as long as the frame.
func (f *frame) place(p flow.Place) *flow.Place {
	n := f.l.stacks.places.next()
	*n = p
	return n
}

// refers keeps what a value refers to as long as the frame; nil if that is not known.
func (f *frame) refers(r project.Ref) *project.Ref {
	if !r.Known() {
		return nil
	}
	n := f.l.stacks.refs.next()
	*n = r
	return n
}

// value is a new value. It lives as long as the frame.
func (f *frame) value() *value { return f.l.stacks.values.next() }

// put makes a value, which lives as long as the frame.
func (f *frame) put(v value) *value { return f.like(&v) }

// like is a copy of a value, which lives as long as the frame.
func (f *frame) like(v *value) *value {
	n := f.l.stacks.values.next()
	*n = *v
	return n
}

// clone is a copy of what is known at one point.
func (f *frame) clone(e *env) *env {
	n := f.l.stacks.envs.next()
	n.vals = f.l.stacks.ptrs.make(len(e.vals))
	copy(n.vals, e.vals)
	n.held, n.open, n.limits = slices.Clone(e.held), slices.Clone(e.open), e.limits
	n.mutes = slices.Clip(e.mutes)
	return n
}
