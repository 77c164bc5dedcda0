// Package blind_ok has the look-alikes of blind_bad.
package blind_ok

import (
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
)

// The entry is the connection itself: nobody else's.
type conns struct {
	mu   sync.Mutex
	open map[io.Closer]struct{}
}

func (c *conns) track(x io.Closer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open[x] = struct{}{}
}

func (c *conns) forget(x io.Closer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.open, x)
}

func (c *conns) Serve(x io.Closer, work func()) {
	c.track(x)
	defer c.forget(x)
	work()
}

// What is computed from nothing, because nothing was found, loses nothing.
type widths struct {
	mu sync.RWMutex
	n  map[reflect.Type]int
}

func (w *widths) Of(t reflect.Type) int {
	w.mu.RLock()
	n, ok := w.n[t]
	w.mu.RUnlock()
	if ok {
		return n
	}
	for i := range t.NumField() {
		n += w.Of(t.Field(i).Type)
	}
	w.mu.Lock()
	w.n[t] = n
	w.mu.Unlock()
	return n
}

// One object for each request.
type request struct {
	r    *http.Request
	user *string
}

func (q *request) who() string {
	if q.user == nil {
		u := strings.TrimSpace(q.r.Header.Get("X-User"))
		q.user = &u
	}
	return *q.user
}

func (c *conns) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := &request{r: r}
	json.NewEncoder(w).Encode(q.who() + q.who())
}

// Add tells how many there are; who asks that asks once.
type gate struct {
	max  int64
	busy atomic.Int64
}

func (g *gate) Enter() bool {
	if g.busy.Add(1) > g.max {
		g.busy.Add(-1)
		return false
	}
	return true
}

// Readers hold one of two locks, writers hold both.
type both struct {
	cfg, rt sync.Mutex
	rows    map[string]int
}

func (b *both) Put(k string, n int) {
	b.cfg.Lock()
	defer b.cfg.Unlock()
	b.rt.Lock()
	defer b.rt.Unlock()
	b.rows[k] = n
}

func (b *both) Drop(k string) {
	b.cfg.Lock()
	defer b.cfg.Unlock()
	if b.rows[k] == 0 {
		b.rt.Lock()
		delete(b.rows, k)
		b.rt.Unlock()
	}
}

func (b *both) Get(k string) int {
	b.rt.Lock()
	defer b.rt.Unlock()
	return b.rows[k]
}

// A goroutine clears what is still its own.
type job struct{ done chan struct{} }

type slot struct {
	mu  sync.Mutex
	cur *job
	wg  sync.WaitGroup
}

func (s *slot) Start(work func()) {
	j := &job{done: make(chan struct{})}
	s.mu.Lock()
	if s.cur != nil {
		close(s.cur.done)
	}
	s.cur = j
	s.mu.Unlock()
	s.wg.Go(func() {
		work()
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.cur == j {
			s.cur = nil
		}
	})
}
