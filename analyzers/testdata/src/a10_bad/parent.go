package a10_bad

import "sync"

type show struct {
	seats  int
	buyers map[string]int
}

type office struct {
	mu    sync.Mutex
	shows map[string]*show
}

func (o *office) Buy(name, who string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if s := o.shows[name]; s != nil && s.seats > 0 {
		s.seats--
		s.buyers[who]++
	}
}

// The lock of the office guards what is in its shows, and is given back before the visit.
func (o *office) Remind(name string, tell func(string)) {
	var buyers map[string]int
	o.mu.Lock()
	if s := o.shows[name]; s != nil {
		buyers = s.buyers
	}
	o.mu.Unlock()
	for who := range buyers { // want `checkthenact`
		tell(who)
	}
}
