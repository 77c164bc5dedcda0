// The callee drops the caller's lock, and the caller goes on with what it knew.
package a07_bad

import "sync"

type conn struct{}

func (c *conn) Close() {}

type pool struct {
	mu   sync.Mutex
	idle map[string]*conn
}

func (p *pool) Get(k string) *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.idle[k]
	if !ok {
		c = p.dial(k)
		p.idle[k] = c // want `checkthenact`
	}
	return c
}

// dial is called with mu held; it releases it while it works.
func (p *pool) dial(k string) *conn {
	p.mu.Unlock()
	c := &conn{}
	p.mu.Lock()
	return c
}
