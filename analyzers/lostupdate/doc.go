// Package lostupdate defines an analyzer that finds updates computed from expired values.
//
// # Analyzer lostupdate
//
// lostupdate: report values read, then written back after others could have changed them
//
// A value that is read under a lock, or by an atomic load, and written back under a later lock, or
// by an atomic store, loses every change that was made in between.
//
//	n := hits.Load()
//	hits.Store(n + 1) // two goroutines store the same number
//
// Compute and store under one lock, use Add, or retry with CompareAndSwap.
package lostupdate
