package a09_bad

import "sync"

type host struct {
	mu    sync.RWMutex
	going bool
	calls sync.WaitGroup
}

func (h *host) leaving() bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.going
}

// Serve handles one call; what its name says about starting does not matter where the flag has a lock.
func (h *host) Serve(f func()) bool {
	if h.leaving() {
		return false
	}
	h.calls.Add(1) // want `checkthenact`
	defer h.calls.Done()
	f()
	return true
}

func (h *host) Leave() {
	h.mu.Lock()
	h.going = true
	h.mu.Unlock()
	h.calls.Wait()
}
