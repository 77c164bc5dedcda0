package a03_bad

import "sync"

type parlour struct {
	mu    sync.Mutex
	seats []string
}

func (t *parlour) Size() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.seats)
}

func (t *parlour) Seat(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seats = append(t.seats, name)
}

type lobby struct {
	mu     sync.Mutex
	tables map[string]*parlour
}

func (l *lobby) Table(name string) *parlour {
	l.mu.Lock()
	defer l.mu.Unlock()
	t, ok := l.tables[name]
	if !ok {
		t = &parlour{}
		l.tables[name] = t
	}
	return t
}

// The object is one that the lobby keeps, whatever the method that gives it is called.
func (l *lobby) Join(table, name string) bool {
	t := l.Table(table)
	if t.Size() >= 4 {
		return false
	}
	t.Seat(name) // want `checkthenact`
	return true
}
