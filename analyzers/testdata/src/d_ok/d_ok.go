// Goroutines with an owner.
package d_ok

import (
	"context"
	"os"
	"sync"
)

type svc struct {
	wg   sync.WaitGroup
	done chan struct{}
	jobs chan string
	f    *os.File
	mu   sync.Mutex
	n    int
}

func (s *svc) Close() { close(s.done); s.wg.Wait() }

func (s *svc) A(k string) {
	s.wg.Go(func() { s.f.WriteString(k) })
	s.wg.Add(1)
	go func() {
		defer s.wg.Done()
		s.f.WriteString(k)
	}()
}

func (s *svc) B() error {
	errc := make(chan error, 1)
	go func() { _, err := s.f.WriteString("b"); errc <- err }()
	return <-errc
}

func (s *svc) C(ctx context.Context) {
	go s.watch(ctx)
	go func() {
		for {
			select {
			case <-s.done:
				return
			case j := <-s.jobs:
				s.f.WriteString(j)
			}
		}
	}()
}

func (s *svc) watch(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

func (s *svc) track(f func()) {
	s.wg.Add(1)
	go func() {
		defer s.wg.Done()
		f()
	}()
}

func (s *svc) D() { s.track(func() { s.f.WriteString("d") }) }
