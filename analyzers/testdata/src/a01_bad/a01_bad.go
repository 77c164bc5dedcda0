// Look up under the read lock, store under a later lock.
package a01_bad

import "sync"

type Conn struct{ host string }

func (c *Conn) Close() error { return nil }

type Pool struct {
	mu sync.RWMutex
	m  map[string]*Conn
}

func (p *Pool) Get(host string) *Conn {
	p.mu.RLock()
	c := p.m[host]
	p.mu.RUnlock()
	if c != nil {
		return c
	}
	c = &Conn{host}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.m[host] = c // want `checkthenact`
	return c
}

// The same with a check of presence and a lock that is embedded.
type Registry struct {
	sync.Mutex
	seen map[int]chan int
}

func (r *Registry) Chan(id int) chan int {
	r.Lock()
	ch, ok := r.seen[id]
	r.Unlock()
	if !ok {
		ch = make(chan int)
		r.Lock()
		r.seen[id] = ch // want `checkthenact`
		r.Unlock()
	}
	return ch
}

// The parent's lock guards the child.
type parent struct {
	mu    sync.Mutex
	child child
}

type child struct{ byName map[string]*Conn }

func (p *parent) ensure(name string) {
	p.mu.Lock()
	_, ok := p.child.byName[name]
	p.mu.Unlock()
	if ok {
		return
	}
	c := &Conn{name}
	p.mu.Lock()
	p.child.byName[name] = c // want `checkthenact`
	p.mu.Unlock()
}

func Ensure(p *parent, name string) { p.ensure(name) }

var (
	tableMu sync.Mutex
	table   = map[string]*Conn{}
)

// Package-level state and lock.
func Lookup(name string) *Conn {
	tableMu.Lock()
	c, ok := table[name]
	tableMu.Unlock()
	if ok {
		return c
	}
	c = &Conn{name}
	tableMu.Lock()
	table[name] = c // want `checkthenact`
	tableMu.Unlock()
	return c
}
