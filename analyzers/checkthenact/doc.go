// Package checkthenact defines an analyzer that finds expired answers acted on.
//
// # Analyzer checkthenact
//
// checkthenact: report acts on answers that may have changed since they were obtained
//
// A check of shared state gives an answer. The answer expires when others may run: at once if no
// lock is held, else when the lock that covered it is released. To act on it after that, without
// asking again, is a race that the race detector does not see when both halves lock by themselves.
//
//	p.mu.RLock()
//	c, ok := p.conns[host]
//	p.mu.RUnlock()
//	if !ok {
//		c = dial(host)
//		p.mu.Lock()
//		p.conns[host] = c // may have been set meanwhile: one of the two connections leaks
//		p.mu.Unlock()
//	}
//
// Check again under the lock that covers the act, or use an operation that does both in one step
// (LoadOrStore, CompareAndSwap, LoadAndDelete). The analyzer also follows calls that lock by
// themselves, across packages: `if !s.Has(k) { s.Add(k, v) }`.
//
// It is silent where the act is checked again under its lock, where an outer lock is held by every
// caller or stated in a comment, where the object is not shared yet, and where nobody writes the
// place in a way that could make the answer wrong. A memo of plain values is reported as low.
package checkthenact
