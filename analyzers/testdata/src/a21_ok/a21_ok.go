// Nothing depends on what was asked.
package a21_ok

import (
	"log"
	"sync"
)

type stats struct {
	mu sync.RWMutex
	n  map[string]int
}

func (s *stats) Report(k string) {
	s.mu.RLock()
	n := s.n[k]
	s.mu.RUnlock()
	log.Println(k, n)
	s.mu.Lock()
	s.n["reports"] = 1
	s.mu.Unlock()
}
