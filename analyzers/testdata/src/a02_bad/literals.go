package a02_bad

import "sync"

type counter struct {
	mu    sync.Mutex
	files map[string]*file
	total int
}

type file struct{ name string }

func (c *counter) locked(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

// The answer leaves the section in a variable around the literal.
func (c *counter) File(name string) *file {
	var f *file
	c.locked(func() { f = c.files[name] })
	if f == nil {
		f = &file{name}
		c.locked(func() { c.files[name] = f }) // want `checkthenact`
	}
	return f
}

// The same with a literal that is called where it stands.
func (c *counter) Open(name string) *file {
	var (
		f  *file
		ok bool
	)
	func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		f, ok = c.files[name]
	}()
	if ok {
		return f
	}
	f = &file{name}
	func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.files[name] = f
	}() // want `checkthenact`
	return f
}

// One section.
func (c *counter) Keep(name string) (f *file) {
	c.locked(func() {
		if f = c.files[name]; f == nil {
			f = &file{name}
			c.files[name] = f
		}
	})
	return f
}

// It asks again in the section that acts.
func (c *counter) Twice(name string) (f *file) {
	c.locked(func() { f = c.files[name] })
	if f != nil {
		return f
	}
	made := &file{name}
	c.locked(func() {
		if f = c.files[name]; f == nil {
			f = made
			c.files[name] = made
		}
	})
	return f
}
