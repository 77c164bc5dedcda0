// Package watch has nothing to lock: its comments say how it calls others.
package watch

// Watcher hears of changes.
//
// All methods of this interface are guaranteed to be called serially by the client. Failure to return
// keeps it from calling again.
type Watcher interface {
	Changed(v string) error
	Failed(err error)
}

// Policy decides. Update, Failed and Close are guaranteed to be called synchronously from the same
// goroutine. There's no guarantee on Pick, it may be called anytime.
type Policy interface {
	Update(v string) error
	Failed(err error)
	Close()
	Pick() string
}

// Sink takes values.
type Sink interface {
	// Put is never called concurrently.
	Put(v string) error
	Flush() error
}

// Free makes no promise: methods are not guaranteed to be called serially.
type Free interface {
	Changed(v string) error
	Reset(err error)
}
