package turns_ok

import "sync"

// Fields that their comments say are nobody else's.
type loop struct {
	mu    sync.Mutex
	jobs  map[string]int
	state struct{ name, last string }

	// These fields are read and written in the context of updates, which come one after the other.
	// Thus, they do not need further synchronization.
	pending *int
	handler *int

	count int // only accessed by the run loop
}

func (l *loop) update() {
	if l.pending == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.handler, l.pending = l.pending, nil
	l.count++
}

func (l *loop) drop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending, l.handler = nil, nil
	l.count = 0
}

func (l *loop) falseAlarmCommentOfFields(v *int) {
	l.pending = v
	l.count++
	l.update()
}

func (l *loop) rename(s string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state.name = s
}

type status struct {
	mu   sync.Mutex
	last struct{ name, text string }
}

func (s *status) set(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last.name = name
	s.last = struct{ name, text string }{name, ""}
}

func (s *status) show() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last.name
}

// falseAlarm: what is reset when the object ends, to its zero value.
func (s *status) Close() {
	s.last = struct{ name, text string }{}
}

// Two locks, each held for something else than what is read and written by one goroutine.
type conn struct {
	mu, streamMu sync.Mutex
	active       map[int]*int
	window       int
	top          int
}

func (c *conn) falseAlarmLocksForOtherThings(n int) {
	c.mu.Lock()
	for _, s := range c.active {
		*s = n
	}
	c.window = n
	c.mu.Unlock()
}

func (c *conn) open(id int) int {
	c.streamMu.Lock()
	defer c.streamMu.Unlock()
	if id <= c.top {
		return 0
	}
	c.top = id
	return c.window
}

func (c *conn) add(id int, s *int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.active[id] = s
}
