package d_bad

import (
	"errors"
	"sync"
	"time"
)

var errLate = errors.New("late")

// Registry only makes the package worth a look.
type registry struct{ mu sync.Mutex }

// Nobody receives once the time is over.
func ask(read func() (int, error)) (int, error) {
	type answer struct {
		n   int
		err error
	}
	c := make(chan answer)
	go func() { // want `untrackedtask`
		n, err := read()
		c <- answer{n, err}
	}()
	select {
	case a := <-c:
		return a.n, a.err
	case <-time.After(time.Second):
		return 0, errLate
	}
}
