package verdict

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/report"
)

// subsume keeps one finding per defect. Findings are about the same defect if they are about the
// same act, or about one place in one function; the rule that says most wins, then, in Go, the
// surer one, and the others go into its `also`.
func (j *judge) subsume() {
	j.oncePerLocal()
	slices.SortStableFunc(j.cases, func(a, b *finding) int {
		return cmp.Or(btoi(a.latent)-btoi(b.latent), a.rank()-b.rank(), j.doubtful(a)-j.doubtful(b), cmp.Compare(a.pos, b.pos))
	})
	var kept []*finding
	byAct := map[flow.Pos]*finding{}
	byPlace := map[placeKey]*finding{}
	byWords := map[said]*finding{}
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
		if winner == nil && c.window != nil {
			winner = byWords[j.said(c)]
		}
		if winner != nil {
			if winner.rule != c.rule && !slices.Contains(winner.also, c.rule) {
				winner.also = append(winner.also, c.rule)
			}
			j.further(winner, c)
			continue
		}
		kept = append(kept, c)
		byAct[c.origin] = c
		if c.window != nil {
			byWords[j.said(c)] = c
		}
		if c.field != "" {
			k := placeKey{c.fn, c.field}
			if byPlace[k] == nil {
				byPlace[k] = c
			}
		}
	}
	j.cases = kept
}

// oncePerLocal keeps one finding for each local variable of Go that a function shares with a goroutine, the
// surest: that it is shared is the defect, wherever it shows.
func (j *judge) oncePerLocal() {
	best := map[placeKey]*finding{}
	for _, c := range j.cases {
		if !strings.Contains(c.field, "@") {
			continue
		}
		k := placeKey{c.fn, c.field}
		if b := best[k]; b == nil || cmp.Or(slices.Index(levels, c.confidence)-slices.Index(levels, b.confidence), int(b.pos)-int(c.pos)) > 0 {
			best[k] = c
		}
	}
	j.cases = slices.DeleteFunc(j.cases, func(c *finding) bool {
		b := best[placeKey{c.fn, c.field}]
		return b != nil && b != c
	})
}

// doubtful is 1 for a finding of little confidence. In Python the first one on a check says what is to be thought
// of the others.
func (j *judge) doubtful(c *finding) int {
	return btoi(j.p.Language == "go" && c.confidence == report.Doubtful)
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

// said is what a reader sees of a window: a call that may go to several classes gives it once for each of them, and one that asks
// for several things, or changes them, once for each of these.
type said struct {
	fn          int
	act, check  flow.Pos
	rule, place string
}

func (j *judge) said(c *finding) said {
	f := j.p.Funcs[c.fn].Flow
	check, act := event(f, c.window.Check), event(f, c.window.Act)
	place := c.place
	if check.Origin != 0 && act.Origin != 0 {
		place = "" // two calls, whatever they touch
	}
	return said{c.fn, c.pos, check.Pos, c.rule, place}
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

// maxFurther bounds the further acts that a finding names.
const maxFurther = 2

// further notes on a finding another act on the same answer that becomes out of date elsewhere: who closes the one way has
// not closed the other.
func (j *judge) further(winner, c *finding) {
	w, v := winner.window, c.window
	if w == nil || v == nil || winner.rule != c.rule || winner.fn != c.fn || winner.latent || c.latent || winner.check != c.check || winner.pos == c.pos ||
		!w.Crossed || !v.Crossed || w.Expiry == v.Expiry || len(winner.further) == maxFurther || slices.Contains(winner.further, j.line(c.pos)) {
		return
	}
	winner.further = append(winner.further, j.line(c.pos))
	f := j.p.Funcs[c.fn].Flow
	winner.notes = append(winner.notes, fmt.Sprintf("also acted on at line %d; on that way the answer expires at line %d", j.line(c.pos), j.line(event(f, v.Expiry).Pos)))
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
