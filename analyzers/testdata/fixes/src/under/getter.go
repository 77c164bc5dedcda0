// Package under has answers from getters that lock, and acts behind the section that asks.
package under

import "sync"

type ordering struct {
	mu   sync.RWMutex
	prev int64
}

func (o *ordering) getPrev() int64 {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.prev
}

func (o *ordering) setPrev(rev int64) {
	prev := o.getPrev()
	if rev > prev {
		o.mu.Lock()
		o.prev = rev // want `checkthenact`
		o.mu.Unlock()
	}
}

func (o *ordering) raise(rev int64) bool {
	if rev <= o.getPrev() {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.prev = rev // want `checkthenact`
	return true
}

func (o *ordering) Get(rev int64) {
	prev := o.getPrev()
	if rev >= prev {
		o.setPrev(rev)
	}
}

// A getter of another lock is not asked under this one.
type pair struct {
	a, b   sync.Mutex
	prev   int64
	lowest int64
}

func (p *pair) low() int64 {
	p.b.Lock()
	low := p.lowest
	p.b.Unlock()
	return low
}

func (p *pair) last() int64 {
	p.a.Lock()
	last := p.prev
	p.a.Unlock()
	return last
}

func (p *pair) raise(rev int64) {
	if last := p.last(); rev > last && rev > p.low() {
		p.a.Lock()
		p.prev = rev // want `checkthenact`
		p.a.Unlock()
	}
}

func (p *pair) raiseLast(rev int64) {
	if last := p.last(); rev > last {
		p.a.Lock()
		p.prev = rev // want `checkthenact`
		p.a.Unlock()
	}
}

func (p *pair) lower(rev int64) {
	p.b.Lock()
	p.lowest = rev
	p.b.Unlock()
}
