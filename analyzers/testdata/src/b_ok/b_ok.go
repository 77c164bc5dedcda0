// Values changed in one step.
package b_ok

import (
	"sync"
	"sync/atomic"
)

type acct struct {
	mu  sync.Mutex
	sum int
	hit atomic.Int64
	m   map[string]int
}

func (a *acct) Add(n int) {
	a.mu.Lock()
	a.sum += n
	a.m["x"]++
	a.mu.Unlock()
}

func (a *acct) Hit() { a.hit.Add(1) }

func (a *acct) Double() {
	for {
		n := a.hit.Load()
		if a.hit.CompareAndSwap(n, n*2) {
			return
		}
	}
}
