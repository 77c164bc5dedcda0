// Guarded elsewhere, not here.
package c1_bad

import (
	"sync"
	"sync/atomic"
)

type coll struct {
	mu   sync.RWMutex
	m    map[string]int
	last string
	n    int
	hits int64
	list []int
}

func (c *coll) Add(k string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.m[k]++
	c.last = k
	c.n++
}

func (c *coll) Remove(k string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.m, k)
	c.last = k
	c.n--
}

func (c *coll) Len() int { return len(c.m) } // want `unevenguard`

func (c *coll) Last() string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.last
}

func (c *coll) SetLast(s string) {
	c.last = s // want `unevenguard`
}

// A change under the read lock.
func (c *coll) Touch(k string) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	c.m[k] = 0 // want `unevenguard`
}

func (c *coll) Hit() { atomic.AddInt64(&c.hits, 1) }

func (c *coll) Hits() int64 { return c.hits } // want `unevenguard`
