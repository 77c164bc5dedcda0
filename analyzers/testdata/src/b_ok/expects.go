package b_ok

import "sync"

type cellar struct {
	mu  sync.RWMutex
	val map[string]string
	ver map[string]int
}

func (c *cellar) get(k string) (string, int) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.val[k], c.ver[k]
}

func (c *cellar) setIf(k, v string, ver int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ver[k] != ver {
		return false
	}
	c.val[k] = v
	c.ver[k]++
	return true
}

// The callee compares the version that was read together with the value.
func (c *cellar) Append(k, more string) {
	for {
		old, ver := c.get(k)
		if c.setIf(k, old+more, ver) {
			return
		}
	}
}

func (c *cellar) swap(k, old, v string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.val[k] != old {
		return false
	}
	c.val[k] = v
	return true
}

// The callee compares the old value itself.
func (c *cellar) Prepend(k, more string) {
	for {
		old, _ := c.get(k)
		if c.swap(k, old, more+old) {
			return
		}
	}
}
