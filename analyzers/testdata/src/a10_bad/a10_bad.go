// A map header copied under the lock, visited after it.
package a10_bad

import "sync"

type set struct {
	mu sync.Mutex
	m  map[string]int
}

func (s *set) Add(k string) {
	s.mu.Lock()
	s.m[k]++
	s.mu.Unlock()
}

func (s *set) Each(f func(string)) {
	s.mu.Lock()
	m := s.m
	s.mu.Unlock()
	for k := range m { // want `checkthenact|unevenguard`
		f(k)
	}
}

// The map is swapped out: it belongs to this call. Silent.
func (s *set) Drain(f func(string)) {
	s.mu.Lock()
	m := s.m
	s.m = map[string]int{}
	s.mu.Unlock()
	for k := range m {
		f(k)
	}
}
