package flow

import (
	"slices"
	"strings"
)

// candidate is an answer that an act depends on.
type candidate struct {
	rec    record
	use    Use
	fact   Fact
	closed bool // no test decides: what was read has been closed before the act
}

func (r *reporter) candidates(s *state, e *Event, ord int32) []candidate {
	a := r.a
	if len(a.checks[e.Place]) == 0 {
		return nil
	}
	var data []int32
	for _, v := range e.Srcs {
		data = unite(&a.pool, data, a.taintOf(s, v).from)
	}
	var out []candidate
	for i := range s.recs {
		if a.asks[s.recs[i].check].place != e.Place {
			continue
		}
		rec := s.recs[i]
		c := a.at(rec.check)
		pairs := a.pairs(c, e)
		named := (!pairs || a.f.Places[e.Place].Kind == Record && c.Key != e.Key) && a.namesItself(s, c, e, rec.check)
		if !pairs && !named {
			continue
		}
		cand := candidate{rec: rec}
		loose := !named && c.Key != e.Key && len(e.detail().Made) > 0 && c.Key > 0
		_, inData := slices.BinarySearch(data, rec.check)
		if c.Flags&FlagTaken != 0 && !(inData && e.Effect == EffectSet && e.Key == 0 && !a.merged(data, c)) {
			continue // what was taken out tells nothing of what is there now, and may join it
		}
		switch {
		case e.Flags&FlagIter != 0:
			if inData || len(e.Srcs) == 0 && a.g.dominates(a.refs[rec.check], a.refs[ord]) {
				cand.use = UseNeed
			}
		default:
			switch {
			case inData && e.Flags&FlagClosed != 0:
				cand.use, cand.fact, cand.closed = UseControl, FactNotNone, true
			case inData:
				cand.use |= UseData
			}
			if f, ok := r.controlled(rec.check, a.refs[ord].Block); ok && c.Ask != AskIter && a.g.forward(a.refs[rec.check], a.refs[ord]) {
				cand.use |= UseControl
				cand.fact, cand.closed = f, false
			}
			if cand.use == 0 && r.takesRoom(rec, c, e, ord) {
				cand.use, cand.fact = UseControl, rec.fact
				cand.rec.expiry = rec.late
			}
			if cand.use == 0 && r.takesTurn(rec, c, e, ord) {
				cand.use, cand.fact = UseControl, rec.fact
				cand.rec.expiry = rec.signal
			}
			if e.Flags&FlagNeeds != 0 && a.isTested(rec.check) && c.Ask != AskIter && a.vouches(rec.check, c, e) && a.g.dominates(a.refs[rec.check], a.refs[ord]) {
				cand.use |= UseNeed
				if c.Flags&FlagTested != 0 && cand.fact == FactAny {
					cand.fact = FactTrue
				}
			}
		}
		if cand.use != 0 && e.Effect == EffectNone && e.Flags&(FlagNeeds|FlagIter) == FlagNeeds && !a.vouches(rec.check, c, e) {
			continue
		}
		if named && cand.use&UseData == 0 {
			continue
		}
		if loose && (cand.use&UseControl == 0 || !free(c.Ask, cand.fact)) {
			continue
		}
		if cand.use != 0 {
			out = append(out, cand)
		}
	}
	return out
}

// merged says whether what is written is also computed from what has been read of the place of c without taking it out.
func (a *analysis) merged(data []int32, c *Event) bool {
	return slices.ContainsFunc(data, func(check int32) bool {
		o := a.at(check)
		return o.Place == c.Place && o.Flags&FlagTaken == 0
	})
}

// namesItself says whether the key of an act is a part of what a check has read under another key: a record
// that is put back under its own name.
func (a *analysis) namesItself(s *state, c, e *Event, check int32) bool {
	if !a.f.Preempt || c.Ask != AskValue || c.Key <= 0 || e.Key <= 0 || e.Effect != EffectSet {
		return false
	}
	k := &a.f.Keys[e.Key]
	if k.Const || k.Path == "" || k.Root == 0 {
		return false
	}
	if _, ok := slices.BinarySearch(a.taintOf(s, k.Root).from, check); !ok {
		return false
	}
	whole := a.f.Places[c.Place].Kind == Record // a row knows its own key
	for b := range a.f.Blocks {
		for i := range a.f.Blocks[b].Events {
			switch l := &a.f.Blocks[b].Events[i]; {
			case l.Op != OpLet || l.Dst != k.Root:
			case l.Text != "" && strings.HasPrefix(k.Path+".", "."+l.Text+"."):
				return false // it has got another name since
			case l.Flags&FlagAlias != 0:
				whole = true
			}
		}
	}
	return whole
}

// vouches says whether an answer can be what a partial operation relies on: that a container is not
// empty says nothing about an element that a key selects.
func (a *analysis) vouches(check int32, c, e *Event) bool {
	if e.Effect == EffectNone && c.Ask == AskValue && c.Key == 0 && c.Flags&FlagTested == 0 && !a.tells(check) && !a.f.Preempt {
		return false // what was made of it was tested, not whether it is there
	}
	return c.Ask != AskSize || e.Key <= 0 || a.f.Keys[e.Key].Const
}

// takesRoom says whether the act takes the room that the function has waited for: the check made it
// suspend until there was some, and it has suspended once more since.
func (r *reporter) takesRoom(rec record, c, e *Event, ord int32) bool {
	a := r.a
	if rec.late == 0 || !a.waits[rec.check] || e.Flags&(FlagNeeds|FlagIter|FlagDeferred) != 0 || !a.g.dominates(a.refs[rec.check], a.refs[ord]) {
		return false
	}
	if c.Ask == AskSize {
		return e.Effect == EffectGrow || e.Effect == EffectSet && e.Key != 0 && e.Value == ValueResource
	}
	if e.Effect != EffectSet || e.Key != 0 || !a.g.inLoop(a.refs[rec.check].Block) {
		return false
	}
	return e.Flags&FlagUpdate != 0 || !a.f.Preempt && e.reserves() && free(c.Ask, rec.fact)
}

// takesTurn says whether the act takes what the function has waited for: the check made it wait until
// somebody said that there is some, and it has not looked again since. Who comes just then, and does
// not have to wait, takes it first.
func (r *reporter) takesTurn(rec record, c, e *Event, ord int32) bool {
	if rec.signal == 0 || e.Flags&(FlagNeeds|FlagIter|FlagDeferred) != 0 || !r.waitedAfter(rec, ord) {
		return false
	}
	if c.Ask == AskSize {
		return e.Effect == EffectGrow
	}
	return e.Effect == EffectSet && e.Flags&FlagUpdate != 0
}

// waitedAfter says whether every way to an act has asked first, or every way to the wait that the answer led to has,
// and nothing leads back from there to the question.
func (r *reporter) waitedAfter(rec record, ord int32) bool {
	g, check := r.a.g, r.a.refs[rec.check]
	return g.dominates(check, r.a.refs[ord]) || g.dominates(check, r.a.refs[rec.signal]) && !g.leads(r.a.refs[rec.signal].Block, check.Block)
}

// superseded takes control and need away from answers that a later check of the same thing
// replaces: a re-check freshens what it dominates. Data uses stay, for the old value is what is
// written.
func (r *reporter) superseded(cands []candidate, ord int32) (first map[int32]int32) {
	a := r.a
	const decides = UseControl | UseNeed
	drop := make([]bool, len(cands))
	for i, x := range cands {
		if x.use&decides == 0 {
			continue
		}
		if x.closed { // a test says more than what was read after it
			drop[i] = slices.ContainsFunc(cands, func(y candidate) bool { return y.use&UseControl != 0 && !y.closed })
			continue
		}
		cx := a.at(x.rec.check)
		for j, y := range cands {
			cy := a.at(y.rec.check)
			if i == j || y.use&decides == 0 || y.closed || cx.Key != cy.Key || cx.Key == 0 && cx.Ask != cy.Ask && !(cx.Ask == AskValue && cy.Ask == AskSize) {
				continue
			}
			// A fresh answer was asked after the other had expired, on whichever way here (a loop
			// around a wait asks at its head what its body asks again).
			after := a.g.dominates(a.refs[x.rec.check], a.refs[y.rec.check]) || x.rec.expiry != 0 && y.rec.expiry == 0
			if after && a.g.dominates(a.refs[y.rec.check], a.refs[ord]) {
				drop[i] = true
				if x.rec.expiry != 0 && y.rec.expiry == 0 {
					if first == nil {
						first = map[int32]int32{}
					}
					first[y.rec.check] = x.rec.check
				}
				break
			}
		}
	}
	for i := range cands {
		if drop[i] {
			cands[i].use &^= decides
		}
	}
	return first
}
