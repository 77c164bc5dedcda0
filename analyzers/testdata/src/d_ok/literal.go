package d_ok

import (
	"errors"
	"log"
	"sync"
)

type hub struct {
	wg   sync.WaitGroup
	quit chan struct{}
	in   interface{ Close() error }
}

func (h *hub) pump() error {
	select {
	case <-h.quit:
		return nil
	default:
		return errors.New("no input")
	}
}

func (h *hub) start() {
	h.wg.Go(func() {
		if err := h.pump(); err != nil {
			log.Print(err)
		}
	})
	h.wg.Go(func() { _ = h.pump() }) // dropped on purpose
	h.wg.Go(func() { h.in.Close() })
	h.wg.Go(func() {
		h.pump() //nolint:errcheck // it logs its failures
	})
}

func (h *hub) stop() { close(h.quit); h.wg.Wait() }

type member interface{ Refresh() error }

type club struct {
	mu      sync.Mutex
	members map[string]member
}

func (c *club) Close() error { return nil }

// One pass over others' objects, which nobody closes here, is over by itself: silent.
func (c *club) RefreshAll() {
	go c.refresh()
}

func (c *club) refresh() {
	c.mu.Lock()
	list := make([]member, 0, len(c.members))
	for _, m := range c.members {
		list = append(list, m)
	}
	c.mu.Unlock()
	for _, m := range list {
		if err := m.Refresh(); err != nil {
			println(err.Error())
		}
	}
}
