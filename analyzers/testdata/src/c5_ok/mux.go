package c5_ok

import (
	"sync"
	"sync/atomic"
)

type mux struct {
	next atomic.Uint64

	mu      sync.Mutex
	pending map[uint64]chan int
}

// The next number is nobody else's.
func (m *mux) Call(send func(uint64) error) (int, error) {
	id := m.next.Add(1)
	ch := make(chan int, 1)
	m.mu.Lock()
	m.pending[id] = ch
	m.mu.Unlock()
	defer m.forget(id)
	if err := send(id); err != nil {
		return 0, err
	}
	return <-ch, nil
}

func (m *mux) forget(id uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.pending, id)
}
