package a02_bad

import "sync"

type guest struct{ name string }

type hotel struct {
	mu    sync.Mutex
	rooms map[string]map[*guest]bool
}

func (h *hotel) Enter(room string, g *guest) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.rooms[room] == nil {
		h.rooms[room] = make(map[*guest]bool)
	}
	h.rooms[room][g] = true
}

// Somebody may have entered the room that was empty.
func (h *hotel) Leave(room string, g *guest, tell func(*guest)) {
	h.mu.Lock()
	gs := h.rooms[room]
	delete(gs, g)
	empty := len(gs) == 0
	h.mu.Unlock()
	tell(g)
	if empty {
		h.mu.Lock()
		delete(h.rooms, room) // want `checkthenact`
		h.mu.Unlock()
	}
}

// One section.
func (h *hotel) Go(room string, g *guest) {
	h.mu.Lock()
	defer h.mu.Unlock()
	gs := h.rooms[room]
	delete(gs, g)
	if len(gs) == 0 {
		delete(h.rooms, room)
	}
}
