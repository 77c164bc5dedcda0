// Double-checked locking, once, singleflight with a second look.
package a16_ok

import (
	"sync"
	"sync/atomic"
)

type conn struct{}

func (c *conn) Close() {}

type lazy struct {
	mu   sync.Mutex
	p    atomic.Pointer[conn]
	once sync.Once
	c    *conn
}

func (l *lazy) Get() *conn {
	if c := l.p.Load(); c != nil {
		return c
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.p.Load(); c != nil {
		return c
	}
	c := &conn{}
	l.p.Store(c)
	return c
}

func (l *lazy) Once() *conn {
	l.once.Do(func() {
		if l.c == nil {
			l.c = &conn{}
		}
	})
	return l.c
}

var get = sync.OnceValue(func() *conn { return &conn{} })

func Shared() *conn { return get() }
