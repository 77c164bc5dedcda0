package flow

import "slices"

func (a *analysis) taintOf(s *state, v VarID) taint {
	if v <= 0 {
		return taint{}
	}
	if a.multi[v] {
		t, _ := s.getVar(v)
		return t
	}
	a.used[v] = true
	return a.once[v]
}

func (a *analysis) assign(s *state, t taint) {
	if len(t.from) > maxTaint {
		t.from = t.from[len(t.from)-maxTaint:]
	}
	if a.multi[t.v] {
		s.setVar(t)
		return
	}
	old := a.once[t.v]
	if len(old.from) > 0 {
		t.from = unite(&a.pool, old.from, t.from)
		if t.kind != old.kind {
			t.kind = derived
		}
	}
	if t.kind != old.kind || !slices.Equal(t.from, old.from) {
		a.once[t.v] = t
		a.moved = a.moved || a.used[t.v]
	}
}

// transfer is the transfer function of one event.
func (a *analysis) transfer(s *state, e *Event, ord int32) {
	switch e.Op {
	case OpCheck:
		if e.Dst != 0 {
			a.rebind(s, e.Dst)
			a.assign(s, taint{v: e.Dst, kind: same, from: a.pool.one(ord)})
		}
		r := record{check: ord, cover: s.held &^ a.otherKeys(s.held, e)}
		if e.Flags&FlagTested != 0 {
			r.tested, r.fact = true, FactTrue
			a.tested[ord] = true
		}
		switch {
		case e.Flags&FlagStale == 0:
		case e.Flags&FlagTested == 0 || s.held == 0:
			r.cover, r.expiry = 0, ord
		default:
			r.crossed = ord
		}
		if a.f.Preempt && r.cover == 0 {
			r.expiry = ord
		}
		a.crowd(s, e)
		s.put(r)
	case OpLet:
		if e.Dst == 0 {
			return
		}
		t := taint{v: e.Dst}
		for i, v := range e.Srcs {
			from := a.taintOf(s, v)
			if i == 0 {
				t.from = from.from
				if e.Flags&FlagAlias != 0 && len(e.Srcs) == 1 {
					t.kind = from.kind
					if e.Flags&FlagNot != 0 {
						t.kind = [...]copyKind{derived, negated, same}[from.kind]
					}
				}
				continue
			}
			t.from = unite(&a.pool, t.from, from.from)
		}
		a.rebind(s, e.Dst)
		a.assign(s, t)
	case OpYield:
		a.yield(s, ord, e.Flags&FlagMaybe == 0)
	case OpAcquire:
		if e.Flags&FlagContended != 0 {
			a.yield(s, ord, false)
		}
		if e.Flags&FlagNew != 0 {
			s.may |= a.bit(e.Lock)
			return
		}
		a.take(s, e.Lock)
		a.extend(s, e.Lock)
	case OpRelease:
		a.give(s, e.Lock, ord)
	case OpAct:
		a.act(s, e, ord)
	}
}

// maxSame bounds how many answers to one question are kept at one point. The newest decide;
// older ones matter only to data that was read before as many later reads.
const maxSame = 3

// rebind forgets the answers about elements whose key is computed from v.
func (a *analysis) rebind(s *state, v VarID) {
	if !a.multi[v] || !a.roots[v] {
		return
	}
	s.recs = slices.DeleteFunc(s.recs, func(r record) bool {
		k := a.asks[r.check].key
		return k > 0 && a.f.Keys[k].Root == v
	})
}
