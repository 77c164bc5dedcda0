package c5_bad

import "sync"

type seat struct {
	of   *hall
	name string
	who  string
}

type hall struct {
	mu    sync.Mutex
	seats map[string]*seat
	stage *seat
	next  int
	byID  map[int]*seat
}

// What is handed out to take the entry away takes away a newer one.
func (h *hall) Sit(name, who string) (leave func()) {
	s := &seat{of: h, name: name, who: who}
	h.mu.Lock()
	h.seats[name] = s
	h.mu.Unlock()
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.seats, name) // want `blindremoval`
	}
}

// The same with a field.
func (h *hall) Perform(who string) func() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stage = &seat{who: who}
	return func() {
		h.mu.Lock()
		h.stage = nil // want `blindremoval`
		h.mu.Unlock()
	}
}

// The same with a method of what was put there.
func (h *hall) Reserve(name string) *seat {
	s := &seat{of: h, name: name}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seats[name] = s
	return s
}

func (s *seat) Leave() {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	delete(s.of.seats, s.name) // want `blindremoval`
}

// A key that nobody else has: silent.
func (h *hall) Join(who string) (leave func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	id := h.next
	h.next++
	h.byID[id] = &seat{who: who}
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.byID, id)
	}
}

// It looks first: silent.
func (h *hall) Stand(name, who string) (leave func()) {
	s := &seat{of: h, name: name, who: who}
	h.mu.Lock()
	h.seats[name] = s
	h.mu.Unlock()
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.seats[name] == s {
			delete(h.seats, name)
		}
	}
}

func (s *seat) Swap() {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	if s.of.seats[s.name] == s {
		delete(s.of.seats, s.name)
	}
}

type booth struct {
	mu   sync.Mutex
	held map[string]*seat
}

// Refused while there is an entry, and only its holder takes it away: silent.
func (b *booth) Enter(name string) (leave func(), ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held[name] != nil {
		return nil, false
	}
	b.held[name] = &seat{name: name}
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.held, name)
	}, true
}

type runs struct {
	mu      sync.Mutex
	cancels map[string]func()
}

// A newer run stops the older one, which then takes the newer one's entry away.
func (r *runs) Run(id string, cancel func(), f func() error) error {
	r.mu.Lock()
	if old, ok := r.cancels[id]; ok {
		old()
	}
	r.cancels[id] = cancel
	r.mu.Unlock()
	defer func() { // want `blindremoval`
		r.mu.Lock()
		delete(r.cancels, id)
		r.mu.Unlock()
	}()
	return f()
}
