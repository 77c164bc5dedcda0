// Forms in which sync.Map is used in two steps.
package syncmap

import (
	"sync"
	"time"
)

type conn struct{ id string }

func (c *conn) Close() error { return nil }

func dial(id string) *conn { return &conn{id} }

type hub struct {
	conns sync.Map
	uses  sync.Map
	mean  sync.Map
}

// What was made for nothing is closed.
func (h *hub) Conn(id string) *conn {
	if v, ok := h.conns.Load(id); ok {
		return v.(*conn)
	}
	c := dial(id)
	h.conns.Store(id, c) // want `checkthenact`
	return c
}

// The value is used behind the if statement.
func (h *hub) Touch(id string) *conn {
	v, ok := h.conns.Load(id)
	if !ok {
		v = &conn{id}
		h.conns.Store(id, v) // want `checkthenact`
	}
	return v.(*conn)
}

// Both branches set it.
func (h *hub) Both(id string) *conn {
	var c *conn
	if v, ok := h.conns.Load(id); ok {
		c = v.(*conn)
	} else {
		c = &conn{id}
		h.conns.Store(id, c) // want `checkthenact`
	}
	return c
}

// Of several callers one may close it.
func (h *hub) Drop(id string) {
	if v, ok := h.conns.Load(id); ok {
		h.conns.Delete(id) // want `checkthenact`
		v.(*conn).Close()
	}
}

type use struct {
	calls int
	last  time.Time
}

// The value can be compared.
func (h *hub) Use(id string) {
	var u use
	if v, ok := h.uses.Load(id); ok {
		u = v.(use)
	}
	u.calls++
	u.last = time.Now()
	h.uses.Store(id, u) // want `lostupdate`
}

// Nothing comes between the test and the removal.
func (h *hub) Take(id string) (*conn, bool) {
	v, ok := h.conns.Load(id)
	if !ok {
		return nil, false
	}
	h.conns.Delete(id) // want `checkthenact`
	return v.(*conn), true
}
