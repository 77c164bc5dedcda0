package a07_bad

import "sync"

type batch struct {
	mu   sync.Mutex
	rows []string
	max  int
	out  func([]string)
}

// flush is called with mu held; it releases it while it writes.
func (b *batch) flush() {
	rows := b.rows
	b.rows = nil
	b.mu.Unlock()
	b.out(rows)
	b.mu.Lock()
}

// Others may have filled it again while the lock was free.
func (b *batch) Add(row string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.rows) >= b.max {
		b.flush()
	}
	b.rows = append(b.rows, row) // want `checkthenact`
}

// It asks again.
func (b *batch) AddAll(rows ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.rows)+len(rows) > b.max {
		b.flush()
	}
	b.rows = append(b.rows, rows...)
}

type sheet struct{ rows []string }

type pad struct {
	mu  sync.Mutex
	cur *sheet
	max int
	out func(*sheet)
}

func (p *pad) turn() {
	old := p.cur
	p.cur = new(sheet)
	p.mu.Unlock()
	p.out(old)
	p.mu.Lock()
}

// The sheet that was full is not the one that is there by now, and that one may be full, too.
func (p *pad) Write(row string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	cur := p.cur
	if len(cur.rows) == p.max {
		p.turn()
	}
	cur.rows = append(cur.rows, row) // want `checkthenact`
}
