package a12_bad

import "sync"

type slots struct {
	mu    sync.Mutex
	freed *sync.Cond
	used  int
	max   int
	list  []int
}

func newSlots(max int) *slots {
	s := &slots{max: max}
	s.freed = sync.NewCond(&s.mu)
	return s
}

// Whoever is woken up finds that another has been faster.
func (s *slots) Take() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used >= s.max {
		s.freed.Wait()
	}
	s.used++ // want `checkthenact`
}

func (s *slots) Add(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.list) >= s.max {
		s.freed.Wait()
	}
	s.list = append(s.list, n) // want `checkthenact`
}

func (s *slots) Give() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used--
	if len(s.list) > 0 {
		s.list = s.list[1:]
	}
	s.freed.Signal()
}

// A loop asks again.
func (s *slots) TakeTwo() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.used+1 >= s.max {
		s.freed.Wait()
	}
	s.used += 2
}

type inbox struct {
	mu   sync.Mutex
	some *sync.Cond
	mail []string
}

func newInbox() *inbox {
	b := &inbox{}
	b.some = sync.NewCond(&b.mu)
	return b
}

func (b *inbox) empty() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.mail) == 0
}

// The predicate locks by itself: between its answer and the look at the first letter anybody takes it.
func (b *inbox) Next() string {
	for b.empty() {
		b.mu.Lock()
		b.some.Wait()
		b.mu.Unlock()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.mail[0]
	b.mail = b.mail[1:] // want `checkthenact`
	return m
}

func (b *inbox) Put(m string) {
	b.mu.Lock()
	b.mail = append(b.mail, m)
	b.mu.Unlock()
	b.some.Signal()
}
