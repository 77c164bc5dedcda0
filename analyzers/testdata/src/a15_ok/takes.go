package a15_ok

import "sync"

type door struct {
	mu    sync.Mutex
	state int
	inUse bool
	fails int
}

// enter tests and sets in one step: what it tells is that it has set.
func (d *door) enter() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch d.state {
	case 0:
		return true
	case 1:
		d.state = 2
		d.inUse = true
		return true
	default:
		if d.inUse {
			return false
		}
		d.inUse = true
		return true
	}
}

func (d *door) leave(failed bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inUse = false
	if !failed {
		d.state, d.fails = 0, 0
		return
	}
	d.fails++
	d.state = 1
}

func (d *door) Through(f func() bool) bool {
	if !d.enter() {
		return false
	}
	ok := f()
	d.leave(!ok)
	return ok
}
