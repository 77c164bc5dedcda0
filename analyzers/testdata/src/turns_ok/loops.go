package turns_ok

import (
	"context"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// folder has one loop, which whoever owns it starts once.
type folder struct {
	mu      sync.Mutex
	state   string
	entries map[string]int
	scanned chan struct{}
	jobs    chan string
}

func (f *folder) Serve(ctx context.Context) error {
	t := time.NewTicker(time.Second)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case j := <-f.jobs:
			f.falseAlarmOneLoop(j)
		case <-t.C:
			f.falseAlarmClosedByTheLoop()
		}
	}
}

func (f *folder) falseAlarmClosedByTheLoop() {
	select {
	case <-f.scanned:
	default:
		close(f.scanned)
	}
}

func (f *folder) falseAlarmOneLoop(j string) {
	f.mu.Lock()
	_, ok := f.entries[j]
	f.mu.Unlock()
	if !ok {
		n, _ := os.ReadFile(j)
		f.mu.Lock()
		f.entries[j] = len(n)
		f.mu.Unlock()
	}
}

func (f *folder) Entries() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.entries)
}

// puller makes its file in a helper that is handed to another, with the lock held.
type puller struct {
	mu   sync.Mutex
	file *os.File
	name string
	done bool
}

func inDir(fn func(string) error, path string) error {
	if _, err := os.Stat(path); err != nil {
		return err
	}
	return fn(path)
}

func (p *puller) Open() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.file != nil {
		return nil
	}
	return inDir(p.falseAlarmHandedOver, p.name)
}

func (p *puller) falseAlarmHandedOver(dir string) (err error) {
	p.file, err = os.CreateTemp(dir, "")
	return err
}

func (p *puller) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done || p.file == nil {
		return nil
	}
	p.done = true
	return p.file.Close()
}

func (p *puller) Name() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.file == nil {
		return ""
	}
	return p.file.Name()
}

// waiters say in their bodies which lock they want.
type waiters struct {
	L  sync.Locker
	ch chan struct{}
}

func (w *waiters) falseAlarmCommentInBody() {
	// w.L must be locked when this is called.

	if w.ch != nil {
		close(w.ch)
		w.ch = nil
	}
}

func (w *waiters) Wait() {
	// w.L must be locked when this is called.

	if w.ch == nil {
		w.ch = make(chan struct{})
	}
	ch := w.ch
	w.L.Unlock()
	defer w.L.Lock()
	<-ch
}

var (
	seedMu sync.Mutex
	seed   uint32
)

func next() string {
	seedMu.Lock()
	defer seedMu.Unlock()
	seed = seed*1664525 + 1
	return string(rune(seed))
}

// falseAlarmOtherQuestion: whether there is such a file says nothing about the seed.
func falseAlarmOtherQuestion() (f *os.File, err error) {
	for range 10 {
		f, err = os.Create(next())
		if errors.Is(err, os.ErrExist) {
			seedMu.Lock()
			seed = uint32(time.Now().UnixNano())
			seedMu.Unlock()
			continue
		}
		break
	}
	return f, err
}

type ticker struct{ n atomic.Int64 }

// Poll ends when it is told to, and says so.
func (t *ticker) Poll(ctx context.Context) error {
	defer t.n.Store(0)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
			t.n.Add(1)
		}
	}
}

func falseAlarmOnlyStopped(t *ticker) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go t.Poll(ctx)
	time.Sleep(time.Minute)
}

// ended keeps what it ended with: written before the channel is closed.
type ended struct {
	mu   sync.Mutex
	err  error
	stop chan struct{}
	jobs chan int
}

func (e *ended) Close(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err != nil {
		return
	}
	e.err = err
	close(e.stop)
}

func (e *ended) Reason() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

func (e *ended) falseAlarmAfterClose() (int, error) {
	select {
	case j := <-e.jobs:
		return j, nil
	case <-e.stop:
		return 0, e.err
	}
}

// conn has one loop, started by whoever accepts or dials it.
type peer struct {
	top  atomic.Int64
	stop chan struct{}
	in   chan int64
}

func accept(n int) {
	for range n {
		p := &peer{stop: make(chan struct{}), in: make(chan int64)}
		go p.run()
	}
}

func dial() *peer {
	p := &peer{stop: make(chan struct{}), in: make(chan int64)}
	go func() { p.run() }()
	return p
}

func (p *peer) run() {
	for {
		select {
		case <-p.stop:
			return
		case n := <-p.in:
			p.falseAlarmOneLoopEach(n)
		}
	}
}

func (p *peer) falseAlarmOneLoopEach(n int64) {
	if n != p.top.Load() {
		p.top.Store(n)
		p.tell(n)
	}
}

func (p *peer) tell(n int64) { p.in <- n }

func (p *peer) Top() int64 { return p.top.Load() }

// settings are applied one after the other.
type settings struct {
	wide atomic.Bool
	mode atomic.Int64
}

func (s *settings) ApplyConfig(falseAlarm int64) {
	if s.mode.Load() != falseAlarm {
		s.mode.Store(falseAlarm)
		s.wide.Store(falseAlarm > 3)
	}
}

// store opens its last block while nobody else has it; later the lock of the block is held.
type store struct {
	blk *block
}

type block struct {
	mu   sync.Mutex
	size int64
	sum  byte
}

func newStore(b *block) *store {
	s := &store{blk: b}
	if s.recoverLast() {
		s.blk.sum++
	}
	return s
}

func (s *store) recoverLast() bool {
	b := s.blk
	return b.falseAlarmWhileOpened() > 0
}

func (b *block) falseAlarmWhileOpened() byte {
	if fi, err := os.Stat("x"); err == nil {
		b.size = fi.Size()
	}
	return b.sum
}

func (b *block) Load() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sum == 0 {
		b.sum = b.falseAlarmWhileOpened()
	}
}

func (b *block) Size() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.size
}

func (b *block) Grow(n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.size += n
}

// miner makes a channel before it starts the goroutine that listens to it.
type miner struct {
	mu      sync.Mutex
	running bool
	quit    chan struct{}
	wg      sync.WaitGroup
}

func (m *miner) Start() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.running {
		return
	}
	m.running = true
	m.quit = make(chan struct{})
	m.wg.Add(1)
	go m.falseAlarmStartedAfter()
}

func (m *miner) falseAlarmStartedAfter() {
	defer m.wg.Done()
	for {
		select {
		case <-m.quit:
			return
		case <-time.After(time.Second):
		}
	}
}

func (m *miner) Stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.running {
		close(m.quit)
		m.wg.Wait()
		m.running = false
	}
}

func (m *miner) Quit() chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.quit
}
