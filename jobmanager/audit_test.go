package jobmanager_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/toctou-lint/toctou/jobmanager"
	"github.com/toctou-lint/toctou/jobmanager/tasks"
)

// The tests that a race audit of a job service asks for, under the names that it gives them.

func TestConcurrentJobCreationSameID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWork()
		m := start(t, slow(time.Millisecond), w.handle, jobmanager.Options{})
		errs := atOnce(100, func(int) error {
			_, err := m.Create(t.Context(), jobmanager.Request{ID: "a", ContentType: "quiz"})
			return err
		})
		if ok, refused := count(errs, nil), count(errs, jobmanager.ErrExists); ok != 1 || refused != 99 {
			t.Errorf("%d succeeded and %d were refused as existing, want 1 and 99", ok, refused)
		}
		time.Sleep(time.Minute)
		if got := w.starts(); !slices.Equal(got, []string{"a"}) {
			t.Errorf("started %v, want a once", got)
		}
		w.end("a", nil)
		if err := shutdown(t, m, time.Minute); err != nil {
			t.Error(err)
		}
		wantStatus(t, m, "a", jobmanager.Completed)
	})
}

func TestConcurrentJobCancellation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWork()
		m := start(t, slow(time.Millisecond), w.handle, jobmanager.Options{})
		create(t, m, "running")
		time.Sleep(time.Second)
		errs := atOnce(100, func(i int) error { return m.Cancel(t.Context(), "running", fmt.Sprint("by ", i)) })
		if ok, lost := count(errs, nil), count(errs, jobmanager.ErrTransition); ok != 1 || lost != 99 {
			t.Errorf("%d cancels succeeded and %d lost, want 1 and 99: %v", ok, lost, errors.Join(errs...))
		}
		winner := slices.Index(errs, nil)
		if s := status(t, m, "running"); s.Status != jobmanager.Cancelled || s.Error != fmt.Sprint("by ", winner) {
			t.Errorf("the record says %s, %q; the cancel that succeeded was %d", s.Status, s.Error, winner)
		}
		synctest.Wait()
		if still := w.now(); len(still) > 0 {
			t.Errorf("still running after the cancel: %v", still)
		}
		if err := shutdown(t, m, time.Minute); err != nil {
			t.Error(err)
		}
	})
}

func TestNoDuplicateTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWork()
		m := start(t, slow(time.Millisecond), w.handle, jobmanager.Options{})
		_, err := m.Create(t.Context(), jobmanager.Request{ID: "a", ContentType: "quiz", NotBefore: time.Now().Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		errs := atOnce(100, func(i int) error {
			if i%2 == 0 {
				_, err := m.ProcessQueue(t.Context())
				return err
			}
			err := m.Queue(t.Context(), "a")
			if errors.Is(err, jobmanager.ErrTransition) {
				return nil // it runs already
			}
			return err
		})
		if err := errors.Join(errs...); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Minute)
		if got := w.starts(); !slices.Equal(got, []string{"a"}) {
			t.Errorf("started %v, want a once", got)
		}
		w.end("a", nil)
		if err := shutdown(t, m, time.Minute); err != nil {
			t.Error(err)
		}
		if s := status(t, m, "a"); s.Attempts != 1 {
			t.Errorf("%d attempts are on record", s.Attempts)
		}
	})
}

// generator makes syllabuses and learns from each in the background: the half of the audit that is no job.
type generator struct {
	background *tasks.Group
	learn      func(ctx context.Context, course string) error
}

func (g *generator) generate(course string) (string, error) {
	err := g.background.Go("learn from "+course, func(ctx context.Context) error { return g.learn(ctx, course) })
	return "syllabus of " + course, err
}

func TestLearningTaskErrorHandling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var learned sync.Map
		g := &generator{
			background: tasks.New(t.Context(), slog.New(slog.NewTextHandler(&log, nil))),
			learn: func(_ context.Context, course string) error {
				time.Sleep(time.Minute)
				switch course {
				case "failing":
					return errors.New("the store of examples is away")
				case "panicking":
					panic("no such course")
				}
				learned.Store(course, true)
				return nil
			},
		}
		for _, course := range []string{"failing", "panicking", "good"} {
			if syllabus, err := g.generate(course); err != nil || syllabus != "syllabus of "+course {
				t.Errorf("generate(%s) = %q, %v", course, syllabus, err)
			}
		}
		if err := g.background.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		for _, want := range []string{
			`task="learn from failing" error="the store of examples is away"`,
			`task="learn from panicking" error="panic: no such course`,
		} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("not in the log: %s\n%s", want, log.String())
			}
		}
		if strings.Count(log.String(), "level=ERROR") != 2 {
			t.Errorf("want two errors in the log:\n%s", log.String())
		}
		if _, ok := learned.Load("good"); !ok {
			t.Error("a failure kept another task from its end")
		}
		if _, err := g.generate("late"); !errors.Is(err, tasks.ErrClosed) {
			t.Errorf("a task after shutdown: %v", err)
		}
	})
}

func TestGracefulShutdownWaitsForTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWork()
		m := start(t, slow(0), w.handle, jobmanager.Options{Capacity: 2})
		create(t, m, "a", "b", "c")
		synctest.Wait()
		begin := time.Now()
		time.AfterFunc(10*time.Second, func() { w.end("a", nil) })
		time.AfterFunc(20*time.Second, func() { w.end("b", errors.New("no model")) })
		if err := shutdown(t, m, 30*time.Second); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took != 20*time.Second {
			t.Errorf("shutdown took %v, the last job 20s", took)
		}
		wantStatus(t, m, "a", jobmanager.Completed)
		wantStatus(t, m, "b", jobmanager.Failed)
		wantStatus(t, m, "c", jobmanager.Pending) // intake had stopped before there was a slot
		if _, err := m.Create(t.Context(), jobmanager.Request{ContentType: "quiz"}); !errors.Is(err, jobmanager.ErrShutdown) {
			t.Errorf("Create after shutdown: %v", err)
		}
		if n, err := m.ProcessQueue(t.Context()); n != 0 || !errors.Is(err, jobmanager.ErrShutdown) {
			t.Errorf("ProcessQueue after shutdown: %d, %v", n, err)
		}
	})
}

// The further tests that the audit asks for.

func TestShutdownWithRunningJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWork()
		w.stopping = 2 * time.Second
		store := slow(0)
		m := start(t, store, w.handle, jobmanager.Options{})
		create(t, m, "a", "b")
		synctest.Wait()
		begin := time.Now()
		if err := shutdown(t, m, 5*time.Second); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a shutdown that had to cancel says %v", err)
		}
		if took := time.Since(begin); took != 7*time.Second {
			t.Errorf("shutdown took %v, want 5s of grace and 2s for stopping", took)
		}
		if still := w.now(); len(still) > 0 {
			t.Errorf("still running after shutdown: %v", still)
		}
		for _, id := range []string{"a", "b"} {
			if s := status(t, m, id); s.Status != jobmanager.Pending || s.Attempts != 0 {
				t.Errorf("job %s is %s after %d attempts, want it given back", id, s.Status, s.Attempts)
			}
		}

		again := start(t, store, w.handle, jobmanager.Options{})
		synctest.Wait()
		if got := w.now(); !slices.Equal(got, []string{"a", "b"}) {
			t.Errorf("the next start runs %v", got)
		}
		w.end("a", nil)
		w.end("b", nil)
		if err := shutdown(t, again, time.Minute); err != nil {
			t.Error(err)
		}
	})
}

func TestConcurrentJobCreation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWork()
		m := start(t, slow(time.Millisecond), w.handle, jobmanager.Options{Capacity: 7})
		errs := atOnce(500, func(i int) error {
			_, err := m.Create(t.Context(), jobmanager.Request{ID: fmt.Sprint(i), ContentType: "quiz"})
			return err
		})
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		for len(w.starts()) < 500 {
			time.Sleep(time.Second)
			for _, id := range w.now() {
				w.end(id, nil)
			}
		}
		if err := shutdown(t, m, time.Minute); err != nil {
			t.Error(err)
		}
		stats, err := m.Statistics(t.Context())
		if err != nil || stats.ByStatus[jobmanager.Completed] != 500 || stats.Active != 0 {
			t.Errorf("statistics: %+v, %v", stats, err)
		}
		started := w.starts()
		slices.Sort(started)
		if n := len(slices.Compact(started)); n != 500 {
			t.Errorf("%d different jobs were started", n)
		}
		w.check(t, 7)
	})
}

func TestJobProcessingWithConcurrentStatusChecks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWork()
		m := start(t, slow(time.Millisecond), w.handle, jobmanager.Options{Capacity: 2})
		create(t, m, "a", "b", "c", "d")
		order := []jobmanager.Status{jobmanager.Pending, jobmanager.Running, jobmanager.Completed}
		var watchers sync.WaitGroup
		for _, id := range []string{"a", "b", "c", "d"} {
			watchers.Go(func() {
				seen := 0
				var version int64
				for seen < 2 {
					s := status(t, m, id)
					at := slices.Index(order, s.Status)
					if at < seen || s.Version < version {
						t.Errorf("job %s went back from %s, version %d, to %s, version %d", id, order[seen], version, s.Status, s.Version)
						return
					}
					if s.IsRunning != (s.Status == jobmanager.Running) {
						t.Errorf("job %s is %s, and running: %v", id, s.Status, s.IsRunning)
					}
					if want := time.Since(s.StartedAt); s.IsRunning && (s.RunningFor <= 0 || s.RunningFor > want) {
						t.Errorf("job %s runs for %v, it was started %v ago", id, s.RunningFor, want)
					}
					if s.Status == jobmanager.Completed && s.Progress != 100 {
						t.Errorf("job %s is completed at %d%%", id, s.Progress)
					}
					seen, version = at, s.Version
					time.Sleep(7 * time.Millisecond)
				}
			})
		}
		for len(w.starts()) < 4 || len(w.now()) > 0 {
			time.Sleep(time.Second)
			for _, id := range w.now() {
				if s := status(t, m, id); s.Progress != 50 || s.Note != "half way" {
					t.Errorf("job %s has reported 50%%, half way; its status says %d%%, %s", id, s.Progress, s.Note)
				}
				w.end(id, nil)
			}
			synctest.Wait()
		}
		watchers.Wait()
		if err := shutdown(t, m, time.Minute); err != nil {
			t.Error(err)
		}
	})
}
