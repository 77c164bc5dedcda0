// Package store locks by itself in each method.
package store

import "sync"

type Item struct{ v *int }

type Store struct {
	mu sync.RWMutex
	m  map[string]*Item
}

func New() *Store { return &Store{m: map[string]*Item{}} }

func (s *Store) Has(k string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, ok := s.m[k]
	return ok
}

func (s *Store) Get(k string) *Item {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.m[k]
}

func (s *Store) Add(k string, v *Item) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m[k] = v
}

// AddIfAbsent checks under the lock that it acts under.
func (s *Store) AddIfAbsent(k string, v *Item) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.m[k]; ok {
		return false
	}
	s.m[k] = v
	return true
}
