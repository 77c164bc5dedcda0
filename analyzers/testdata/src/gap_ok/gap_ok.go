// Known gaps: what should be reported and is not. A change that finds one makes this fixture fail.
package gap_ok

import "sync"

type pair struct {
	amu, bmu sync.Mutex
	a, b     map[string]int
}

func (p *pair) delA(k string) {
	p.amu.Lock()
	delete(p.a, k)
	p.amu.Unlock()
}

func (p *pair) addB(k string) {
	p.bmu.Lock()
	p.b[k] = 1
	p.bmu.Unlock()
}

// A11: two maps kept consistent by two self-locking calls.
func (p *pair) Move(k string) {
	p.delA(k)
	p.addB(k)
}

// A14: len and cap of a channel, then a send.
func offer(ch chan int, v int) bool {
	if len(ch) < cap(ch) {
		ch <- v
		return true
	}
	return false
}

// A10: a map that is an element of another map, handed out, and visited after the lock is gone.
type topics struct {
	mu   sync.Mutex
	subs map[string]map[chan int]bool
}

func (t *topics) Add(key string, c chan int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.subs[key] == nil {
		t.subs[key] = map[chan int]bool{}
	}
	t.subs[key][c] = true
}

func (t *topics) of(key string) map[chan int]bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.subs[key]
}

func (t *topics) Tell(key string, n int) {
	for c := range t.of(key) {
		select {
		case c <- n:
		default:
		}
	}
}
