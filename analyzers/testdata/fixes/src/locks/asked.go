package locks

import "sync"

type reply struct{ from string }

type account struct {
	mu      sync.RWMutex
	replies map[string][]*reply
	inUse   func(string) bool
}

func (a *account) add(name string, r *reply) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.replies[name] = append(a.replies[name], r)
}

// The entry is looked up again already, under the lock that it is removed under.
func (a *account) Remove(name string, one *reply, ask bool) {
	a.mu.RLock()
	if got := a.replies[name]; got == nil {
		a.mu.RUnlock()
		return
	}
	if ask {
		if a.inUse(name) {
			a.mu.RUnlock()
			return
		}
	}
	a.mu.RUnlock()

	// What is there may be another by now.
	a.mu.Lock()
	left := a.replies[name]
	if one == nil {
		delete(a.replies, name) // want `checkthenact`
	} else if left != nil {
		for i, r := range left {
			if r.from == one.from {
				left = append(left[:i], left[i+1:]...)
				break
			}
		}
		a.replies[name] = left
	}
	a.mu.Unlock()
}

func (a *account) Reset(name string) bool {
	a.mu.RLock()
	list, ok := a.replies[name]
	a.mu.RUnlock()
	if !ok || len(list) > 8 {
		return false
	}

	a.mu.Lock()
	now, found := a.replies[name]
	_, _ = now, found
	a.replies[name] = nil // want `checkthenact`
	a.mu.Unlock()
	return true
}
