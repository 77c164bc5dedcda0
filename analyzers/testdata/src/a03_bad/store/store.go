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

// State is where a machine is.
type State int

const (
	Idle State = iota
	Busy
	Gone
)

// Machine goes from state to state.
type Machine struct {
	mu sync.RWMutex
	at State
}

func (m *Machine) Is(s State) bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.at == s
}

func (m *Machine) Go(s State) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at = s
}

// Keeper is what users of a Store need.
type Keeper interface {
	Has(k string) bool
	Add(k string, v *Item)
}
