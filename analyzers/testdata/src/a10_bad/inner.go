package a10_bad

import (
	"maps"
	"sync"
)

type bus struct {
	mu   sync.RWMutex
	subs map[string]map[int]func(string)
	next int
}

func (b *bus) Subscribe(topic string, f func(string)) (cancel func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := b.next
	b.next++
	if b.subs[topic] == nil {
		b.subs[topic] = map[int]func(string){}
	}
	b.subs[topic][id] = f
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.subs[topic], id)
	}
}

// The header of an inner map is no copy either.
func (b *bus) Publish(topic, text string) {
	b.mu.RLock()
	subs := b.subs[topic]
	b.mu.RUnlock()
	for _, f := range subs { // want `unevenguard`
		f(text)
	}
}

// A copy is: silent.
func (b *bus) Send(topic, text string) {
	b.mu.RLock()
	subs := maps.Clone(b.subs[topic])
	b.mu.RUnlock()
	for _, f := range subs {
		f(text)
	}
}

// The whole visit is guarded: silent.
func (b *bus) Count(topic string) (n int) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for range b.subs[topic] {
		n++
	}
	return n
}
