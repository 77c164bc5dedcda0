// Goroutines that nobody tracks, or whose error nobody sees.
package d_bad

import (
	"errors"
	"os"
	"sync"
)

type log struct{ f *os.File }

func (l *log) write(s string) error {
	_, err := l.f.WriteString(s)
	return err
}

func (l *log) Event(s string) {
	go l.write(s) // want `untrackedtask`
}

type svc struct {
	mu   sync.Mutex
	wg   sync.WaitGroup
	f    *os.File
	done chan struct{}
	n    map[string]int
}

func (s *svc) Close() error { return s.f.Close() }

func (s *svc) Flush(k string) {
	go func() { // want `untrackedtask`
		s.mu.Lock()
		defer s.mu.Unlock()
		s.n[k]++
		s.f.WriteString(k)
	}()
}

func (s *svc) Count(k string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n[k]
}

func (s *svc) Start() {
	s.wg.Add(1)
	go s.loop() // want `unobservedfailure`
}

func (s *svc) loop() error {
	defer s.wg.Done()
	if s.f == nil {
		return errors.New("closed")
	}
	return nil
}
