package a03_bad

import (
	"sync"

	"a03_bad/store"
)

// The interface has one implementation in its package.
type keeper struct{ k store.Keeper }

func (u *keeper) Ensure(k string) {
	if !u.k.Has(k) {
		u.k.Add(k, &store.Item{}) // want `checkthenact`
	}
}

type stage int

const (
	waiting stage = iota
	going
	ended
)

type errand struct{ at stage }

type errands struct {
	mu sync.Mutex
	m  map[string]*errand
}

func (e *errands) stageOf(id string) (stage, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	x, ok := e.m[id]
	if !ok {
		return 0, false
	}
	return x.at, true
}

func (e *errands) setStage(id string, s stage) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if x, ok := e.m[id]; ok {
		x.at = s
	}
}

// The state of an element, by two methods that lock by themselves.
func (e *errands) Withdraw(id string) bool {
	at, ok := e.stageOf(id)
	if !ok || at != waiting {
		return false
	}
	e.setStage(id, ended) // want `checkthenact`
	return true
}

func (e *errands) Go(id string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	x, ok := e.m[id]
	if !ok || x.at != waiting {
		return false
	}
	x.at = going
	return true
}

type window struct {
	mu   sync.Mutex
	hits []int
	lost int
	max  int
}

func (w *window) since(t int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, h := range w.hits {
		if h > t {
			n++
		}
	}
	return n
}

func (w *window) record(t int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hits = append(w.hits, t)
}

// Members are counted, and one is added.
func (w *window) Allow(t int) bool {
	if w.since(t-10) >= w.max {
		return false
	}
	w.record(t) // want `checkthenact`
	return true
}

func (w *window) lostCount() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lost
}

func (w *window) setLost(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lost = n
}

// A number is counted on, and written back.
func (w *window) Expire(ts []int, old func(int) bool) {
	n := w.lostCount()
	for _, t := range ts {
		if old(t) {
			n++
		}
	}
	w.setLost(n) // want `lostupdate`
}

type spares struct {
	mu    sync.Mutex
	items []int
}

func (s *spares) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.items)
}

func (s *spares) pop() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.items) - 1
	v := s.items[last]
	s.items = s.items[:last]
	return v
}

func (s *spares) Put(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items = append(s.items, n)
}

// Whether there is one, and one is taken.
func (s *spares) Get() int {
	if s.Len() == 0 {
		return 0
	}
	return s.pop() // want `checkthenact`
}
