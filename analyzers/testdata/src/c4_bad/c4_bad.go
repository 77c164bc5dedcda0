// Locks that guard nothing.
package c4_bad

import "sync"

type store struct {
	m map[string]bool
}

func (s *store) Put(k string) {
	var mu sync.Mutex
	mu.Lock() // want `uselesslock`
	defer mu.Unlock()
	s.m[k] = true
}

var mu sync.Mutex

func shadow(m map[string]int) {
	mu := &sync.Mutex{}
	mu.Lock() // want `uselesslock`
	m["x"]++
	mu.Unlock()
}

// A local lock that goroutines share is a lock: silent.
func sum(xs []int) (n int) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, x := range xs {
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			n += x
		})
	}
	wg.Wait()
	return n
}
