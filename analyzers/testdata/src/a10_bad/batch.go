package a10_bad

import "sync"

type batch struct {
	mu  sync.Mutex
	buf []string
}

func (b *batch) Add(s string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buf = append(b.buf, s)
}

// What is added meanwhile goes where the elements are that this call still writes.
func (b *batch) Flush(write func(string)) {
	b.mu.Lock()
	pending := b.buf
	b.buf = b.buf[:0]
	b.mu.Unlock()
	for _, s := range pending {
		write(s) // want `unevenguard`
	}
}

type stack struct {
	mu   sync.Mutex
	idle []string
}

func (s *stack) Pop() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.idle) == 0 {
		return ""
	}
	last := s.idle[len(s.idle)-1]
	s.idle = s.idle[:len(s.idle)-1]
	return last
}

func (s *stack) Push(v string) {
	s.mu.Lock()
	s.idle = append(s.idle, v)
	s.mu.Unlock()
}

// The slice is taken away, not its length only: silent.
func (s *stack) Close(end func(string)) {
	s.mu.Lock()
	idle := s.idle
	s.idle = nil
	s.mu.Unlock()
	for _, v := range idle {
		end(v)
	}
}
