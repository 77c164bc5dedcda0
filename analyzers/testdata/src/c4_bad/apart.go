package c4_bad

import "sync"

type gauge struct {
	mu, statMu sync.Mutex
	last       string
	seen       int
}

func (g *gauge) Note(s string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.last = s // want `uselesslock`
}

// The reader takes the other lock.
func (g *gauge) Last() string {
	g.statMu.Lock()
	defer g.statMu.Unlock()
	return g.last
}

// Who writes holds both, who reads holds one of them: silent.
func (g *gauge) See() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.statMu.Lock()
	defer g.statMu.Unlock()
	g.seen++
}

func (g *gauge) Seen() int {
	g.statMu.Lock()
	defer g.statMu.Unlock()
	return g.seen
}
