package flow

import (
	"slices"
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
	case c.Key > 0 && len(act.Made) > 0 && act.Effect == EffectSet && (c.Ask == AskHas || c.Ask == AskValue):
		// "is there one under this name?", then a thing made from the name is put under its own
		return slices.Contains(act.Made, a.f.Keys[c.Key].Root)
	}
	return false
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
	return whole
}

// act is the transfer function of OpAct: it settles answers, takes and gives back reservations.
func (a *analysis) act(s *state, e *Event, ord int32) {
	if e.Flags&FlagDeferred != 0 {
		for i := range s.recs {
			r := &s.recs[i]
			if r.expiry == 0 && r.cover == 0 && r.pend == 0 && a.pairs(a.at(r.check), e) && !asksAgain(a.at(r.check), e) {
				r.pend = ord
			}
		}
		return
	}
	if e.Effect == EffectNone || e.Effect == EffectModify {
		return
	}
	if e.Effect == EffectDel && e.Key != 0 || e.Effect == EffectGrow || e.Effect == EffectShrink || e.Effect == EffectClear {
		for i := range s.recs {
			if r := &s.recs[i]; r.own == 0 && a.at(r.check).Ask == AskIter && a.at(r.check).Place == e.Place {
				r.own = ord
			}
		}
	}
	flag, known := a.flags[flagIdent{e.Place, e.Key}]
	if known && e.resets() {
		a.give(s, flag, ord)
	}
	reserve := false
	if e.reserves() && e.Key >= 0 {
		for i := range s.recs {
			r := &s.recs[i]
			c := a.at(r.check)
			if r.tested && r.expiry == 0 && c.Place == e.Place && c.Key == e.Key && c.Ask != AskIter && free(c, r.fact) {
				reserve = true
			}
		}
	}
	s.recs = slices.DeleteFunc(s.recs, func(r record) bool {
		c := a.at(r.check)
		return c.Place == e.Place && a.settles(c, e)
	})
	if len(a.under[e.Place]) > 0 && (e.Effect == EffectClear || e.Effect == EffectSet) && e.Key == 0 {
		parts := a.under[e.Place]
		s.recs = slices.DeleteFunc(s.recs, func(r record) bool {
			return slices.Contains(parts, int32(a.at(r.check).Place))
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
			r.cover |= a.bit(flag)
		}
	}
}

// free says whether the answer told that nobody has reserved the place yet.
func free(c *Event, fact Fact) bool {
	return fact == FactFalse || fact == FactNone && c.Ask == AskValue
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
	a.flags[flagIdent{e.Place, e.Key}] = id
	return id
}
