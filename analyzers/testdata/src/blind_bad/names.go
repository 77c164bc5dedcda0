// Package blind_bad has the forms of a shape that say least about themselves: names of types, state without any
// lock that a handler or a goroutine reaches, content that only looks like a memo.
package blind_bad

import (
	"encoding/json"
	"errors"
	"html/template"
	"net/http"
	"sync"
	"sync/atomic"
)

var errStopped = errors.New("stopped")

// Runner is not a function that runs something.
type Runner struct {
	mu      sync.Mutex
	stopped bool
	wg      sync.WaitGroup
}

func (r *Runner) isStopped() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stopped
}

func (r *Runner) Do(job func()) error {
	if r.isStopped() {
		return errStopped
	}
	r.wg.Add(1) // want `checkthenact`
	go func() {
		defer r.wg.Done()
		job()
	}()
	return nil
}

func (r *Runner) Stop() {
	r.mu.Lock()
	r.stopped = true
	r.mu.Unlock()
	r.wg.Wait()
}

// What a handler calls on its receiver, many run at once.
type pages struct {
	base  *template.Template
	cache map[string]*template.Template
}

func (p *pages) page(name string) (*template.Template, error) {
	if p.base == nil {
		t, err := template.ParseGlob("*.tmpl")
		if err != nil {
			return nil, err
		}
		p.base = t // want `checkthenact`
	}
	if t, ok := p.cache[name]; ok {
		return t, nil
	}
	t, err := p.base.Clone()
	if err != nil {
		return nil, err
	}
	p.cache[name] = t // want `checkthenact`
	return t, nil
}

func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if t, err := p.page(r.URL.Path); err == nil {
		t.Execute(w, nil)
	}
}

// A flag without a lock; one goroutine and a caller both close.
type stream struct {
	out    chan int
	closed bool
	wg     sync.WaitGroup
}

func follow(src func() (int, error)) *stream {
	s := &stream{out: make(chan int)}
	s.wg.Go(func() {
		for {
			n, err := src()
			if err != nil {
				s.Close()
				return
			}
			s.push(n)
		}
	})
	return s
}

func (s *stream) push(n int) {
	if s.closed {
		return
	}
	s.out <- n // want `checkthenact`
}

func (s *stream) Close() {
	if !s.closed {
		s.closed = true // want `checkthenact`
		close(s.out)
	}
}

type owner struct{ ID, Mail string }

type book struct {
	mu    sync.Mutex
	taken map[string]owner
	next  int
	ids   map[string]int
}

func (b *book) has(name string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, ok := b.taken[name]
	return ok
}

func (b *book) set(name string, o owner) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.taken[name] = o
}

// The request brings key and content: the content is no function of the key.
func (b *book) Register(w http.ResponseWriter, r *http.Request) {
	var req struct{ Name, ID, Mail string }
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil || b.has(req.Name) {
		w.WriteHeader(http.StatusConflict)
		return
	}
	b.set(req.Name, owner{req.ID, req.Mail}) // want `clobbered.*checkthenact`
}

// A number that is given once is no function of the key either.
func (b *book) Number(name string, wait func()) int {
	b.mu.Lock()
	n, ok := b.ids[name]
	b.mu.Unlock()
	if ok {
		return n
	}
	wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	n = b.next
	b.next++
	b.ids[name] = n // want `clobbered.*checkthenact`
	return n
}

// As many as are expected: the second load may have seen others.
type barrier struct {
	need int32
	here atomic.Int32
	max  int64
	busy atomic.Int64
}

func (b *barrier) Arrive(run func()) {
	b.here.Add(1)
	if b.here.Load() == b.need { // want `checkthenact`
		run()
	}
}

// A limit that is asked, and then counted up to.
func (b *barrier) Enter() bool {
	if b.busy.Load() >= b.max {
		return false
	}
	b.busy.Add(1) // want `limit-exceeded.*checkthenact`
	return true
}

// Read by one call and written back by another.
type rate struct {
	mu    sync.RWMutex
	value float64
}

func (r *rate) Value() float64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.value
}

func (r *rate) set(v float64) {
	r.mu.Lock()
	r.value = v
	r.mu.Unlock()
}

func (r *rate) Observe(v float64) {
	r.set((r.Value() + v) / 2) // want `lostupdate`
}

// Two locks of one object, one place.
type tally struct {
	in, out sync.Mutex
	open    map[string]int
}

func (t *tally) In(k string) {
	t.in.Lock()
	defer t.in.Unlock()
	t.open[k]++ // want `uselesslock`
}

func (t *tally) Out(k string) {
	t.out.Lock()
	defer t.out.Unlock()
	delete(t.open, k)
}
