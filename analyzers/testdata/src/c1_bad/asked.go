package c1_bad

import "sync"

type budget struct{ left int }

type session struct {
	mu     sync.Mutex
	budget *budget
	limit  int
}

type feed interface{ Each(func(kind, n int)) }

func (s *session) spend() int {
	s.mu.Lock()
	limited := s.budget != nil
	s.mu.Unlock()
	if limited {
		return s.budget.left
	}
	return -1
}

// The lock is taken to ask, and given back before the write; half of the other accesses do without,
// for they know by then that it is set.
func (s *session) follow(f feed) {
	go s.pump(f)
}

func (s *session) pump(f feed) {
	f.Each(func(kind, n int) {
		if kind != 1 {
			return
		}
		s.mu.Lock()
		known := s.budget != nil
		s.limit = n
		s.mu.Unlock()
		if !known {
			s.budget = &budget{n} // want `unevenguard|checkthenact`
			return
		}
		s.budget.left = n
	})
}
