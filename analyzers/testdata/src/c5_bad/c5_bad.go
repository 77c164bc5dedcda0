// Clean-ups that remove what may not be theirs.
package c5_bad

import (
	"sync"
	"time"
)

type link interface{ Serve() error }

type hub struct {
	mu   sync.Mutex
	m    map[string]link
	soon map[string]*time.Timer
}

func (h *hub) Attach(id string, l link) {
	h.mu.Lock()
	h.m[id] = l
	h.mu.Unlock()
	go func() {
		if err := l.Serve(); err != nil {
			return
		}
		h.mu.Lock()
		delete(h.m, id) // want `blindremoval`
		h.mu.Unlock()
	}()
}

func (h *hub) Hold(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.soon[id] = time.AfterFunc(time.Second, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.soon, id) // want `blindremoval`
	})
}
