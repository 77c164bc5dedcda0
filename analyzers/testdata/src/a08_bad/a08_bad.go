// Lazy initialisation without a lock.
package a08_bad

import (
	"net/http"
	"sync"
)

type DB struct{}

func (d *DB) Close() error { return nil }

func connect() *DB { return &DB{} }

type Handler struct {
	db    *DB
	cache map[string]*DB
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.db == nil {
		h.db = connect() // want `checkthenact`
	}
	k := r.URL.Path
	if _, ok := h.cache[k]; !ok {
		h.cache[k] = connect() // want `checkthenact`
	}
}

type Lazy struct {
	mu sync.Mutex
	db *DB
}

func (l *Lazy) DB() *DB {
	if l.db == nil {
		l.db = connect() // want `checkthenact`
	}
	return l.db
}

func (l *Lazy) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.db != nil {
		l.db.Close()
		l.db = nil
	}
}

var shared *DB

// Workers each run use.
func Workers(n int) {
	var wg sync.WaitGroup
	for range n {
		wg.Go(use)
	}
	wg.Wait()
}

func use() {
	if shared == nil {
		shared = connect() // want `checkthenact`
	}
}
