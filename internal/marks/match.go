package marks

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/report"
)

// Options say how strictly findings are compared.
type Options struct {
	// Shown tells whether a user sees the finding; nil: all are seen. One that is not seen is no
	// false alarm and hits no BAD mark, but it may satisfy a LOW or LATENT one.
	Shown func(report.Finding) bool
	// StrictLatent makes a latent finding without a LATENT mark a false alarm.
	StrictLatent bool
}

// Shown holds the thresholds of `toctou check`: confidence medium and above, severity low and
// above, latent findings from medium severity on.
func Shown(f report.Finding) bool {
	if f.Confidence == report.Doubtful || f.Severity == report.Info {
		return false
	}
	return !latent(f) || f.Severity != report.Low
}

// Hit is a unit and the finding that it was matched with.
type Hit struct {
	Unit    Unit
	Finding report.Finding
}

// Miss is a unit that nothing was reported for.
type Miss struct {
	Unit Unit
	Note string // what was reported there instead, or ""
}

// Alarm is a finding that no mark allows.
type Alarm struct {
	Finding report.Finding
	Note    string // what the mark there says, or ""
}

// Result is the comparison of the findings of one or more projects with their marks.
type Result struct {
	Hits        []Hit            // BAD units that were reported
	Misses      []Miss           // BAD units that were not
	FalseAlarms []Alarm          // findings that nothing allows
	ClosedGaps  []Hit            // GAP units that were reported: make them BAD
	OpenGaps    []Unit           // GAP units that were not
	Mild        []Hit            // LOW and LATENT units reported as such
	Unreported  []Unit           // LOW and LATENT units that were not reported
	Repeats     []report.Finding // further findings of a defect that was hit
	Tolerated   []report.Finding // findings on MAYBE marks
}

// Add appends the result of another project.
func (r *Result) Add(o Result) {
	r.Hits = append(r.Hits, o.Hits...)
	r.Misses = append(r.Misses, o.Misses...)
	r.FalseAlarms = append(r.FalseAlarms, o.FalseAlarms...)
	r.ClosedGaps = append(r.ClosedGaps, o.ClosedGaps...)
	r.OpenGaps = append(r.OpenGaps, o.OpenGaps...)
	r.Mild = append(r.Mild, o.Mild...)
	r.Unreported = append(r.Unreported, o.Unreported...)
	r.Repeats = append(r.Repeats, o.Repeats...)
	r.Tolerated = append(r.Tolerated, o.Tolerated...)
}

// Match compares the findings of one project with its marks. A finding hits a mark of its file and
// rule if its line is at most one line away, or if one of its steps is on the very line. Nearer
// pairs are matched first, one finding to one defect. Suppressed findings are left out.
func Match(marks []Mark, findings []report.Finding, opt Options) Result {
	var firm, soft, hidden []report.Finding
	for _, f := range findings {
		switch {
		case f.Suppressed != nil:
		case opt.Shown != nil && !opt.Shown(f):
			hidden = append(hidden, f)
		case latent(f):
			soft = append(soft, f)
		default:
			firm = append(firm, f)
		}
	}
	units := map[Kind][]Unit{}
	for _, u := range Units(marks) {
		units[u.Kind] = append(units[u.Kind], u)
	}

	var r Result
	byUnit, byFinding, touched := pair(units[Bad], firm)
	for j, u := range units[Bad] {
		if i, ok := byUnit[j]; ok {
			r.Hits = append(r.Hits, Hit{u, firm[i]})
		} else {
			r.Misses = append(r.Misses, Miss{u, instead(u, firm, soft, hidden)})
		}
	}
	mild := map[string]bool{} // LOW and LATENT units that were reported as such
	closed := map[string]bool{}
	for i, f := range firm {
		if _, ok := byFinding[i]; ok {
			continue
		}
		if touched[i] {
			r.Repeats = append(r.Repeats, f)
		} else if _, ok := find(units[Maybe], f); ok {
			r.Tolerated = append(r.Tolerated, f)
		} else if u, ok := find(units[Gap], f); ok {
			if !closed[u.String()] {
				r.ClosedGaps = append(r.ClosedGaps, Hit{u, f})
			}
			closed[u.String()] = true
		} else if u, ok := find(units[Low], f); ok && isMild(f) {
			r.note(mild, u, f)
		} else {
			r.FalseAlarms = append(r.FalseAlarms, Alarm{f, marked(units, f)})
		}
	}
	for _, f := range soft {
		if u, ok := find(units[Latent], f); ok {
			r.note(mild, u, f)
		} else if _, ok := find(units[Maybe], f); !ok && opt.StrictLatent {
			r.FalseAlarms = append(r.FalseAlarms, Alarm{f, marked(units, f)})
		}
	}
	for _, f := range hidden {
		kind := Low
		if latent(f) {
			kind = Latent
		}
		if u, ok := find(units[kind], f); ok && (kind == Latent || isMild(f)) {
			r.note(mild, u, f)
		}
	}
	for _, u := range slices.Concat(units[Low], units[Latent]) {
		if !mild[u.String()] {
			r.Unreported = append(r.Unreported, u)
		}
	}
	for _, u := range units[Gap] {
		if !closed[u.String()] {
			r.OpenGaps = append(r.OpenGaps, u)
		}
	}
	return r
}

func (r *Result) note(seen map[string]bool, u Unit, f report.Finding) {
	if seen[u.String()] {
		r.Repeats = append(r.Repeats, f)
		return
	}
	seen[u.String()] = true
	r.Mild = append(r.Mild, Hit{u, f})
}

// pair matches findings and units one to one, nearest first. touched are the findings that are
// near enough to some unit, matched or not.
func pair(units []Unit, findings []report.Finding) (byUnit, byFinding map[int]int, touched map[int]bool) {
	type candidate struct{ d, finding, unit int }
	var list []candidate
	touched = map[int]bool{}
	for i, f := range findings {
		for j, u := range units {
			if d, ok := distance(f, u, false); ok {
				list = append(list, candidate{d, i, j})
				touched[i] = true
			}
		}
	}
	slices.SortFunc(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.d, b.d), cmp.Compare(a.finding, b.finding), cmp.Compare(a.unit, b.unit))
	})
	byUnit, byFinding = map[int]int{}, map[int]int{}
	for _, c := range list {
		if _, taken := byUnit[c.unit]; taken {
			continue
		}
		if _, used := byFinding[c.finding]; used {
			continue
		}
		byUnit[c.unit], byFinding[c.finding] = c.finding, c.unit
	}
	return byUnit, byFinding, touched
}

// distance is 0 or 1 in lines, 2 through a step; false: the finding does not hit the unit.
func distance(f report.Finding, u Unit, anyRule bool) (int, bool) {
	best, found := 3, false
	for _, m := range u.Marks {
		if !anyRule && !slices.Contains(m.Rules, f.Rule) {
			continue
		}
		if d := max(f.Line-m.Line, m.Line-f.Line); path.Clean(f.File) == m.File && d <= 1 {
			best, found = min(best, d), true
		} else if slices.ContainsFunc(f.Steps, func(s report.Step) bool {
			return s.Line == m.Line && path.Clean(cmp.Or(s.File, f.File)) == m.File
		}) {
			best, found = min(best, 2), true
		}
	}
	return best, found
}

func find(units []Unit, f report.Finding) (Unit, bool) {
	best, nearest := Unit{}, 3
	for _, u := range units {
		if d, ok := distance(f, u, false); ok && d < nearest {
			best, nearest = u, d
		}
	}
	return best, nearest < 3
}

// instead says what was reported where u was expected.
func instead(u Unit, firm, soft, hidden []report.Finding) string {
	for _, f := range soft {
		if _, ok := distance(f, u, false); ok {
			return "reported only as latent"
		}
	}
	for _, f := range hidden {
		if _, ok := distance(f, u, false); ok {
			return fmt.Sprintf("reported, but not shown: severity %s, confidence %s", f.Severity, f.Confidence)
		}
	}
	var rules []string
	for _, f := range firm {
		if d, ok := distance(f, u, true); ok && d < 2 && !slices.Contains(rules, f.Rule) {
			rules = append(rules, f.Rule)
		}
	}
	if len(rules) == 0 {
		return ""
	}
	slices.Sort(rules)
	return "reported there: " + strings.Join(rules, ", ")
}

// marked says what the marks near a false alarm mean.
func marked(units map[Kind][]Unit, f report.Finding) string {
	if _, ok := find(units[Low], f); ok {
		return "marked LOW, reported as more"
	}
	if _, ok := find(units[Latent], f); ok && !latent(f) {
		return "marked LATENT, reported as open"
	}
	for _, u := range slices.Concat(units[Bad], units[Low], units[Latent]) {
		if d, ok := distance(f, u, true); ok && d < 2 {
			return fmt.Sprintf("marked %s: %s", u.Kind, u)
		}
	}
	return ""
}

func latent(f report.Finding) bool { return f.Window != nil && *f.Window == report.WindowLatent }

func isMild(f report.Finding) bool {
	return f.Severity == report.Low || f.Severity == report.Info || f.Confidence == report.Doubtful
}
