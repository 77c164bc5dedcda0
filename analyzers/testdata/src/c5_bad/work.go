package c5_bad

import "sync"

type live struct {
	name string
	jobs chan func()
}

type lives struct {
	mu sync.Mutex
	m  map[string]*live
}

// A second run of the same name has put its own there by then.
func (l *lives) Run(name string, work func(*live)) {
	x := &live{name: name}
	l.mu.Lock()
	l.m[name] = x
	l.mu.Unlock()
	work(x)
	l.mu.Lock()
	delete(l.m, name) // want `blindremoval`
	l.mu.Unlock()
}

// It compares.
func (l *lives) RunOwn(name string, work func(*live)) {
	x := &live{name: name}
	l.mu.Lock()
	l.m[name] = x
	l.mu.Unlock()
	work(x)
	l.mu.Lock()
	if l.m[name] == x {
		delete(l.m, name)
	}
	l.mu.Unlock()
}

// It is taken back where it could not be started.
func (l *lives) Start(name string, start func(*live) error) error {
	x := &live{name: name}
	l.mu.Lock()
	l.m[name] = x
	l.mu.Unlock()
	if err := start(x); err != nil {
		l.mu.Lock()
		delete(l.m, name)
		l.mu.Unlock()
		return err
	}
	return nil
}

func (l *lives) replace(name string) *live {
	x := &live{name: name, jobs: make(chan func())}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.m[name] = x
	return x
}

func (l *lives) drop(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.m, name)
}

// The name is read from what was made under it.
func (l *lives) Session(name string, work func(*live)) {
	x := l.replace(name)
	defer l.drop(x.name) // want `blindremoval`
	work(x)
}
