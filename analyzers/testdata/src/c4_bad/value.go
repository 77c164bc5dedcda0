package c4_bad

import "sync"

type scores struct {
	mu sync.Mutex
	m  map[string]int
}

// Each call locks a copy; the map is the same.
func (s scores) Add(k string) {
	s.mu.Lock() // want `uselesslock`
	defer s.mu.Unlock()
	s.m[k]++
}

func (s *scores) Get(k string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.m[k]
}

func raise(s scores, k string, n *int) {
	s.mu.Lock() // want `uselesslock`
	*n += s.m[k]
	s.mu.Unlock()
}

// What is changed is the copy itself.
func (s scores) With(k string) scores {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m = map[string]int{k: 1}
	return s
}
