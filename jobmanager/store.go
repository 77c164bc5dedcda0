package jobmanager

import (
	"context"
	"time"
)

// Store keeps the records. Every method is one atomic step, and a record changes in one way only: by CompareAndSet
// against the version that was read. So no lock is ever held across a call to it, in this process or in another.
//
// Times are kept to the microsecond, in UTC. NewSQL and OpenSQLite are the implementations; storetest has one in
// memory for tests, and the conformance test that any further one must pass.
type Store interface {
	// Insert adds a record at version 1, or returns ErrExists.
	Insert(ctx context.Context, job Job) error

	// Get returns a snapshot, or ErrNotFound.
	Get(ctx context.Context, id string) (Job, error)

	// CompareAndSet replaces the record if its version is still job.Version and returns it with its new version;
	// else, also if it is gone, it returns ErrConflict and changes nothing.
	CompareAndSet(ctx context.Context, job Job) (Job, error)

	// Due returns the first pending jobs whose time has come: by priority, then by age.
	Due(ctx context.Context, now time.Time, limit int) ([]Job, error)

	// Expired returns the running jobs whose lease has run out.
	Expired(ctx context.Context, now time.Time) ([]Job, error)

	// Retryable returns the failed jobs that were started at most limit times.
	Retryable(ctx context.Context, limit int) ([]Job, error)

	// Counts returns how many jobs have each status.
	Counts(ctx context.Context) (map[Status]int, error)

	// DeleteFinished removes the jobs that ended before that time and returns their number.
	DeleteFinished(ctx context.Context, before time.Time) (int, error)
}
