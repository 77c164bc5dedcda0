// Package storetest helps to test code against jobmanager.Store: a store in memory, a seam that disturbs every call,
// a journal of what was written, and the conformance test for a new implementation. It is for tests only: what is in
// memory is gone with the process, which is the one thing a job store must not allow.
package storetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/toctou-lint/toctou/jobmanager"
)

// Memory is a jobmanager.Store without a disk.
type Memory struct {
	mu    sync.Mutex
	jobs  map[string]jobmanager.Job
	queue []*jobmanager.Job // the pending ones, in the order of the queue
}

// NewMemory returns an empty store.
func NewMemory() *Memory { return &Memory{jobs: make(map[string]jobmanager.Job)} }

// Insert implements jobmanager.Store.
func (m *Memory) Insert(_ context.Context, job jobmanager.Job) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.jobs[job.ID]; ok {
		return fmt.Errorf("job %s: %w", job.ID, jobmanager.ErrExists)
	}
	job.Version = 1
	m.put(job)
	return nil
}

// Get implements jobmanager.Store.
func (m *Memory) Get(_ context.Context, id string) (jobmanager.Job, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	job, ok := m.jobs[id]
	if !ok {
		return job, fmt.Errorf("job %s: %w", id, jobmanager.ErrNotFound)
	}
	return job, nil
}

// CompareAndSet implements jobmanager.Store.
func (m *Memory) CompareAndSet(_ context.Context, job jobmanager.Job) (jobmanager.Job, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	old, ok := m.jobs[job.ID]
	if !ok || old.Version != job.Version {
		return job, fmt.Errorf("job %s: %w", job.ID, jobmanager.ErrConflict)
	}
	if i, queued := slices.BinarySearchFunc(m.queue, &old, queueOrder); queued {
		m.queue = slices.Delete(m.queue, i, i+1)
	}
	job.Version++
	m.put(job)
	return job, nil
}

// put writes the record, also to the queue if it is pending. The caller holds mu.
func (m *Memory) put(job jobmanager.Job) {
	m.jobs[job.ID] = job
	if job.Status == jobmanager.Pending {
		i, _ := slices.BinarySearchFunc(m.queue, &job, queueOrder)
		m.queue = slices.Insert(m.queue, i, &job)
	}
}

func queueOrder(a, b *jobmanager.Job) int {
	return cmp.Or(cmp.Compare(b.Priority, a.Priority), a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
}

// Due implements jobmanager.Store.
func (m *Memory) Due(_ context.Context, now time.Time, limit int) ([]jobmanager.Job, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var due []jobmanager.Job
	for _, job := range m.queue {
		if len(due) == limit {
			break
		}
		if !job.NotBefore.After(now) {
			due = append(due, *job)
		}
	}
	return due, nil
}

// Expired implements jobmanager.Store.
func (m *Memory) Expired(_ context.Context, now time.Time) ([]jobmanager.Job, error) {
	return m.which(func(j jobmanager.Job) bool {
		return j.Status == jobmanager.Running && !j.LeaseUntil.After(now)
	}), nil
}

// Retryable implements jobmanager.Store.
func (m *Memory) Retryable(_ context.Context, limit int) ([]jobmanager.Job, error) {
	return m.which(func(j jobmanager.Job) bool { return j.Status == jobmanager.Failed && j.Attempts <= limit }), nil
}

// Counts implements jobmanager.Store.
func (m *Memory) Counts(context.Context) (map[jobmanager.Status]int, error) {
	counts := make(map[jobmanager.Status]int)
	for _, job := range m.which(func(jobmanager.Job) bool { return true }) {
		counts[job.Status]++
	}
	return counts, nil
}

// DeleteFinished implements jobmanager.Store.
func (m *Memory) DeleteFinished(_ context.Context, before time.Time) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for id, job := range m.jobs {
		if job.Status.Finished() && job.FinishedAt.Before(before) {
			delete(m.jobs, id)
			n++
		}
	}
	return n, nil
}

func (m *Memory) which(matches func(jobmanager.Job) bool) []jobmanager.Job {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []jobmanager.Job
	for _, job := range m.jobs {
		if matches(job) {
			found = append(found, job)
		}
	}
	return found
}
