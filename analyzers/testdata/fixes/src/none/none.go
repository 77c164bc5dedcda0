// Shapes in which no edit is safe: nothing may be suggested.
package none

import (
	"net"
	"sync"
)

type conn struct{}

func (c *conn) Close() error { return nil }

type Pool struct {
	mu    sync.Mutex
	conns map[string]net.Conn
	one   map[string]*conn
	dial  func(string) net.Conn
	Done  chan struct{}
}

// What was made for nothing has to be closed, which must not happen in the deferred section.
func (p *Pool) Get(host string) net.Conn {
	p.mu.Lock()
	c := p.conns[host]
	p.mu.Unlock()
	if c != nil {
		return c
	}
	c = p.dial(host)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[host] = c // want `checkthenact`
	return c
}

// The field is exported: others can close it, too.
func (p *Pool) Stop() {
	select {
	case <-p.Done:
	default:
		close(p.Done) // want `checkthenact`
	}
}

func (p *Pool) reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.one)
}

func (p *Pool) add(k string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.one[k] = &conn{}
}

// To take the lock for all of the function would take it twice.
func (p *Pool) Size() int {
	p.reset()
	return len(p.one) // want `unevenguard`
}

type means struct{ m sync.Map }

// Floats do not always equal themselves: a loop might never end.
func (s *means) Add(k string, x float64) {
	var sum float64
	if v, ok := s.m.Load(k); ok {
		sum = v.(float64)
	}
	s.m.Store(k, sum+x) // want `lostupdate`
}

type transport struct {
	mu       sync.Mutex
	streams  map[string]*conn
	writable chan struct{}
}

// The right to write, which is taken in between, would be kept for good on a new way out.
func (t *transport) Open(id string) bool {
	t.mu.Lock()
	if t.streams[id] != nil {
		t.mu.Unlock()
		return false
	}
	t.mu.Unlock()
	<-t.writable
	t.mu.Lock()
	t.streams[id] = &conn{} // want `checkthenact`
	t.mu.Unlock()
	t.writable <- struct{}{}
	return true
}

func (t *transport) Close() {
	t.mu.Lock()
	t.streams = nil
	t.mu.Unlock()
}
