package under

import (
	"os"
	"sync"
)

type pool struct{ c chan int }

func newPool(n int) *pool {
	p := &pool{make(chan int, 1)}
	p.c <- n
	return p
}

func (p *pool) reset(int) {}

type client struct {
	mu    sync.Mutex
	quota *pool
	max   int
}

func (t *client) settings(v uint32) {
	t.mu.Lock()
	reset := t.quota != nil
	ms := t.max
	t.max = int(v)
	t.mu.Unlock()
	if !reset {
		t.quota = newPool(int(v)) // want `checkthenact`
	} else {
		t.quota.reset(int(v) - ms)
	}
}

func (t *client) acquire() *pool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.quota
}

func (t *client) ensure() {
	t.mu.Lock()
	missing := t.quota == nil
	t.mu.Unlock()
	if missing {
		t.quota = newPool(1) // want `checkthenact`
	}
}

func (t *client) ensure2() *pool {
	t.mu.Lock()
	if t.quota != nil {
		t.mu.Unlock()
		return t.quota
	}
	t.mu.Unlock()
	p := newPool(2)
	t.quota = p // want `checkthenact`
	return p
}

type dial struct {
	mu   sync.Mutex
	conn *os.File
	n    map[string]*pool
}

// What is made in vain would have to be closed.
func (d *dial) open() {
	d.mu.Lock()
	missing := d.conn == nil
	d.mu.Unlock()
	if missing {
		d.conn = connect() // want `checkthenact`
	}
}

// Closed, it is.
func (d *dial) get() *os.File {
	d.mu.Lock()
	if d.conn != nil {
		d.mu.Unlock()
		return d.conn
	}
	d.mu.Unlock()
	conn := connect()
	d.conn = conn // want `checkthenact`
	return conn
}

func connect() *os.File {
	f, _ := os.Open("x")
	return f
}

func (d *dial) slot(k string) {
	d.mu.Lock()
	_, ok := d.n[k]
	d.mu.Unlock()
	if !ok {
		d.n[k] = newPool(2) // want `checkthenact`
	}
}

func (d *dial) drop(k string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.n, k)
	d.conn = nil
}
