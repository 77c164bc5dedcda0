// The second check asks something else.
package a13_bad

import "sync"

type conn struct{}

func (c *conn) Close() {}

type pool struct {
	mu     sync.RWMutex
	m      map[string]*conn
	closed bool
}

func (p *pool) Get(k string) *conn {
	p.mu.RLock()
	c := p.m[k]
	p.mu.RUnlock()
	if c != nil {
		return c
	}
	c = &conn{}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.m[k] = c // want `checkthenact`
	return c
}

func (p *pool) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
}
