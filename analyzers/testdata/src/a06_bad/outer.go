package a06_bad

import "sync"

type listener struct {
	mu     sync.Mutex
	ch     chan string
	closed bool
}

func (l *listener) isClosed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

func (l *listener) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.closed = true
		close(l.ch)
	}
}

type radio struct {
	mu        sync.RWMutex
	listeners []*listener
}

func (r *radio) Add(l *listener) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.listeners = append(r.listeners, l)
}

// The lock of the radio keeps nobody from closing a listener.
func (r *radio) Say(text string) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, l := range r.listeners {
		if l.isClosed() {
			continue
		}
		select { // want `checkthenact`
		case l.ch <- text:
		default:
		}
	}
}

type member struct {
	mu     sync.Mutex
	ch     chan string
	closed bool
}

// send asks under the member's own lock.
func (m *member) send(text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return
	}
	select {
	case m.ch <- text:
	default:
	}
}

func (m *member) Close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.closed {
		m.closed = true
		close(m.ch)
	}
}
