// Package use is compiled apart from lib: what it knows of lib are facts.
package use

import (
	"os"

	"example.com/facts/lib"
)

type User struct {
	s *lib.Store
	f *os.File
}

// Asks and acts.
func (u *User) Ensure(k string) {
	if !u.s.Has(k) {
		u.s.Put(k, &lib.Item{}) // want checkthenact
	}
}

// The callee asks again: silent.
func (u *User) Careful(k string) {
	if !u.s.Has(k) {
		u.s.PutNew(k, &lib.Item{})
	}
}

// Acquires and releases: the two sections are apart.
func (u *User) Apart(f func(int) int) {
	u.s.Begin()
	n := u.s.N
	u.s.End()
	n = f(n)
	u.s.Begin()
	u.s.N = n // want lostupdate
	u.s.End()
}

// One section: silent.
func (u *User) Together(f func(int) int) {
	u.s.Begin()
	u.s.N = f(u.s.N)
	u.s.End()
}

// Runs: the function has the lock. Silent.
func (u *User) Inside(f func(int) int) {
	u.s.Locked(func() { u.s.N = f(u.s.N) })
}

// Runs: each call has a section of its own.
func (u *User) Twice(f func(int) int) {
	n := 0
	u.s.Locked(func() { n = u.s.N })
	n = f(n)
	u.s.Locked(func() { u.s.N = n }) // a known gap: the value goes through a captured variable
}

// Close ends the work of the store, and the file.
func (u *User) Close() error {
	u.s.Close()
	return u.f.Close()
}

// Tracks: somebody waits for it. Silent.
func (u *User) Tracked(k string) {
	u.s.Go(func() { u.f.WriteString(k) })
}

func (u *User) Untracked(k string) {
	go func() { u.f.WriteString(k) }() // want untrackedtask
}
