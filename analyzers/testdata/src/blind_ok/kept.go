package blind_ok

import (
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

type tally struct {
	vec   *prometheus.CounterVec
	cache sync.Map
	mu    sync.RWMutex
	pairs map[string]pairOf
}

type pairOf struct{ in, out prometheus.Counter }

// falseAlarmCounter: whoever asks the registry again gets the same counter.
func (t *tally) falseAlarmCounter(name string) prometheus.Counter {
	if c, ok := t.cache.Load(name); ok {
		return c.(prometheus.Counter)
	}
	c := t.vec.WithLabelValues(name)
	t.cache.Store(name, c)
	return c
}

func (t *tally) falseAlarmPair(name string) pairOf {
	t.mu.RLock()
	p, ok := t.pairs[name]
	t.mu.RUnlock()
	if ok {
		return p
	}
	p = pairOf{in: t.vec.WithLabelValues(name, "in"), out: t.vec.WithLabelValues(name, "out")}
	t.mu.Lock()
	t.pairs[name] = p
	t.mu.Unlock()
	return p
}

type topics struct {
	mu sync.RWMutex
	m  map[string]int
}

// Exported, but all who call it in the package hold the lock.
func (t *topics) FalseAlarmMeta() (names []string) {
	for n := range t.m {
		names = append(names, n)
	}
	return names
}

func (t *topics) Persist() int { return len(t.FalseAlarmMeta()) }

func (t *topics) Notify() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.Persist()
}

func (t *topics) Add(n string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.m[n]++
}

func (t *topics) Has(n string) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	_, ok := t.m[n]
	return ok
}

type site struct {
	server http.Server
	errs   int
}

// Close stops the server, which ends the goroutine.
func (s *site) FalseAlarmOpen() {
	go func() {
		if err := s.server.ListenAndServe(); err != nil {
			s.errs++
		}
	}()
}

func (s *site) Close() error { return s.server.Close() }

type turner struct {
	wg   sync.WaitGroup
	lead chan bool
}

func (t *turner) begin() (stop, done chan struct{}) {
	stop, done = make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		<-stop
	}()
	return stop, done
}

func (t *turner) Open() {
	t.wg.Add(1)
	go t.falseAlarmTurns()
}

// falseAlarmTurns: the variable is one goroutine's, and so are the literals that close it.
func (t *turner) falseAlarmTurns() {
	defer t.wg.Done()
	var stop, done chan struct{}
	end := func() {
		if stop != nil {
			close(stop)
			<-done
			stop, done = nil, nil
		}
	}
	defer func() { end() }()
	for lead := range t.lead {
		end()
		if lead {
			stop, done = t.begin()
		}
	}
}

type speaker struct{ rate int32 }

func (s *speaker) SetRate(r int32) { atomic.StoreInt32(&s.rate, r) }

func (s *speaker) Rate() int32 { return atomic.LoadInt32(&s.rate) }

// Who reads it plainly has it written itself.
func (s *speaker) falseAlarmIdentify(r int32) int32 {
	s.SetRate(r)
	return s.rate
}
