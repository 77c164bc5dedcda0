package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/report"
	"github.com/toctou-lint/toctou/report/compare"
)

// fixChapter is what is fixed on one place, and what the later audit has there now. Each change is
// a fact of that audit; that it is the reason is left to the reader.
type fixChapter struct {
	findings []*report.Finding // of the baseline
	changes  []fixChange
	facts    []string          // what else the later audit says about the place
	left     []*report.Finding // what it still, or newly, reports there
}

// fixChange is one thing that the later audit has and, for locks, the baseline has not.
type fixChange struct {
	title string
	code  []code
}

func (c fixChapter) title() string { return c.findings[0].Message }

// fixChapters are the fixed findings, those on one place together.
func (d *dossier) fixChapters() []fixChapter {
	if d.opt.Baseline == nil {
		return nil
	}
	var order []string
	groups := make(map[string][]compare.Fix)
	for i, x := range d.opt.Baseline.Fixed {
		k := x.Finding.Group
		if k == "" {
			k = fmt.Sprint(i)
		}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], x)
	}
	byFile := make(map[string][]*report.Finding)
	for _, f := range d.active {
		byFile[f.File] = append(byFile[f.File], f)
	}
	var list []fixChapter
	for _, k := range order {
		list = append(list, d.fixChapter(groups[k], byFile))
	}
	slices.SortStableFunc(list, func(a, b fixChapter) int { return graver(a.findings[0], b.findings[0]) })
	return list
}

func (d *dossier) fixChapter(fixes []compare.Fix, byFile map[string][]*report.Finding) fixChapter {
	var c fixChapter
	gone := false
	for _, x := range fixes {
		c.findings = append(c.findings, x.Finding)
		for _, t := range x.Tasks {
			c.changes = append(c.changes, fixChange{taskChange(t), d.linesOf(x.Finding.File, t.Line, t.Line+taskLines)})
		}
		for _, n := range x.Safe {
			if fact := fmt.Sprintf("line %d: %s", n.Line, n.Reason); !slices.Contains(c.facts, fact) {
				c.facts = append(c.facts, fact)
			}
		}
		gone = gone || x.Gone
	}
	slices.SortStableFunc(c.findings, graver)
	c.changes = append(c.changes, d.lockChanges(fixes)...)
	for _, f := range byFile[c.findings[0].File] {
		same := f.Place != "" && f.Place == c.findings[0].Place
		for _, x := range fixes {
			for _, p := range x.Locks {
				same = same || p.Added && f.File == p.Lock.File && f.Place == p.Lock.Name
			}
		}
		if same {
			c.left = append(c.left, f)
		}
	}
	switch {
	case gone:
		c.facts = append(c.facts, "the audit sees nothing in this file any more")
	case len(c.facts)+len(c.changes) == 0:
		c.facts = append(c.facts, "the finding is no longer reported")
	}
	return c
}

// taskChange says who looks after a task now.
func taskChange(t report.TaskUse) string {
	s := fmt.Sprintf("The task that runs `%s` (line %d) is %s", tick(t.Target), t.Line, t.Verdict)
	if t.Keeper != "" {
		s += ": kept by `" + tick(t.Keeper) + "`"
	}
	if t.Observer != "" {
		s += ", its error is seen by " + actorName(t.Observer)
	}
	if t.Drain != "" {
		s += ", awaited or cancelled by " + actorName(t.Drain)
	}
	return s
}

// actorName is a name as code; what is words, such as "its own body", stays words.
func actorName(s string) string {
	if strings.Contains(s, " ") && !strings.ContainsAny(s, "(.") {
		return s
	}
	return "`" + tick(s) + "`"
}

// lockChanges tells of each lock that protects the place now, once: where it was made, and each
// section that holds it.
func (d *dossier) lockChanges(fixes []compare.Fix) []fixChange {
	var list []fixChange
	told := make(map[string]bool)
	for _, x := range fixes {
		for _, p := range x.Locks {
			id := p.Lock.File + "\x00" + p.Lock.Name + "\x00" + p.Lock.Kind
			if told[id] {
				continue
			}
			told[id] = true
			verb := "is there"
			if p.Added {
				verb = "was added"
			}
			where := fmt.Sprintf("line %d", p.Lock.Line)
			if p.Lock.File != x.Finding.File {
				where = fmt.Sprintf("`%s:%d`", tick(p.Lock.File), p.Lock.Line)
			}
			title := fmt.Sprintf("`%s` %s (%s, %s): held in %s, of which %d may suspend", tick(p.Lock.Name), verb, p.Lock.Kind, where,
				count(p.Lock.Holders, "section"), p.Lock.Suspending)
			list = append(list, fixChange{title, d.linesOf(p.Lock.File, p.Lock.Line, p.Lock.Line)})
			for _, s := range sortedSections(p) {
				verb := "`%s` holds it at lines %s"
				if s.Line == s.EndLine {
					verb = "`%s` holds it at line %s"
				}
				list = append(list, fixChange{fmt.Sprintf(verb, tick(s.Function), lineRange(s.Line, s.EndLine)), d.linesOf(s.File, s.Line, s.EndLine)})
			}
		}
	}
	return list
}

func sortedSections(p compare.Protection) []report.Section {
	all := slices.Concat(p.Sections, p.Elsewhere)
	slices.SortFunc(all, func(a, b report.Section) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return all
}

// criticalFixed reports whether the baseline had critical findings, all of them are fixed, and none
// is there now. One that was suppressed since, or not looked at, is not fixed.
func (d *dossier) criticalFixed() bool {
	c := d.opt.Baseline
	if c == nil || d.bySeverity(report.Critical) > 0 {
		return false
	}
	had := 0
	for i := range c.Old.Findings {
		if f := &c.Old.Findings[i]; f.Severity == report.Critical && f.Suppressed == nil {
			had++
		}
	}
	for _, x := range c.Fixed {
		had -= b2i(x.Finding.Severity == report.Critical)
	}
	return had == 0 && slices.ContainsFunc(c.Fixed, func(x compare.Fix) bool { return x.Finding.Severity == report.Critical })
}

// tick makes a name fit for a code span.
func tick(s string) string {
	b := []byte(visible(s))
	for i, c := range b {
		if c == '`' {
			b[i] = '\''
		}
	}
	return string(b)
}

// linesOf is an excerpt of the later audit, as far as it holds the lines.
func (d *dossier) linesOf(file string, from, to int) []code {
	c := code{file: file}
	for n := from; n <= min(to, from+excerptLines); n++ {
		if text, ok := d.Excerpts[report.ExcerptKey(file, n)]; ok {
			c.lines = append(c.lines, codeLine{number: n, text: lay(text).all()})
		}
	}
	if len(c.lines) == 0 {
		return nil
	}
	return []code{c}
}

// taskLines is how many lines are shown after the creation of a task: those that keep it are there.
const taskLines = 8

// excerptLines is how many lines of a section are shown at most.
const excerptLines = 12

// fixView is a chapter of fixes as the page shows it.
type fixView struct {
	Title    string
	Findings []fixedView
	Changes  []changeView
	Facts    []string
	Left     []*report.Finding
}

type fixedView struct {
	*report.Finding
	Before []listing
}

type changeView struct {
	Title string
	Code  []listing
}

// Fixes are the fixed findings of the comparison.
func (p *page) Fixes() []fixView {
	if p.opt.Baseline == nil {
		return nil
	}
	before := &page{dossier: &dossier{Audit: p.opt.Baseline.Old, opt: p.opt}, colours: p.colours}
	var list []fixView
	for _, c := range p.fixChapters() {
		v := fixView{Title: c.title(), Facts: c.facts, Left: c.left}
		for _, f := range c.findings {
			v.Findings = append(v.Findings, fixedView{f, before.listings(f)})
		}
		for _, ch := range c.changes {
			v.Changes = append(v.Changes, changeView{ch.title, p.listingsOf(c.findings[0], ch.code)})
		}
		list = append(list, v)
	}
	return list
}

// ParseResult says whether everything was parsed.
func (p *page) ParseResult() string {
	switch n := len(p.Unparsed); {
	case n > 0:
		return count(n, "file") + " not parsed, see Limits."
	case p.Files == 0:
		return "There was no file to read."
	}
	return count(p.Files, "file") + " read, all parsed."
}

// changes writes the comparison with the baseline.
func (m *markdown) changes() {
	c := m.d.opt.Baseline
	if c == nil {
		return
	}
	m.heading(2, "Fixes Applied")
	m.out.print("Against the baseline")
	if c.Old.Date != "" {
		m.out.print(" of ", mdInline(c.Old.Date))
	}
	m.out.printf(": %d fixed, %d new, %d unchanged", len(c.Fixed), len(c.Added), len(c.Unchanged))
	if n := len(c.Suppressed); n > 0 {
		m.out.printf(", %d suppressed since", n)
	}
	if n := len(c.Unknown); n > 0 {
		m.out.printf(", %d not looked at now", n)
	}
	m.out.print(".\n\n")
	before := &markdown{out: m.out, d: &dossier{Audit: c.Old, opt: m.d.opt}}
	for i, x := range m.d.fixChapters() {
		m.heading(3, fmt.Sprintf("Fix %d: %s", i+1, mdInline(capital(x.title()))))
		for _, f := range x.findings {
			m.out.print("**Before**: ", mdCode(fmt.Sprintf("%s:%d", f.File, f.Line)), " · ", badge(f.Severity), " · ", mdCode(f.Rule), "\n\n")
			before.code(f)
		}
		if len(x.changes) > 0 {
			m.out.print("**After**:\n\n")
		}
		for _, ch := range x.changes {
			m.out.print(mdText(sentence(ch.title)), "\n\n")
			m.listings(x.findings[0], ch.code)
		}
		m.bullets("**The audit says now**:", x.facts)
		m.findingList("**Reported on this place now**:", x.left)
	}
	if len(c.Added) > 0 {
		m.heading(3, "New Since the Baseline")
		m.findingList("", c.Added)
	}
	if len(c.Suppressed) > 0 {
		m.heading(3, "Suppressed Since the Baseline")
		for _, p := range c.Suppressed {
			m.out.print("- ", mdCode(fmt.Sprintf("%s:%d", p.New.File, p.New.Line)), " ", mdInline(p.New.Message), ": ", mdInline(p.New.Suppressed.Reason), "\n")
		}
		m.out.print("\n")
	}
	if len(c.Unknown) > 0 {
		m.heading(3, "Not Looked At Now")
		m.out.print("The baseline reports these; this audit did not read the code, so it cannot say whether they are fixed.\n\n")
		for _, f := range c.Unknown {
			m.out.print("- ", mdCode(fmt.Sprintf("%s:%d", f.File, f.Line)), " ", mdInline(f.Message), "\n")
		}
		m.out.print("\n")
	}
	m.rule()
}

// findingList names findings, one a line.
func (m *markdown) findingList(title string, list []*report.Finding) {
	if len(list) == 0 {
		return
	}
	if title != "" {
		m.out.print(title, "\n\n")
	}
	for _, f := range list {
		m.out.print("- ", badge(f.Severity), " ", mdCode(fmt.Sprintf("%s:%d", f.File, f.Line)), " ", mdInline(f.Message), " (", mdCode(f.Rule), ")\n")
	}
	m.out.print("\n")
}
