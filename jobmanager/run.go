package jobmanager

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/toctou-lint/toctou/jobmanager/tasks"
)

// Why a run was stopped, beside ErrTimeout and tasks.ErrClosed.
var (
	errCancelled = errors.New("the job was cancelled")
	errLost      = errors.New("the record belongs to somebody else now")
)

// outcome is what a handler returned, and why its context had ended by then, if it had.
type outcome struct {
	result json.RawMessage
	err    error
	cause  error
}

// execute claims the job, runs its handler, keeps the lease meanwhile, and records the end. A crash at any point leaves
// a job that is pending, or running with a lease that runs out, or finished.
func (m *Manager) execute(ctx context.Context, r *run, job Job) error {
	claimed, err := m.record(ctx, job, func(j *Job) error { return j.claim(m.owner, now(), now().Add(m.opts.Lease)) })
	if errors.Is(err, ErrTransition) || errors.Is(err, ErrNotFound) {
		return nil // cancelled, or another process has it
	}
	if err != nil {
		return fmt.Errorf("claim: %w", err)
	}

	work, stop := context.WithTimeoutCause(ctx, m.opts.Timeout, ErrTimeout)
	defer stop()
	ended := make(chan outcome, 1)
	go func() { ended <- m.handle(work, r, claimed) }()

	beat := time.NewTicker(m.opts.Lease / 3)
	defer beat.Stop()
	leased := claimed
	for {
		select {
		case out := <-ended:
			return m.settle(ctx, leased, out)
		case <-beat.C:
			if leased, err = m.renew(ctx, r, leased); err != nil {
				r.cancel(err)
				beat.Stop()
			}
		}
	}
}

func (m *Manager) handle(ctx context.Context, r *run, job Job) (out outcome) {
	out.err = tasks.Call(func() (err error) {
		handler := m.handlers[job.ContentType]
		if handler == nil {
			return fmt.Errorf("content type %q: %w", job.ContentType, ErrUnknownType)
		}
		out.result, err = handler(ctx, job, func(percent int, note string) {
			r.progress.Store(&progress{attempt: job.Attempts, percent: min(max(percent, 0), 100), note: note})
		})
		return err
	})
	out.cause = context.Cause(ctx)
	return out
}

// renew extends the lease and stores the progress. It returns errLost when the job is no longer ours: cancelled, taken
// over by somebody who thought us dead, or possibly so because the store cannot be reached to ask.
func (m *Manager) renew(ctx context.Context, r *run, job Job) (Job, error) {
	renewed, err := m.record(ctx, job, func(j *Job) error {
		if !j.heldBy(m.owner, job.Attempts) {
			return errLost
		}
		j.LeaseUntil = now().Add(m.opts.Lease)
		r.showProgress(j)
		return nil
	})
	switch {
	case err == nil:
		return renewed, nil
	case errors.Is(err, errLost), errors.Is(err, ErrNotFound):
		return job, errLost
	case job.LeaseUntil.After(now()):
		m.opts.Log.Warn("renew the lease, will try again", "job", job.ID, "error", err)
		return job, nil
	default:
		return job, errLost
	}
}

// settle records how the run ended. What the handler returned counts, not what was asked of it: a result that comes
// with the timeout or with a shutdown is a result. When a cancel was first, the result is dropped.
func (m *Manager) settle(ctx context.Context, job Job, out outcome) error {
	_, err := m.record(ctx, job, func(j *Job) error {
		switch {
		case !j.heldBy(m.owner, job.Attempts):
			return errLost
		case out.err == nil:
			return j.complete(out.result, now())
		case errors.Is(out.cause, tasks.ErrClosed):
			return j.giveBack()
		case errors.Is(out.cause, ErrTimeout):
			return j.fail(fmt.Sprintf("timed out after %v", m.opts.Timeout), now())
		default:
			return j.fail(out.err.Error(), now())
		}
	})
	if errors.Is(err, errLost) || errors.Is(err, ErrNotFound) {
		m.opts.Log.Info("result dropped", "job", job.ID, "attempt", job.Attempts, "reason", out.cause)
		return nil
	}
	if err != nil {
		return fmt.Errorf("record the end, it will be run again when its lease runs out: %w", err)
	}
	return nil
}

// record is update for a task: it must be able to write down how it ended after its context has, but not for ever.
func (m *Manager) record(ctx context.Context, job Job, decide func(*Job) error) (Job, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), m.opts.Lease/3)
	defer cancel()
	return m.update(ctx, job, decide)
}
