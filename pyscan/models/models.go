// Package models says what Python's concurrency libraries mean: which calls suspend, which make
// tasks, locks and resources, what the methods of containers do, and who calls whom.
//
// It is data: tables with one line per fact, looked up by dotted name. It resolves no name, sees
// no code and judges nothing. To teach the tool a library, add lines.
package models

import (
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
)

// Role is what a callable does with its arguments.
type Role uint8

const (
	Plain       Role = iota
	Spawn            // starts a task for the coroutine (or, with Factory, the function) Arg
	Gather           // awaits all of its arguments, at the same time
	WaitAll          // awaits the members of the collection Arg
	WaitFor          // awaits Arg, within a time limit or shielded
	InThread         // runs the function Arg in a thread; the rest are its arguments
	Run              // runs the coroutine Arg to its end
	Partial          // binds arguments to the function Arg
	Copy             // a snapshot of the container Arg
	View             // looks through its container Arg lazily: iterating it iterates Arg
	Size             // the length or truth of Arg
	Later            // calls the function Arg later, on the loop
	Replace          // a changed copy of Arg
	Passes           // returns Arg itself
	Identity         // a value that does not change within a task
	TimeLimit        // a context manager that never suspends by itself
	Suppress         // a context manager that swallows exceptions
	MakeFuture       // a future that somebody has to complete
	Decorate         // returns a decorator or decorated function that behaves like Arg
	Closing          // a context manager that closes Arg and gives Arg
	CurrentTask      // the task that runs
	Weak             // refers to Arg without keeping it
	AsCompleted      // awaits the members of the collection Arg one by one, as an iterator
	Acts             // does to the container Arg what the method Type of it does
	Keep             // takes over the task, or starts the coroutine, Arg: keeps it and sees its error
)

// Callable is what is known of one library function.
type Callable struct {
	Role     Role
	Arg      int
	Suspends flow.Tri // of an awaited call, if it is known to
	Ready    bool     // awaiting the call never suspends; of a wait: the thread waits, nothing is awaited
	Factory  bool     // Arg is an async function, not a coroutine; its arguments follow
	Sleeps   bool     // it suspends for a time
	Owned    bool     // the library keeps the task and sees its error
	Unique   bool     // each result is one that there has not been before
	Limits   bool     // a time limit that cancels what is awaited under it
	Handler  bool     // its function arguments are called for every connection or request, side by side
	Thread   bool     // what is started runs outside the loop's thread
	InPlace  Version  // from this version on, Arg is awaited by the same task, without a suspension of its own
	Eager    Version  // from this version on, the task can be told to run at once, up to its first suspension
	Type     string   // type of the result, if it has one that matters
	Value    flow.Value
}

// Lookup returns what is known of the library callable with the dotted name.
func Lookup(name string) (Callable, bool) {
	c, ok := callables[canonical(name)]
	return c, ok
}

// TypeOf returns what is known of the library type with the dotted name, or nil.
func TypeOf(name string) *Type { return types[canonical(name)] }

// Canonical gives the name under which a library's function or type is listed here: private
// submodules and old homes are folded.
func Canonical(name string) string { return canonical(name) }

func canonical(name string) string {
	if to, ok := aliases[name]; ok {
		return to
	}
	if dot := strings.LastIndexByte(name, '.'); dot > 0 {
		if to, ok := homes[name[:dot]]; ok {
			name = to + name[dot:]
			if again, ok := aliases[name]; ok {
				return again
			}
		}
	}
	return name
}

// IsLibrary says whether the tables know anything about the top-level package of the name.
func IsLibrary(name string) bool {
	top, _, _ := strings.Cut(name, ".")
	return libraries[top] != ""
}

// Framework is the name, for people, of the library that a dotted module name belongs to, or "".
func Framework(module string) string {
	for m := module; ; {
		if name, ok := libraries[m]; ok && name != "-" {
			return name
		}
		dot := strings.LastIndexByte(m, '.')
		if dot < 0 {
			return ""
		}
		m = m[:dot]
	}
}
