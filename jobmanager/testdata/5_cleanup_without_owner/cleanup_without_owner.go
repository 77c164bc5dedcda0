// Package cleanupwithoutowner is broken: the clean-up after a job is a goroutine that nobody knows. Shutdown returns
// while it still writes to the store.
package cleanupwithoutowner

import (
	"context"
	"sync"
)

// Store keeps the jobs.
type Store interface {
	Remove(ctx context.Context, id string) error
}

// Service runs jobs.
type Service struct {
	store   Store
	process func(id string)
	jobs    sync.WaitGroup
}

// New returns a service.
func New(store Store, process func(id string)) *Service {
	return &Service{store: store, process: process}
}

// Start runs the job.
func (s *Service) Start(id string) {
	s.jobs.Go(func() {
		s.process(id)
		go s.cleanUp(id) // BAD: untrackedtask
	})
}

func (s *Service) cleanUp(id string) error { return s.store.Remove(context.Background(), id) }

// Shutdown waits for the jobs.
func (s *Service) Shutdown() { s.jobs.Wait() }
