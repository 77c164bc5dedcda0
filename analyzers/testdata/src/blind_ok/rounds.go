package blind_ok

import (
	"sync"
	"sync/atomic"
	"time"
)

type rounds struct {
	mu    sync.Mutex
	phase string
	sent  time.Time
	last  time.Time
	send  func(string) error
	log   func(string, ...any)
	wake  chan struct{}
	done  chan struct{}
	ill   uint32
}

func (r *rounds) Start() { go r.falseAlarmRounds() }

// Every round asks again, under the lock, before it acts.
func (r *rounds) falseAlarmRounds() {
	for {
		now := time.Now()
		if atomic.LoadUint32(&r.ill) == 0 {
			r.mu.Lock()
			if r.phase == "new" ||
				r.phase == "failed" ||
				(r.phase == "wait" && now.After(r.sent.Add(time.Second))) ||
				(r.phase == "error" && now.After(r.last.Add(time.Second))) {
				r.log("from %s to %s", r.phase, "wait")
				r.phase = "wait"
				r.sent = now
				_ = r.send("start")
			}
			r.mu.Unlock()
		} else {
			r.mu.Lock()
			if r.phase == "running" || r.phase == "wait" {
				_ = r.send("close")
				r.log("from %s to %s", r.phase, "failed")
				r.phase = "failed"
			}
			r.mu.Unlock()
		}
		select {
		case <-r.done:
			return
		case <-time.After(time.Second):
		case <-r.wake:
		}
	}
}

func (r *rounds) Running(err string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.phase != "wait" {
		return
	}
	if err != "" {
		r.phase, r.last = "error", time.Now()
		return
	}
	r.phase = "running"
}
