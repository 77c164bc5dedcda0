// Package overcapacity is broken: a free slot is seen in one step and taken in another, with a call of the store in
// between.
package overcapacity

import (
	"context"
	"sync"

	"github.com/toctou-lint/toctou/jobmanager/tasks"
)

// Job is what the store has.
type Job struct{ ID, CourseID string }

// Store keeps the jobs.
type Store interface {
	Get(ctx context.Context, id string) (Job, error)
}

// Service runs at most capacity jobs at once.
type Service struct {
	store    Store
	process  func(context.Context, Job) error
	tasks    *tasks.Group
	capacity int

	mu     sync.Mutex
	active int
}

// New returns a service.
func New(store Store, group *tasks.Group, capacity int, process func(context.Context, Job) error) *Service {
	return &Service{store: store, process: process, tasks: group, capacity: capacity}
}

// Start runs the job if there is a free slot, and reports whether there was one.
func (s *Service) Start(ctx context.Context, id string) (bool, error) {
	s.mu.Lock()
	full := s.active >= s.capacity
	s.mu.Unlock()
	if full {
		return false, nil
	}
	job, err := s.store.Get(ctx, id)
	if err != nil {
		return false, err
	}
	s.mu.Lock()
	s.active++ // BAD: checkthenact
	s.mu.Unlock()
	err = s.tasks.Go("job "+id, func(ctx context.Context) error {
		defer s.finish()
		return s.process(ctx, job)
	})
	if err != nil {
		s.finish()
	}
	return err == nil, err
}

func (s *Service) finish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active--
}
