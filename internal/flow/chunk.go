package flow

import "sync"

// chunk is a piece of memory that several functions share: one object instead of many.
type chunk[T any] struct{ rest []T }

// maxShared bounds what functions share, in values of one kind: it stays as long as one of them does. Who needs a share of it only
// that is small gets one.
const (
	maxShared = 256
	maxShare  = maxShared / 8
)

// keep copies values into the chunk, or where they are many, into memory of their own.
func (c *chunk[T]) keep(s []T) []T {
	out := c.room(len(s))
	copy(out, s)
	return out
}

// room is a list of n zero values, nil if there are none.
func (c *chunk[T]) room(n int) []T {
	switch {
	case n == 0:
		return nil
	case n > maxShare:
		return make([]T, n)
	case n > len(c.rest):
		c.rest = make([]T, maxShared)
	}
	out := c.rest[:n:n]
	c.rest = c.rest[n:]
	return out
}

// shelf keeps what somebody has done with for the next who needs it. A sync.Pool may drop what it is given, which wastes more than
// that here: what is left of a piece of memory is lost, and the piece stays as long as anything that was cut from it.
type shelf[T any] struct {
	mu   sync.Mutex
	free []*T
}

// take is something that was given back, or something new.
func (s *shelf[T]) take() *T {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.free) - 1
	if last < 0 {
		return new(T)
	}
	x := s.free[last]
	s.free = s.free[:last]
	return x
}

func (s *shelf[T]) give(x *T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, x)
}
