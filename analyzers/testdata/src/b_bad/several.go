package b_bad

import "sync"

type mean struct {
	mu  sync.Mutex
	n   int
	sum float64
}

func (m *mean) Add(x float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.n++
	m.sum += x
}

func (m *mean) both() (int, float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.n, m.sum
}

// What several results tell is written back each for itself.
func (m *mean) Merge(o *mean) {
	on, osum := o.both()
	n, sum := m.both()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.n = n + on       // want `lostupdate`
	m.sum = sum + osum // want `lostupdate`
}
