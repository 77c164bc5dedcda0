// Locks in unusual shapes.
package a20_ok

import "sync"

type conn struct{}

func (c *conn) Close() {}

type node struct {
	mu   sync.Mutex
	next *node
	val  *conn
}

func (n *node) Set() {
	cur := n
	cur.mu.Lock()
	for cur.next != nil {
		next := cur.next
		next.mu.Lock()
		cur.mu.Unlock()
		cur = next
	}
	if cur.val == nil {
		cur.val = &conn{}
	}
	cur.mu.Unlock()
}

type store struct {
	mu sync.Mutex
	m  map[string]*conn
}

func (s *store) lock() func() {
	s.mu.Lock()
	return s.mu.Unlock
}

func (s *store) Ensure(k string) {
	unlock := s.lock()
	defer unlock()
	if s.m[k] == nil {
		s.m[k] = &conn{}
	}
}

func (s *store) Try(k string) {
	if !s.mu.TryLock() {
		return
	}
	defer s.mu.Unlock()
	if s.m[k] == nil {
		s.m[k] = &conn{}
	}
}

func (s *store) with(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *store) With(k string) {
	s.with(func() {
		if s.m[k] == nil {
			s.m[k] = &conn{}
		}
	})
}

func (s *store) Maybe(k string, locked bool) {
	if !locked {
		s.mu.Lock()
		defer s.mu.Unlock()
	}
	_ = len(s.m)
}

type striped struct {
	locks [16]sync.Mutex
	m     [16]map[string]*conn
}

func (s *striped) Ensure(i int, k string) {
	s.locks[i].Lock()
	defer s.locks[i].Unlock()
	if s.m[i][k] == nil {
		s.m[i][k] = &conn{}
	}
}
