package flow

// waited takes control and need away from answers that the head of a loop asks again, without a
// yield after it: the loop is left for the act only with the right answer, however long it took.
func (r *reporter) waited(s *state, cands []candidate, ord int32) {
	a := r.a
	const decides = UseControl | UseNeed
	for i, x := range cands {
		if x.use&decides == 0 || x.rec.expiry == 0 {
			continue
		}
		cx := a.at(x.rec.check)
		for _, y := range s.recs {
			cy := a.at(y.check)
			if y.check == x.rec.check || y.expiry != 0 || cy.Place != cx.Place || cy.Key != cx.Key || cx.Key == 0 && cx.Ask != cy.Ask {
				continue
			}
			if a.tested[y.check] && a.g.dominates(a.refs[y.check], a.refs[ord]) && r.keepsOut(y.check, a.refs[ord].Block) {
				cands[i].use &^= decides
				break
			}
		}
	}
}

// keepsOut says whether a branch on a check has a way from which a block is reached only past the
// check again.
func (r *reporter) keepsOut(check int32, to BlockID) bool {
	a := r.a
	home := a.refs[check].Block
	if home == to {
		return false
	}
	reach := make([]bool, len(a.f.Blocks))
	reach[to] = true
	for work := []BlockID{to}; len(work) > 0; {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		for _, p := range a.g.preds.of(b) {
			if !reach[p] && p != home {
				reach[p] = true
				work = append(work, p)
			}
		}
	}
	in, out := false, false
	for _, b := range a.g.order {
		for i, e := range a.f.Blocks[b].Succs {
			for _, f := range a.factsOf(dep{b, int32(i)}) {
				if f.check != check {
					continue
				}
				if reach[e.To] {
					in = true
				} else {
					out = true
				}
			}
		}
	}
	return in && out
}
