// Package removedbykey is broken: a run that has ended removes the entry of its job, whoever owns it by then. If the
// job was cancelled and started again meanwhile, that is the entry of the new run, which nobody can stop any more.
package removedbykey

import (
	"context"
	"sync"
)

// Service runs jobs.
type Service struct {
	process func(ctx context.Context, id string)
	jobs    sync.WaitGroup

	mu      sync.Mutex
	running map[string]context.CancelFunc
}

// New returns a service.
func New(process func(ctx context.Context, id string)) *Service {
	return &Service{process: process, running: make(map[string]context.CancelFunc)}
}

// Start runs the job unless it is running.
func (s *Service) Start(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, running := s.running[id]; running {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.running[id] = cancel
	s.jobs.Go(func() {
		defer cancel()
		s.process(ctx, id)
		s.mu.Lock()
		delete(s.running, id) // BAD: blindremoval
		s.mu.Unlock()
	})
}

// Cancel stops the job if it is running.
func (s *Service) Cancel(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel, running := s.running[id]; running {
		cancel()
		delete(s.running, id)
	}
}

// Shutdown waits for the jobs.
func (s *Service) Shutdown() { s.jobs.Wait() }
