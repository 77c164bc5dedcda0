// sync.Map in two steps.
package a04_bad

import "sync"

type hub struct{ rooms sync.Map }

type room struct{ members []string }

func (h *hub) Room(name string) *room {
	if r, ok := h.rooms.Load(name); ok {
		return r.(*room)
	}
	r := &room{}
	h.rooms.Store(name, r) // want `checkthenact`
	return r
}

func (h *hub) Leave(name string) {
	if r, ok := h.rooms.Load(name); ok && len(r.(*room).members) == 0 {
		h.rooms.Delete(name) // want `checkthenact`
	}
}

func (h *hub) Join(name, who string) {
	var members []string
	if v, ok := h.rooms.Load(name); ok {
		members = v.([]string)
	}
	h.rooms.Store(name, append(members, who)) // want `lostupdate`
}
