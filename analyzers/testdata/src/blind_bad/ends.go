package blind_bad

import (
	"context"
	"sync"
)

type play struct {
	cancel context.CancelFunc
	key    string
}

// A goroutine that takes the place of an earlier one clears it for the one that follows.
type player struct {
	mu   sync.Mutex
	cur  *play
	live map[string]*play
	wg   sync.WaitGroup
}

func (p *player) Play(out func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	pl := &play{cancel: cancel}
	p.mu.Lock()
	if p.cur != nil {
		p.cur.cancel()
	}
	p.cur = pl
	p.mu.Unlock()
	p.wg.Go(func() {
		out(ctx)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.cur = nil // want `blindremoval`
	})
}

func (p *player) Open(key string, out func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	pl := &play{cancel: cancel, key: key}
	p.mu.Lock()
	p.live[key] = pl
	p.mu.Unlock()
	p.wg.Add(1)
	go p.run(ctx, pl, out)
}

// What a goroutine's method defers is its end, too.
func (p *player) run(ctx context.Context, pl *play, out func(context.Context)) {
	defer p.wg.Done()
	defer func() {
		pl.cancel()
		p.mu.Lock()
		delete(p.live, pl.key) // want `blindremoval`
		p.mu.Unlock()
	}()
	out(ctx)
}

func (p *player) Wait() { p.wg.Wait() }

// A map that locks by itself, behind methods.
type table[V any] struct{ m sync.Map }

func (t *table[V]) get(k string) (v V, ok bool) {
	x, ok := t.m.Load(k)
	if !ok {
		return v, false
	}
	return x.(V), true
}

func (t *table[V]) put(k string, v V) { t.m.Store(k, v) }

type rooms struct{ all table[*play] }

func (r *rooms) Room(name string) *play {
	p, ok := r.all.get(name)
	if !ok {
		p = &play{key: name}
		r.all.put(name, p) // want `checkthenact`
	}
	return p
}
