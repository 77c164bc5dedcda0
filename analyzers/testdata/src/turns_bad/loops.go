package turns_bad

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

// server: its loop runs beside what others call.
type server struct {
	mu    sync.Mutex
	peers map[string]*int
	done  chan struct{}
	jobs  chan string
}

func (s *server) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case j := <-s.jobs:
			s.mu.Lock()
			_, ok := s.peers[j]
			s.mu.Unlock()
			if !ok {
				s.mu.Lock()
				s.peers[j] = new(int) // want `checkthenact`
				s.mu.Unlock()
			}
		}
	}
}

func (s *server) Add(j string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peers[j] = new(int)
}

// pools start their loop several times.
type pools struct {
	mu   sync.Mutex
	seen map[string]*int
	jobs chan string
	stop chan struct{}
}

func (p *pools) Start(n int) {
	for range n {
		go p.loop()
	}
}

func (p *pools) loop() {
	for {
		select {
		case <-p.stop:
			return
		case j := <-p.jobs:
			p.mu.Lock()
			_, ok := p.seen[j]
			p.mu.Unlock()
			if !ok {
				p.mu.Lock()
				p.seen[j] = new(int) // want `checkthenact`
				p.mu.Unlock()
			}
		}
	}
}

// held is handed over once with the lock, and kept by somebody besides.
type held struct {
	mu   sync.Mutex
	n    map[string]int
	hook func(string) error
}

func run(fn func(string) error, s string) error {
	if err := fn(s); err != nil {
		return err
	}
	return nil
}

func (h *held) Add(s string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return run(h.put, s)
}

func (h *held) Hook() {
	h.hook = h.putBare
}

func (h *held) put(s string) error {
	h.n[s] = 1
	return nil
}

func (h *held) putBare(s string) error {
	h.n[s] = 1 // want `unevenguard`
	return nil
}

func (h *held) Len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.n)
}

var (
	limitMu sync.Mutex
	limit   int
)

func current() int {
	limitMu.Lock()
	defer limitMu.Unlock()
	return limit
}

func setLimit(n int) {
	limitMu.Lock()
	defer limitMu.Unlock()
	limit = n
}

func valid(n int) bool { return n > 3 && time.Now().Unix() > int64(n) }

// The answer itself is asked, with the help of others.
func reset(n int) {
	if !valid(current()) {
		setLimit(n) // want `checkthenact`
	}
}

// Poll fails.
func (s *server) Poll(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.done:
			return errors.New("gone")
		case <-time.After(time.Second):
			if _, err := os.Stat("x"); err != nil {
				return err
			}
		}
	}
}

func poll(s *server) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go s.Poll(ctx) // want `unobservedfailure`
	time.Sleep(time.Minute)
}

// early closes its channel before it says why.
type early struct {
	mu   sync.Mutex
	err  error
	stop chan struct{}
	jobs chan int
}

func (e *early) Close(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err != nil {
		return
	}
	close(e.stop)
	e.err = err
}

func (e *early) Reason() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

func (e *early) next() (int, error) {
	select {
	case j := <-e.jobs:
		return j, nil
	case <-e.stop:
		return 0, e.err // want `unevenguard`
	}
}

// late makes a new channel while the goroutine listens to the old one.
type late struct {
	mu   sync.Mutex
	quit chan struct{}
}

func (l *late) Start() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.quit = make(chan struct{})
	go l.listen()
}

func (l *late) listen() {
	for {
		select {
		case <-l.quit: // want `unevenguard`
			return
		case <-time.After(time.Second):
		}
	}
}

func (l *late) Renew() {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.quit)
	l.quit = make(chan struct{})
}

// One variable of a function, shared with a goroutine: one finding.
func read(w http.ResponseWriter, r *http.Request) {
	buf, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	gone := make(chan struct{})
	go func() {
		_, err = r.Body.Read(make([]byte, 1))
		if err != nil {
			close(gone)
		}
	}()
	_, err = w.Write(buf) // want `checkthenact`
	if err != nil {
		_, err = io.WriteString(w, "failed")
	}
	if err == nil {
		err = r.Body.Close()
	}
	<-gone
}
