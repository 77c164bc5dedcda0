package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/toctou-lint/toctou/jobmanager"
)

// Conform tests that a store keeps the contract of jobmanager.Store. Each call of open must return an empty store.
func Conform(t *testing.T, open func(t *testing.T) jobmanager.Store) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, jobmanager.Store){
		"every field comes back":            everyField,
		"an ID is inserted once":            insertOnce,
		"a stale version changes nothing":   staleVersion,
		"one of many compare-and-sets wins": oneWinner,
		"the queue order":                   dueInOrder,
		"the other lists":                   lists,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

var epoch = time.Date(2025, 10, 10, 12, 0, 0, 123_456_000, time.UTC)

func pending(id string) jobmanager.Job {
	return jobmanager.Job{ID: id, ContentType: "quiz", Status: jobmanager.Pending, CreatedAt: epoch, Version: 1}
}

func insert(t *testing.T, s jobmanager.Store, jobs ...jobmanager.Job) {
	t.Helper()
	for _, job := range jobs {
		if err := s.Insert(t.Context(), job); err != nil {
			t.Fatal(err)
		}
	}
}

func everyField(t *testing.T, s jobmanager.Store) {
	t.Helper()
	full := jobmanager.Job{
		ID: "it's ? $1 \"ø\"", ContentType: "quiz", CourseID: "c", Parameters: json.RawMessage(`{"n": 1}`),
		Priority: jobmanager.Low, NotBefore: epoch.Add(1 * time.Hour), Status: jobmanager.Running, Attempts: 2,
		Owner: "o", LeaseUntil: epoch.Add(2 * time.Hour), Progress: 40, Note: "half\nway",
		Result: json.RawMessage(`[]`), Error: "e", CreatedAt: epoch, StartedAt: epoch.Add(time.Microsecond),
		FinishedAt: epoch.Add(3 * time.Hour), Version: 1,
	}
	for field, value := range fields(full) {
		if value.IsZero() {
			t.Fatalf("the test leaves %s empty", field)
		}
	}
	insert(t, s, full, pending("empty"))
	for _, want := range []jobmanager.Job{full, pending("empty")} {
		if got, err := s.Get(t.Context(), want.ID); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("inserted %+v\n got back %+v, %v", want, got, err)
		}
		changed := full
		changed.ID, changed.Note = want.ID, "changed"
		stored, err := s.CompareAndSet(t.Context(), changed)
		if err != nil || stored.Version != 2 {
			t.Errorf("CompareAndSet of version 1: version %d, %v", stored.Version, err)
		}
		if got, err := s.Get(t.Context(), want.ID); err != nil || !reflect.DeepEqual(got, stored) {
			t.Errorf("stored %+v\n got back %+v, %v", stored, got, err)
		}
	}
}

func fields(job jobmanager.Job) map[string]reflect.Value {
	all := make(map[string]reflect.Value)
	v := reflect.ValueOf(job)
	for i := range v.NumField() {
		all[v.Type().Field(i).Name] = v.Field(i)
	}
	return all
}

func insertOnce(t *testing.T, s jobmanager.Store) {
	t.Helper()
	if n := winners(t, func(int) error { return s.Insert(t.Context(), pending("a")) }, jobmanager.ErrExists); n != 1 {
		t.Errorf("%d inserts of one ID succeeded", n)
	}
}

func oneWinner(t *testing.T, s jobmanager.Store) {
	t.Helper()
	insert(t, s, pending("a"))
	if n := winners(t, func(i int) error {
		job := pending("a")
		job.Note = fmt.Sprint(i)
		_, err := s.CompareAndSet(t.Context(), job)
		return err
	}, jobmanager.ErrConflict); n != 1 {
		t.Errorf("%d changes of version 1 succeeded", n)
	}
	if job, err := s.Get(t.Context(), "a"); err != nil || job.Version != 2 {
		t.Errorf("version %d after one change, %v", job.Version, err)
	}
}

// winners counts which of many calls at once succeed; the others must lose with that error.
func winners(t *testing.T, call func(i int) error, lost error) (n int) {
	t.Helper()
	errs := make([]error, 20)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = call(i) })
	}
	all.Wait()
	for _, err := range errs {
		switch {
		case err == nil:
			n++
		case !errors.Is(err, lost):
			t.Errorf("want %v, got %v", lost, err)
		}
	}
	return n
}

func staleVersion(t *testing.T, s jobmanager.Store) {
	t.Helper()
	missing := pending("missing")
	if _, err := s.CompareAndSet(t.Context(), missing); !errors.Is(err, jobmanager.ErrConflict) {
		t.Errorf("change of a missing job: %v", err)
	}
	if _, err := s.Get(t.Context(), "missing"); !errors.Is(err, jobmanager.ErrNotFound) {
		t.Errorf("read of a missing job: %v", err)
	}
	insert(t, s, pending("a"))
	if _, err := s.CompareAndSet(t.Context(), pending("a")); err != nil {
		t.Fatal(err)
	}
	stale := pending("a")
	stale.Note = "stale"
	if _, err := s.CompareAndSet(t.Context(), stale); !errors.Is(err, jobmanager.ErrConflict) {
		t.Errorf("change of version 1 when there is 2: %v", err)
	}
	if job, err := s.Get(t.Context(), "a"); err != nil || job.Note != "" {
		t.Errorf("a refused change was stored: %+v, %v", job, err)
	}
}

func dueInOrder(t *testing.T, s jobmanager.Store) {
	t.Helper()
	add := func(id string, p jobmanager.Priority, age time.Duration, notBefore time.Time) {
		job := pending(id)
		job.Priority, job.CreatedAt, job.NotBefore = p, epoch.Add(-age), notBefore
		insert(t, s, job)
	}
	add("low", jobmanager.Low, 9*time.Hour, time.Time{})
	add("young", jobmanager.High, time.Microsecond, time.Time{})
	add("old", jobmanager.High, 2*time.Microsecond, time.Time{})
	add("now", jobmanager.Urgent, 0, epoch)
	add("later", jobmanager.Urgent, 0, epoch.Add(time.Microsecond))
	running := pending("running")
	running.Status = jobmanager.Running
	insert(t, s, running)
	for limit, want := range map[int][]string{2: {"now", "old"}, 99: {"now", "old", "young", "low"}} {
		got, err := s.Due(t.Context(), epoch, limit)
		if ids := ids(got); err != nil || !slices.Equal(ids, want) {
			t.Errorf("Due(%d) = %v, %v, want %v", limit, ids, err, want)
		}
	}
}

func ids(jobs []jobmanager.Job) (all []string) {
	for _, job := range jobs {
		all = append(all, job.ID)
	}
	return all
}

func lists(t *testing.T, s jobmanager.Store) {
	t.Helper()
	add := func(id string, status jobmanager.Status, change func(*jobmanager.Job)) {
		job := pending(id)
		job.Status = status
		change(&job)
		insert(t, s, job)
	}
	lease := func(d time.Duration) func(*jobmanager.Job) {
		return func(j *jobmanager.Job) { j.LeaseUntil = epoch.Add(d) }
	}
	ended := func(attempts int, d time.Duration) func(*jobmanager.Job) {
		return func(j *jobmanager.Job) { j.Attempts, j.FinishedAt = attempts, epoch.Add(d) }
	}
	add("dead", jobmanager.Running, lease(0))
	add("alive", jobmanager.Running, lease(time.Microsecond))
	add("again", jobmanager.Failed, ended(2, -1*time.Hour))
	add("enough", jobmanager.Failed, ended(3, 0))
	add("done", jobmanager.Completed, ended(1, -1*time.Microsecond))
	add("stopped", jobmanager.Cancelled, ended(0, -1*time.Second))
	add("waiting", jobmanager.Pending, ended(0, -9*time.Hour)) // not ended, whatever its times say

	expired, err := s.Expired(t.Context(), epoch)
	if err != nil || !slices.Equal(ids(expired), []string{"dead"}) {
		t.Errorf("Expired = %v, %v", ids(expired), err)
	}
	retryable, err := s.Retryable(t.Context(), 2)
	if err != nil || !slices.Equal(ids(retryable), []string{"again"}) {
		t.Errorf("Retryable(2) = %v, %v", ids(retryable), err)
	}
	counts(t, s, "pending:1 running:2 failed:2 completed:1 cancelled:1")
	if n, err := s.DeleteFinished(t.Context(), epoch); err != nil || n != 3 {
		t.Errorf("DeleteFinished = %d, %v, want 3", n, err)
	}
	counts(t, s, "pending:1 running:2 failed:1 completed:0 cancelled:0")
}

func counts(t *testing.T, s jobmanager.Store, want string) {
	t.Helper()
	c, err := s.Counts(context.WithoutCancel(t.Context()))
	got := fmt.Sprintf("pending:%d running:%d failed:%d completed:%d cancelled:%d", c[jobmanager.Pending],
		c[jobmanager.Running], c[jobmanager.Failed], c[jobmanager.Completed], c[jobmanager.Cancelled])
	if err != nil || got != want {
		t.Errorf("Counts: %s, %v, want %s", got, err, want)
	}
}
