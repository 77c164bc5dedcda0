// Atomics in two steps.
package atomics

import "sync/atomic"

const (
	idle int32 = iota
	running
	closed
)

type node struct {
	state atomic.Int32
	peak  atomic.Int64
	next  atomic.Uint64
	refs  int64
}

// Work lies between the test and the store.
func (n *node) Start(log func(string)) bool {
	if n.state.Load() == closed {
		return false
	}
	log("starts")
	n.state.Store(running) // want `checkthenact`
	return true
}

func (n *node) Close() { n.state.Store(closed) }

func (n *node) Peak(v int64) {
	if v > n.peak.Load() {
		n.peak.Store(v) // want `checkthenact`
	}
}

func (n *node) Next(step uint64) {
	n.next.Store(n.next.Load() + step) // want `lostupdate`
}

func (n *node) Half() {
	n.next.Store(n.next.Load() / 2) // want `lostupdate`
}

func (n *node) Release(free func()) {
	atomic.AddInt64(&n.refs, -1)
	if atomic.LoadInt64(&n.refs) == 0 { // want `checkthenact`
		free()
	}
}
