package jobmanager_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/toctou-lint/toctou/jobmanager"
	"github.com/toctou-lint/toctou/jobmanager/storetest"
	"github.com/toctou-lint/toctou/jobmanager/tasks"
	startedtwice "github.com/toctou-lint/toctou/jobmanager/testdata/1_started_twice"
	removedbykey "github.com/toctou-lint/toctou/jobmanager/testdata/2_removed_by_key"
	overcapacity "github.com/toctou-lint/toctou/jobmanager/testdata/3_over_capacity"
	stalerecord "github.com/toctou-lint/toctou/jobmanager/testdata/4_stale_record"
	cleanupwithoutowner "github.com/toctou-lint/toctou/jobmanager/testdata/5_cleanup_without_owner"
	timeoutoverwrites "github.com/toctou-lint/toctou/jobmanager/testdata/6_timeout_overwrites"
	fireandforget "github.com/toctou-lint/toctou/jobmanager/testdata/tasks_fire_and_forget"
)

// Each point is one scenario that returns what went wrong. It is played with the manager, where nothing may go wrong,
// and with the broken twin of the point, where it must.
var points = []struct {
	name         string
	fixed, twin  func(t *testing.T) error
	wrongMessage string
}{
	{"1 started twice", startTwice, startTwiceTwin, "started 10 times"},
	{"2 removed by key", removeByKey, removeByKeyTwin, "the second run was not stopped by its cancel"},
	{"3 over capacity", overCapacity, overCapacityTwin, "10 jobs at once, capacity is 2"},
	{"4 stale record", staleRecord, staleRecordTwin, "completed, then cancelled"},
	{"5 cleanup without owner", cleanUpLate, cleanUpLateTwin, "the store was used after shutdown"},
	{"6 timeout overwrites", timeoutAfterCancel, timeoutAfterCancelTwin, "a cancelled job is failed"},
	{"tasks fire and forget", forgetTask, forgetTaskTwin, "closed before learning was done"},
}

func TestPoints(t *testing.T) {
	for _, p := range points {
		t.Run(p.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if err := p.fixed(t); err != nil {
					t.Errorf("the manager: %v", err)
				}
			})
			synctest.Test(t, func(t *testing.T) {
				if err := p.twin(t); err == nil || err.Error() != p.wrongMessage {
					t.Errorf("the broken twin: got %v, want: %s", err, p.wrongMessage)
				}
			})
		})
	}
}

// records is the store of the twins. Reading takes a while, so that others can act before the answer is used.
type records[J any] struct{ jobs map[string]J }

func (r *records[J]) Get(_ context.Context, id string) (J, error) {
	job := r.jobs[id]
	time.Sleep(time.Second)
	return job, nil
}

// table is the database of the twins that speak SQL, with one job that runs.
func table(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE jobs (id TEXT, status TEXT, result TEXT);
		INSERT INTO jobs VALUES ('a', 'running', '')`); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func statusIn(db *sql.DB) func() (string, error) {
	return func() (status string, err error) {
		err = db.QueryRow("SELECT status FROM jobs WHERE id = 'a'").Scan(&status)
		return status, err
	}
}

func group(t *testing.T) *tasks.Group {
	t.Helper()
	return tasks.New(t.Context(), silent)
}

// Point 1: the same job is queued ten times at once.

func startedOnce(w *work, queue func() error) error {
	errs := atOnce(10, func(int) error { return queue() })
	time.Sleep(time.Minute)
	if n := len(w.starts()); n != 1 {
		return fmt.Errorf("started %d times", n)
	}
	return errors.Join(errs...)
}

func startTwice(t *testing.T) error {
	t.Helper()
	w := newWork()
	m := start(t, slow(time.Second), w.handle, jobmanager.Options{})
	_, err := m.Create(t.Context(), jobmanager.Request{ID: "a", ContentType: "quiz", NotBefore: time.Now().Add(time.Hour)})
	return errors.Join(err, startedOnce(w, func() error {
		if err := m.Queue(t.Context(), "a"); err != nil && !errors.Is(err, jobmanager.ErrTransition) {
			return err
		}
		_, err := m.ProcessQueue(t.Context())
		return err
	}), endAll(w, func() error { return shutdown(t, m, time.Minute) }))
}

func startTwiceTwin(t *testing.T) error {
	t.Helper()
	w := newWork()
	g := group(t)
	s := startedtwice.New(&records[startedtwice.Job]{}, g, func(ctx context.Context, job startedtwice.Job) error {
		_, err := w.handle(ctx, jobmanager.Job{ID: job.ID}, func(int, string) {})
		return err
	})
	return errors.Join(startedOnce(w, func() error { return s.Queue(t.Context(), "a") }), cancelAll(g))
}

// endAll ends the running jobs and then calls wait.
func endAll(w *work, wait func() error) error {
	for _, id := range w.now() {
		w.end(id, nil)
	}
	return wait()
}

// cancelAll ends the tasks of a twin, at once.
func cancelAll(g *tasks.Group) error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := g.Shutdown(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// Point 2: a job is cancelled and made again while its first run is still stopping; when that has ended, the second
// run is cancelled.

func secondRunIsStopped(w *work, start, cancel func() error) error {
	w.stopping = 10 * time.Second
	if err := start(); err != nil {
		return err
	}
	time.Sleep(time.Second)
	if err := errors.Join(cancel(), start()); err != nil {
		return err
	}
	time.Sleep(time.Minute)
	err := cancel()
	time.Sleep(time.Minute)
	switch {
	case err != nil:
		return err
	case len(w.starts()) != 2:
		return fmt.Errorf("started %d times", len(w.starts()))
	case len(w.now()) > 0:
		return errors.New("the second run was not stopped by its cancel")
	}
	return nil
}

func removeByKey(t *testing.T) error {
	t.Helper()
	w := newWork()
	m := start(t, slow(0), w.handle, jobmanager.Options{})
	err := secondRunIsStopped(w, func() error {
		_, err := m.Create(t.Context(), jobmanager.Request{ID: "a", ContentType: "quiz"})
		return err
	}, func() error {
		err := m.Cancel(t.Context(), "a", "")
		time.Sleep(time.Second)
		_, e := m.CleanUp(t.Context(), 0)
		return errors.Join(err, e)
	})
	w.check(t, 1)
	return errors.Join(err, shutdown(t, m, time.Minute))
}

func removeByKeyTwin(t *testing.T) error {
	t.Helper()
	w := newWork()
	giveUp, end := context.WithCancel(context.Background()) // ends what its service cannot stop any more
	s := removedbykey.New(func(ctx context.Context, id string) {
		ctx, cancel := context.WithCancel(ctx)
		defer context.AfterFunc(giveUp, cancel)()
		if _, err := w.handle(ctx, jobmanager.Job{ID: id}, func(int, string) {}); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	err := secondRunIsStopped(w, func() error { s.Start("a"); return nil }, func() error { s.Cancel("a"); return nil })
	end()
	s.Shutdown()
	return err
}

// Point 3: ten jobs are to start at once where there are two slots, through every door.

func withinCapacity(w *work, capacity int, start func(i int) error) error {
	errs := atOnce(10, start)
	time.Sleep(time.Minute)
	if n := w.mostAtOnce(); n > capacity {
		return fmt.Errorf("%d jobs at once, capacity is %d", n, capacity)
	}
	return errors.Join(errs...)
}

func overCapacity(t *testing.T) error {
	t.Helper()
	w := newWork()
	store := slow(time.Second)
	for i := range 5 {
		job := jobmanager.Job{ID: fmt.Sprint(i), ContentType: "quiz", Status: jobmanager.Failed, Attempts: 1, CreatedAt: time.Now()}
		if err := store.Insert(t.Context(), job); err != nil {
			return err
		}
	}
	m := start(t, store, w.handle, jobmanager.Options{Capacity: 2})
	err := withinCapacity(w, 2, func(i int) error {
		var err error
		if i < 5 {
			err = m.Retry(t.Context(), fmt.Sprint(i))
		} else {
			_, err = m.Create(t.Context(), jobmanager.Request{ContentType: "quiz"})
		}
		_, e := m.ProcessQueue(t.Context())
		return errors.Join(err, e)
	})
	return errors.Join(err, endAll(w, func() error { return shutdown(t, m, time.Minute) }))
}

func overCapacityTwin(t *testing.T) error {
	t.Helper()
	w := newWork()
	g := group(t)
	jobs := &records[overcapacity.Job]{jobs: make(map[string]overcapacity.Job)}
	for i := range 10 {
		jobs.jobs[fmt.Sprint(i)] = overcapacity.Job{ID: fmt.Sprint(i)}
	}
	s := overcapacity.New(jobs, g, 2, func(ctx context.Context, job overcapacity.Job) error {
		_, err := w.handle(ctx, jobmanager.Job{ID: job.ID}, func(int, string) {})
		return err
	})
	return errors.Join(withinCapacity(w, 2, func(i int) error {
		_, err := s.Start(t.Context(), fmt.Sprint(i))
		return err
	}), cancelAll(g))
}

// Point 4: a job completes while it is being cancelled.

func oneEnd(cancel func() error, complete func(), final func() (string, error)) error {
	cancelled := make(chan error, 1)
	go func() { cancelled <- cancel() }()
	complete()
	err := <-cancelled
	time.Sleep(time.Minute)
	status, e := final()
	switch {
	case e != nil:
		return e
	case status == "cancelled":
		return errors.New("completed, then cancelled")
	case err == nil:
		return fmt.Errorf("the cancel says that it won, but the job is %s", status)
	case !errors.Is(err, jobmanager.ErrTransition):
		return err
	}
	return nil
}

func staleRecord(t *testing.T) error {
	t.Helper()
	w := newWork()
	store := storetest.NewMemory()
	m := start(t, store, w.handle, jobmanager.Options{})
	create(t, m, "a")
	synctest.Wait()
	// The cancel has read the record when the job completes, and writes after that.
	slowly := &storetest.Seam{Store: store, Around: func() error { time.Sleep(time.Second); return nil }}
	canceller := start(t, slowly, w.handle, jobmanager.Options{})
	err := oneEnd(func() error { return canceller.Cancel(t.Context(), "a", "") },
		func() { time.Sleep(1500 * time.Millisecond); w.end("a", nil) },
		func() (string, error) {
			job, err := store.Get(t.Context(), "a")
			return string(job.Status), err
		})
	return errors.Join(err, shutdown(t, m, time.Minute), shutdown(t, canceller, time.Minute))
}

func staleRecordTwin(t *testing.T) error {
	t.Helper()
	db := table(t)
	read, completed := make(chan bool), make(chan bool)
	s := stalerecord.New(db, func(context.Context, string) error { // the cancel has read the record
		close(read)
		<-completed
		return nil
	})
	return oneEnd(func() error { return s.Cancel(t.Context(), "a") }, func() {
		<-read
		if err := s.Complete(t.Context(), "a", "42"); err != nil {
			t.Error(err)
		}
		close(completed)
	}, statusIn(db))
}

// Point 5: the store is closed as soon as shutdown has returned.

type closeable struct {
	mu           sync.Mutex
	closed, late bool
}

func (c *closeable) use() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.late = c.late || c.closed
	return nil
}

func (c *closeable) verdict() error {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	time.Sleep(time.Hour)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.late {
		return errors.New("the store was used after shutdown")
	}
	return nil
}

func cleanUpLate(t *testing.T) error {
	t.Helper()
	w := newWork()
	var c closeable
	m := start(t, &storetest.Seam{Store: storetest.NewMemory(), Around: func() error {
		time.Sleep(time.Second)
		return c.use()
	}}, w.handle, jobmanager.Options{})
	create(t, m, "a", "b")
	time.Sleep(time.Minute)
	w.end("a", nil)
	if err := shutdown(t, m, time.Second); !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("b was to be cancelled: %w", err)
	}
	return c.verdict()
}

type slowRemoval struct{ closeable }

func (s *slowRemoval) Remove(context.Context, string) error {
	time.Sleep(time.Second)
	return s.use()
}

func cleanUpLateTwin(*testing.T) error {
	store := &slowRemoval{}
	s := cleanupwithoutowner.New(store, func(string) { time.Sleep(time.Second) })
	s.Start("a")
	s.Shutdown()
	return store.verdict()
}

// Point 6: a job is cancelled, and its timeout comes before its handler has stopped.

func staysCancelled(cancel func() error, final func() (string, error)) error {
	time.Sleep(55 * time.Second)
	if err := cancel(); err != nil {
		return err
	}
	time.Sleep(time.Hour)
	status, err := final()
	if err == nil && status != "cancelled" {
		return fmt.Errorf("a cancelled job is %s", status)
	}
	return err
}

func timeoutAfterCancel(t *testing.T) error {
	t.Helper()
	w := newWork()
	w.stopping = 10 * time.Second
	m := start(t, slow(time.Second), w.handle, jobmanager.Options{Timeout: time.Minute})
	create(t, m, "a")
	return errors.Join(staysCancelled(
		func() error { return m.Cancel(t.Context(), "a", "") },
		func() (string, error) { return string(status(t, m, "a").Status), nil },
	), shutdown(t, m, time.Minute))
}

func timeoutAfterCancelTwin(t *testing.T) error {
	t.Helper()
	w := newWork()
	db := table(t)
	g := group(t)
	s := timeoutoverwrites.New(db, time.Minute, func(ctx context.Context, id string) error {
		_, err := w.handle(ctx, jobmanager.Job{ID: id}, func(int, string) {})
		return err
	})
	if err := g.Go("a", func(ctx context.Context) error { return s.Run(ctx, "a") }); err != nil {
		return err
	}
	return errors.Join(staysCancelled(func() error { return s.Cancel(t.Context(), "a") }, statusIn(db)),
		g.Shutdown(context.Background()))
}

// The learning task: the generator is closed while it learns.

func learnsBeforeClose(learned *sync.Map, generate func(), shut func() error) error {
	generate()
	err := shut()
	_, done := learned.Load("go")
	time.Sleep(time.Hour) // let it end
	if err == nil && !done {
		return errors.New("closed before learning was done")
	}
	return err
}

// lessons is what a generator learns from; each takes a minute.
type lessons struct{ learned sync.Map }

func (l *lessons) Learn(_ context.Context, course string) error {
	time.Sleep(time.Minute)
	l.learned.Store(course, true)
	return nil
}

func forgetTask(t *testing.T) error {
	t.Helper()
	var model lessons
	g := &generator{background: group(t), learn: model.Learn}
	var made error
	err := learnsBeforeClose(&model.learned, func() { _, made = g.generate("go") },
		func() error { return g.background.Shutdown(t.Context()) })
	return errors.Join(made, err)
}

func forgetTaskTwin(*testing.T) error {
	var model lessons
	g := fireandforget.New(&model)
	return learnsBeforeClose(&model.learned, func() { g.Generate("go") }, func() error { g.Close(); return nil })
}
