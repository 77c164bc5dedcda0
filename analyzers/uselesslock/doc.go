// Package uselesslock defines an analyzer that finds locks that guard nothing.
//
// # Analyzer uselesslock
//
// uselesslock: report locks that exclude nobody
//
// A mutex that is made anew by each call, or that is removed from its table while others wait for
// it, excludes nobody, however carefully it is taken.
//
//	func (s *Store) Put(k string) {
//		var mu sync.Mutex // every caller has a mutex of its own
//		mu.Lock()
//		defer mu.Unlock()
//		s.m[k] = true
//	}
//
// Make the lock once, beside the state that it guards.
package uselesslock
