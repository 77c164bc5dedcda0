package a17_ok

import (
	"sync"
	"sync/atomic"
)

type label struct{ text string }

type labels struct {
	all  sync.Map
	last atomic.Pointer[label]
}

// What is remembered is kept elsewhere: whoever asks gets the same one.
func (l *labels) Get(text string) *label {
	if x := l.last.Load(); x != nil && x.text == text {
		return x
	}
	v, ok := l.all.Load(text)
	if !ok {
		v, _ = l.all.LoadOrStore(text, &label{text})
	}
	x := v.(*label)
	l.last.Store(x)
	return x
}
