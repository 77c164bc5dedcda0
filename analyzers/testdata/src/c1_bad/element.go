package c1_bad

import "sync"

type record struct{ hits int }

type records struct {
	mu sync.RWMutex
	m  map[string]*record
}

// The lock of the table guards what is in its records.
func (r *records) Get(k string) *record {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if rec := r.m[k]; rec != nil {
		rec.hits++ // want `unevenguard`
		return rec
	}
	return nil
}

func (r *records) Hits(k string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if rec := r.m[k]; rec != nil {
		return rec.hits
	}
	return 0
}

type cell struct {
	mu   sync.Mutex
	hits int
}

type cells struct {
	mu sync.RWMutex
	m  map[string]*cell
}

// Each has a lock of its own: silent.
func (c *cells) Hit(k string) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if e := c.m[k]; e != nil {
		e.mu.Lock()
		e.hits++
		e.mu.Unlock()
	}
}

func (c *cells) Hits(k string) int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if e := c.m[k]; e != nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		return e.hits
	}
	return 0
}
