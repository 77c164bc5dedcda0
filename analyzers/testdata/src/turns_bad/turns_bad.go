// Promises that do not cover what is reported here.
package turns_bad

import (
	"sync"

	"turns_ok/watch"
)

var _ watch.Free = (*open)(nil)

// open implements an interface that promises nothing.
type open struct {
	mu   sync.Mutex
	seen map[string]bool
}

func (o *open) Changed(v string) error {
	o.mu.Lock()
	ok := o.seen[v]
	o.mu.Unlock()
	if !ok {
		o.mu.Lock()
		o.seen[v] = true // want `checkthenact`
		o.mu.Unlock()
	}
	return nil
}

func (o *open) Reset(error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.seen)
}

var _ watch.Policy = (*policy)(nil)

// policy: Pick runs beside the others, and so does what a goroutine does.
type policy struct {
	mu   sync.Mutex
	done chan struct{}
	used map[string]*int
	last string
}

func (p *policy) Update(v string) error {
	p.mu.Lock()
	old := p.last
	p.mu.Unlock()
	if old != v {
		p.mu.Lock()
		p.last = v
		p.mu.Unlock()
	}
	return nil
}

func (p *policy) Failed(error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.used)
}

func (p *policy) Close() {}

func (p *policy) Pick() string {
	p.mu.Lock()
	_, ok := p.used["x"]
	p.mu.Unlock()
	if !ok {
		p.mu.Lock()
		p.used["x"] = new(int) // want `checkthenact`
		p.mu.Unlock()
	}
	return ""
}

// A comment that asks for a lock is none that says that none is needed.
type pool struct {
	mu sync.Mutex
	// free must not be read without holding the lock; only goroutines with mu change it.
	free []int
	// size is accessed by several goroutines.
	size int
}

func (p *pool) put(i int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, i)
	p.size++
}

func (p *pool) get() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := p.free[0]
	p.free = p.free[1:]
	p.size--
	return i
}

func (p *pool) reset() {
	p.free = nil // want `unevenguard`
	p.size = 0   // want `unevenguard`
}
