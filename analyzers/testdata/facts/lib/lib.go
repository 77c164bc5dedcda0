// Package lib has one function for each thing that a fact can say.
package lib

import "sync"

type Item struct{ Name string }

func (i *Item) Close() error { return nil }

type Store struct {
	mu sync.Mutex
	m  map[string]*Item

	Mu sync.Mutex
	N  int

	wg sync.WaitGroup
}

// Has asks, and gives up the lock.
func (s *Store) Has(k string) bool { // want Has:"summary asks s.m"
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.m[k]
	return ok
}

// Put acts, under a lock of its own.
func (s *Store) Put(k string, i *Item) { // want Put:"summary acts s.m"
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m[k] = i
}

// PutNew acts, after asking itself.
func (s *Store) PutNew(k string, i *Item) { // want PutNew:"summary acts s.m"
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.m[k]; !ok {
		s.m[k] = i
	}
}

// Begin acquires.
func (s *Store) Begin() { // want Begin:"summary acquires s.Mu"
	s.Mu.Lock()
}

// End releases.
func (s *Store) End() { // want End:"summary releases s.Mu"
	s.Mu.Unlock()
}

// Locked runs a function under the lock.
func (s *Store) Locked(f func()) { // want Locked:"summary runs"
	s.Mu.Lock()
	defer s.Mu.Unlock()
	f()
}

// Go starts a function in a goroutine that Close waits for.
func (s *Store) Go(f func()) { // want Go:"summary tracks"
	s.wg.Go(f)
}

// Close waits.
func (s *Store) Close() { s.wg.Wait() }

// PutBoth stores under a key that only a register names.
func (s *Store) PutBoth(a, b string, i *Item) { // want PutBoth:"summary acts s.m"
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m[a+b] = i
}
