// An outer lock, a contract, one owner, a constructor.
package a19_ok

import "sync"

type conn struct{}

func (c *conn) Close() {}

type store struct {
	mu sync.Mutex
	m  map[string]*conn
	n  map[string]int
}

func (s *store) has(k string) bool {
	_, ok := s.m[k]
	return ok
}

func (s *store) put(k string) { s.m[k] = &conn{} }

// Every caller of ensure holds mu.
func (s *store) ensure(k string) {
	if !s.has(k) {
		s.put(k)
	}
}

func (s *store) Ensure(k string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ensure(k)
}

func (s *store) EnsureAll(ks []string) {
	s.mu.Lock()
	for _, k := range ks {
		s.ensure(k)
	}
	s.mu.Unlock()
}

func (s *store) CountLocked(k string) {
	if _, ok := s.n[k]; !ok {
		s.n[k] = 1
	}
}

// Count must be called with the lock held.
func (s *store) Count(k string) {
	if _, ok := s.n[k]; !ok {
		s.n[k] = 1
	}
}

func (s *store) Reset() {
	s.mu.Lock()
	clear(s.n)
	s.mu.Unlock()
}

func newStore(ks []string) *store {
	s := &store{m: map[string]*conn{}}
	for _, k := range ks {
		if _, ok := s.m[k]; !ok {
			s.m[k] = &conn{}
		}
	}
	s.fill()
	return s
}

func (s *store) fill() {
	if s.n == nil {
		s.n = map[string]int{}
	}
}

type fsm struct {
	in    chan string
	state map[string]*conn
}

func start() *fsm {
	f := &fsm{in: make(chan string), state: map[string]*conn{}}
	go f.run()
	return f
}

func (f *fsm) run() {
	for k := range f.in {
		if f.state[k] == nil {
			f.state[k] = &conn{}
		}
	}
}

type outer struct {
	mu    sync.Mutex
	inner *store
}

// Both sections run under the outer lock.
func (o *outer) Both(k string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.inner.mu.Lock()
	ok := o.inner.m[k] != nil
	o.inner.mu.Unlock()
	if !ok {
		o.inner.mu.Lock()
		o.inner.m[k] = &conn{}
		o.inner.mu.Unlock()
	}
}
