package a03_bad

import "sync"

type clock struct {
	tickMu sync.RWMutex
	latest uint64
}

func (c *clock) now() uint64 {
	c.tickMu.RLock()
	defer c.tickMu.RUnlock()
	return c.latest
}

// A getter that answers nothing else: whatever its result is compared with, it has expired.
func (c *clock) Advance(to uint64) bool {
	if at := c.now(); to <= at {
		return false
	}
	c.tickMu.Lock()
	c.latest = to // want `checkthenact`
	c.tickMu.Unlock()
	return true
}
