// Package tasks keeps background work that nobody waits for at the spot: it knows every task it started, logs the
// error of each, and drains them at shutdown. It is what to use instead of a bare go statement.
//
// It never retries, schedules or limits anything, and it never abandons a task: a function that ignores its context
// keeps Shutdown waiting, since the only alternative would be a goroutine without an owner.
package tasks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
)

// ErrClosed is returned for work that comes after Shutdown has begun. It is also the cause with which the tasks that
// outlast the grace period are cancelled.
var ErrClosed = errors.New("tasks: shut down, start no more work in this group")

// Group owns background tasks. Make one with New.
type Group struct {
	log     *slog.Logger
	ctx     context.Context
	cancel  context.CancelCauseFunc
	closing chan struct{}

	mu     sync.Mutex
	closed bool
	work   sync.WaitGroup // added to under mu only, so that no Add can follow the Wait of Shutdown
}

// New returns an empty group that reports failures to log. The tasks inherit the values of ctx and end with it.
func New(ctx context.Context, log *slog.Logger) *Group {
	ctx, cancel := context.WithCancelCause(ctx)
	return &Group{log: log, ctx: ctx, cancel: cancel, closing: make(chan struct{})}
}

// Go runs f as a task of the group, or returns ErrClosed. An error or a panic of f is logged under name; being
// cancelled by Shutdown is no failure.
func (g *Group) Go(name string, f func(context.Context) error) error {
	leave, err := g.Enter()
	if err != nil {
		return err
	}
	go func() {
		defer leave()
		err := Call(func() error { return f(g.ctx) })
		if err != nil && !(errors.Is(err, context.Canceled) && g.ctx.Err() != nil) {
			g.log.Error("background task failed", "task", name, "error", err)
		}
	}()
	return nil
}

// Enter counts the caller itself among the tasks until it calls leave, or returns ErrClosed. Asking and being counted
// are one step: an operation that was let in is waited for, so nothing runs after Shutdown has returned.
func (g *Group) Enter() (leave func(), err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return nil, ErrClosed
	}
	g.work.Add(1)
	return g.work.Done, nil
}

// Context is what every task gets. It ends when a shutdown runs out of patience.
func (g *Group) Context() context.Context { return g.ctx }

// Closing is closed when Shutdown begins: the sign for a loop to end by itself.
func (g *Group) Closing() <-chan struct{} { return g.closing }

// Shutdown stops intake and waits for the tasks. When ctx ends first, it cancels those that are left, waits for them
// too, and says so in its error. It may be called more than once, but not by a task of the group.
func (g *Group) Shutdown(ctx context.Context) error {
	g.close()
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		g.work.Wait()
	}()
	defer g.cancel(ErrClosed)
	select {
	case <-drained:
		return nil
	case <-ctx.Done():
		g.cancel(ErrClosed)
		<-drained
		return fmt.Errorf("tasks: cancelled what was still running: %w", context.Cause(ctx))
	}
}

func (g *Group) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.closed = true
		close(g.closing)
	}
}

// Call runs f and returns its error; a panic becomes an error with its stack, so that one task cannot end the process.
func Call(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}
