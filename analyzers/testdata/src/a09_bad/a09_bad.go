// A goroutine is announced after a check that Stop does not wait for.
package a09_bad

import "sync"

type group struct {
	mu       sync.Mutex
	draining bool
	wg       sync.WaitGroup
}

func (g *group) Go(f func()) bool {
	g.mu.Lock()
	if g.draining {
		g.mu.Unlock()
		return false
	}
	g.mu.Unlock()
	g.wg.Add(1) // want `checkthenact`
	go func() {
		defer g.wg.Done()
		f()
	}()
	return true
}

func (g *group) Stop() {
	g.mu.Lock()
	g.draining = true
	g.mu.Unlock()
	g.wg.Wait()
}

type tidy struct {
	mu       sync.Mutex
	draining bool
	wg       sync.WaitGroup
}

// Under the lock that Stop holds: silent.
func (g *tidy) Go(f func()) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.draining {
		return false
	}
	g.wg.Go(f)
	return true
}

func (g *tidy) Stop() {
	g.mu.Lock()
	g.draining = true
	g.mu.Unlock()
	g.wg.Wait()
}
