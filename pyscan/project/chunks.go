package project

// chunks hands out elements that stay where they are.
type chunks[T any] struct{ left []T }

const perChunk = 64

// next is one more element, zero.
func (c *chunks[T]) next() *T {
	if len(c.left) == 0 {
		c.left = make([]T, perChunk)
	}
	out := &c.left[0]
	c.left = c.left[1:]
	return out
}
