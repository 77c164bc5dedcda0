package jobmanager

import (
	"context"
	"errors"
	"time"
)

// loop processes the queue whenever there is a reason to, and takes over abandoned jobs at every poll.
func (m *Manager) loop(ctx context.Context) error {
	poll := time.NewTicker(m.opts.Poll)
	defer poll.Stop()
	m.reclaim(ctx)
	for {
		if _, err := m.ProcessQueue(ctx); err != nil && !errors.Is(err, ErrShutdown) {
			m.opts.Log.Error("process the job queue, will try again", "error", err)
		}
		select {
		case <-m.tasks.Closing():
			return nil
		case <-m.wake:
		case <-poll.C:
			m.reclaim(ctx)
		}
	}
}

// reclaim queues the jobs of owners that died, or fails those that were started too often.
func (m *Manager) reclaim(ctx context.Context) {
	expired, err := m.store.Expired(ctx, now())
	for _, job := range expired {
		_, e := m.update(ctx, job, func(j *Job) error { return j.reclaim(now(), m.opts.RetryLimit) })
		if e != nil && !errors.Is(e, errLost) && !errors.Is(e, ErrNotFound) {
			err = errors.Join(err, e)
		}
	}
	if err != nil {
		m.opts.Log.Error("take over abandoned jobs, will try again", "error", err)
	}
}

// ProcessQueue starts due jobs by priority, then age, until none is left or every slot is taken, and returns how many.
// The manager calls it by itself whenever a job comes or a slot becomes free. It may be called at any time, also
// several times at once.
func (m *Manager) ProcessQueue(ctx context.Context) (started int, err error) {
	leave, err := m.tasks.Enter()
	if err != nil {
		return 0, ErrShutdown
	}
	defer leave()
	// As many as there are slots are enough: those among them that are being started already hold a slot.
	due, err := m.store.Due(ctx, now(), m.opts.Capacity)
	if err != nil {
		return 0, err
	}
	for _, job := range due {
		switch err := m.start(job); {
		case err == nil:
			started++
		case errors.Is(err, errActive):
			// Another call of ProcessQueue was faster, or an earlier run of the job is still stopping.
		case errors.Is(err, errFull):
			return started, nil
		default:
			return started, err
		}
	}
	return started, nil
}

// start reserves the job and a slot and hands both to a task, which gives them back itself when it ends. All I/O
// comes after that, in the task: whatever others read meanwhile, nobody can reserve the job a second time.
func (m *Manager) start(job Job) error {
	ctx, cancel := context.WithCancelCause(m.tasks.Context())
	r := &run{cancel: cancel}
	if err := m.active.take(job.ID, r); err != nil {
		cancel(nil)
		return err
	}
	end := func() {
		m.active.release(job.ID, r)
		cancel(nil)
	}
	err := m.tasks.Go("job "+job.ID, func(context.Context) (err error) {
		defer func() {
			end()
			if err == nil { // else the store is in trouble, and the next poll is soon enough
				m.wakeUp()
			}
		}()
		return m.execute(ctx, r, job)
	})
	if err != nil {
		end()
		return ErrShutdown
	}
	return nil
}
