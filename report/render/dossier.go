package render

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/report"
)

// dossier is an audit arranged as a document: each finding that is not suppressed is in exactly
// one chapter, findings on one place share theirs.
type dossier struct {
	*report.Audit
	opt        Options
	grave      []chapter // critical and high, a chapter each
	medium     []chapter
	low        []chapter
	latent     []chapter // rated below high
	suppressed []*report.Finding
	active     []*report.Finding
}

// chapter is one finding with the others on the same place.
type chapter struct {
	number int
	head   *report.Finding
	more   []*report.Finding // on the same place
	same   []*report.Finding // the same window on further places
}

var severities = []report.Severity{report.Critical, report.High, report.Medium, report.Low, report.Info}

func gravity(s report.Severity) int {
	if i := slices.Index(severities, s); i >= 0 {
		return i
	}
	return len(severities)
}

var confidences = []report.Confidence{report.Sure, report.Likely, report.Doubtful}

// graver orders findings: the severe first, then the open, then the certain.
func graver(a, b *report.Finding) int {
	return cmp.Or(
		cmp.Compare(gravity(a.Severity), gravity(b.Severity)),
		cmp.Compare(b2i(isLatent(a)), b2i(isLatent(b))),
		cmp.Compare(slices.Index(confidences, a.Confidence), slices.Index(confidences, b.Confidence)),
	)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func isLatent(f *report.Finding) bool { return f.Window != nil && *f.Window == report.WindowLatent }

func newDossier(a *report.Audit, o Options) *dossier {
	d := &dossier{Audit: a, opt: o}
	groups := make(map[string]int)
	var chapters []chapter
	for i := range a.Findings {
		f := &a.Findings[i]
		if f.Suppressed != nil {
			d.suppressed = append(d.suppressed, f)
			continue
		}
		d.active = append(d.active, f)
		at, ok := groups[f.Group]
		if f.Group == "" || !ok {
			groups[f.Group] = len(chapters)
			chapters = append(chapters, chapter{head: f})
			continue
		}
		c := &chapters[at]
		if graver(f, c.head) < 0 {
			c.head, f = f, c.head
		}
		c.more = append(c.more, f)
	}
	chapters = families(chapters)
	slices.SortStableFunc(chapters, func(a, b chapter) int { return graver(a.head, b.head) })
	for _, c := range chapters {
		slices.SortStableFunc(c.more, graver)
		switch {
		case gravity(c.head.Severity) <= gravity(report.High):
			d.grave = append(d.grave, c)
		case isLatent(c.head):
			d.latent = append(d.latent, c)
		case c.head.Severity == report.Medium:
			d.medium = append(d.medium, c)
		default:
			d.low = append(d.low, c)
		}
	}
	n := 0
	for _, list := range [][]chapter{d.grave, d.latent, d.medium, d.low} {
		for i := range list {
			n++
			list[i].number = n
		}
	}
	return d
}

// families joins the chapters of one window on several places: they have one cause and one fix.
func families(chapters []chapter) []chapter {
	at := make(map[string]int)
	var out []chapter
	for _, c := range chapters {
		f := c.head
		key := ""
		for _, s := range f.Steps {
			if s.Kind == report.StepExpiry && f.Window != nil {
				key = fmt.Sprintf("%s\x00%s\x00%s\x00%s\x00%s\x00%d:%d", f.File, f.Function, f.Rule, f.Severity, f.Confidence, s.Line, s.Column)
			}
		}
		if i, ok := at[key]; ok && key != "" && len(c.more) == 0 {
			out[i].same = append(out[i].same, f)
			continue
		}
		at[key] = len(out)
		out = append(out, c)
	}
	return out
}

// bySeverity counts the findings that are not suppressed.
func (d *dossier) bySeverity(s report.Severity) int {
	n := 0
	for _, f := range d.active {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// tally is "1 critical, 2 high and 3 low", leaving out what there is none of.
func (d *dossier) tally() string {
	var parts []string
	for _, s := range severities {
		if n := d.bySeverity(s); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	return sentenceList(parts)
}

// worst is the severity of the gravest finding, "" if there is none.
func (d *dossier) worst() report.Severity {
	if len(d.active) == 0 {
		return ""
	}
	return slices.MinFunc(d.active, graver).Severity
}

// nothing reports whether no file could be analysed: then to have no findings says nothing.
func (d *dossier) nothing() bool {
	return d.Files == 0 || d.Counts["functions"] == 0 && d.Counts["prefiltered"] == 0 && len(d.Unparsed) >= d.Files
}

func (d *dossier) latentCount() int {
	n := 0
	for _, f := range d.active {
		n += b2i(isLatent(f))
	}
	return n
}

// doubtfulCount is the number of findings where it is doubtful that anything happens at all.
func (d *dossier) doubtfulCount() int {
	n := 0
	for _, f := range d.active {
		n += b2i(f.Confidence == report.Doubtful)
	}
	return n
}

func (d *dossier) title() string {
	if d.Title != "" {
		return d.Title
	}
	if d.Project != "" {
		return "Race Condition Audit - " + d.Project
	}
	if base := path.Base(d.Root); d.Root != "" && base != "." && base != "/" {
		return "Race Condition Audit - " + base
	}
	return "Race Condition Audit"
}

// serviceRow is a service with what was found in it.
type serviceRow struct {
	report.Service
	findings int
	worst    report.Severity
}

// services returns the services in the audit's order; a finding counts for the innermost one.
func (d *dossier) services() []serviceRow {
	rows := make([]serviceRow, len(d.Services))
	for i, s := range d.Services {
		rows[i].Service = s
	}
	for _, f := range d.active {
		if i := d.serviceOf(f.File); i >= 0 {
			rows[i].findings++
			if w := rows[i].worst; w == "" || gravity(f.Severity) < gravity(w) {
				rows[i].worst = f.Severity
			}
		}
	}
	return rows
}

// serviceOf is the index of the innermost service that holds the file, -1 if none does.
func (d *dossier) serviceOf(file string) int {
	best, depth := -1, -1
	for i, s := range d.Services {
		dir := strings.Trim(path.Clean(s.Dir), "/")
		if dir == "." {
			dir = ""
		}
		if (dir == "" || strings.HasPrefix(file, dir+"/")) && len(dir) > depth {
			best, depth = i, len(dir)
		}
	}
	return best
}

// span is the first and last line of the finding's story in its own file.
func span(f *report.Finding) (from, to int) {
	from, to = f.Line, max(f.Line, f.EndLine)
	for _, s := range f.Steps {
		if s.File == f.File && s.Kind != report.StepWriter && s.Kind != report.StepRelated {
			from, to = min(from, s.Line), max(to, s.Line, s.EndLine)
		}
	}
	return from, to
}

// kind is the rule's title with its weakness numbers.
func (d *dossier) kind(f *report.Finding) string {
	r := d.opt.rule(f.Rule)
	parts := []string{r.Title}
	for _, n := range r.CWE {
		parts = append(parts, fmt.Sprintf("CWE-%d", n))
	}
	return strings.Join(parts, ", ")
}

// windowText says what the state of the window means.
func (d *dossier) windowText(f *report.Finding) string {
	switch {
	case f.Window == nil:
		return ""
	case !isLatent(f):
		if f.Language == "go" {
			return "open: another goroutine may run in between"
		}
		return "open: another task may run in between"
	case d.Policy.Latent == "as-open":
		return "latent: nothing suspends in between today; rated as open by the policy in force"
	}
	return "latent: nothing suspends in between today"
}

// confidenceText says what the confidence in a window rests on.
func confidenceText(f *report.Finding) string {
	why := ""
	if f.Window != nil {
		switch f.Confidence {
		case report.Sure:
			why = ": two that meet there were seen"
		case report.Likely:
			why = ": two may meet there, none were seen to"
		case report.Doubtful:
			why = ": perhaps no two ever meet there"
		}
	}
	return string(f.Confidence) + why
}

// codeLine is one line of an excerpt; number 0 stands for lines that are left out.
type codeLine struct {
	number int
	text   string
	tags   []string // CHECK, EXPIRES, USE…
	kinds  []string // the steps' kinds
}

// code is an excerpt of one file with the steps marked.
type code struct {
	file  string
	lines []codeLine
}

// tags are the words that mark a step in an excerpt.
var tags = map[string]string{
	report.StepCheck: "CHECK", report.StepExpiry: "EXPIRES", report.StepAct: "USE",
	report.StepSpawn: "TASK STARTED", report.StepWriter: "ALSO WRITES", report.StepRelated: "SEE",
}

const codeMargin = 2

// codes returns the excerpts of a finding: its own file first, steps in other files after it.
func (d *dossier) codes(f *report.Finding) []code {
	var list []code
	for _, s := range snippetsOf(f) {
		c := code{file: s.file}
		last := 0
		for i, m := range s.marks {
			from := max(m.line-codeMargin, last+1, 1)
			if i > 0 && m.Kind != report.StepRelated { // the whole stretch between two steps, as far as it is stored
				from = last + 1
			}
			for n := from; n <= m.line+codeMargin; n++ {
				text, ok := d.Excerpts[report.ExcerptKey(s.file, n)]
				if !ok {
					if n < m.line-codeMargin {
						n = m.line - codeMargin - 1 // skip the gap at once: lines are numbers from outside
					}
					continue
				}
				if last > 0 && n > last+1 {
					c.lines = append(c.lines, codeLine{})
				}
				c.lines = append(c.lines, codeLine{number: n, text: lay(text).all()})
				last = n
			}
		}
		for _, m := range s.marks {
			i := slices.IndexFunc(c.lines, func(l codeLine) bool { return l.number == m.line && m.line > 0 })
			if i < 0 {
				continue
			}
			tag := tags[m.Kind]
			if l := &c.lines[i]; tag != "" && !slices.Contains(l.tags, tag) {
				l.tags = append(l.tags, tag)
				l.kinds = append(l.kinds, m.Kind)
			}
		}
		if len(c.lines) > 0 {
			list = append(list, c)
		}
	}
	return list
}

// all is the whole line.
func (l laid) all() string { return l.slice(0, l.width+1) }

// sentenceList joins with commas and a final "and".
func sentenceList(parts []string) string {
	switch n := len(parts); n {
	case 0:
		return ""
	case 1:
		return parts[0]
	default:
		return strings.Join(parts[:n-1], ", ") + " and " + parts[n-1]
	}
}
