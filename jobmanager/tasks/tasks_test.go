package tasks_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/toctou-lint/toctou/jobmanager/tasks"
)

func TestShutdownWaitsForWhoWasLetIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := tasks.New(t.Context(), slog.Default())
		leave, err := g.Enter()
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		time.AfterFunc(time.Minute, leave)
		if err := g.Shutdown(context.Background()); err != nil || time.Since(begin) != time.Minute {
			t.Errorf("shutdown after %v: %v", time.Since(begin), err)
		}
		if _, err := g.Enter(); !errors.Is(err, tasks.ErrClosed) {
			t.Errorf("Enter after shutdown: %v", err)
		}
	})
}

func TestShutdownCancelsAndWaitsOnceMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		g := tasks.New(t.Context(), slog.New(slog.NewTextHandler(&log, nil)))
		var cause error
		if err := g.Go("slow to stop", func(ctx context.Context) error {
			<-ctx.Done()
			cause = context.Cause(ctx)
			time.Sleep(time.Second)
			return ctx.Err()
		}); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := g.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a shutdown that had to cancel says %v", err)
		}
		if took := time.Since(begin); took != time.Minute+time.Second {
			t.Errorf("shutdown took %v", took)
		}
		if !errors.Is(cause, tasks.ErrClosed) {
			t.Errorf("the task was cancelled because: %v", cause)
		}
		if strings.Contains(log.String(), "ERROR") {
			t.Errorf("being cancelled was logged as a failure: %s", log.String())
		}
		if err := g.Shutdown(context.Background()); err != nil {
			t.Errorf("the second shutdown: %v", err)
		}
	})
}

func TestLoopEndsWhenTheGroupCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := tasks.New(t.Context(), slog.Default())
		rounds := 0
		if err := g.Go("loop", func(context.Context) error {
			for {
				select {
				case <-g.Closing():
					return nil
				case <-time.After(time.Second):
					rounds++
				}
			}
		}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10*time.Second + time.Millisecond)
		if err := g.Shutdown(context.Background()); err != nil || rounds != 10 {
			t.Errorf("%d rounds, %v", rounds, err)
		}
	})
}
