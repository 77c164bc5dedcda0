package under

import "sync"

// One goroutine writes, so nobody gets past the test besides; but the readers hold the lock.
type settings struct {
	mu     sync.Mutex
	quota  *pool
	max    int
	frames chan int
}

func newSettings() *settings {
	s := &settings{frames: make(chan int)}
	go s.reader()
	return s
}

func (s *settings) reader() {
	for v := range s.frames {
		s.handle(v)
	}
}

func (s *settings) handle(v int) {
	s.mu.Lock()
	reset := s.quota != nil
	s.max = v
	s.mu.Unlock()
	if !reset {
		s.quota = newPool(v) // want `unevenguard`
	} else {
		s.quota.reset(v)
	}
}

func (s *settings) Open() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.quota != nil && s.max > 0
}

func (s *settings) Current() *pool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.quota
}
