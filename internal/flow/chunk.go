package flow

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
