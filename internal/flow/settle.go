package flow

import (
	"math/bits"
	"slices"
	"strings"
)

// pairs says whether an act on (place, key) concerns the answer of check c.
func (a *analysis) pairs(c *Event, act *Event) bool {
	if c.Place != act.Place {
		return false
	}
	if act.Flags&FlagIter != 0 {
		return c.Ask == AskIter && c.Key == 0
	}
	switch {
	case c.Key == act.Key:
		return c.Key >= 0
	case c.Key == 0:
		return c.Ask == AskSize || c.Ask == AskIter
	case c.Key > 0 && len(act.detail().Made) > 0 && act.Effect == EffectSet && (c.Ask == AskHas || c.Ask == AskValue):
		// "is there one under this name?", then a thing made from the name is put under its own
		return slices.Contains(act.detail().Made, a.f.Keys[c.Key].Root)
	}
	return a.adds(c, act)
}

// adds says whether an act adds, without a key, what c asks for: "is it among them?", then it is added
// to them.
func (a *analysis) adds(c, act *Event) bool {
	return c.Key > 0 && c.Ask == AskHas && act.Key == 0 && act.Effect == EffectGrow && slices.Contains(act.detail().Made, a.f.Keys[c.Key].Root)
}

// settles says whether the answer of c is out of date, or fulfilled, by our own act.
func (a *analysis) settles(c *Event, act *Event) bool {
	if act.Effect == EffectNone || act.Effect == EffectModify || act.Flags&FlagDeferred != 0 {
		return false
	}
	whole := act.Effect == EffectClear || act.Key == 0 && act.Effect == EffectSet
	switch {
	case c.Key == act.Key && c.Key >= 0:
		return true
	case c.Key == 0:
		return c.Ask == AskSize
	}
	return whole || a.adds(c, act)
}

// act is the transfer function of OpAct: it settles answers, takes and gives back reservations.
func (a *analysis) act(s *state, e *Event, ord int32) {
	if e.Flags&FlagDeferred != 0 {
		if len(a.checks[e.Place]) == 0 {
			return
		}
		for i := range s.recs {
			r := &s.recs[i]
			if a.asks[r.check].place == e.Place && r.expiry == 0 && r.cover == 0 && r.pend == 0 && a.pairs(a.at(r.check), e) && !asksAgain(a.at(r.check), e) {
				r.pend = ord
			}
		}
		return
	}
	if e.Effect == EffectNone || e.Effect == EffectModify {
		return
	}
	if a.f.Preempt && e.Flags&(FlagCallee|FlagRechecked) == FlagCallee|FlagRechecked && e.Effect == EffectSet && e.Value == ValueEmpty && e.Key == 0 {
		return // where the callee finds no container yet, it makes one: that settles nothing of what was asked about elements
	}
	a.takenFrom(s, e)
	asked := len(a.checks[e.Place]) > 0
	if asked && (e.Effect == EffectDel && e.Key != 0 || e.Effect == EffectGrow || e.Effect == EffectShrink || e.Effect == EffectClear) {
		for i := range s.recs {
			if r := &s.recs[i]; r.own == 0 && a.asks[r.check].ask == AskIter && a.asks[r.check].place == e.Place {
				r.own = ord
			}
		}
	}
	flag, known := a.flags[flagIdent{e.Place, e.Key}]
	if known && e.resets() {
		a.relieve(s, flag)
		a.give(s, flag, ord)
	}
	reserve := false
	if asked && e.reserves() && e.Key >= 0 {
		for i := range s.recs {
			r := &s.recs[i]
			c := &a.asks[r.check]
			if r.tested && r.expiry == 0 && c.place == e.Place && c.key == e.Key && c.ask != AskIter && free(c.ask, r.fact) {
				reserve = true
			}
		}
	}
	if asked {
		a.countIn(s, e)
		kept := 0
		for i := range s.recs {
			if r := &s.recs[i]; a.asks[r.check].place != e.Place || !a.settles(a.at(r.check), e) || a.makesRoom(r, ord) {
				if kept != i {
					s.recs[kept] = *r
				}
				kept++
			}
		}
		s.recs = s.recs[:kept]
	}
	if (e.Effect == EffectClear || e.Effect == EffectSet) && e.Key == 0 && len(s.recs) > 0 && a.partsAsked(e.Place) {
		whole := a.f.Places[e.Place].Path
		s.recs = slices.DeleteFunc(s.recs, func(r record) bool {
			return partOf(a.f.Places[a.asks[r.check].place].Path, whole) && !a.makesRoom(&r, ord)
		})
	}
	if !reserve {
		return
	}
	if !known {
		flag = a.flagFor(e)
	}
	if s.held&a.bit(flag) != 0 {
		return
	}
	a.take(s, flag)
	// Test and set are one step with whatever else was asked since the last expiry: the
	// reservation extends those covers. A lock that is merely acquired never does.
	for i := range s.recs {
		if r := &s.recs[i]; r.expiry == 0 {
			r.cover |= a.bit(flag) &^ a.otherKeys(a.bit(flag), a.at(r.check))
		}
	}
}

// maxPlaces bounds the places of a function that are compared with each other.
const maxPlaces = 512

// partsAsked says whether the function may ask about a part of a place.
func (a *analysis) partsAsked(whole PlaceID) bool {
	if len(a.checks) > maxPlaces {
		return true
	}
	if a.parts[whole] == 0 {
		a.parts[whole] = 1
		for p := range a.checks {
			if len(a.checks[p]) > 0 && partOf(a.f.Places[p].Path, a.f.Places[whole].Path) {
				a.parts[whole] = 2
				break
			}
		}
	}
	return a.parts[whole] == 2
}

// relieve lets the locks that are held where a reservation is given back go on with what it covers: whoever
// learns that it is gone has to wait for them.
func (a *analysis) relieve(s *state, flag LockID) {
	bit := a.bit(flag)
	if !a.f.Preempt || s.held&bit == 0 {
		return
	}
	for i := range s.recs {
		if r := &s.recs[i]; r.cover&bit != 0 {
			r.cover |= s.held
		}
	}
}

// takenFrom: a container that was true, for it held something, may be empty by now. It is still there.
func (a *analysis) takenFrom(s *state, e *Event) {
	if e.Effect != EffectShrink && e.Effect != EffectClear && e.Effect != EffectDel {
		return
	}
	for i := range s.recs {
		r := &s.recs[i]
		if r.fact == FactTrue && a.asks[r.check].ask == AskValue && partOf(a.f.Places[e.Place].Path, a.f.Places[a.asks[r.check].place].Path) {
			r.fact = FactNotNone
		}
	}
}

// makesRoom says whether an act empties, under the lock, what was found full: that there is room by then is
// an answer as well, and expires like the first one.
func (a *analysis) makesRoom(r *record, ord int32) bool {
	e := a.at(ord)
	return a.f.Preempt && a.asks[r.check].ask == AskSize && (e.Place != a.asks[r.check].place || e.resets()) && r.cover != 0 && r.expiry == 0 && r.tested && a.lets(r.check, ord)
}

// countIn settles what was asked together with a counter that the act counts up, in one step with the
// question: those who ask for the sum from now on count this one in.
func (a *analysis) countIn(s *state, e *Event) {
	if e.Effect != EffectSet || e.Key == 0 && e.Flags&FlagUpdate == 0 || e.Key != 0 && !e.reserves() {
		return
	}
	if a.counted = true; len(a.joint) == 0 {
		return
	}
	fresh := func(c int32) bool {
		r := s.find(c)
		if e.Key != 0 && a.asks[c].ask != AskSize {
			return false // whether there is one is not how many there are
		}
		return r != nil && r.tested && (r.expiry == 0 || r.expiry == c && e.Key != 0)
	}
	var settled []int32
	for _, p := range a.joint {
		if !fresh(p[0]) || !fresh(p[1]) {
			continue
		}
		switch e.Place {
		case a.asks[p[0]].place:
			settled = append(settled, p[1])
		case a.asks[p[1]].place:
			settled = append(settled, p[0])
		}
	}
	for _, c := range settled {
		s.forget(c)
	}
}

// partOf says whether an access path extends another.
func partOf(path, whole string) bool {
	return len(path) > len(whole) && whole != "" && (path[len(whole)] == '.' || path[len(whole)] == '[') && strings.HasPrefix(path, whole)
}

// otherKeys is the part of a set of locks that are reservations of one key, where the check asks about
// something that is one for all keys: who has reserved another key asks about the same.
func (a *analysis) otherKeys(set uint64, c *Event) uint64 {
	if set == 0 || a.f.Preempt || c.Key != 0 {
		return 0
	}
	p := &a.f.Places[c.Place]
	if p.Root == RootLocal || p.Root == RootParam && p.Param != 0 || strings.Count(p.Path, ".") > 2 || strings.Contains(p.Path, "[") {
		return 0
	}
	var out uint64
	for rest := set; rest != 0; rest &= rest - 1 {
		bit := rest & -rest
		if k := &a.locks[a.bits[bits.TrailingZeros64(bit)]]; k.Kind == LockFlag && k.Key > 0 && !a.f.Keys[k.Key].Const {
			out |= bit
		}
	}
	return out
}

// free says whether the answer told that nobody has reserved the place yet.
func free(ask Ask, fact Fact) bool {
	return fact == FactFalse || fact == FactNone && ask == AskValue
}

func (e *Event) reserves() bool {
	switch e.Effect {
	case EffectSet:
		return e.Value != ValueNone && e.Value != ValueFalse && e.Value != ValueEmpty
	case EffectGrow:
		return e.Key > 0
	}
	return false
}

func (e *Event) resets() bool {
	switch e.Effect {
	case EffectSet:
		return e.Value == ValueNone || e.Value == ValueFalse || e.Value == ValueEmpty
	case EffectDel, EffectClear:
		return true
	}
	return false
}

func (a *analysis) flagFor(e *Event) LockID {
	p := &a.f.Places[e.Place]
	l := Lock{Path: "flag " + p.Path, Root: p.Root, Param: p.Param, Kind: LockFlag, Key: e.Key}
	if p.Field != "" {
		l.Field = "flag " + p.Field
	}
	id := LockID(len(a.locks))
	a.locks = append(a.locks, l)
	a.reserves(flagIdent{e.Place, e.Key}, id)
	return id
}

// reserves notes the lock that stands for a reservation.
func (a *analysis) reserves(what flagIdent, l LockID) {
	if a.flags == nil {
		a.flags = map[flagIdent]LockID{}
	}
	a.flags[what] = l
}
