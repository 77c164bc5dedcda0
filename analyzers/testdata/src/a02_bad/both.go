package a02_bad

import "sync"

type link struct {
	busy bool
	used int
}

type links struct {
	mu sync.RWMutex
	m  map[string]*link
}

func (l *links) Put(k string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.m[k] = &link{}
}

// What && gives is an answer to both questions.
func (l *links) Evict(k string, tell func(string)) bool {
	l.mu.Lock()
	c, ok := l.m[k]
	idle := ok && !c.busy
	l.mu.Unlock()
	if !idle {
		return false
	}
	tell(k)
	l.mu.Lock()
	delete(l.m, k) // want `checkthenact`
	l.mu.Unlock()
	return true
}
