package a01_bad

import "sync"

type numbers struct {
	mu    sync.RWMutex
	byKey map[string]int
	keys  []string
}

// The number is the next one, not one that the name gives: two callers give one name two of them.
func (n *numbers) Of(key string) int {
	n.mu.RLock()
	i, ok := n.byKey[key]
	n.mu.RUnlock()
	if ok {
		return i
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	i = len(n.keys)
	n.byKey[key] = i // want `checkthenact`
	n.keys = append(n.keys, key)
	return i
}
