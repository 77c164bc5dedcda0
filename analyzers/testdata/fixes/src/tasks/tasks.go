// Goroutines beside a group that somebody waits for.
package tasks

import (
	"os"
	"sync"

	"golang.org/x/sync/errgroup"
)

type svc struct {
	mu sync.Mutex
	wg sync.WaitGroup
	f  *os.File
	n  map[string]int
}

func (s *svc) Close() error {
	s.wg.Wait()
	return s.f.Close()
}

func (s *svc) Work() { s.wg.Go(func() { s.flush("") }) }

func (s *svc) flush(k string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n[k]++
	s.f.WriteString(k)
}

func (s *svc) Flush(k string) {
	go func() { // want `untrackedtask`
		s.flush(k)
	}()
}

func (s *svc) Later(k string) {
	go s.flush(k) // want `untrackedtask`
}

type pool struct {
	mu sync.Mutex
	g  *errgroup.Group
	f  *os.File
	n  int
}

func (p *pool) Close() error {
	err := p.g.Wait()
	p.f.Close()
	return err
}

func (p *pool) save() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	_, err := p.f.WriteString("x")
	return err
}

func (p *pool) Run() { p.g.Go(p.save) }

func (p *pool) Save() {
	go p.save() // want `untrackedtask`
}
