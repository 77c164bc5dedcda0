package a02_bad

import (
	"sync"
	"time"
)

type bell struct {
	mu   sync.Mutex
	t    *time.Timer
	ring func()
}

// What the timer does later is less certain than what is done here.
func (b *bell) Set(d time.Duration) {
	b.mu.Lock()
	set := b.t != nil
	b.mu.Unlock()
	if set {
		return
	}
	t := time.AfterFunc(d, b.fire)
	b.mu.Lock()
	b.t = t // want `checkthenact`
	b.mu.Unlock()
}

func (b *bell) fire() {
	b.mu.Lock()
	b.t = nil
	b.mu.Unlock()
	b.ring()
}
