// Sections that are merged, extended, or check again.
package locks

import (
	"errors"
	"io"
	"net"
	"sync"
)

var errClosed = errors.New("closed")

type pool struct {
	mu     sync.RWMutex
	conns  map[string]net.Conn
	closed bool
	dial   func(string) (net.Conn, error)
	log    io.Writer
}

func (p *pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for k, c := range p.conns {
		c.Close()
		delete(p.conns, k)
	}
}

// Both answers are asked for again, and the connection made for nothing is closed.
func (p *pool) Get(host string) (net.Conn, error) {
	p.mu.RLock()
	c, ok := p.conns[host]
	closed := p.closed
	p.mu.RUnlock()
	if closed {
		return nil, errClosed
	}
	if ok {
		return c, nil
	}
	c, err := p.dial(host)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.conns[host] = c // want `checkthenact`
	p.mu.Unlock()
	return c, nil
}

type table struct {
	mu   sync.Mutex
	rows map[string]*int
	log  io.Writer
}

// The sections are merged; what comes after them still runs without the lock.
func (t *table) Row(name string) *int {
	t.mu.Lock()
	r, ok := t.rows[name]
	t.mu.Unlock() // while the row is made
	if ok {
		return r
	}
	r = new(int)
	t.mu.Lock()
	t.rows[name] = r // want `checkthenact`
	t.mu.Unlock()
	t.log.Write([]byte(name))
	return r
}

// The acts of the second section depend on the first one's answer.
func (t *table) Fill(name string, make func() *int) *int {
	t.mu.Lock()
	r, ok := t.rows[name]
	t.mu.Unlock()
	if !ok {
		r = make()
		t.mu.Lock()
		t.rows[name] = r // want `checkthenact`
		t.mu.Unlock()
	}
	return r
}
