// Package removedbykey is broken: a run that has ended removes the entry of its job, whoever owns it by then. If the
// job was cancelled and started again meanwhile, that is the entry of the new run, which nobody can stop any more.
package removedbykey

import (
	"context"
	"sync"

	"github.com/toctou-lint/toctou/jobmanager/tasks"
)

// Service runs jobs.
type Service struct {
	process func(ctx context.Context, id string) error
	tasks   *tasks.Group

	mu      sync.Mutex
	running map[string]context.CancelFunc
}

// New returns a service.
func New(group *tasks.Group, process func(ctx context.Context, id string) error) *Service {
	return &Service{process: process, tasks: group, running: make(map[string]context.CancelFunc)}
}

// Start runs the job unless it is running.
func (s *Service) Start(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, running := s.running[id]; running {
		return nil
	}
	ctx, cancel := context.WithCancel(s.tasks.Context())
	err := s.tasks.Go("job "+id, func(context.Context) error {
		defer cancel()
		defer s.finish(id)
		return s.process(ctx, id)
	})
	if err != nil {
		cancel()
		return err
	}
	s.running[id] = cancel
	return nil
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

func (s *Service) finish(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.running, id) // BAD: blindremoval
}
