package a16_ok

import "sync"

type token struct {
	mu       sync.Mutex
	text     string
	err      error
	fetching chan struct{}
	fetch    func() (string, error)
}

func (t *token) cached(failed bool) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.cachedLocked(failed)
}

func (t *token) cachedLocked(failed bool) (string, error) {
	if t.text != "" {
		return t.text, nil
	}
	if failed && t.err != nil {
		return "", t.err
	}
	return "", nil
}

// What the goroutine sets later was asked before, but it is started only where none is at work, as found
// and noted in one section.
func (t *token) Get() (string, error) {
	if s, err := t.cached(true); s != "" || err != nil {
		return s, err
	}
	t.mu.Lock()
	if s, err := t.cachedLocked(false); s != "" || err != nil {
		t.mu.Unlock()
		return s, err
	}
	if t.fetching == nil {
		t.fetching = make(chan struct{})
		go t.start()
	}
	wait := t.fetching
	t.mu.Unlock()
	<-wait
	return t.cached(true)
}

func (t *token) start() {
	s, err := t.fetch()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text, t.err = s, err
	close(t.fetching)
	t.fetching = nil
}
