// Package cleanupwithoutowner is broken: the clean-up after a job is a goroutine that nobody knows. Shutdown returns
// while it still writes to the store.
package cleanupwithoutowner

import (
	"context"

	"github.com/toctou-lint/toctou/jobmanager/tasks"
)

// Store keeps the jobs.
type Store interface {
	Remove(ctx context.Context, id string) error
}

// Service runs jobs.
type Service struct {
	store   Store
	process func(ctx context.Context, id string) error
	tasks   *tasks.Group
}

// New returns a service.
func New(store Store, group *tasks.Group, process func(ctx context.Context, id string) error) *Service {
	return &Service{store: store, process: process, tasks: group}
}

// Start runs the job.
func (s *Service) Start(id string) error {
	return s.tasks.Go("job "+id, func(ctx context.Context) error {
		err := s.process(ctx, id)
		go s.cleanUp(context.WithoutCancel(ctx), id) // BAD: untrackedtask
		return err
	})
}

// Shutdown waits for the jobs.
func (s *Service) Shutdown(ctx context.Context) error { return s.tasks.Shutdown(ctx) }

func (s *Service) cleanUp(ctx context.Context, id string) error { return s.store.Remove(ctx, id) }
