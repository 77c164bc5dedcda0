package flow

import (
	"math/bits"
	"slices"
)

// bit is the bit of a lock in covers, given out to the locks that need one: what callees hold around
// their own acts does not. Locks past the bound have none: they cover nothing, which may cost a
// false alarm and is therefore reported as partial.
func (a *analysis) bit(l LockID) uint64 {
	if l <= 0 {
		return 0
	}
	for int(l) >= len(a.slots) {
		a.slots = append(a.slots, 0)
	}
	if a.slots[l] == 0 {
		if len(a.bits) == maxLocks {
			a.partial("more than 64 locks in one function")
			return 0
		}
		a.bits = append(a.bits, l)
		a.slots[l] = uint8(len(a.bits))
	}
	return 1 << (a.slots[l] - 1)
}

// covers says whether holding the lock keeps others from running. A lock made by this very
// activation excludes nobody; a task lock does not exclude threads.
func (a *analysis) covers(l LockID) bool {
	k := &a.locks[l]
	return !k.Local && (k.Kind != LockTask || !a.f.Preempt)
}

func (a *analysis) take(s *state, l LockID) {
	bit := a.bit(l)
	s.may |= bit
	if !a.covers(l) {
		return
	}
	if s.held&bit != 0 {
		s.twice |= bit
	}
	s.held |= bit
}

// extend lets a lock that was free cover what was asked in the same step: on one event loop nobody
// has run between the question and the taking.
func (a *analysis) extend(s *state, l LockID) {
	bit := a.bit(l)
	if a.f.Preempt || s.held&bit == 0 {
		return
	}
	if !s.expired {
		s.near |= bit
	}
	for i := range s.recs {
		if r := &s.recs[i]; r.expiry == 0 {
			r.near |= bit
		}
	}
}

func (a *analysis) give(s *state, l LockID, ord int32) {
	bit := a.bit(l)
	if s.twice&bit != 0 {
		s.twice &^= bit
		return
	}
	s.held &^= bit
	s.may &^= bit
	a.uncover(s, bit, ord)
}

// uncover takes locks out of all covers. With preemption an answer that no lock covers any more
// has expired.
func (a *analysis) uncover(s *state, bit uint64, ord int32) {
	s.near &^= bit
	if s.since &^= bit; s.since == 0 && s.maybe {
		s.expired = true
	}
	for i := range s.recs {
		r := &s.recs[i]
		r.near &^= bit
		if r.cover&bit == 0 {
			continue
		}
		r.cover &^= bit
		if a.f.Preempt && r.cover == 0 && r.expiry == 0 {
			r.expiry = ord
			if r.tested && r.signal == 0 && a.lets(r.check, ord) {
				r.signal = ord
			}
		}
	}
}

// lets says whether an answer that compares a size or count is why a lock is given back: it is taken
// again once there is room, or was, for nobody asks again.
func (a *analysis) lets(check, ord int32) bool {
	c := &a.asks[check]
	if c.key != 0 || c.ask != AskSize && c.ask != AskValue {
		return false
	}
	found := false
	a.deciders(a.refs[ord].Block, false, func(f fact) { found = found || f.check == check && f.fact == FactAny })
	return found
}

// crowd makes room for another answer to the question of e. Those that a branch has asked whether there
// is something are the last to go.
func (a *analysis) crowd(s *state, e *Event) {
	if len(a.checks[e.Place]) < maxSame {
		return
	}
	same, oldest := 0, -1
	for i := range s.recs {
		if c := &a.asks[s.recs[i].check]; c.place == e.Place && c.key == e.Key && c.ask == e.Ask {
			same++
			switch past := s.recs[i].expiry != 0; {
			case oldest < 0:
				oldest = i
			case a.f.Preempt && past != (s.recs[oldest].expiry != 0): // one of the round before, and one of this
				if past {
					oldest = i
				}
			case a.tells(s.recs[oldest].check) && !a.tells(s.recs[i].check):
				oldest = i
			}
		}
	}
	if same >= maxSame {
		s.recs = slices.Delete(s.recs, oldest, oldest+1)
	}
}

// yield expires every answer that no lock covers. A re-entrant thread lock does not keep other
// tasks of the same loop out.
func (a *analysis) yield(s *state, ord int32, must bool) {
	s.maybe = true
	if s.since |= s.near; s.since == 0 {
		s.expired = true
	}
	s.yielded = s.yielded || must
	var open uint64
	if !a.f.Preempt {
		for held := s.held; held != 0; held &= held - 1 {
			i := bits.TrailingZeros64(held)
			if k := &a.locks[a.bits[i]]; k.Kind == LockThread && k.Reentrant {
				open |= 1 << i
			}
		}
	}
	a.late(s, ord, open)
	for i := range s.recs {
		r := &s.recs[i]
		if r.expiry == 0 {
			r.cover |= r.near
		}
		r.cover &^= open
		if r.cover != 0 {
			r.crossed = earliest(r.crossed, ord)
		} else if r.expiry == 0 {
			r.expiry = ord
		}
		r.pend = 0
	}
}

// late notes, for answers about a size or count, the first suspension that comes whatever they told:
// code that waits while there is no room, and then suspends again before it takes the room.
func (a *analysis) late(s *state, ord int32, open uint64) {
	asked, signals := false, a.at(ord).Flags&FlagSignal != 0
	for i := range s.recs {
		r := &s.recs[i]
		c := &a.asks[r.check]
		signal := signals && r.signal == 0 && (r.cover|r.near)&^open == 0
		if c.ask != AskSize && c.ask != AskValue || !signal && (c.key != 0 || r.late != 0 && a.waits[r.check]) {
			continue
		}
		if !a.tested[r.check] {
			a.passed[r.check] = true
			continue
		}
		if !asked {
			asked = true
			a.round++
			a.deciders(a.refs[ord].Block, false, func(f fact) {
				if a.asks[f.check].ask != AskSize || f.fact != FactFalse { // not because there is nothing
					a.marks[f.check] = a.round
				}
			})
		}
		switch {
		case a.marks[r.check] == a.round: // it decides whether this yield happens
			a.waits[r.check] = true
			if signal {
				r.signal = ord
			}
		case r.late == 0 && (r.cover|r.near)&^open == 0:
			r.late = ord
		}
	}
}
