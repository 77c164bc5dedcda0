// The check and the act each lock by themselves, in another package.
package a03_bad

import "a03_bad/store"

type User struct{ s *store.Store }

func (u *User) Ensure(k string) {
	if !u.s.Has(k) {
		u.s.Add(k, &store.Item{}) // want `checkthenact`
	}
}

func (u *User) Load(k string) *store.Item {
	if it := u.s.Get(k); it != nil {
		return it
	}
	it := &store.Item{}
	u.s.Add(k, it) // want `checkthenact`
	return it
}

// The callee checks again: silent.
func (u *User) Careful(k string) {
	if !u.s.Has(k) {
		u.s.AddIfAbsent(k, &store.Item{})
	}
}

// A store of this call's own: silent.
func Unique(keys []string) int {
	s := store.New()
	n := 0
	for _, k := range keys {
		if !s.Has(k) {
			s.Add(k, &store.Item{})
			n++
		}
	}
	return n
}
