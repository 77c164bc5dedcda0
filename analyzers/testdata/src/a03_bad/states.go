package a03_bad

import (
	"sync"

	"a03_bad/store"
)

type phase int

const (
	resting phase = iota
	running
	paused
)

type phaser struct {
	mu sync.RWMutex
	at phase
}

func (m *phaser) Phase() phase {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.at
}

func (m *phaser) Is(p phase) bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.at == p
}

func (m *phaser) Enter(p phase) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at = p
}

type phased struct {
	phaser
	runs int
}

// Two callers leave the same state.
func (w *phased) Pause() bool {
	if w.Phase() != running {
		return false
	}
	w.Enter(paused) // want `checkthenact`
	return true
}

func (w *phased) Resume() {
	if w.Is(paused) {
		w.Enter(running) // want `checkthenact`
	}
}

// Twice is once, and whoever comes in between has the same right: low.
func (w *phased) Settle() {
	if w.Phase() != paused {
		w.Enter(paused)
	}
}

func (w *phased) Unless() {
	if w.Is(running) {
		return
	}
	w.Enter(resting)
}

type motor struct{ m store.Machine }

// The same, where another package keeps the state.
func (w *motor) Start() bool {
	if !w.m.Is(store.Idle) {
		return false
	}
	w.m.Go(store.Busy) // want `checkthenact`
	return true
}

func (w *motor) Finish() {
	if w.m.Is(store.Busy) {
		w.m.Go(store.Idle) // want `checkthenact`
	}
}

func (w *motor) Drop() { w.m.Go(store.Gone) }
