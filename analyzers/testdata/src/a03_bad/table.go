package a03_bad

import "sync"

type parcelStep string

var nexts = map[parcelStep][]parcelStep{
	"open": {"paid", "void"},
	"paid": {"sent", "void"},
}

type parcel struct {
	mu   sync.RWMutex
	step parcelStep
	past []parcelStep
}

// may is a predicate that a fixed table decides, with its constants returned past a deferred call.
func (o *parcel) may(to parcelStep) bool {
	o.mu.RLock()
	defer o.mu.RUnlock()
	for _, s := range nexts[o.step] {
		if s == to {
			return true
		}
	}
	return false
}

func (o *parcel) move(to parcelStep) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.past = append(o.past, o.step)
	o.step = to
}

func (o *parcel) To(to parcelStep) bool {
	if !o.may(to) {
		return false
	}
	o.move(to) // want `checkthenact`
	return true
}
