package c1_bad

import (
	"container/heap"
	"sync"
)

type runs struct {
	mu   sync.Mutex
	good int
	bad  map[string]int
	wg   sync.WaitGroup
}

// What a literal captures is the method's own object.
func (r *runs) Start(k string, f func() error) {
	r.wg.Add(1)
	go func() {
		defer r.wg.Done()
		if err := f(); err != nil {
			r.mu.Lock()
			r.bad[k]++
			r.mu.Unlock()
			return
		}
		r.good++ // want `lostupdate|unevenguard`
	}()
}

func (r *runs) Good() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.good
}

func (r *runs) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.good = 0
	clear(r.bad)
}

type numbers []int

func (h numbers) Len() int           { return len(h) }
func (h numbers) Less(i, j int) bool { return h[i] < h[j] }
func (h numbers) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *numbers) Push(x any)        { *h = append(*h, x.(int)) }
func (h *numbers) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

type agenda struct {
	mu  sync.RWMutex
	due numbers
}

func (a *agenda) Add(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	heap.Push(&a.due, n)
}

// A change under the read lock.
func (a *agenda) Next() int {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return heap.Pop(&a.due).(int) // want `unevenguard`
}
