package c1_bad

import "sync"

type loan struct {
	title string
	out   int
}

type library struct {
	mu    sync.Mutex
	loans map[int]*loan
}

func (l *library) find(id int) *loan {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.loans[id]
}

// The object is looked up under the lock, and changed without it.
func (l *library) Borrow(id int) bool {
	x := l.find(id)
	if x == nil {
		return false
	}
	x.out++ // want `unevenguard`
	return true
}

func (l *library) Return(id int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	x := l.loans[id]
	if x == nil {
		return
	}
	if x.out--; x.out == 0 {
		delete(l.loans, id)
	}
}

func (l *library) Out() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, x := range l.loans {
		n += x.out
	}
	return n
}

// Its title never changes: reading it needs no lock.
func (l *library) falseAlarmTitle(id int) string {
	if x := l.find(id); x != nil {
		return x.title
	}
	return ""
}
