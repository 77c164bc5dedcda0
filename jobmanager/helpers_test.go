package jobmanager_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/toctou-lint/toctou/jobmanager"
	"github.com/toctou-lint/toctou/jobmanager/storetest"
)

// work is a handler under the control of a test: a job runs until it is told to end or its context does, and what runs
// at once is watched.
type work struct {
	stopping time.Duration // how long a run takes to stop after its context has ended

	mu      sync.Mutex
	running map[string]chan error // by job; what is sent ends the run
	started []string
	most    int
	twice   []string // the jobs that ran beside themselves
}

func newWork() *work { return &work{running: make(map[string]chan error)} }

func (w *work) handle(ctx context.Context, job jobmanager.Job, report func(int, string)) (json.RawMessage, error) {
	end := w.begin(job.ID)
	report(50, "half way")
	select {
	case err := <-end:
		w.finish(job.ID, end)
		return json.RawMessage(`"` + job.ID + `"`), err
	case <-ctx.Done():
		time.Sleep(w.stopping)
		w.finish(job.ID, end)
		return nil, context.Cause(ctx)
	}
}

func (w *work) begin(id string) chan error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running[id] != nil {
		w.twice = append(w.twice, id)
	}
	end := make(chan error, 1)
	w.running[id] = end
	w.started = append(w.started, id)
	w.most = max(w.most, len(w.running))
	return end
}

func (w *work) finish(id string, end chan error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running[id] == end {
		delete(w.running, id)
	}
}

// end lets a running job return err.
func (w *work) end(id string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running[id] <- err
}

func (w *work) now() (ids []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id := range w.running {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func (w *work) starts() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.started)
}

func (w *work) mostAtOnce() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.most
}

// check reports what must never happen, whatever the order of events.
func (w *work) check(tb testing.TB, capacity int) {
	tb.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.twice) > 0 {
		tb.Errorf("ran beside themselves: %v", w.twice)
	}
	if w.most > capacity {
		tb.Errorf("%d jobs at once, capacity is %d", w.most, capacity)
	}
}

// slow returns a store in memory whose every call takes a while before and after it is done.
func slow(d time.Duration) *storetest.Seam {
	return &storetest.Seam{
		Store:  storetest.NewMemory(),
		Around: func() error { time.Sleep(d); return nil },
	}
}

var silent = slog.New(slog.NewTextHandler(io.Discard, nil))

// start returns a manager for jobs of the type "quiz".
func start(tb testing.TB, store jobmanager.Store, handler jobmanager.Handler, opts jobmanager.Options) *jobmanager.Manager {
	tb.Helper()
	if opts.Log == nil {
		opts.Log = silent
	}
	m, err := jobmanager.Start(tb.Context(), store, map[string]jobmanager.Handler{"quiz": handler}, opts)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func create(tb testing.TB, m *jobmanager.Manager, ids ...string) {
	tb.Helper()
	for _, id := range ids {
		if _, err := m.Create(tb.Context(), jobmanager.Request{ID: id, ContentType: "quiz"}); err != nil {
			tb.Fatal(err)
		}
	}
}

func status(tb testing.TB, m *jobmanager.Manager, id string) jobmanager.Snapshot {
	tb.Helper()
	s, err := m.Status(tb.Context(), id)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func wantStatus(tb testing.TB, m *jobmanager.Manager, id string, want jobmanager.Status) {
	tb.Helper()
	if got := status(tb, m, id).Status; got != want {
		tb.Errorf("job %s is %s, want %s", id, got, want)
	}
}

// atOnce runs n calls at the same time and returns their errors.
func atOnce(n int, call func(i int) error) []error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = call(i) })
	}
	all.Wait()
	return errs
}

// count counts the errors that are target; nil counts the successes.
func count(errs []error, target error) (n int) {
	for _, err := range errs {
		if errors.Is(err, target) {
			n++
		}
	}
	return n
}

// shutdown waits for the jobs for that long, and cancels them then.
func shutdown(tb testing.TB, m *jobmanager.Manager, grace time.Duration) error {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	return m.Shutdown(ctx)
}
