// Package startedtwice is broken: whether a job runs is checked in one step, and it is started in another, with a
// call of the store in between. The map is never touched without its lock, so the race detector has nothing to say.
package startedtwice

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

// Service runs jobs.
type Service struct {
	store   Store
	process func(context.Context, Job) error
	tasks   *tasks.Group

	mu      sync.Mutex
	running map[string]*run
}

type run struct{ job Job }

// New returns a service.
func New(store Store, group *tasks.Group, process func(context.Context, Job) error) *Service {
	return &Service{store: store, process: process, tasks: group, running: make(map[string]*run)}
}

// Queue starts the job unless it is running.
func (s *Service) Queue(ctx context.Context, id string) error {
	s.mu.Lock()
	_, running := s.running[id]
	s.mu.Unlock()
	if running {
		return nil
	}
	job, err := s.store.Get(ctx, id)
	if err != nil {
		return err
	}
	r := &run{job}
	s.mu.Lock()
	s.running[id] = r // BAD: checkthenact
	s.mu.Unlock()
	err = s.tasks.Go("job "+id, func(ctx context.Context) error {
		defer s.finish(r)
		return s.process(ctx, job)
	})
	if err != nil {
		s.finish(r)
	}
	return err
}

func (s *Service) finish(r *run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running[r.job.ID] == r {
		delete(s.running, r.job.ID)
	}
}
