package flow

import "slices"

// expected lists the parameters that an answer which still holds must be equal to for block b to run.
func (r *reporter) expected(s *state, b BlockID) (out []int) {
	for _, w := range r.a.wants {
		if rec := s.find(w.check); rec != nil && rec.expiry == 0 && !slices.Contains(out, w.param) && r.controlledBy(b, w.dep) {
			out = append(out, w.param)
		}
	}
	return out
}

// other says whether a fresh answer about another place, asked after rec expired, controls the act.
func (r *reporter) other(s *state, e *Event, ord int32, rec record) bool {
	a := r.a
	for i := range s.recs {
		q := &s.recs[i]
		if q.expiry != 0 || a.asks[q.check].place == e.Place {
			continue
		}
		if _, ok := r.controlled(q.check, a.refs[ord].Block); ok && a.g.dominates(a.refs[rec.expiry], a.refs[q.check]) {
			return true
		}
	}
	return false
}

// unchanged says whether the act happens only if another place, read before rec expired, holds the same value
// by now: a generation number, or the object that both belong to.
func (r *reporter) unchanged(s *state, e *Event, ord int32, rec record) bool {
	a := r.a
	for _, v := range a.vers {
		now := s.find(v.now) // nil: an act of ours has changed it since
		if v.place != e.Place && (now == nil || now.expiry == 0) && (a.g.dominates(a.refs[v.old], a.refs[rec.expiry]) || a.oneCall(v.old, rec.check)) && r.controlledBy(a.refs[ord].Block, v.dep) {
			return true
		}
	}
	return false
}

// expects says whether the callee behind an act compares what it finds with something that was read in one
// step with a check: a version, or the old value itself.
func (a *analysis) expects(s *state, e *Event, check int32) bool {
	for _, v := range e.detail().Expects {
		for _, d := range a.taintOf(s, v).from {
			if d == check || d > 0 && a.oneCall(d, check) {
				return true
			}
			if r, q := s.find(d), s.find(check); d > 0 && r != nil && q != nil && r.expiry == q.expiry && r.expiry != d {
				return true
			}
		}
	}
	return false
}

// oneCall says whether one call gives both answers.
func (a *analysis) oneCall(c, d int32) bool {
	return a.at(c).Flags&a.at(d).Flags&FlagCallee != 0 && a.at(c).Pos == a.at(d).Pos
}
