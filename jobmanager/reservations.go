package jobmanager

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

var (
	errFull   = errors.New("all slots are taken")
	errActive = errors.New("the job is already being run here")
)

// run is one attempt at a job, from its reservation until its task has ended. Its address is its identity.
type run struct {
	cancel   context.CancelCauseFunc
	progress atomic.Pointer[progress]
}

type progress struct {
	attempt int
	percent int
	note    string
}

// showProgress writes what the handler reported last into a copy of the record, if that is of the same attempt.
func (r *run) showProgress(j *Job) {
	if p := r.progress.Load(); p != nil && p.attempt == j.Attempts && j.Status == Running {
		j.Progress, j.Note = p.percent, p.note
	}
}

// reservations says who runs what in this process: at most one run for a job, and at most as many runs as there are
// slots. A reservation takes the place of a lock: it is made in one short step and held across all the I/O of the run,
// while nobody has to wait for it.
type reservations struct {
	slots chan struct{}

	mu   sync.Mutex
	runs map[string]*run
}

func newReservations(capacity int) *reservations {
	return &reservations{slots: make(chan struct{}, capacity), runs: make(map[string]*run)}
}

// take reserves a slot and the job for r, or returns errFull or errActive and reserves nothing.
func (s *reservations) take(id string, r *run) error {
	select {
	case s.slots <- struct{}{}:
	default:
		return errFull
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.runs[id] != nil {
		<-s.slots
		return errActive
	}
	s.runs[id] = r
	return nil
}

// release ends the reservation of r, and no other: the entry may be that of a later run of the same job.
func (s *reservations) release(id string, r *run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.runs[id] == r {
		delete(s.runs, id)
		<-s.slots
	}
}

// of returns the run of a job, nil if there is none here.
func (s *reservations) of(id string) *run {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.runs[id]
}

func (s *reservations) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.runs)
}
