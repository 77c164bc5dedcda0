package a03_bad

import "sync"

type candidate struct {
	mu    sync.Mutex
	leads bool
	term  int
	hook  func()
}

func (c *candidate) leading() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.leads
}

func (c *candidate) setLeading() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leads = true
}

// The flag is set once more, which hurts nobody, but the hook runs twice.
func (c *candidate) Win() {
	if c.leading() {
		return
	}
	c.setLeading() // want `checkthenact`
	c.hook()
}

func (c *candidate) Lose() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leads = false
}

type notice struct {
	mu   sync.Mutex
	done bool
}

func (n *notice) isDone() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.done
}

func (n *notice) setDone() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.done = true
}

// Nothing but the flag.
func (n *notice) Finish() {
	if !n.isDone() {
		n.setDone()
	}
}
