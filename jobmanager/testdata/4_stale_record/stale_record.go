// Package stalerecord is broken: Cancel reads the record, finds it running, and writes it back. A job that completes
// in between is recorded as cancelled, and its result is gone.
package stalerecord

import (
	"context"
	"errors"
)

// Job is what the store has.
type Job struct{ ID, Status, Result, Reason string }

// Store keeps the jobs.
type Store interface {
	Get(ctx context.Context, id string) (Job, error)
	Update(ctx context.Context, id string, job Job) error
	Complete(ctx context.Context, id, result string) error // one conditional statement
}

// ErrFinished says that there is nothing left to cancel.
var ErrFinished = errors.New("the job has finished")

// Service records what happens to jobs.
type Service struct{ store Store }

// New returns a service.
func New(store Store) *Service { return &Service{store: store} }

// Complete records the result of a job.
func (s *Service) Complete(ctx context.Context, id, result string) error {
	return s.store.Complete(ctx, id, result)
}

// Cancel ends a job that is running.
func (s *Service) Cancel(ctx context.Context, id, reason string) error {
	job, err := s.store.Get(ctx, id)
	if err != nil {
		return err
	}
	if job.Status != "running" {
		return ErrFinished
	}
	job.Status = "cancelled"
	job.Reason = reason
	return s.store.Update(ctx, id, job) // BAD: stalerecord
}
