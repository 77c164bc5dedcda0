package a03_bad

import (
	"context"
	"sync"
	"time"
)

type gate struct {
	mu  sync.Mutex
	in  int
	max int
}

func newGate(max int) *gate { return &gate{max: max} }

func (g *gate) full() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.in >= g.max
}

func (g *gate) add(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.in += n
}

// Two callers that wait at once both find room for one; nobody changes the limit.
func (g *gate) Enter(ctx context.Context) error {
	for g.full() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
	g.add(1) // want `checkthenact`
	return nil
}

func (g *gate) Leave() { g.add(-1) }

type shelf struct {
	mu    sync.RWMutex
	books map[string]*book
}

type book struct{ title string }

func (s *shelf) peek(t string) *book {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.books[t]
}

func (s *shelf) put(b *book) *book {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.books[b.title] = b
	return b
}

// The getter is called through a method value.
func (s *shelf) Get(t string) *book {
	find := s.peek
	if b := find(t); b != nil {
		return b
	}
	b := &book{title: t}
	return s.put(b) // want `checkthenact`
}
