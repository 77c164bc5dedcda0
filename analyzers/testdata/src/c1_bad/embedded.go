package c1_bad

import "sync"

type counts struct {
	sync.Mutex
	byName map[string]int
}

// The lock and what it guards come from the same embedded struct.
type board struct {
	counts
	title string
}

func (b *board) Add(name string) {
	b.Lock()
	defer b.Unlock()
	b.byName[name]++
}

func (b *board) Of(name string) int {
	b.Lock()
	defer b.Unlock()
	return b.byName[name]
}

func (b *board) Each(f func(string, int)) {
	for k, n := range b.byName { // want `unevenguard`
		f(k, n)
	}
}
