package turns_ok

import "sync"

type line struct {
	mu    sync.Mutex
	items []int
	pos   int
}

func (l *line) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.items) - l.pos
}

func (l *line) push(v int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.items = append(l.items, v)
}

func (l *line) take() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pos++
}

func (l *line) drain(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.items, l.pos = nil, n
}

type member struct {
	mu                 sync.Mutex
	term, vote, leader int
	line               line
}

// What does so much else is not the change that the question is about.
func (m *member) Answered(term int) {
	if m.line.count() == 0 {
		m.stepDown(term)
	}
}

func (m *member) stepDown(term int) {
	m.mu.Lock()
	m.term, m.vote, m.leader = term, 0, 0
	m.mu.Unlock()
	m.line.drain(term)
}

func (m *member) Propose(v int) { m.line.push(v) }

func (m *member) Work() { go m.line.take() }
