// False alarms met in public projects, one function each: nothing here is reported.
package field_ok

import (
	"os"
	"sync"
	"sync/atomic"
	"time"
)

type entry struct {
	id   int
	gone bool
}

type set struct {
	mu    sync.Mutex
	items map[string]*entry
	list  []*entry
	max   int
	last  int
	done  atomic.Bool
	hits  *atomic.Int64
	stop  chan struct{}
	dirty bool
}

// falseAlarmEarlyReturn: a deferred Unlock that comes after an early return gives nothing back that
// the caller holds.
func (s *set) drop(k string, lock bool) {
	if k == "" {
		return
	}
	if lock {
		s.mu.Lock()
		defer s.mu.Unlock()
	}
	delete(s.items, k)
}

func (s *set) falseAlarmEarlyReturn(k string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.items[k]; !ok {
		s.drop("x", false)
		s.items[k] = &entry{}
	}
}

func (s *set) Drop(k string) { s.drop(k, true) }

// falseAlarmOptionalLock: closures that lock for those callers who ask for it.
func (s *set) remove(k string, lock bool) {
	acquire := func() {
		if lock {
			s.mu.Lock()
		}
	}
	release := func() {
		if lock {
			s.mu.Unlock()
		}
	}
	acquire()
	delete(s.items, k)
	release()
}

func (s *set) falseAlarmOptionalLock(k string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.items[k] == nil {
		s.remove("other", false)
		s.items[k] = &entry{}
	}
}

// falseAlarmConstructor: a method that a constructor calls on its new object, and others with the
// lock held.
func open(n int) *set {
	s := &set{items: map[string]*entry{}, hits: new(atomic.Int64)}
	s.reset(n)
	return s
}

func (s *set) reset(n int) {
	s.last = n
	s.list = nil
}

func (s *set) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reset(0)
}

func (s *set) Last() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last + len(s.list)
}

// falseAlarmMaximum: the larger value wins, whoever comes first.
func (s *set) falseAlarmMaximum() {
	s.mu.Lock()
	n := s.max
	s.mu.Unlock()
	n = work(n)
	s.mu.Lock()
	if n > s.max {
		s.max = n
	}
	s.mu.Unlock()
}

// falseAlarmFlagSetTwice: set twice is set once.
func (s *set) falseAlarmFlagSetTwice() {
	if !s.done.Load() {
		s.done.Store(true)
	}
}

// falseAlarmPointerToAtomic: to read the pointer is not to read what it points to.
func (s *set) falseAlarmPointerToAtomic() *set {
	s.hits.Add(1)
	return &set{hits: s.hits}
}

// falseAlarmOnlyWhetherThereIsOne: any entry will do for what is removed.
func (s *set) falseAlarmOnlyWhetherThereIsOne(k string) {
	s.mu.Lock()
	_, ok := s.items[k]
	s.mu.Unlock()
	if !ok {
		return
	}
	s.mu.Lock()
	delete(s.items, k)
	s.mu.Unlock()
}

// falseAlarmHeader: the elements of the list that was read are never changed.
func (s *set) falseAlarmHeader() int {
	s.mu.Lock()
	list := s.list
	s.mu.Unlock()
	n := len(list)
	for _, e := range list {
		n += e.id
	}
	return n
}

func (s *set) Put(k string, e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items[k] = e
	s.list = append(s.list, e)
	s.dirty = true
}

// falseAlarmMark: what was marked is read in the section that takes the mark away.
func (s *set) falseAlarmMark() int {
	s.mu.Lock()
	dirty := s.dirty
	s.mu.Unlock()
	if !dirty {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := save(s.items)
	s.dirty = false
	return n
}

// falseAlarmKeptChannel: asks whether the channel was made; nobody takes it away.
func (s *set) falseAlarmKeptChannel() {
	if s.stop != nil {
		close(s.stop)
	}
}

// falseAlarmEntryKnows: the entry says whether it has been taken away.
func (s *set) falseAlarmEntryKnows(k string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := &entry{}
	time.AfterFunc(time.Second, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if e.gone {
			return
		}
		delete(s.items, k)
	})
	s.items[k] = e
}

// items is set up once, and only its elements are written: which map it is, anybody may ask.
type shared struct {
	mu *sync.RWMutex
	m  map[string]int
}

func (s *shared) falseAlarmSameMap() *shared { return &shared{m: s.m, mu: s.mu} }

func (s *shared) Set(k string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m[k] = 1
}

func (s *shared) Delete(k string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.m, k)
}

var (
	tableMu sync.Mutex
	table   = map[string]*entry{}
)

// falseAlarmSometimesLocked: the same condition decides about the lock and about the call.
func falseAlarmSometimesLocked(kind, k string) *entry {
	if kind == "unix" {
		tableMu.Lock()
		defer tableMu.Unlock()
	}
	return find(kind, k)
}

func find(kind, k string) *entry {
	if kind == "unix" {
		return reuse(k)
	}
	return nil
}

func reuse(k string) *entry {
	e, ok := table[k]
	if ok {
		e = &entry{id: e.id + 1}
		table[k] = e
	}
	return e
}

func Forget(k string) {
	tableMu.Lock()
	delete(table, k)
	tableMu.Unlock()
}

// CloseForTesting is no part of the program.
func CloseForTesting() {
	for k := range table {
		delete(table, k)
	}
}

// node has a loop of its own.
type node struct {
	mu    sync.Mutex
	peers map[string]int
}

// falseAlarmOneGoroutine is
// <Invoked from the connection's readLoop>
func (n *node) falseAlarmOneGoroutine(k string) {
	n.mu.Lock()
	_, ok := n.peers[k]
	n.mu.Unlock()
	if !ok {
		n.mu.Lock()
		n.peers[k] = 1
		n.mu.Unlock()
	}
}

// Close ends the node.
func (n *node) Close() error { return nil }

// falseAlarmBriefGoroutine: it ends by itself.
func (n *node) falseAlarmBriefGoroutine() {
	go n.forget()
}

func (n *node) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	clear(n.peers)
}

// falseAlarmNeverFails: the error is always nil.
func (n *node) falseAlarmNeverFails() {
	go n.Close()
}

// server is closed where it is kept.
type server struct{ f *os.File }

func (s *server) Serve() error { _, err := s.f.Write(nil); return err }
func (s *server) Close() error { return s.f.Close() }

type app struct{ srv *server }

func (a *app) falseAlarmWaived() {
	//nolint:errcheck
	go a.srv.Serve()
}

func (a *app) Stop() { _ = a.srv.Close() }

func work(n int) int               { return n + 1 }
func save(m map[string]*entry) int { return len(m) }

// ring has no lock. Each is a part of an object that has one, and those are of two types.
type ring struct {
	buf        []int
	head, size int
}

func (r *ring) falseAlarmPartOfTwo(v int) {
	if r.full() {
		r.size--
	}
	r.size++
	r.buf[r.head] = v
	r.head = (r.head + 1) % len(r.buf)
}

func (r *ring) full() bool   { return r.size == len(r.buf) }
func (r *ring) latest() int  { return r.at(r.head - 1) }
func (r *ring) at(i int) int { return r.buf[i] }
func (r *ring) reset()       { r.head, r.size = 0, 0 }

// Nobody calls it, and it says nothing about at.
func (r *ring) oldest() int { return r.at(r.head - r.size) }

type journal struct {
	mu sync.RWMutex
	r  ring
}

func (j *journal) Put(v int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.r.falseAlarmPartOfTwo(v)
}

func (j *journal) Last() int {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return j.r.latest()
}

func (j *journal) Forget() {
	j.mu.Lock()
	j.r.reset()
	j.mu.Unlock()
}

type history struct {
	guard sync.Mutex
	past  struct{ r ring }
}

func (h *history) Put(v int) {
	h.guard.Lock()
	defer h.guard.Unlock()
	h.past.r.falseAlarmPartOfTwo(v)
}

func (h *history) Forget() {
	h.guard.Lock()
	h.past.r.reset()
	h.guard.Unlock()
}

type quota struct{ used atomic.Int64 }

func (q *quota) falseAlarmMeantToBe(max int64) bool {
	// Two calls may race. More than max for a moment is fine: that is allowed.
	if q.used.Load() >= max {
		return false
	}
	q.used.Add(1)
	return true
}

type names struct {
	mu    sync.Mutex
	known map[string]int
}

func (n *names) RegisterNames(list []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, s := range list {
		if n.known[s] == 0 {
			n.known[s] = 1
		} else {
			n.known[s] = 2
		}
	}
}

// falseAlarmRegistered: what only those write who register is complete when it is used.
func (n *names) falseAlarmRegistered() (out []string) {
	for s := range n.known {
		out = append(out, s)
	}
	return out
}

func (n *names) Start() {
	go n.falseAlarmRegistered()
}

type source struct {
	mu  sync.Mutex
	cb  func(int)
	n   int
	sum int
}

func (s *source) RegisterCallback(cb func(int)) {
	s.mu.Lock()
	s.cb = cb
	s.mu.Unlock()
}

func (s *source) tell() {
	s.mu.Lock()
	cb := s.cb
	s.n++
	s.mu.Unlock()
	if cb != nil {
		cb(s.sum)
	}
}

func (s *source) again() {
	s.mu.Lock()
	if s.cb != nil {
		s.n = 0
	}
	s.mu.Unlock()
}

// falseAlarmOneCallback: the one callback is registered before anything happens.
func (s *source) falseAlarmOneCallback(n int) {
	s.cb(n)
}
