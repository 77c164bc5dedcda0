// Values written back after others could change them.
package b_bad

import (
	"sync"
	"sync/atomic"
)

type acct struct {
	mu  sync.RWMutex
	sum int
	hit atomic.Int64
	old int64
	m   map[string]rec
}

type rec struct{ n int }

func (a *acct) Add(f func(int) int) {
	a.mu.RLock()
	v := a.sum
	a.mu.RUnlock()
	v = f(v)
	a.mu.Lock()
	a.sum = v // want `lostupdate`
	a.mu.Unlock()
}

func (a *acct) Hit() {
	a.hit.Store(a.hit.Load() + 1) // want `lostupdate`
}

func (a *acct) Old() {
	n := atomic.LoadInt64(&a.old)
	atomic.StoreInt64(&a.old, n*2) // want `lostupdate`
}

func (a *acct) Bump(k string) {
	a.mu.Lock()
	r := a.m[k]
	a.mu.Unlock()
	r.n++
	a.mu.Lock()
	a.m[k] = r // want `lostupdate`
	a.mu.Unlock()
}
