package removal

import "sync"

type job struct{ cancel func() }

type jobs struct {
	mu  sync.Mutex
	all map[string]*job
}

func (j *jobs) Start(id string, cancel func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.all[id] = &job{cancel}
}

// A newer job of that name is not the one that was cancelled.
func (j *jobs) Stop(id string) {
	j.mu.Lock()
	old, ok := j.all[id]
	j.mu.Unlock()
	if !ok {
		return
	}
	old.cancel()
	j.mu.Lock()
	delete(j.all, id) // want `checkthenact`
	j.mu.Unlock()
}
