// Waiting for a condition once.
package a12_bad

import "sync"

type queue struct {
	mu   sync.Mutex
	cond *sync.Cond
	list []int
}

func newQueue() *queue {
	q := &queue{}
	q.cond = sync.NewCond(&q.mu)
	return q
}

func (q *queue) Put(v int) {
	q.mu.Lock()
	q.list = append(q.list, v)
	q.mu.Unlock()
	q.cond.Signal()
}

func (q *queue) Take() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.list) == 0 {
		q.cond.Wait()
	}
	v := q.list[0]
	q.list = q.list[1:] // want `checkthenact`
	return v
}

func (q *queue) TakeRight() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.list) == 0 {
		q.cond.Wait()
	}
	v := q.list[0]
	q.list = q.list[1:]
	return v
}
