// Atomics in two steps.
package a05_bad

import "sync/atomic"

type Once struct {
	done  atomic.Bool
	state atomic.Int32
	refs  atomic.Int64
	flag  int32
}

func (o *Once) Do(f func()) {
	if o.done.Load() {
		return
	}
	o.done.Store(true) // want `checkthenact`
	f()
}

func (o *Once) Begin() bool {
	if o.state.Load() != 0 {
		return false
	}
	o.state.Store(1) // want `checkthenact`
	return true
}

func (o *Once) Reset() { o.done.Store(false); o.state.Store(0); atomic.StoreInt32(&o.flag, 0) }

func (o *Once) Old(f func()) {
	if atomic.LoadInt32(&o.flag) == 0 {
		atomic.StoreInt32(&o.flag, 1) // want `checkthenact`
		f()
	}
}

func (o *Once) Release(free func()) {
	o.refs.Add(-1)
	if o.refs.Load() == 0 { // want `checkthenact`
		free()
	}
}

// The result of Add is the answer: silent.
func (o *Once) ReleaseRight(free func()) {
	if o.refs.Add(-1) == 0 {
		free()
	}
}
