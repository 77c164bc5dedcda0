// What an interface promises to those who implement it: nothing here is reported.
package turns_ok

import (
	"sync"

	"turns_ok/watch"
)

var _ watch.Watcher = (*listener)(nil)

// listener hears of one change after the other.
type listener struct {
	mu      sync.Mutex
	current string
	pending string
	count   int
	closed  chan struct{}
}

func (l *listener) name() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.current
}

func (l *listener) setName(s string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.current = s
}

// falseAlarm: getter and setter each take the lock for those who read; nobody writes in between.
func (l *listener) Changed(v string) error {
	if l.name() != v {
		l.setName(v)
		l.count++
	}
	return nil
}

func (l *listener) Failed(error) {
	l.mu.Lock()
	n := len(l.current)
	l.mu.Unlock()
	if n > 0 {
		l.mu.Lock()
		l.current = ""
		l.mu.Unlock()
	}
}

// policy is called one call at a time, but for Pick.
type policy struct {
	mu     sync.Mutex
	done   chan struct{}
	latest map[string]int
}

func (p *policy) Update(v string) error {
	p.mu.Lock()
	_, ok := p.latest[v]
	p.mu.Unlock()
	if !ok {
		p.mu.Lock()
		p.latest[v] = 1
		p.mu.Unlock()
	}
	return nil
}

func (p *policy) Failed(error) {}

// falseAlarm: closed once.
func (p *policy) Close() {
	select {
	case <-p.done:
		return
	default:
	}
	close(p.done)
}

func (p *policy) Pick() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for k := range p.latest {
		return k
	}
	return ""
}

// sink: what the comment of one method promises.
type sink struct {
	mu   sync.Mutex
	seen map[string]bool
}

func (s *sink) Put(v string) error {
	s.mu.Lock()
	ok := s.seen[v]
	s.mu.Unlock()
	if !ok {
		s.mu.Lock()
		s.seen[v] = true
		s.mu.Unlock()
	}
	return nil
}

func (s *sink) Flush() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.seen)
	return nil
}
