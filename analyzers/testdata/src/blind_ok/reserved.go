package blind_ok

import "sync"

type berth struct{ id string }

type berths struct {
	mu    sync.Mutex
	taken map[string]*berth
	held  map[string]struct{}
}

// Both maps are asked, and one of them is set, in one step: whoever is told yes has the name.
func (s *berths) hold(id string) (bool, func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.taken[id]; ok {
		return false, nil
	}
	if _, ok := s.held[id]; ok {
		return false, nil
	}
	s.held[id] = struct{}{}
	return true, func() {
		s.mu.Lock()
		delete(s.held, id)
		s.mu.Unlock()
	}
}

func (s *berths) put(x *berth) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.held, x.id)
	s.taken[x.id] = x
}

func (s *berths) falseAlarmHeld(id string) bool {
	ok, _ := s.hold(id)
	if !ok {
		return false
	}
	s.put(&berth{id})
	return true
}

type flight struct {
	done chan struct{}
	got  *berth
}

type flights struct {
	mu      sync.Mutex
	landed  map[string]*berth
	flying  map[string]*flight
	flyWith func(string) *berth
}

// falseAlarmFlight: the mark is taken back in the section that stores what was fetched.
func (f *flights) falseAlarmFlight(id string) *berth {
	f.mu.Lock()
	if s, ok := f.landed[id]; ok {
		f.mu.Unlock()
		return s
	}
	if fl, ok := f.flying[id]; ok {
		f.mu.Unlock()
		<-fl.done
		return fl.got
	}
	fl := &flight{done: make(chan struct{})}
	f.flying[id] = fl
	f.mu.Unlock()

	fl.got = f.flyWith(id)

	f.mu.Lock()
	delete(f.flying, id)
	f.landed[id] = fl.got
	f.mu.Unlock()
	close(fl.done)
	return fl.got
}

type fleet struct {
	mu     sync.Mutex
	making map[string]bool
	max    int

	nodes struct {
		sync.Mutex
		m map[string]*berth
	}
}

func (f *fleet) count() int {
	f.nodes.Lock()
	defer f.nodes.Unlock()
	return len(f.nodes.m)
}

func (f *fleet) enter(s *berth) {
	f.nodes.Lock()
	defer f.nodes.Unlock()
	f.nodes.m[s.id] = s
}

// falseAlarmCounted: what is being made counts, too.
func (f *fleet) falseAlarmCounted(id string) bool {
	f.mu.Lock()
	if f.making[id] || f.count()+len(f.making) >= f.max {
		f.mu.Unlock()
		return false
	}
	f.making[id] = true
	f.mu.Unlock()

	f.enter(&berth{id})

	f.mu.Lock()
	delete(f.making, id)
	f.mu.Unlock()
	return true
}
