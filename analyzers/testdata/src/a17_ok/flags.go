package a17_ok

import "sync/atomic"

type stream struct {
	first, up atomic.Bool
}

// Two flags, set twice to what they are.
func (s *stream) opened() {
	if !s.first.Load() {
		s.up.Store(true)
		s.first.Store(true)
	}
}

func (s *stream) Open(again func(func() error)) {
	go again(func() error {
		s.opened()
		return nil
	})
}

func (s *stream) Up() bool { return s.up.Load() }
