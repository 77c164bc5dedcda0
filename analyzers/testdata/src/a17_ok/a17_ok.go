// One step instead of two.
package a17_ok

import (
	"sync"
	"sync/atomic"
)

type conn struct{ n int }

func (c *conn) Close() {}

type hub struct {
	m sync.Map
	p atomic.Pointer[conn]
	n atomic.Int64
}

func (h *hub) Get(k string) *conn {
	if v, ok := h.m.Load(k); ok {
		return v.(*conn)
	}
	v, _ := h.m.LoadOrStore(k, &conn{})
	return v.(*conn)
}

func (h *hub) Take(k string) (*conn, bool) {
	v, ok := h.m.LoadAndDelete(k)
	if !ok {
		return nil, false
	}
	return v.(*conn), true
}

func (h *hub) Bump() {
	for {
		old := h.p.Load()
		next := &conn{old.n + 1}
		if h.p.CompareAndSwap(old, next) {
			return
		}
	}
}

func (h *hub) Max(n int64) {
	for cur := h.n.Load(); n > cur; cur = h.n.Load() {
		if h.n.CompareAndSwap(cur, n) {
			return
		}
	}
}
