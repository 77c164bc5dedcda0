package a03_bad

import (
	"errors"
	"sync"
)

type worker interface {
	ID() string
	Run() error
}

type proc struct{ id string }

func (p *proc) ID() string { return p.id }
func (p *proc) Run() error { return nil }

type order struct {
	ID   string
	Args []string
}

type maker struct{}

func (maker) build(o *order) (worker, error) { return &proc{id: o.ID}, nil }

type crew struct {
	mu      sync.Mutex
	maker   maker
	workers map[string]worker
	claimed map[string]struct{}
}

var errTaken = errors.New("taken")

func (c *crew) Has(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.workers[id]
	return ok
}

func (c *crew) Join(w worker) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.claimed, w.ID())
	c.workers[w.ID()] = w
}

func (c *crew) hire(o *order) (worker, error) {
	w, err := c.maker.build(o)
	if err != nil {
		return nil, err
	}
	c.Join(w)
	return w, nil
}

// Asked by name, then a thing made from the order that names it is put under its own name.
func (c *crew) Hire(o *order) error {
	if c.Has(o.ID) {
		return errTaken
	}
	_, err := c.hire(o) // want `checkthenact`
	return err
}

func (c *crew) HireHere(id string) error {
	if c.Has(id) {
		return errTaken
	}
	w := &proc{id: id}
	if err := w.Run(); err != nil {
		return err
	}
	c.Join(w) // want `checkthenact`
	return nil
}

func (c *crew) claim(id string) (bool, func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.workers[id]; ok {
		return false, nil
	}
	if _, ok := c.claimed[id]; ok {
		return false, nil
	}
	c.claimed[id] = struct{}{}
	return true, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.claimed, id)
	}
}

// Reserved before the work: silent.
func (c *crew) HireClaimed(o *order) error {
	ok, release := c.claim(o.ID)
	if !ok {
		return errTaken
	}
	_, err := c.hire(o)
	if err != nil {
		release()
	}
	return err
}

func (c *crew) joinNew(w worker) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.workers[w.ID()]; ok {
		return false
	}
	c.workers[w.ID()] = w
	return true
}

// Asked again under the object's own name: silent.
func (c *crew) HireCareful(o *order) error {
	if c.Has(o.ID) {
		return errTaken
	}
	w, err := c.maker.build(o)
	if err != nil {
		return err
	}
	if !c.joinNew(w) {
		return errTaken
	}
	return nil
}
