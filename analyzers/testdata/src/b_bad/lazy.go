package b_bad

import "sync"

type tally struct {
	n   int
	sum int64
}

func (t tally) with(v int64) tally {
	t.n++
	t.sum += v
	return t
}

type tallies struct {
	mu  sync.RWMutex
	all map[string]tally
}

func (t *tallies) get(k string) tally {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.all[k]
}

// set makes the map when it is first needed: that settles nothing that was read of its elements.
func (t *tallies) set(k string, v tally) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all == nil {
		t.all = make(map[string]tally)
	}
	t.all[k] = v
}

func (t *tallies) Observe(k string, v int64) {
	t.set(k, t.get(k).with(v)) // want `lostupdate`
}
