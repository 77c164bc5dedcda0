package a15_ok

import (
	"sort"
	"sync"
)

type index struct {
	mu   sync.RWMutex
	keys map[string]bool
	gen  uint64
	memo []string
	at   uint64
}

func (x *index) Add(k string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.keys[k] = true
	x.gen++
}

// What was built is kept only if nothing has changed since.
func (x *index) Sorted() []string {
	x.mu.RLock()
	if x.memo != nil && x.at == x.gen {
		memo := x.memo
		x.mu.RUnlock()
		return memo
	}
	gen := x.gen
	var out []string
	for k := range x.keys {
		out = append(out, k)
	}
	x.mu.RUnlock()
	sort.Strings(out)

	x.mu.Lock()
	if x.gen == gen {
		x.memo, x.at = out, gen
	}
	x.mu.Unlock()
	return out
}
