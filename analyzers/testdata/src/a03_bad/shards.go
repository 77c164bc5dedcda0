package a03_bad

import "sync"

type gauge struct {
	id   uint64
	name string
}

type part struct{ byID map[uint64]*gauge }

func (p *part) Get(id uint64, name string) *gauge {
	if g, ok := p.byID[id]; ok && g.name == name {
		return g
	}
	return nil
}

// Replaces one like it: asking in this way keeps nobody's entry.
func (p *part) Put(id uint64, g *gauge) {
	if old, ok := p.byID[id]; !ok || alike(old.name, g.name) {
		p.byID[id] = g
	}
}

func alike(a, b string) bool { return a == b }

type padded struct {
	sync.RWMutex
	_ [40]byte
}

type sharded struct {
	n     int
	parts []part
	locks []padded
}

func (s *sharded) part(id uint64) uint64 { return id & uint64(s.n-1) }

func (s *sharded) Get(id uint64, name string) *gauge {
	i := s.part(id)
	s.locks[i].RLock()
	defer s.locks[i].RUnlock()
	return s.parts[i].Get(id, name)
}

func (s *sharded) Put(id uint64, g *gauge) {
	i := s.part(id)
	s.locks[i].Lock()
	s.parts[i].Put(id, g)
	s.locks[i].Unlock()
}

// PutNew asks again under the lock.
func (s *sharded) PutNew(id uint64, g *gauge) *gauge {
	i := s.part(id)
	s.locks[i].Lock()
	defer s.locks[i].Unlock()
	if old := s.parts[i].Get(id, g.name); old != nil {
		return old
	}
	s.parts[i].Put(id, g)
	return g
}

func (s *sharded) Gauge(id uint64, name string) *gauge {
	if g := s.Get(id, name); g != nil {
		return g
	}
	g := &gauge{id, name}
	s.Put(id, g) // want `checkthenact`
	return g
}

// The lock of the shard is given back in between.
func (s *sharded) GetOrPut(id uint64, g *gauge) *gauge {
	i := s.part(id)
	s.locks[i].Lock()
	if old := s.parts[i].Get(id, g.name); old != nil {
		s.locks[i].Unlock()
		return old
	}
	s.locks[i].Unlock()
	s.Put(id, g) // want `checkthenact`
	return g
}

// Asked again inside: silent.
func (s *sharded) GaugeOnce(id uint64, name string) *gauge {
	if g := s.Get(id, name); g != nil {
		return g
	}
	return s.PutNew(id, &gauge{id, name})
}
