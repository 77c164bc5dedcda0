package a03_bad

import "sync"

type plugin interface{ Run() error }

type plugins struct {
	mu sync.RWMutex
	m  map[string]plugin
	n  map[string]*visit
}

func (p *plugins) Has(name string) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	_, ok := p.m[name]
	return ok
}

func (p *plugins) Get(name string) plugin {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.m[name]
}

func (p *plugins) Drop(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.m, name)
	delete(p.n, name)
}

// Looked for twice: the second look-up may find nothing, and nil has no methods.
func (p *plugins) Exec(name string) error {
	if !p.Has(name) {
		return nil
	}
	return p.Get(name).Run() // want `checkthenact`
}

// The second answer is looked at.
func (p *plugins) falseAlarmExec(name string) error {
	if !p.Has(name) {
		return nil
	}
	if x := p.Get(name); x != nil {
		return x.Run()
	}
	return nil
}

// Looked up once.
func (p *plugins) falseAlarmOnce(name string) error {
	return p.Get(name).Run()
}

func (p *plugins) User(name string) string {
	p.mu.RLock()
	_, ok := p.n[name]
	p.mu.RUnlock()
	if !ok {
		return ""
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.n[name].user // want `checkthenact`
}
