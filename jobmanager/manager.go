package jobmanager

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/toctou-lint/toctou/jobmanager/tasks"
)

// Handler does the work of one kind of job and returns its result. It must return soon after ctx ends (a cancel, the
// timeout, a shutdown, a lost lease): until then it keeps its slot. A handler may be run again for a job that it has
// done before (execution is at least once), so it must be safe to repeat.
type Handler func(ctx context.Context, job Job, report func(percent int, note string)) (json.RawMessage, error)

// Options are the settings of a manager; a zero field means its default.
type Options struct {
	Capacity   int           // jobs that run at once; default 5
	Timeout    time.Duration // for one attempt; default 30 minutes
	RetryLimit int           // attempts after the first; default 3, negative for none
	Lease      time.Duration // after which a silent owner is taken for dead, renewed at every third; default 1 minute
	Poll       time.Duration // how often to look for scheduled and abandoned jobs; default 1 second
	Log        *slog.Logger  // default slog.Default()
}

func (o Options) withDefaults() Options {
	set := func(d *time.Duration, value time.Duration) {
		if *d <= 0 {
			*d = value
		}
	}
	if o.Capacity <= 0 {
		o.Capacity = 5
	}
	switch {
	case o.RetryLimit == 0:
		o.RetryLimit = 3
	case o.RetryLimit < 0:
		o.RetryLimit = 0
	}
	set(&o.Timeout, 30*time.Minute)
	set(&o.Lease, time.Minute)
	set(&o.Poll, time.Second)
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return o
}

// Request describes a job to create.
type Request struct {
	ID          string // optional; of several creations with one ID, exactly one succeeds
	ContentType string
	CourseID    string
	Parameters  json.RawMessage
	Priority    Priority
	NotBefore   time.Time // optional: the scheduled time
}

// Snapshot is a job as it was at one moment.
type Snapshot struct {
	Job
	IsRunning  bool          // by an owner whose lease is good
	RunningFor time.Duration // since the start of this attempt
}

// Statistics counts the jobs in the store, and those that this manager runs.
type Statistics struct {
	ByStatus map[Status]int
	Active   int
	Capacity int
}

// Manager runs jobs. Its methods may be called from any goroutine. Start one, and shut it down before closing its
// store.
type Manager struct {
	store    Store
	handlers map[string]Handler
	opts     Options
	owner    string // of our leases: new for each manager, so that a restart is somebody else
	tasks    *tasks.Group
	active   *reservations
	wake     chan struct{}
}

// Start returns a manager that processes the queue of store, beginning with what an earlier one left behind. The
// handlers are found by content type. The jobs get the values of ctx, but only Shutdown ends them.
func Start(ctx context.Context, store Store, handlers map[string]Handler, opts Options) (*Manager, error) {
	opts = opts.withDefaults()
	m := &Manager{
		store:    store,
		handlers: handlers,
		opts:     opts,
		owner:    rand.Text(),
		tasks:    tasks.New(context.WithoutCancel(ctx), opts.Log),
		active:   newReservations(opts.Capacity),
		wake:     make(chan struct{}, 1),
	}
	if err := m.tasks.Go("job queue", m.loop); err != nil {
		return nil, err
	}
	return m, nil
}

// Create stores a job and queues it: for at once, or for its scheduled time.
func (m *Manager) Create(ctx context.Context, req Request) (Job, error) {
	if m.handlers[req.ContentType] == nil {
		return Job{}, fmt.Errorf("content type %q: %w", req.ContentType, ErrUnknownType)
	}
	leave, err := m.tasks.Enter()
	if err != nil {
		return Job{}, ErrShutdown
	}
	defer leave()
	job := Job{
		ID:          req.ID,
		ContentType: req.ContentType,
		CourseID:    req.CourseID,
		Parameters:  req.Parameters,
		Priority:    req.Priority,
		NotBefore:   req.NotBefore.UTC().Truncate(time.Microsecond),
		Status:      Pending,
		CreatedAt:   now(),
		Version:     1,
	}
	if job.ID == "" {
		job.ID = rand.Text()
	}
	if err := m.store.Insert(ctx, job); err != nil {
		return Job{}, err
	}
	m.wakeUp()
	return job, nil
}

// Queue lets a pending job start without waiting for its scheduled time. Queueing a job twice is no error and starts
// it once.
func (m *Manager) Queue(ctx context.Context, id string) error {
	return m.requeue(ctx, id, func(j *Job) error { return j.queue(now()) })
}

// Retry queues a failed job again, or returns ErrRetryLimit.
func (m *Manager) Retry(ctx context.Context, id string) error {
	return m.requeue(ctx, id, func(j *Job) error { return j.retry(m.opts.RetryLimit) })
}

func (m *Manager) requeue(ctx context.Context, id string, decide func(*Job) error) error {
	leave, err := m.tasks.Enter()
	if err != nil {
		return ErrShutdown
	}
	defer leave()
	job, err := m.store.Get(ctx, id)
	if err != nil {
		return err
	}
	if _, err := m.update(ctx, job, decide); err != nil {
		return err
	}
	m.wakeUp()
	return nil
}

// RetryFailed queues every failed job below the retry limit again and returns how many.
func (m *Manager) RetryFailed(ctx context.Context) (int, error) {
	failed, err := m.store.Retryable(ctx, m.opts.RetryLimit)
	if err != nil {
		return 0, err
	}
	retried := 0
	for _, job := range failed {
		switch err := m.Retry(ctx, job.ID); {
		case err == nil:
			retried++
		case errors.Is(err, ErrTransition), errors.Is(err, ErrRetryLimit), errors.Is(err, ErrNotFound):
			// Somebody else retried it, or cleaned it up, since the list was read.
		default:
			return retried, err
		}
	}
	return retried, nil
}

// Cancel ends a pending or running job for good. If the job has ended before, also if that happens just now, Cancel
// changes nothing and its error is an ErrTransition that names the status which won. The handler of a running job is
// told to stop; it keeps its slot until it does, and its result is dropped.
func (m *Manager) Cancel(ctx context.Context, id, reason string) error {
	job, err := m.store.Get(ctx, id)
	if err != nil {
		return err
	}
	var stop *run
	_, err = m.update(ctx, job, func(j *Job) error {
		// The run is looked up between reading the record and changing it. If the change succeeds, the record said
		// "running" all that time, so this is the run it spoke of, and not a later one.
		stop = m.active.of(id)
		return j.cancel(reason, now())
	})
	if err == nil && stop != nil {
		stop.cancel(errCancelled)
	}
	return err
}

// Status returns a job as it is now, with the progress its handler reported last.
func (m *Manager) Status(ctx context.Context, id string) (Snapshot, error) {
	job, err := m.store.Get(ctx, id)
	if err != nil {
		return Snapshot{}, err
	}
	at := now()
	s := Snapshot{Job: job, IsRunning: job.Status == Running && job.LeaseUntil.After(at)}
	if s.IsRunning {
		s.RunningFor = at.Sub(job.StartedAt)
	}
	if r := m.active.of(id); r != nil && job.Owner == m.owner {
		r.showProgress(&s.Job)
	}
	return s, nil
}

// Statistics counts the jobs.
func (m *Manager) Statistics(ctx context.Context) (Statistics, error) {
	counts, err := m.store.Counts(ctx)
	return Statistics{ByStatus: counts, Active: m.active.count(), Capacity: m.opts.Capacity}, err
}

// CleanUp removes the jobs that ended longer ago than age and returns how many.
func (m *Manager) CleanUp(ctx context.Context, age time.Duration) (int, error) {
	return m.store.DeleteFinished(ctx, now().Add(-age))
}

// Shutdown stops intake and waits for the running jobs. When ctx ends first, it cancels them, waits for that too, and
// returns an error that says so; they are pending again for the next start. Afterwards the manager does not touch the
// store any more, except for the callers of Status, Cancel, Statistics and CleanUp.
func (m *Manager) Shutdown(ctx context.Context) error { return m.tasks.Shutdown(ctx) }

// update is the only way in which a record changes: decide on what was read, compare and set, and when somebody else
// was faster, read again and decide again. Every round that fails is a round in which another one succeeded.
func (m *Manager) update(ctx context.Context, job Job, decide func(*Job) error) (Job, error) {
	for {
		next := job
		if err := decide(&next); err != nil {
			return job, err
		}
		stored, err := m.store.CompareAndSet(ctx, next)
		if !errors.Is(err, ErrConflict) {
			return stored, err
		}
		if job, err = m.store.Get(ctx, job.ID); err != nil {
			return job, err
		}
	}
}

func (m *Manager) wakeUp() {
	select {
	case m.wake <- struct{}{}:
	default: // the loop has been told already
	}
}

// now has the precision of the store, so that a time is the same before and after it was stored.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
