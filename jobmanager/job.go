package jobmanager

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Status is where a job is in its life.
type Status string

// A job waits (pending), runs, and ends in one of three ways. Only a failed job can come back.
const (
	Pending   Status = "pending"
	Running   Status = "running"
	Completed Status = "completed"
	Failed    Status = "failed"
	Cancelled Status = "cancelled"
)

// legal lists, for each status, what may follow it. Pending follows running when a shutdown gives a job back or when
// its process died.
var legal = map[Status][]Status{
	Pending: {Running, Cancelled},
	Running: {Completed, Failed, Cancelled, Pending},
	Failed:  {Pending},
}

// Finished reports whether s is an end.
func (s Status) Finished() bool { return s == Completed || s == Failed || s == Cancelled }

// Priority orders the queue; the zero value is Normal.
type Priority int

// The priorities, in the order of their urgency.
const (
	Low    Priority = -1
	Normal Priority = 0
	High   Priority = 1
	Urgent Priority = 2
)

// Job is the record of one job, as the store has it. A copy of it is a snapshot: whoever decides something by it must
// write by CompareAndSet, which fails when the snapshot is no longer true.
type Job struct {
	ID          string
	ContentType string // selects the handler
	CourseID    string
	Parameters  json.RawMessage
	Priority    Priority
	NotBefore   time.Time // the scheduled time; zero: at once

	Status     Status
	Attempts   int       // how often it was started
	Owner      string    // the manager that runs it
	LeaseUntil time.Time // when others may take the owner for dead
	Progress   int       // percent
	Note       string    // what the handler said last
	Result     json.RawMessage
	Error      string // why it failed or was cancelled

	CreatedAt  time.Time
	StartedAt  time.Time
	FinishedAt time.Time

	Version int64 // counts the changes; the store compares and raises it
}

// The errors a caller can act on. Test with errors.Is.
var (
	ErrExists      = errors.New("a job with this ID exists: use another ID, or none to have one made")
	ErrNotFound    = errors.New("no such job")
	ErrConflict    = errors.New("the record has changed since it was read: read it again")
	ErrTransition  = errors.New("illegal transition")
	ErrRetryLimit  = errors.New("retry limit reached: create a new job")
	ErrUnknownType = errors.New("no handler for this content type: pass one to Start")
	ErrShutdown    = errors.New("the job manager is shutting down: try again after its restart")
	ErrTimeout     = errors.New("timed out")
)

// TransitionError says which change of status was refused. It is an ErrTransition.
type TransitionError struct {
	ID       string
	From, To Status
}

func (e *TransitionError) Error() string {
	return fmt.Sprintf("job %s is %s and cannot become %s", e.ID, e.From, e.To)
}

// Is makes every TransitionError an ErrTransition.
func (e *TransitionError) Is(target error) bool { return target == ErrTransition }

// Each of the following makes one legal change to a copy of the record, or refuses it and leaves the copy alone.

func (j *Job) become(next Status) error {
	if !slices.Contains(legal[j.Status], next) {
		return &TransitionError{ID: j.ID, From: j.Status, To: next}
	}
	j.Status = next
	j.Owner, j.LeaseUntil = "", time.Time{}
	return nil
}

func (j *Job) queue(now time.Time) error {
	if j.Status != Pending {
		return &TransitionError{ID: j.ID, From: j.Status, To: Pending}
	}
	if j.NotBefore.After(now) {
		j.NotBefore = now
	}
	return nil
}

func (j *Job) claim(owner string, now, until time.Time) error {
	if err := j.become(Running); err != nil {
		return err
	}
	j.Owner, j.LeaseUntil = owner, until
	j.StartedAt, j.FinishedAt = now, time.Time{}
	j.Attempts++
	j.Progress, j.Note, j.Error = 0, "", ""
	return nil
}

func (j *Job) complete(result json.RawMessage, now time.Time) error {
	if err := j.become(Completed); err != nil {
		return err
	}
	j.Result, j.Progress, j.FinishedAt = result, 100, now
	return nil
}

func (j *Job) fail(reason string, now time.Time) error {
	if err := j.become(Failed); err != nil {
		return err
	}
	j.Error, j.FinishedAt = reason, now
	return nil
}

func (j *Job) cancel(reason string, now time.Time) error {
	if err := j.become(Cancelled); err != nil {
		return err
	}
	j.Error, j.FinishedAt = reason, now
	return nil
}

func (j *Job) retry(limit int) error {
	if j.Status != Failed {
		return &TransitionError{ID: j.ID, From: j.Status, To: Pending}
	}
	if j.Attempts > limit {
		return fmt.Errorf("job %s after %d attempts: %w", j.ID, j.Attempts, ErrRetryLimit)
	}
	return j.become(Pending)
}

// giveBack returns a job that a shutdown cut off; that attempt is not held against it.
func (j *Job) giveBack() error {
	if err := j.become(Pending); err != nil {
		return err
	}
	j.Attempts--
	return nil
}

// reclaim takes a job from an owner whose lease ran out. The attempt counts: a job that kills its process must not do
// so for ever.
func (j *Job) reclaim(now time.Time, limit int) error {
	switch {
	case j.Status != Running || j.LeaseUntil.After(now):
		return errLost
	case j.Attempts > limit:
		return j.fail("its process died", now)
	default:
		return j.become(Pending)
	}
}

// heldBy reports whether the record still belongs to that attempt of that owner.
func (j *Job) heldBy(owner string, attempt int) bool {
	return j.Status == Running && j.Owner == owner && j.Attempts == attempt
}
