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
