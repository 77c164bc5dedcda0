package storetest

import (
	"context"
	"sync"
	"time"

	"github.com/toctou-lint/toctou/jobmanager"
)

// Seam is a store whose every call passes through Around, which may delay it or fail it, before and after the call
// of the store itself; so all the interleavings that a slow store can cause are reachable. It also keeps a journal.
type Seam struct {
	jobmanager.Store
	Around func() error // called before and after each operation; its error takes the place of the result

	mu      sync.Mutex
	journal []Change
}

// Change is one successful CompareAndSet.
type Change struct {
	ID       string
	From, To jobmanager.Status
	Attempt  int
	Version  int64 // after the change
}

// Journal returns the changes so far.
func (s *Seam) Journal() []Change {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Change(nil), s.journal...)
}

func disturbed[T any](s *Seam, call func() (T, error)) (result T, err error) {
	if err := s.Around(); err != nil {
		return result, err
	}
	if result, err = call(); err != nil {
		return result, err
	}
	return result, s.Around()
}

// Insert implements jobmanager.Store.
func (s *Seam) Insert(ctx context.Context, job jobmanager.Job) error {
	_, err := disturbed(s, func() (struct{}, error) { return struct{}{}, s.Store.Insert(ctx, job) })
	return err
}

// Get implements jobmanager.Store.
func (s *Seam) Get(ctx context.Context, id string) (jobmanager.Job, error) {
	return disturbed(s, func() (jobmanager.Job, error) { return s.Store.Get(ctx, id) })
}

// CompareAndSet implements jobmanager.Store.
func (s *Seam) CompareAndSet(ctx context.Context, job jobmanager.Job) (jobmanager.Job, error) {
	return disturbed(s, func() (jobmanager.Job, error) {
		s.mu.Lock() // over the in-memory call only: the journal must be in the order of the changes
		defer s.mu.Unlock()
		old, err := s.Store.Get(ctx, job.ID)
		if err != nil {
			return job, jobmanager.ErrConflict
		}
		stored, err := s.Store.CompareAndSet(ctx, job)
		if err == nil {
			s.journal = append(s.journal, Change{job.ID, old.Status, job.Status, job.Attempts, stored.Version})
		}
		return stored, err
	})
}

// Due implements jobmanager.Store.
func (s *Seam) Due(ctx context.Context, now time.Time, limit int) ([]jobmanager.Job, error) {
	return disturbed(s, func() ([]jobmanager.Job, error) { return s.Store.Due(ctx, now, limit) })
}

// Expired implements jobmanager.Store.
func (s *Seam) Expired(ctx context.Context, now time.Time) ([]jobmanager.Job, error) {
	return disturbed(s, func() ([]jobmanager.Job, error) { return s.Store.Expired(ctx, now) })
}

// Retryable implements jobmanager.Store.
func (s *Seam) Retryable(ctx context.Context, limit int) ([]jobmanager.Job, error) {
	return disturbed(s, func() ([]jobmanager.Job, error) { return s.Store.Retryable(ctx, limit) })
}

// DeleteFinished implements jobmanager.Store.
func (s *Seam) DeleteFinished(ctx context.Context, before time.Time) (int, error) {
	return disturbed(s, func() (int, error) { return s.Store.DeleteFinished(ctx, before) })
}
