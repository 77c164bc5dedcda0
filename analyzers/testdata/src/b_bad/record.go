package b_bad

import "sync"

type item struct {
	sku   string
	stock int
}

type shelf struct {
	mu    sync.RWMutex
	items map[string]item
}

func (s *shelf) Item(sku string) (item, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	it, ok := s.items[sku]
	return it, ok
}

func (s *shelf) put(it item) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items[it.sku] = it
}

// What was read under one name is put back under its own.
func (s *shelf) Take(sku string, n int) bool {
	it, ok := s.Item(sku)
	if !ok || it.stock < n {
		return false
	}
	it.stock -= n
	s.put(it) // want `lostupdate`
	return true
}

// A copy under another name takes nothing away.
func (s *shelf) Copy(sku, as string) {
	if it, ok := s.Item(sku); ok {
		s.put(item{sku: as, stock: it.stock})
	}
}

func (s *shelf) Rename(sku, as string) {
	if it, ok := s.Item(sku); ok {
		it.sku = as
		s.put(it)
	}
}
