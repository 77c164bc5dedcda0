package a02_bad

import "sync"

type worker struct {
	id   int
	busy bool
	load int
}

type crew struct {
	mu     sync.Mutex
	all    []*worker
	slots  []worker
	byName map[string]*worker
	max    int
}

// The member that was found idle may be busy by now.
func (c *crew) Pick(warm func(*worker) error) *worker {
	var pick *worker
	c.mu.Lock()
	for _, w := range c.all {
		if !w.busy {
			pick = w
			break
		}
	}
	c.mu.Unlock()
	if pick == nil || warm(pick) != nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	pick.busy = true // want `checkthenact`
	return pick
}

// The same with an index.
func (c *crew) Slot(warm func(int) error) int {
	at := -1
	c.mu.Lock()
	for i := range c.slots {
		if !c.slots[i].busy {
			at = i
			break
		}
	}
	c.mu.Unlock()
	if at < 0 || warm(at) != nil {
		return -1
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slots[at].busy = true // want `checkthenact`
	return at
}

// The same with a map.
func (c *crew) Named(warm func(*worker) error) *worker {
	var pick *worker
	c.mu.Lock()
	for _, w := range c.byName {
		if !w.busy {
			pick = w
			break
		}
	}
	c.mu.Unlock()
	if pick == nil || warm(pick) != nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	pick.busy = true // want `checkthenact`
	return pick
}

// Asked again: silent.
func (c *crew) PickAgain(warm func(*worker) error) *worker {
	var pick *worker
	c.mu.Lock()
	for _, w := range c.all {
		if !w.busy {
			pick = w
			break
		}
	}
	c.mu.Unlock()
	if pick == nil || warm(pick) != nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if pick.busy {
		return nil
	}
	pick.busy = true
	return pick
}

// Taken before the work: silent.
func (c *crew) Take(warm func(*worker) error) *worker {
	var pick *worker
	c.mu.Lock()
	for _, w := range c.all {
		if !w.busy {
			pick = w
			pick.busy = true
			break
		}
	}
	c.mu.Unlock()
	if pick == nil {
		return nil
	}
	if warm(pick) != nil {
		c.mu.Lock()
		pick.busy = false
		c.mu.Unlock()
		return nil
	}
	return pick
}

// The least loaded is a choice, whatever the loads are by now: silent.
func (c *crew) Least() *worker {
	var best *worker
	c.mu.Lock()
	for _, w := range c.all {
		if best == nil || w.load < best.load {
			best = w
		}
	}
	c.mu.Unlock()
	if best == nil {
		return nil
	}
	c.mu.Lock()
	best.load++
	c.mu.Unlock()
	return best
}

// Whether a name is free is asked of all members, and one is added later.
func (c *crew) Hire(id int, check func(int) error) bool {
	taken := false
	c.mu.Lock()
	for _, w := range c.all {
		if w.id == id {
			taken = true
			break
		}
	}
	c.mu.Unlock()
	if taken || check(id) != nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, &worker{id: id}) // want `checkthenact`
	return true
}

// How many are busy is counted, and another one is added later.
func (c *crew) Grow(check func() error) bool {
	busy := 0
	c.mu.Lock()
	for _, w := range c.all {
		if w.busy {
			busy++
		}
	}
	c.mu.Unlock()
	if busy >= c.max || check() != nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, &worker{busy: true}) // want `checkthenact`
	return true
}

func (c *crew) Add(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := &worker{id: len(c.all)}
	c.all = append(c.all, w)
	c.byName[name] = w
	c.slots = append(c.slots, *w)
}
