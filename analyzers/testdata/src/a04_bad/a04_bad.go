// sync.Map in two steps.
package a04_bad

import (
	"reflect"
	"sync"
)

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

type codecs struct{ byType sync.Map }

// The key is an interface: it is the same one when it is passed as another.
func (c *codecs) of(v any) *int {
	t := reflect.TypeOf(v)
	if n, ok := c.byType.Load(t); ok {
		return n.(*int)
	}
	n := new(int)
	c.byType.Store(t, n) // want `checkthenact`
	return n
}
