// Clean-ups that look first.
package c5_ok

import "sync"

type link interface{ Serve() error }

type hub struct {
	mu sync.Mutex
	m  map[string]link
	id int
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
		if h.m[id] == l {
			delete(h.m, id)
		}
		h.mu.Unlock()
	}()
}

// Refused while there is an entry, so it is always the own one.
func (h *hub) Claim(id string, l link) bool {
	h.mu.Lock()
	if _, ok := h.m[id]; ok {
		h.mu.Unlock()
		return false
	}
	h.m[id] = l
	h.mu.Unlock()
	return true
}
