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

type Loader struct {
	mu    sync.RWMutex
	items map[string]*item
	group singleflight.Group
	load  func(string) (*item, error)
}

// The check takes a lock of its own.
func (l *Loader) Get(name string) (*item, error) {
	l.mu.RLock()
	it, ok := l.items[name]
	l.mu.RUnlock()
	if ok {
		return it, nil
	}
	v, err, _ := l.group.Do(name, func() (any, error) { // want `checkthenact`
		it, err := l.load(name)
		if err != nil {
			return nil, err
		}
		l.mu.Lock()
		l.items[name] = it
		l.mu.Unlock()
		return it, nil
	})
	if err != nil {
		return nil, err
	}
	return v.(*item), nil
}
