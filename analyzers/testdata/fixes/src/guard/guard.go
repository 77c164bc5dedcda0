// Accesses without the lock that the others hold.
package guard

import (
	"sync"
	"sync/atomic"
)

type Stats struct {
	mu    sync.RWMutex
	names []string
	last  string
	seen  map[string]bool
	total int64
}

func (s *Stats) Add(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names = append(s.names, name)
	s.last = name
	s.seen[name] = true
}

func (s *Stats) Drop(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names = s.names[:0]
	s.last = ""
	delete(s.seen, name)
}

func (s *Stats) Seen(name string) (bool, string, int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.seen[name], s.last, len(s.names)
}

// One statement of a longer function.
func (s *Stats) Report(send func(string)) {
	send("start")
	s.last = "report" // want `unevenguard`
	send("end")
}

func (s *Stats) Count() { atomic.AddInt64(&s.total, 1) }

func (s *Stats) Reset() {
	s.total = 0 // want `unevenguard`
}

func (s *Stats) Bump() {
	s.total++ // want `unevenguard`
}
