// Races met in public projects, that look like the false alarms in field_ok.
package field_bad

import (
	"sync"
	"sync/atomic"
	"time"
)

type entry struct{ id int }

type set struct {
	mu    sync.Mutex
	items map[string]*entry
	list  []*entry
	at    time.Time
	state atomic.Pointer[entry]
	flag  atomic.Bool
	n     int
}

// A list whose elements are moved in place is not safe to visit after the lock.
func (s *set) visit() {
	s.mu.Lock()
	list := s.list
	s.mu.Unlock()
	for _, e := range list {
		show(e) // want `unevenguard`
	}
}

func (s *set) cut(i int) {
	s.mu.Lock()
	s.list = append(s.list[:i], s.list[i+1:]...)
	s.mu.Unlock()
}

func (s *set) add(e *entry) {
	s.mu.Lock()
	s.list = append(s.list, e)
	s.mu.Unlock()
}

// The lock is given back before the deferred write.
func (s *set) purge() {
	s.mu.Lock()
	defer func() { s.at = time.Now() }() // want `unevenguard`
	clear(s.items)
	s.mu.Unlock()
}

func (s *set) since() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Since(s.at)
}

func (s *set) touch() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = time.Now()
}

// A copy is changed and stored: what others have stored in between is lost.
func (s *set) rename(id int) {
	e := *s.state.Load()
	e.id = id
	s.state.Store(&e) // want `lostupdate`
}

// The flag decides about more than itself.
func (s *set) once() {
	if !s.flag.Load() {
		s.flag.Store(true) // want `checkthenact`
		go s.cut(0)
	}
}

// The callee gives the caller's lock back while it waits, and takes it again.
func (s *set) next() *entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.items["a"]
	if e == nil {
		s.wait()
		e = &entry{}
		s.items["a"] = e // want `checkthenact`
	}
	return e
}

func (s *set) wait() {
	if s.n > 0 {
		s.mu.Unlock()
		time.Sleep(time.Second)
		s.mu.Lock()
	}
}

func show(e *entry) { println(e.id) }

type gate struct {
	mu     sync.Mutex
	closed bool
	n      int
}

func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	g.n++
	return true
}

func (g *gate) open() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.closed
}

// To close is no clean-up: who enters must see it.
func (g *gate) Close() {
	g.closed = true // want `unevenguard`
}

// ring has no lock. Each is a part of an object that has one, and those are of two types, of which
// one takes another lock than its own.
type ring struct {
	buf        []int
	head, size int
}

func (r *ring) put(v int) {
	r.size++                           // want `lostupdate`
	r.buf[r.head] = v                  // want `unevenguard`
	r.head = (r.head + 1) % len(r.buf) // want `lostupdate`
}

func (r *ring) latest() int { return r.buf[r.head] }
func (r *ring) reset()      { r.head, r.size = 0, 0 }

type journal struct {
	mu sync.RWMutex
	r  ring
}

func (j *journal) Put(v int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.r.put(v)
}

func (j *journal) Last() int {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return j.r.latest()
}

func (j *journal) Forget() {
	j.mu.Lock()
	j.r.reset()
	j.mu.Unlock()
}

type history struct {
	guard sync.Mutex
	r     ring
}

var putting sync.Mutex

func (h *history) Put(v int) {
	putting.Lock()
	defer putting.Unlock()
	h.r.put(v)
}

func (h *history) Last() int {
	h.guard.Lock()
	defer h.guard.Unlock()
	return h.r.latest()
}

func (h *history) Forget() {
	h.guard.Lock()
	h.r.reset()
	h.guard.Unlock()
}

type quota struct{ used atomic.Int64 }

// A comment that speaks of another race waives nothing.
func (q *quota) take(max int64) bool {
	// The caller must not race with close.
	if q.used.Load() >= max {
		return false
	}
	q.used.Add(1) // want `checkthenact`
	return true
}

type names struct {
	mu    sync.Mutex
	known map[string]int
}

func (n *names) RegisterNames(list []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, s := range list {
		if n.known[s] == 0 {
			n.known[s] = 1
		} else {
			n.known[s] = 2
		}
	}
}

// Who takes the lock to read knows that others register meanwhile.
func (n *names) Count(s string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.known[s]
}

func (n *names) list() (out []string) {
	for s := range n.known { // want `unevenguard`
		out = append(out, s)
	}
	return out
}

func (n *names) Start() {
	go n.list()
}
