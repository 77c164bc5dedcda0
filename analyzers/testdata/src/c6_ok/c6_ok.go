// Before the object is shared, after the others are done.
package c6_ok

import "sync"

type pool struct {
	mu  sync.Mutex
	wg  sync.WaitGroup
	err error
	out []int
	cfg map[string]string
}

func New(n int) *pool {
	p := &pool{cfg: map[string]string{}}
	p.out = make([]int, 0, n)
	p.cfg["n"] = "x"
	return p
}

func (p *pool) Go(v int) {
	p.wg.Go(func() {
		p.mu.Lock()
		p.out = append(p.out, v)
		p.mu.Unlock()
	})
}

func (p *pool) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = err
	}
}

func (p *pool) Wait() ([]int, error) {
	p.wg.Wait()
	return p.out, p.err
}

// Read under the lock, never written once shared.
func (p *pool) Get(k string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cfg[k]
}

func (p *pool) Has(k string) bool { return p.cfg[k] != "" }
