// Close in two steps.
package a06_bad

import "sync"

type Client struct {
	done chan struct{}
}

func (c *Client) Close() {
	select {
	case <-c.done:
	default:
		close(c.done) // want `checkthenact`
	}
}

type Queue struct {
	mu     sync.Mutex
	closed bool
	ch     chan int
}

func (q *Queue) Close() {
	q.mu.Lock()
	closed := q.closed
	q.mu.Unlock()
	if closed {
		return
	}
	q.mu.Lock()
	q.closed = true // want `checkthenact`
	q.mu.Unlock()
	close(q.ch)
}

func (q *Queue) Put(v int) bool {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return false
	}
	q.mu.Unlock()
	q.ch <- v // want `checkthenact`
	return true
}
