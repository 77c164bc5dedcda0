package locks

import (
	"context"
	"net"
	"sync"
)

type worker struct {
	mu      sync.Mutex
	running bool
	cancel  context.CancelFunc
}

// Making a context blocks nobody.
func (w *worker) Start(ctx context.Context) {
	w.mu.Lock()
	if w.running {
		w.mu.Unlock()
		return
	}
	w.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	w.mu.Lock()
	w.running = true // want `checkthenact`
	w.cancel = cancel
	w.mu.Unlock()
	go func() { <-ctx.Done() }()
}

func (w *worker) Stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running {
		w.cancel()
		w.running = false
	}
}

type dialer struct {
	mu     sync.Mutex
	active bool
	cancel context.CancelFunc
	conn   net.Conn
}

// What was made for nothing ends: the context, too.
func (d *dialer) Start(ctx context.Context) error {
	d.mu.Lock()
	if d.active {
		d.mu.Unlock()
		return nil
	}
	d.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	_, err := new(net.Dialer).DialContext(ctx, "tcp", "localhost:1")
	if err != nil {
		cancel()
		return err
	}
	d.mu.Lock()
	d.active = true // want `checkthenact`
	d.cancel = cancel
	d.mu.Unlock()
	return nil
}

func (d *dialer) Stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.active {
		d.cancel()
		d.active = false
	}
}

type server struct {
	mu   sync.Mutex
	done bool
	wg   sync.WaitGroup
}

// What leaves the function does so without the lock.
func (s *server) Serve(ln net.Listener) error {
	for {
		c, err := ln.Accept()
		if err != nil {
			return err
		}
		s.mu.Lock()
		done := s.done
		s.mu.Unlock()
		if done {
			c.Close()
			return nil
		}
		s.wg.Add(1) // want `checkthenact`
		go s.handle(c)
	}
}

func (s *server) handle(c net.Conn) {
	defer s.wg.Done()
	c.Close()
}

func (s *server) Shutdown() {
	s.mu.Lock()
	s.done = true
	s.mu.Unlock()
	s.wg.Wait()
}

type book struct {
	mu   sync.Mutex
	addr string
	conn net.Conn
}

// Nobody has looked at the error: there may be nothing to close.
func (b *book) Last(addr string) net.Conn {
	b.mu.Lock()
	same := b.addr == addr
	b.mu.Unlock()
	if same {
		return b.conn
	}
	conn, _ := net.Dial("tcp", addr)
	b.mu.Lock()
	b.addr, b.conn = addr, conn // want `checkthenact`
	b.mu.Unlock()
	return conn
}

func (b *book) Forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.addr, b.conn = "", nil
}
