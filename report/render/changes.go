package render

import (
	"fmt"
	"slices"

	"github.com/toctou-lint/toctou/report"
	"github.com/toctou-lint/toctou/report/compare"
)

// fixFacts are the sentences about what the later audit has where a finding was. Each is a fact of
// that audit; that it is the reason is left to the reader.
func fixFacts(x compare.Fix) []string {
	var facts []string
	for _, p := range x.Locks {
		s := "`" + tick(p.Lock.Name) + "` (" + p.Lock.Kind + ", line " + fmt.Sprint(p.Lock.Line) + ")"
		if p.Lock.File != x.Finding.File {
			s = "`" + tick(p.Lock.Name) + "` (" + p.Lock.Kind + ", " + fmt.Sprintf("`%s:%d`", tick(p.Lock.File), p.Lock.Line) + ")"
		}
		verb := " is held in "
		if p.Added {
			verb = " was added and is held in "
		}
		facts = append(facts, s+verb+sectionList(p.Sections))
	}
	for _, t := range x.Tasks {
		s := fmt.Sprintf("the task started at line %d (`%s`): %s", t.Line, tick(t.Target), t.Verdict)
		if t.Keeper != "" {
			s += ", kept by `" + tick(t.Keeper) + "`"
		}
		if t.Observer != "" {
			s += ", its error is seen by `" + tick(t.Observer) + "`"
		}
		if t.Drain != "" {
			s += ", awaited or cancelled by `" + tick(t.Drain) + "`"
		}
		facts = append(facts, s)
	}
	for _, n := range x.Safe {
		facts = append(facts, fmt.Sprintf("line %d: %s", n.Line, n.Reason))
	}
	switch {
	case x.Gone:
		facts = append(facts, "the audit sees nothing in this file any more")
	case len(facts) == 0:
		facts = append(facts, "the finding is no longer reported")
	}
	return facts
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

func sectionList(list []report.Section) string {
	var parts []string
	for _, s := range list {
		if s.EndLine > s.Line {
			parts = append(parts, fmt.Sprintf("lines %d-%d", s.Line, s.EndLine))
		} else {
			parts = append(parts, fmt.Sprintf("line %d", s.Line))
		}
	}
	return sentenceList(parts)
}

// afterCodes are the excerpts of the later audit where a finding was: the sections that hold a lock
// now, or the tasks that somebody keeps now.
func afterCodes(d *dossier, x compare.Fix) []code {
	c := code{file: x.Finding.File}
	add := func(from, to int) {
		last := 0
		if n := len(c.lines); n > 0 {
			last = c.lines[n-1].number
		}
		for n := max(from, last+1); n <= min(to, from+excerptLines); n++ {
			text, ok := d.Excerpts[report.ExcerptKey(c.file, n)]
			if !ok {
				continue
			}
			if last > 0 && n > last+1 {
				c.lines = append(c.lines, codeLine{})
			}
			c.lines = append(c.lines, codeLine{number: n, text: lay(text).all()})
			last = n
		}
	}
	for _, p := range x.Locks {
		for _, s := range p.Sections {
			add(s.Line, s.EndLine)
		}
	}
	for _, t := range x.Tasks {
		add(t.Line, t.Line+codeMargin)
	}
	if len(c.lines) == 0 {
		return nil
	}
	return []code{c}
}

// excerptLines is how many lines of a section are shown at most.
const excerptLines = 12

// fixView is a fixed finding as the page shows it.
type fixView struct {
	compare.Fix
	Before, After []listing
	Facts         []string
}

// Fixes are the fixed findings of the comparison.
func (p *page) Fixes() []fixView {
	if p.opt.Baseline == nil {
		return nil
	}
	before := &page{dossier: &dossier{Audit: p.opt.Baseline.Old, opt: p.opt}, lexers: p.lexers}
	var list []fixView
	for _, x := range p.opt.Baseline.Fixed {
		list = append(list, fixView{
			Fix: x, Before: before.listings(x.Finding), Facts: fixFacts(x),
			After: p.listingsOf(x.Finding, afterCodes(p.dossier, x)),
		})
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
	for i, x := range c.Fixed {
		f := x.Finding
		m.heading(3, fmt.Sprintf("Fix %d: %s", i+1, mdInline(f.Message)))
		m.out.print("**In the baseline**: ", mdCode(fmt.Sprintf("%s:%d", f.File, f.Line)), " · ", badge(f.Severity), " · ", mdCode(f.Rule), "\n\n")
		before.code(f)
		m.bullets("**Now**:", fixFacts(x))
		m.listings(f, afterCodes(m.d, x))
	}
	if len(c.Added) > 0 {
		m.heading(3, "New Since the Baseline")
		for _, f := range c.Added {
			m.out.print("- ", badge(f.Severity), " ", mdCode(fmt.Sprintf("%s:%d", f.File, f.Line)), " ", mdInline(f.Message), "\n")
		}
		m.out.print("\n")
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
