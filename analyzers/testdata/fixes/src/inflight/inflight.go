// A cache in front of singleflight that is not looked at again inside.
package inflight

import (
	"sync"

	"golang.org/x/sync/singleflight"
)

type item struct{ name string }

type cache struct {
	mu     sync.RWMutex
	items  map[string]*item
	flight singleflight.Group
	load   func(string) (*item, error)
}

func (c *cache) lookup(name string) *item {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.items[name]
}

func (c *cache) Get(name string) (*item, error) {
	if it := c.lookup(name); it != nil {
		return it, nil
	}
	v, err, _ := c.flight.Do(name, func() (any, error) { // want `checkthenact`
		it, err := c.load(name)
		if err != nil {
			return nil, err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.items[name] = it
		return it, nil
	})
	if err != nil {
		return nil, err
	}
	return v.(*item), nil
}
