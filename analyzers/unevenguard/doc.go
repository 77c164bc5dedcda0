// Package unevenguard defines an analyzer that finds places guarded by a lock elsewhere, but not here.
//
// # Analyzer unevenguard
//
// unevenguard: report the odd access of a place without the lock that its other accesses hold
//
// A field that is written under a lock in most places is meant to be guarded by it. An access
// without the lock races with the others.
//
//	func (c *Collector) Add(n string)  { c.mu.Lock(); c.names[n]++; c.mu.Unlock() }
//	func (c *Collector) Len() int      { return len(c.names) } // reads a map that Add writes
//
// The analyzer also reports changes under a read lock, and plain accesses of a place that is
// accessed atomically elsewhere. It is silent about constructors, functions whose callers hold the
// lock, and places that are never written once they are shared.
package unevenguard
