// Checked again under the lock.
package a15_ok

import "sync"

type conn struct{}

func (c *conn) Close() {}

type pool struct {
	mu  sync.RWMutex
	m   map[string]*conn
	idx map[string]int
	gen int
}

func (p *pool) Inline(k string) *conn {
	p.mu.RLock()
	c := p.m[k]
	p.mu.RUnlock()
	if c != nil {
		return c
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.m[k]; c != nil {
		return c
	}
	c = &conn{}
	p.m[k] = c
	return c
}

func (p *pool) lookup(k string) (*conn, bool) {
	c, ok := p.m[k]
	return c, ok
}

func (p *pool) Helper(k string) *conn {
	p.mu.RLock()
	c, ok := p.lookup(k)
	p.mu.RUnlock()
	if ok {
		return c
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.lookup(k); ok {
		return c
	}
	c = &conn{}
	p.m[k] = c
	return c
}

func (p *pool) buildLocked() {
	if p.idx != nil {
		return
	}
	p.idx = map[string]int{}
}

func (p *pool) Index() int {
	p.mu.RLock()
	if p.idx != nil {
		defer p.mu.RUnlock()
		return len(p.idx)
	}
	p.mu.RUnlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.buildLocked()
	return len(p.idx)
}

type flight struct{ done chan struct{} }

type flights struct {
	mu    sync.Mutex
	calls map[string]*flight
}

// Only who has put the entry there gets as far as the removal: the others wait.
func (f *flights) Do(key string, run func()) {
	f.mu.Lock()
	c, ok := f.calls[key]
	if !ok {
		c = &flight{done: make(chan struct{})}
		f.calls[key] = c
	}
	f.mu.Unlock()
	if ok {
		<-c.done
		return
	}
	run()
	f.mu.Lock()
	delete(f.calls, key)
	f.mu.Unlock()
	close(c.done)
}
