package models

import (
	"path"
	"strings"
)

// Tables are facts that a project adds to those of this package, in the same form. They are asked
// first. A nil *Tables adds nothing.
//
// Calls and Types are listed by dotted name. For a library that is the name it is imported by; for
// the project's own code any end of it will do, from the class or function on: Tasks.keep,
// app.background.Tasks.keep.
type Tables struct {
	Calls   map[string]Callable
	Types   map[string]*Type
	Entries map[string]Entry // decorators and base classes
	Locks   []string         // patterns (path.Match) of names that are locks, where nothing else is known of them
	Stores  []string         // likewise, of stores
	Python  Version          // that the code is written for; 0: not known
}

// Has says whether a fact holds in the project's version of Python that holds from since on; 0 is
// never. Where the version is not known, the older behaviour is assumed: it suspends more.
func (t *Tables) Has(since Version) bool {
	return t != nil && since != 0 && t.Python >= since
}

// Before says whether the project's version of Python is known to lack what holds from since on; 0 is never.
func (t *Tables) Before(since Version) bool {
	return since == 0 || t != nil && t.Python != 0 && t.Python < since
}

// Lookup is the function Lookup with the project's tables.
func (t *Tables) Lookup(name string) (Callable, bool) {
	if t != nil {
		if c, ok := t.Calls[name]; ok {
			return c, true
		}
	}
	return Lookup(name)
}

// TypeOf is the function TypeOf with the project's tables.
func (t *Tables) TypeOf(name string) *Type {
	if t != nil {
		if own := t.Types[name]; own != nil {
			return own
		}
	}
	return TypeOf(name)
}

// OwnCall is what the project says of a function of its own with that full name, or of a method of
// a library's type.
func (t *Tables) OwnCall(full string) (Callable, bool) {
	if t == nil {
		return Callable{}, false
	}
	return byEnd(t.Calls, full)
}

// OwnType is what the project says of a class of its own with that full name, or nil.
func (t *Tables) OwnType(full string) *Type {
	if t == nil {
		return nil
	}
	own, _ := byEnd(t.Types, full)
	return own
}

// Entry is how a function with that decorator or base class is called, NoEntry if the project does
// not say.
func (t *Tables) Entry(full string) Entry {
	if t == nil {
		return NoEntry
	}
	e, _ := byEnd(t.Entries, full)
	return e
}

// LockName is the function LockName with the project's patterns.
func (t *Tables) LockName(name string) bool {
	return t != nil && matches(t.Locks, name) || LockName(name)
}

// StoreName is the function StoreName with the project's patterns.
func (t *Tables) StoreName(name string) bool {
	return t != nil && matches(t.Stores, name) || StoreName(name)
}

// Words are what a file must mention for the tables to matter to it.
func (t *Tables) Words() []string {
	if t == nil {
		return nil
	}
	var out []string
	last := func(name string) { out = append(out, name[strings.LastIndexByte(name, '.')+1:]) }
	for name := range t.Calls {
		last(name)
	}
	for name := range t.Types {
		last(name)
	}
	for name := range t.Entries {
		last(name)
	}
	return out
}

// byEnd looks for full, then for each end of it that begins at a dot.
func byEnd[V any](table map[string]V, full string) (V, bool) {
	for len(table) > 0 {
		if v, ok := table[full]; ok {
			return v, true
		}
		dot := strings.IndexByte(full, '.')
		if dot < 0 {
			break
		}
		full = full[dot+1:]
	}
	var none V
	return none, false
}

func matches(patterns []string, name string) bool {
	for _, p := range patterns {
		if ok, err := path.Match(p, name); ok && err == nil {
			return true
		}
	}
	return false
}
