// Package timeoutoverwrites is broken: a run that was cut off, by a timeout or by a cancel, writes back the record that
// it read before it began, whatever was decided about the job meanwhile.
package timeoutoverwrites

import (
	"context"
	"time"
)

// Job is what the store has.
type Job struct{ ID, Status, Reason string }

// Store keeps the jobs.
type Store interface {
	Get(ctx context.Context, id string) (Job, error)
	Update(ctx context.Context, id string, job Job) error
	Cancel(ctx context.Context, id, reason string) error // one conditional statement
}

// Service runs jobs.
type Service struct {
	store   Store
	process func(context.Context, Job) error
	timeout time.Duration
}

// New returns a service.
func New(store Store, timeout time.Duration, process func(context.Context, Job) error) *Service {
	return &Service{store: store, process: process, timeout: timeout}
}

// Run processes a job that was claimed, and records a failure.
func (s *Service) Run(ctx context.Context, id string) error {
	job, err := s.store.Get(ctx, id)
	if err != nil || job.Status != "running" {
		return err
	}
	work, stop := context.WithTimeout(ctx, s.timeout)
	defer stop()
	if err := s.process(work, job); err != nil {
		job.Status = "failed"
		job.Reason = err.Error()
		return s.store.Update(ctx, id, job) // BAD: stalerecord
	}
	return nil
}

// Cancel ends a job that is running.
func (s *Service) Cancel(ctx context.Context, id, reason string) error {
	return s.store.Cancel(ctx, id, reason)
}
