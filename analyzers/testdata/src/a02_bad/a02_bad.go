// The lock is released in the middle of the function.
package a02_bad

import (
	"errors"
	"sync"
)

type Session struct{ id string }

func (s *Session) Close() {}

type Server struct {
	mu      sync.Mutex
	cur     *Session
	started bool
	conns   []*Session
	max     int
}

func open() (*Session, error) { return &Session{}, nil }

func (s *Server) Ensure() error {
	s.mu.Lock()
	if s.cur != nil {
		s.mu.Unlock()
		return nil
	}
	s.mu.Unlock()
	n, err := open()
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.cur = n // want `checkthenact`
	s.mu.Unlock()
	return nil
}

func (s *Server) Drop() {
	s.mu.Lock()
	s.cur = nil
	s.mu.Unlock()
}

func (s *Server) Start(run func()) error {
	s.mu.Lock()
	started := s.started
	s.mu.Unlock()
	if started {
		return errors.New("started")
	}
	run()
	s.mu.Lock()
	s.started = true // want `checkthenact`
	s.mu.Unlock()
	return nil
}

func (s *Server) Admit(n *Session) bool {
	s.mu.Lock()
	full := len(s.conns) >= s.max
	s.mu.Unlock()
	if full {
		return false
	}
	s.mu.Lock()
	s.conns = append(s.conns, n) // want `checkthenact`
	s.mu.Unlock()
	return true
}
