// Package stalerecord is broken: Cancel reads the record, finds it running, stops the worker, and writes the record. A
// job that completes in between is recorded as cancelled.
package stalerecord

import (
	"context"
	"database/sql"
	"errors"
)

// ErrFinished says that there is nothing left to cancel.
var ErrFinished = errors.New("the job has finished")

// Service records what happens to jobs.
type Service struct {
	db   *sql.DB
	stop func(ctx context.Context, id string) error
}

// New returns a service that stops a worker by that function.
func New(db *sql.DB, stop func(ctx context.Context, id string) error) *Service {
	return &Service{db: db, stop: stop}
}

// Complete records the result of a job, unless it has ended before.
func (s *Service) Complete(ctx context.Context, id, result string) error {
	_, err := s.db.ExecContext(ctx,
		"UPDATE jobs SET status = 'completed', result = ? WHERE id = ? AND status = 'running'", result, id)
	return err
}

// Cancel ends a job that is running.
func (s *Service) Cancel(ctx context.Context, id string) error {
	var status string
	if err := s.db.QueryRowContext(ctx, "SELECT status FROM jobs WHERE id = ?", id).Scan(&status); err != nil {
		return err
	}
	if status != "running" {
		return ErrFinished
	}
	if err := s.stop(ctx, id); err != nil {
		return err
	}
	_, err := s.db.ExecContext(ctx, "UPDATE jobs SET status = 'cancelled' WHERE id = ?", id) // BAD: stalerecord
	return err
}
