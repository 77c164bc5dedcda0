package turns_bad

import (
	"sync"
	"sync/atomic"
)

// dirty is taken back after the work: what was marked meanwhile is never written.
type dirty struct {
	mark atomic.Bool
	n    atomic.Int64
	out  chan string
}

func (d *dirty) Mark() { d.mark.Store(true) }

func (d *dirty) flush() {
	if d.mark.Load() {
		d.out <- "all"
		d.mark.Store(false) // want `checkthenact`
	}
}

func (d *dirty) Count() { d.n.Add(1) }

// A number is no mark.
func (d *dirty) drain() int64 {
	n := d.n.Load()
	if n > 0 {
		d.n.Store(0) // want `checkthenact`
		d.out <- "some"
	}
	return n
}

// line is taken from by several.
type line struct {
	mu   sync.Mutex
	list []int
}

func (l *line) Add(n int) {
	l.mu.Lock()
	l.list = append(l.list, n)
	l.mu.Unlock()
}

func (l *line) Take() {
	l.mu.Lock()
	n := len(l.list)
	l.mu.Unlock()
	if n > 0 {
		l.mu.Lock()
		l.list = l.list[1:] // want `checkthenact`
		l.mu.Unlock()
	}
}

// mixed: some who call the helper are told nothing.
type mixed struct {
	mu sync.Mutex
	at atomic.Int64
}

// Append appends. External synchronisation is provided by the commit lock.
func (m *mixed) Append(n int64) { m.add(n) }

// Write writes.
func (m *mixed) Write(n int64) { m.add(n) }

func (m *mixed) add(n int64) {
	old := m.at.Load()
	m.at.Store(old + n) // want `lostupdate`
}
