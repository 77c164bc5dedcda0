package turns_ok

import (
	"sync"
	"sync/atomic"
)

// ring is a lock-free queue of fixed size with a single producer and a single consumer: single-producer,
// single-consumer.
type ring struct {
	head atomic.Uint64
	tail atomic.Uint64
	all  [8]string
}

func (r *ring) falseAlarmSingleProducer(s string) bool {
	if r.head.Load()-r.tail.Load() == uint64(len(r.all)) {
		return false
	}
	r.all[r.head.Load()%8] = s
	r.head.Add(1)
	return true
}

func (r *ring) pop() { r.tail.Add(1) }

// records are pushed by one at a time.
type records struct {
	mu   sync.RWMutex
	buf  []string
	last int64
	at   atomic.Int64
}

// NB: externally synchronized, i.e., no concurrent push calls.
func (r *records) falseAlarmReadLock(s string, n int64) int64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	r.buf[n] = s
	r.last = n
	return r.last
}

func (r *records) snap() (int64, string) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.last, r.buf[0]
}

func (r *records) swap(b []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.buf = b
	r.last = 0
}

// Append appends. External synchronisation is provided by the commit lock.
func (r *records) Append(s string) { r.falseAlarmCalledConfined(s) }

func (r *records) falseAlarmCalledConfined(s string) {
	n := r.at.Load()
	r.at.Store(n + int64(len(s)))
}

// Reset starts again. External synchronisation is provided by the commit lock.
func (r *records) Reset() { r.at.Store(0) }

// page is looked at again when it was used.
type page struct{ used, hot atomic.Bool }

func (p *page) get() { p.used.Store(true) }

func (p *page) falseAlarmMarkTaken() int {
	if p.used.Load() {
		p.used.Store(false)
		return 1
	}
	p.hot.Store(false)
	return 0
}

// table: one goroutine takes from the front what others append.
type table struct {
	mu   sync.Mutex
	cond *sync.Cond
	list []int
	out  chan int
}

func newTable() *table {
	t := &table{out: make(chan int)}
	t.cond = sync.NewCond(&t.mu)
	go t.falseAlarmOneTakes()
	return t
}

func (t *table) falseAlarmOneTakes() {
	for {
		t.mu.Lock()
		for len(t.list) <= 1 {
			t.cond.Wait()
		}
		first := t.list[0]
		t.mu.Unlock()
		t.out <- first
		t.mu.Lock()
		t.list = t.list[1:]
		t.mu.Unlock()
	}
}

func (t *table) Add(n int) {
	t.mu.Lock()
	t.list = append(t.list, n)
	t.cond.Signal()
	t.mu.Unlock()
}

// request gets its number once.
type request struct {
	id   uint64
	addr string
}

var requests uint64

func (r *request) ID() uint64 { return atomic.LoadUint64(&r.id) }

func (r *request) connect(failed chan<- uint64) {
	if atomic.LoadUint64(&r.id) == 0 {
		atomic.StoreUint64(&r.id, atomic.AddUint64(&requests, 1))
	}
	if r.addr == "" {
		r.falseAlarmNumberGivenOnce(failed)
	}
}

func (r *request) falseAlarmNumberGivenOnce(failed chan<- uint64) { failed <- r.id }
