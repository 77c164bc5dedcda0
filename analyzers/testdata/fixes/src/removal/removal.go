// Clean-ups that know their entry.
package removal

import "sync"

type session struct{ id string }

func (s *session) run() {}

type hub struct {
	mu  sync.Mutex
	all map[string]*session
	cur *session
}

func (h *hub) Attach(id string) {
	s := &session{id}
	h.mu.Lock()
	h.all[id] = s
	h.mu.Unlock()
	go func() {
		s.run()
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.all, id) // want `blindremoval`
	}()
}
