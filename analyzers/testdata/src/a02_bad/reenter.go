package a02_bad

import "sync"

type ticket struct {
	id  int
	due int64
}

type slot struct {
	id  int
	due int64
}

type agenda struct{ slots map[int]*slot }

func (a *agenda) put(s *slot) { a.slots[s.id] = s }

type desk struct {
	mu      sync.RWMutex
	tickets map[int]*ticket
	hot     map[int]*ticket
	agenda  agenda
}

func (d *desk) cancel(id int) {
	d.mu.Lock()
	delete(d.tickets, id)
	delete(d.agenda.slots, id)
	d.mu.Unlock()
}

// Found in one section, put back on the agenda in the next: cancelled in between, it comes back.
func (d *desk) Postpone(id int, ask func() int64) bool {
	d.mu.RLock()
	t := d.tickets[id]
	d.mu.RUnlock()
	if t == nil {
		return false
	}
	due := ask()
	d.mu.Lock()
	t.due = due
	s := &slot{id: t.id, due: t.due}
	d.agenda.put(s) // want `checkthenact`
	d.mu.Unlock()
	return true
}

func (d *desk) Mark(id int) {
	d.mu.RLock()
	t, ok := d.tickets[id]
	d.mu.RUnlock()
	if !ok {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hot[id] = t // want `checkthenact`
}

// Looked up again: silent.
func (d *desk) PostponeAgain(id int, ask func() int64) bool {
	d.mu.RLock()
	t := d.tickets[id]
	d.mu.RUnlock()
	if t == nil {
		return false
	}
	due := ask()
	d.mu.Lock()
	defer d.mu.Unlock()
	if t = d.tickets[id]; t == nil {
		return false
	}
	t.due = due
	d.agenda.put(&slot{id: t.id, due: t.due})
	return true
}

// Changed only, not put anywhere: who was cancelled is changed to no effect.
func (d *desk) Touch(id int, due int64) {
	d.mu.RLock()
	t := d.tickets[id]
	d.mu.RUnlock()
	if t == nil {
		return
	}
	d.mu.Lock()
	t.due = due
	d.mu.Unlock()
}
