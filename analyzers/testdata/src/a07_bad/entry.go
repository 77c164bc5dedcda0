package a07_bad

import "sync"

type wire interface {
	Send([]byte) error
	Close() error
}

type line struct {
	mu   sync.Mutex
	wire wire
	dial func() (wire, error)
}

// Its callers hold the lock, and it gives it back in between: two of them may dial at once.
func (l *line) ready() error {
	if l.wire != nil {
		return nil
	}
	l.mu.Unlock()
	w, err := l.dial()
	l.mu.Lock()
	if err != nil {
		return err
	}
	l.wire = w // want `checkthenact`
	return nil
}

func (l *line) Send(p []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.ready(); err != nil {
		return err
	}
	return l.wire.Send(p)
}

func (l *line) Hangup() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.wire != nil {
		l.wire.Close()
		l.wire = nil
	}
}
