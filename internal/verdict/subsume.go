package verdict

import (
	"cmp"
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
)

// subsume keeps one finding per defect. Findings are about the same defect if they are about the
// same act, or about one place in one function; the rule that says most wins, and the others go
// into its `also`.
func (j *judge) subsume() {
	slices.SortStableFunc(j.cases, func(a, b *finding) int {
		return cmp.Or(btoi(a.latent)-btoi(b.latent), a.rank()-b.rank(), cmp.Compare(a.pos, b.pos))
	})
	var kept []*finding
	byAct := map[flow.Pos]*finding{}
	byPlace := map[placeKey]*finding{}
	for _, c := range j.cases {
		winner := byAct[c.origin]
		if winner != nil && winner.fn != c.fn && (c.latent != winner.latent || winner.pos != winner.origin && c.pos != c.origin) {
			winner = nil // two functions, each with a check of its own
		}
		if winner == nil && c.field != "" && c.rule != "threadlockawait" {
			if w := byPlace[placeKey{c.fn, c.field}]; w != nil && related(w, c) {
				winner = w
			}
		}
		if winner == nil && c.rule != "uselesslock" {
			winner = j.underUselessLock(kept, c)
		}
		if winner != nil {
			if winner.rule != c.rule && !slices.Contains(winner.also, c.rule) {
				winner.also = append(winner.also, c.rule)
			}
			continue
		}
		kept = append(kept, c)
		byAct[c.origin] = c
		if c.field != "" {
			k := placeKey{c.fn, c.field}
			if byPlace[k] == nil {
				byPlace[k] = c
			}
		}
	}
	j.cases = kept
}

// rank orders the findings on one defect: the smaller says more. What is only the lack of a lock says least.
func (c *finding) rank() int {
	if c.window == nil && slices.Contains(c.also, "unevenguard") {
		return rank["unevenguard"]
	}
	return rank[c.rule]
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// placeKey is a place in one function.
type placeKey struct {
	fn    int
	field string
}

// related says whether a weaker finding in the same function on the same place is the same
// defect as a stronger one: the same check, or another rule.
func related(winner, c *finding) bool {
	switch {
	case winner.rule != c.rule:
		return true
	case winner.latent != c.latent:
		return winner.check == c.check
	}
	return winner.check != 0 && winner.check == c.check
}

// underUselessLock finds the useless lock because of which c is possible: check and act stand in
// its section. A lock that is taken only after the check would not help if it worked.
func (j *judge) underUselessLock(kept []*finding, c *finding) *finding {
	if c.window == nil {
		return nil
	}
	for _, u := range kept {
		if u.rule != "uselesslock" || u.fn != c.fn || u.confidence < c.confidence && u.severity == "low" {
			continue
		}
		f := j.p.Funcs[c.fn].Flow
		if u.pos < event(f, c.window.Check).Pos && u.pos < event(f, c.window.Act).Pos && u.severity != "low" {
			return u
		}
	}
	return nil
}
