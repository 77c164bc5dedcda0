package jobmanager_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/toctou-lint/toctou/jobmanager"
	"github.com/toctou-lint/toctou/jobmanager/storetest"
)

func TestQueueGoesByPriorityThenAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWork()
		m := start(t, slow(0), w.handle, jobmanager.Options{Capacity: 1})
		create(t, m, "first")
		synctest.Wait()
		for id, p := range map[string]jobmanager.Priority{
			"4 normal": jobmanager.Normal, "6 low": jobmanager.Low, "2 high": jobmanager.High, "1 urgent": jobmanager.Urgent,
		} {
			if _, err := m.Create(t.Context(), jobmanager.Request{ID: id, ContentType: "quiz", Priority: p}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Millisecond)
		for id, p := range map[string]jobmanager.Priority{"3 high, younger": jobmanager.High, "5 normal, younger": jobmanager.Normal} {
			if _, err := m.Create(t.Context(), jobmanager.Request{ID: id, ContentType: "quiz", Priority: p}); err != nil {
				t.Fatal(err)
			}
		}
		for range 7 {
			synctest.Wait()
			for _, id := range w.now() {
				w.end(id, nil)
			}
		}
		if got := w.starts()[1:]; !slices.IsSorted(got) || len(got) != 6 {
			t.Errorf("started in the order %q", got)
		}
		w.check(t, 1)
		if err := shutdown(t, m, time.Minute); err != nil {
			t.Error(err)
		}
	})
}

func TestScheduledJobWaitsForItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWork()
		m := start(t, slow(0), w.handle, jobmanager.Options{Poll: 10 * time.Second})
		for _, id := range []string{"scheduled", "queued"} {
			_, err := m.Create(t.Context(), jobmanager.Request{ID: id, ContentType: "quiz", NotBefore: time.Now().Add(time.Hour)})
			if err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Hour - time.Second)
		if got := w.now(); len(got) > 0 {
			t.Errorf("started before their time: %v", got)
		}
		if err := m.Queue(t.Context(), "queued"); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if got := w.now(); !slices.Equal(got, []string{"queued"}) {
			t.Errorf("running after Queue: %v", got)
		}
		time.Sleep(11 * time.Second)
		if got := w.now(); !slices.Equal(got, []string{"queued", "scheduled"}) {
			t.Errorf("running after the scheduled time and a poll: %v", got)
		}
		w.end("queued", nil)
		w.end("scheduled", nil)
		if err := shutdown(t, m, time.Minute); err != nil {
			t.Error(err)
		}
	})
}

func TestTimeoutFailsTheJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWork()
		w.stopping = 3 * time.Second
		m := start(t, slow(0), w.handle, jobmanager.Options{Timeout: time.Minute})
		create(t, m, "a")
		time.Sleep(time.Minute + 2*time.Second)
		wantStatus(t, m, "a", jobmanager.Running) // its handler has been told, and is still stopping
		time.Sleep(time.Second)
		synctest.Wait()
		if s := status(t, m, "a"); s.Status != jobmanager.Failed || s.Error != "timed out after 1m0s" || s.IsRunning {
			t.Errorf("after the timeout: %+v", s)
		}
		if err := shutdown(t, m, time.Minute); err != nil {
			t.Error(err)
		}
	})
}

func TestResultThatComesWithTheTimeoutCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := start(t, slow(0), func(ctx context.Context, _ jobmanager.Job, _ func(int, string)) (json.RawMessage, error) {
			<-ctx.Done()
			return json.RawMessage(`"just made it"`), nil
		}, jobmanager.Options{Timeout: time.Minute})
		create(t, m, "a")
		time.Sleep(time.Minute + time.Second)
		if s := status(t, m, "a"); s.Status != jobmanager.Completed || string(s.Result) != `"just made it"` {
			t.Errorf("%s with the result %s", s.Status, s.Result)
		}
		if err := shutdown(t, m, time.Minute); err != nil {
			t.Error(err)
		}
	})
}

func TestRetryUpToTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWork()
		m := start(t, slow(0), w.handle, jobmanager.Options{RetryLimit: 2})
		create(t, m, "a", "b")
		for attempt := 1; attempt <= 3; attempt++ {
			synctest.Wait()
			if err := m.Retry(t.Context(), "a"); !errors.Is(err, jobmanager.ErrTransition) {
				t.Errorf("retry of a running job: %v", err)
			}
			w.end("a", errors.New("no model"))
			w.end("b", errors.New("no model"))
			synctest.Wait()
			if s := status(t, m, "a"); s.Status != jobmanager.Failed || s.Attempts != attempt || s.Error != "no model" {
				t.Errorf("after attempt %d: %+v", attempt, s.Job)
			}
			if attempt == 3 {
				break
			}
			if err := m.Retry(t.Context(), "a"); err != nil {
				t.Errorf("retry %d: %v", attempt, err)
			}
			if n, err := m.RetryFailed(t.Context()); n != 1 || err != nil { // b
				t.Errorf("RetryFailed = %d, %v", n, err)
			}
		}
		if err := m.Retry(t.Context(), "a"); !errors.Is(err, jobmanager.ErrRetryLimit) {
			t.Errorf("retry after the limit: %v", err)
		}
		if n, err := m.RetryFailed(t.Context()); n != 0 || err != nil {
			t.Errorf("RetryFailed after the limit = %d, %v", n, err)
		}
		if err := shutdown(t, m, time.Minute); err != nil {
			t.Error(err)
		}
	})
}

func TestCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWork()
		w.stopping = 5 * time.Second
		m := start(t, slow(0), w.handle, jobmanager.Options{Capacity: 1})
		create(t, m, "done")
		synctest.Wait()
		w.end("done", nil)
		synctest.Wait()
		create(t, m, "running", "waiting")
		synctest.Wait()

		var lost *jobmanager.TransitionError
		if err := m.Cancel(t.Context(), "done", "too late"); !errors.As(err, &lost) || lost.From != jobmanager.Completed {
			t.Errorf("a cancel that loses to completion says %v", err)
		}
		if err := m.Cancel(t.Context(), "nobody", ""); !errors.Is(err, jobmanager.ErrNotFound) {
			t.Errorf("cancel of a missing job: %v", err)
		}
		for _, id := range []string{"waiting", "running"} {
			if err := m.Cancel(t.Context(), id, "not needed"); err != nil {
				t.Errorf("cancel of a %s job: %v", id, err)
			}
			if s := status(t, m, id); s.Status != jobmanager.Cancelled || s.Error != "not needed" || s.IsRunning {
				t.Errorf("after the cancel of a %s job: %+v", id, s)
			}
		}
		create(t, m, "next")
		time.Sleep(4 * time.Second)
		if got := w.now(); !slices.Equal(got, []string{"running"}) {
			t.Errorf("a handler that is still stopping keeps its slot, but %v run", got)
		}
		time.Sleep(2 * time.Second)
		if got := w.now(); !slices.Equal(got, []string{"next"}) {
			t.Errorf("running after it has stopped: %v", got)
		}
		wantStatus(t, m, "running", jobmanager.Cancelled)
		w.end("next", nil)
		if err := shutdown(t, m, time.Minute); err != nil {
			t.Error(err)
		}
		w.check(t, 1)
	})
}

func TestCleanUpRemovesOldEndsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWork()
		m := start(t, slow(0), w.handle, jobmanager.Options{Timeout: 2 * time.Hour})
		create(t, m, "old", "running")
		synctest.Wait()
		w.end("old", nil)
		time.Sleep(time.Hour)
		create(t, m, "young")
		synctest.Wait()
		w.end("young", nil)
		synctest.Wait()
		if n, err := m.CleanUp(t.Context(), 30*time.Minute); n != 1 || err != nil {
			t.Errorf("CleanUp = %d, %v", n, err)
		}
		if _, err := m.Status(t.Context(), "old"); !errors.Is(err, jobmanager.ErrNotFound) {
			t.Errorf("status of the old job: %v", err)
		}
		wantStatus(t, m, "young", jobmanager.Completed)
		wantStatus(t, m, "running", jobmanager.Running)
		if err := shutdown(t, m, 0); err == nil {
			t.Error("a shutdown that had to cancel reports nothing")
		}
	})
}

func TestBadHandlersFailTheirJobOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := slow(0)
		for _, id := range []string{"panics", "unknown"} {
			job := jobmanager.Job{ID: id, ContentType: id, Status: jobmanager.Pending, CreatedAt: time.Now()}
			if err := store.Insert(t.Context(), job); err != nil {
				t.Fatal(err)
			}
		}
		m, err := jobmanager.Start(t.Context(), store, map[string]jobmanager.Handler{
			"panics": func(context.Context, jobmanager.Job, func(int, string)) (json.RawMessage, error) { panic("nil model") },
		}, jobmanager.Options{Log: silent})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for id, want := range map[string]string{"panics": "panic: nil model", "unknown": `content type "unknown": no handler`} {
			if s := status(t, m, id); s.Status != jobmanager.Failed || !strings.HasPrefix(s.Error, want) {
				t.Errorf("job %q is %s: %s", id, s.Status, s.Error)
			}
		}
		if _, err := m.Create(t.Context(), jobmanager.Request{ContentType: "unknown"}); !errors.Is(err, jobmanager.ErrUnknownType) {
			t.Errorf("Create of an unknown type: %v", err)
		}
		if err := shutdown(t, m, time.Minute); err != nil {
			t.Error(err)
		}
	})
}

// dying is a store whose process can die: from then on, nothing is read or written.
type dying struct {
	*storetest.Seam
	dead atomic.Bool
}

func mortal(store jobmanager.Store) *dying {
	d := &dying{}
	d.Seam = &storetest.Seam{Store: store, Around: func() error {
		if d.dead.Load() {
			return errors.New("the process is dead")
		}
		return nil
	}}
	return d
}

func TestCrashedJobsAreRunAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWork()
		memory := storetest.NewMemory()
		first := mortal(memory)
		opts := jobmanager.Options{Lease: time.Minute, RetryLimit: 1}
		crashed := start(t, first, w.handle, opts)
		create(t, crashed, "a")
		time.Sleep(10 * time.Minute) // the lease is renewed
		first.dead.Store(true)
		if err := shutdown(t, crashed, 0); err == nil { // ends the goroutines; nothing of it reaches the store
			t.Error("a shutdown that had to cancel reports nothing")
		}

		second := mortal(memory)
		m := start(t, second, w.handle, opts)
		synctest.Wait()
		if got := w.now(); len(got) > 0 {
			t.Errorf("taken over while the lease was good: %v", got)
		}
		time.Sleep(time.Minute + time.Second)
		if s := status(t, m, "a"); !s.IsRunning || s.Attempts != 2 {
			t.Errorf("after the lease: %+v", s)
		}

		second.dead.Store(true)
		if err := shutdown(t, m, 0); err == nil {
			t.Error("a shutdown that had to cancel reports nothing")
		}
		third := start(t, memory, w.handle, opts)
		time.Sleep(2 * time.Minute)
		if s := status(t, third, "a"); s.Status != jobmanager.Failed || s.Error != "its process died" {
			t.Errorf("a job that has crashed as often as it may: %+v", s)
		}
		if err := shutdown(t, third, time.Minute); err != nil {
			t.Error(err)
		}
	})
}

func TestLostLeaseStopsTheHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWork()
		memory := storetest.NewMemory()
		cutOff := mortal(memory)
		opts := jobmanager.Options{Lease: time.Minute}
		m := start(t, cutOff, w.handle, opts)
		create(t, m, "a")
		synctest.Wait()
		cutOff.dead.Store(true) // the network, say
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := w.now(); len(got) > 0 {
			t.Errorf("still running without a lease: %v", got)
		}
		cutOff.dead.Store(false)
		time.Sleep(2 * time.Second)
		if s := status(t, m, "a"); !s.IsRunning || s.Attempts != 2 {
			t.Errorf("the store is back: %+v", s)
		}
		w.end("a", nil)
		if err := shutdown(t, m, time.Minute); err != nil {
			t.Error(err)
		}
		wantStatus(t, m, "a", jobmanager.Completed)
		w.check(t, 1)
	})
}

func TestCancelReachesAnotherProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWork()
		store := slow(time.Millisecond)
		runs := start(t, store, w.handle, jobmanager.Options{Lease: time.Minute})
		create(t, runs, "a")
		time.Sleep(time.Second)
		other := start(t, store, w.handle, jobmanager.Options{})
		if err := other.Cancel(t.Context(), "a", "from afar"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Second) // the next heartbeat
		if got := w.now(); len(got) > 0 {
			t.Errorf("still running: %v", got)
		}
		if s := status(t, runs, "a"); s.Status != jobmanager.Cancelled || s.Error != "from afar" {
			t.Errorf("%s: %s", s.Status, s.Error)
		}
		for _, m := range []*jobmanager.Manager{runs, other} {
			if err := shutdown(t, m, time.Minute); err != nil {
				t.Error(err)
			}
		}
	})
}

// outdated is a store whose list of expired leases is as old as can be: every lease in it has been renewed since.
type outdated struct{ jobmanager.Store }

func (o outdated) Expired(ctx context.Context, now time.Time) ([]jobmanager.Job, error) {
	return o.Store.Expired(ctx, now.Add(time.Hour))
}

func TestRenewedLeaseIsNotReclaimed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWork()
		m := start(t, outdated{storetest.NewMemory()}, w.handle, jobmanager.Options{Lease: time.Minute})
		create(t, m, "a")
		time.Sleep(10 * time.Minute)
		if s := status(t, m, "a"); !s.IsRunning || s.Attempts != 1 {
			t.Errorf("a job with a good lease is %s after %d attempts", s.Status, s.Attempts)
		}
		w.end("a", nil)
		if err := shutdown(t, m, time.Minute); err != nil {
			t.Error(err)
		}
	})
}
