package blind_ok

import (
	"sync"
	"time"
)

type rounds struct {
	mu    sync.Mutex
	phase string
	sent  time.Time
	last  time.Time
	send  func()
	done  chan struct{}
}

func (r *rounds) Start() { go r.falseAlarmRounds() }

// Every round asks again, under the lock, before it acts.
func (r *rounds) falseAlarmRounds() {
	for {
		now := time.Now()
		r.mu.Lock()
		if r.phase == "new" || r.phase == "failed" ||
			(r.phase == "wait" && now.After(r.sent.Add(time.Second))) ||
			(r.phase == "error" && now.After(r.last.Add(time.Second))) {
			r.phase = "wait"
			r.sent = now
			r.send()
		}
		r.mu.Unlock()
		select {
		case <-r.done:
			return
		case <-time.After(time.Second):
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
