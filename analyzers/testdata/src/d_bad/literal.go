package d_bad

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

type feed interface {
	Run(ctx context.Context) error
}

type hub struct {
	wg   sync.WaitGroup
	feed feed
	quit chan struct{}
}

func (h *hub) pump() error {
	select {
	case <-h.quit:
		return nil
	default:
		return errors.New("no input")
	}
}

// A literal that does nothing but run what fails is the same as running it.
func (h *hub) start(ctx context.Context) {
	h.wg.Go(func() { // want `unobservedfailure`
		h.pump()
	})
	h.wg.Go(func() { h.feed.Run(ctx) }) // want `unobservedfailure`
	h.wg.Add(1)
	go func() { // want `unobservedfailure`
		defer h.wg.Done()
		h.pump()
	}()
}

func (h *hub) stop() { close(h.quit); h.wg.Wait() }

type outbox interface {
	Deliver(to string) error
	Close() error
}

type mail struct{ out outbox }

func (m *mail) Close() error { return m.out.Close() }

// What an interface method that can fail does is not over at once.
func (m *mail) Send(to string) {
	go func() { // want `untrackedtask`
		if err := m.out.Deliver(to); err != nil {
			fmt.Println(err)
		}
	}()
}

// A context that nobody cancels stops nothing.
func (m *mail) flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return m.out.Deliver("all")
}

func (m *mail) Flush() {
	go m.flush(context.Background()) // want `untrackedtask`
}
