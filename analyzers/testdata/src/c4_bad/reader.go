package c4_bad

import "sync"

type probe struct{ failures int }

type probes struct {
	mu  sync.Mutex
	all map[string]*probe

	reportMu sync.Mutex
}

func (p *probes) Add(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all[name] == nil {
		p.all[name] = &probe{} // want `uselesslock`
	}
}

func (p *probes) Failed(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if x := p.all[name]; x != nil {
		x.failures++
	}
}

// A lock that guards nothing else.
func (p *probes) Report() (bad []string) {
	p.reportMu.Lock()
	defer p.reportMu.Unlock()
	for name, x := range p.all {
		if x.failures > 2 {
			bad = append(bad, name)
		}
	}
	return bad
}
