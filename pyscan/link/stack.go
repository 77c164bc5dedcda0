package link

import (
	"sync"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// stacks are the memory of the values of all frames at work. Frames end in the reverse of the order in which they
// begin, so that one stack of each kind serves them all.
type stacks struct {
	values chunks[value]
	envs   chunks[env]
	coros  chunks[coroutine]
	places chunks[flow.Place]
	refs   chunks[project.Ref]
	named  slab[namedArg]
	ptrs   slab[*value]
	args   slab[flow.Arg]
	flags  slab[bool]
}

// spareStacks are stacks that no linker is at work with: empty, and zero.
var spareStacks = sync.Pool{New: func() any { return new(stacks) }}

// height is how much of the stacks was in use when a frame began.
type height struct {
	values, envs, coros, places, refs int
	named, ptrs, args, flags          top
}

func (s *stacks) height() height {
	return height{
		values: s.values.used, envs: s.envs.used, coros: s.coros.used, places: s.places.used, refs: s.refs.used,
		named: s.named.top, ptrs: s.ptrs.top, args: s.args.top, flags: s.flags.top,
	}
}

// shrink takes back what has been handed out since. If it is kept, others may still refer to it: it is left to the
// collector.
func (s *stacks) shrink(to height, kept bool) {
	s.values.shrink(to.values, kept)
	s.envs.shrink(to.envs, kept)
	s.coros.shrink(to.coros, kept)
	s.places.shrink(to.places, kept)
	s.refs.shrink(to.refs, kept)
	s.named.shrink(to.named, kept)
	s.ptrs.shrink(to.ptrs, kept)
	s.args.shrink(to.args, kept)
	s.flags.shrink(to.flags, kept)
}

// chunks is a stack of elements, which stay where they are.
type chunks[T any] struct {
	list [][]T // nil: left to its users
	used int
}

// perChunk is how many elements are made at a time; maxChunks, how many times that are kept.
const (
	perChunk  = 32
	maxChunks = 512
)

// next is one more element, zero.
func (c *chunks[T]) next() *T {
	n := c.used / perChunk
	if n == len(c.list) {
		c.list = append(c.list, nil)
	}
	if c.list[n] == nil {
		c.list[n] = make([]T, perChunk)
	}
	c.used++
	return &c.list[n][(c.used-1)%perChunk]
}

func (c *chunks[T]) shrink(to int, kept bool) {
	for from := to; from < c.used; {
		n := from / perChunk
		end := min(c.used, (n+1)*perChunk)
		switch {
		case kept:
			c.list[n] = nil
		case c.list[n] != nil:
			clear(c.list[n][from-n*perChunk : end-n*perChunk])
		}
		from = end
	}
	if c.used = to; len(c.list) > maxChunks+to/perChunk {
		clear(c.list[maxChunks+to/perChunk:])
		c.list = c.list[:maxChunks+to/perChunk]
	}
}

// slab is a stack of lists.
type slab[T any] struct {
	rooms [][]T
	top
}

// top is the room of a slab that is at work, and how much of it is used.
type top struct{ room, used int }

// minSlab is the size of the first room of a slab; each is twice as large as the one before.
const minSlab = 32

// make is a list of n zero elements, without room to grow.
func (s *slab[T]) make(n int) []T {
	if s.room == len(s.rooms) || len(s.rooms[s.room])-s.used < n {
		s.grow(n)
	}
	s.used += n
	return s.rooms[s.room][s.used-n : s.used : s.used]
}

// grow goes to a room that has n elements.
func (s *slab[T]) grow(n int) {
	size := minSlab
	if s.room < len(s.rooms) {
		size = max(size, 2*len(s.rooms[s.room]))
		s.room++
	}
	if s.used = 0; s.room == len(s.rooms) {
		s.rooms = append(s.rooms, nil)
	}
	if len(s.rooms[s.room]) < n {
		s.rooms[s.room] = make([]T, max(n, size))
	}
}

func (s *slab[T]) shrink(to top, kept bool) {
	for ; s.room > to.room; s.room-- {
		if kept || len(s.rooms[s.room]) > perChunk*maxChunks {
			s.rooms[s.room] = nil
		}
		s.clear(0, s.used)
		s.used = len(s.rooms[s.room-1])
	}
	if kept && s.used > to.used {
		s.rooms[s.room] = nil
	}
	s.clear(to.used, s.used)
	s.top = to
}

// clear makes elements of the room at work zero, as far as it has not been left to its users.
func (s *slab[T]) clear(from, to int) {
	if s.room < len(s.rooms) && from < min(to, len(s.rooms[s.room])) {
		clear(s.rooms[s.room][from:min(to, len(s.rooms[s.room]))])
	}
}
