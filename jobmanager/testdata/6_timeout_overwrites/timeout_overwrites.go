// Package timeoutoverwrites is broken: a run that was cut off, by a timeout or by a cancel, records its failure because
// the job was running when it began, whatever was decided about the job meanwhile.
package timeoutoverwrites

import (
	"context"
	"database/sql"
	"time"
)

// Service runs jobs.
type Service struct {
	db      *sql.DB
	process func(ctx context.Context, id string) error
	timeout time.Duration
}

// New returns a service.
func New(db *sql.DB, timeout time.Duration, process func(ctx context.Context, id string) error) *Service {
	return &Service{db: db, process: process, timeout: timeout}
}

// Run processes a job that was claimed, and records a failure.
func (s *Service) Run(ctx context.Context, id string) error {
	var status string
	if err := s.db.QueryRowContext(ctx, "SELECT status FROM jobs WHERE id = ?", id).Scan(&status); err != nil {
		return err
	}
	if status != "running" {
		return nil
	}
	work, stop := context.WithTimeout(ctx, s.timeout)
	defer stop()
	if err := s.process(work, id); err == nil {
		return nil
	}
	_, err := s.db.ExecContext(ctx, "UPDATE jobs SET status = 'failed' WHERE id = ?", id) // BAD: stalerecord
	return err
}

// Cancel ends a job that is running.
func (s *Service) Cancel(ctx context.Context, id string) error {
	_, err := s.db.ExecContext(ctx, "UPDATE jobs SET status = 'cancelled' WHERE id = ? AND status = 'running'", id)
	return err
}
