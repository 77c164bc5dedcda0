package d_ok

import (
	"context"
	"time"
)

// There is room for the answer.
func ask(read func() int) int {
	c := make(chan int, 1)
	go func() { c <- read() }()
	select {
	case n := <-c:
		return n
	case <-time.After(time.Second):
		return 0
	}
}

// The sender gives up, too.
func either(ctx context.Context, read func() int) int {
	c := make(chan int)
	go func() {
		select {
		case c <- read():
		case <-ctx.Done():
		}
	}()
	select {
	case n := <-c:
		return n
	case <-ctx.Done():
		return 0
	}
}

// It is waited for after all.
func late(read func() int, warn func()) int {
	c := make(chan int)
	go func() { c <- read() }()
	select {
	case n := <-c:
		return n
	case <-time.After(time.Second):
		warn()
	}
	return <-c
}

// The first result of two is the end of the program's work.
func first(start func() error, wait func() error) error {
	started, ended := make(chan struct{}), make(chan error)
	go func() {
		if start() == nil {
			close(started)
		}
	}()
	go func() { ended <- wait() }()
	select {
	case <-started:
		return nil
	case err := <-ended:
		return err
	}
}
