package render

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/toctou-lint/toctou/report"
)

// chapter writes a critical or high finding in full.
func (m *markdown) chapter(c chapter) {
	f := c.head
	m.heading(2, fmt.Sprintf("%s Finding %d: %s", mdText(capital(string(f.Severity))), c.number, mdText(capital(f.Message))))
	m.heading(3, "Issue Details")
	m.details(f)
	m.heading(3, "Vulnerable Code")
	m.code(f)
	if len(f.Scenario)+len(f.Impact)+len(f.Notes) > 0 {
		m.heading(3, "The Problem")
	}
	m.problem(f)
	if len(c.more) > 0 {
		m.heading(3, fmt.Sprintf("Additional Vulnerable Section%s", plural(len(c.more))))
		for _, g := range c.more {
			m.additional(f, g)
		}
	}
	m.same(c)
	if f.RootCause != "" {
		m.heading(3, "Root Cause")
		m.out.print(mdText(sentence(f.RootCause)), "\n\n")
	}
	if f.Fix != "" || f.Remedy != nil {
		m.heading(3, "Recommended Fix")
	}
	m.fix(f)
	m.rule()
}

// capital starts s with a capital letter, unless it starts with a name from the code.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 || s != "" && identifier(s, 0) > 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// sentence is a note set as a paragraph: a capital letter, a full stop.
func sentence(s string) string {
	s = capital(strings.TrimSpace(s))
	if s != "" && !strings.ContainsAny(s[len(s)-1:], ".!?:") {
		s += "."
	}
	return s
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

func lineRange(from, to int) string {
	if from == to {
		return fmt.Sprint(from)
	}
	return fmt.Sprintf("%d-%d", from, to)
}

func linesLabel(from, to int) string {
	if from == to {
		return "Line"
	}
	return "Lines"
}

// details are the facts of a finding, one a line.
func (m *markdown) details(f *report.Finding) {
	from, to := span(f)
	rows := [][2]string{
		{"File", mdCode(f.File)},
		{linesLabel(from, to), lineRange(from, to)},
		{"Function", mdCode(f.Function)},
		{"Severity", badge(f.Severity)},
		{"Type", mdText(capital(m.d.kind(f))) + " (" + mdCode(f.Rule) + ")"},
		{"Consequence", mdText(f.Consequence)},
		{"Confidence", mdText(confidenceText(f))},
		{"Window", mdText(m.d.windowText(f))},
	}
	rows = slices.DeleteFunc(rows, func(r [2]string) bool { return r[1] == "" })
	for i, r := range rows {
		m.out.print("**", r[0], "**: ", r[1])
		if i < len(rows)-1 {
			m.out.print("\\")
		}
		m.out.print("\n")
	}
	m.out.print("\n")
}

// lineComment starts a comment in a language; // where nothing else is known.
var lineComment = map[string]string{"python": "#"}

// code writes the excerpts of a finding with numbers and arrows.
func (m *markdown) code(f *report.Finding) {
	codes := m.d.codes(f)
	if len(codes) == 0 {
		m.out.print("(The audit does not hold the source of these lines.)\n\n")
	}
	m.listings(f, codes)
}

func (m *markdown) listings(f *report.Finding, codes []code) {
	for _, c := range codes {
		if c.file != f.File {
			m.out.print("In ", mdCode(c.file), ":\n\n")
		}
		lines := arrowed(c, f.Language)
		fence := mdFence(lines)
		m.out.print(fence, mdInfo(f.Language), "\n")
		for _, l := range lines {
			m.out.print(l, "\n")
		}
		m.out.print(fence, "\n\n")
	}
}

// arrowed sets an excerpt as text: number, source, arrow.
func arrowed(c code, language string) []string {
	comment := lineComment[language]
	if comment == "" {
		comment = "//"
	}
	digits := 1
	for _, l := range c.lines {
		digits = max(digits, len(fmt.Sprint(l.number)))
	}
	var lines []string
	for _, l := range c.lines {
		if l.number == 0 {
			lines = append(lines, strings.Repeat(" ", digits-1)+"…")
			continue
		}
		s := fmt.Sprintf("%*d  %s", digits, l.number, l.text)
		if len(l.tags) > 0 {
			s += "  " + comment + " ← " + strings.Join(l.tags, ", ")
		}
		lines = append(lines, strings.TrimRight(s, " "))
	}
	return lines
}

// problem tells the interleaving and what it leads to.
func (m *markdown) problem(f *report.Finding) {
	if len(f.Scenario) > 0 {
		m.out.print("**Race Condition Scenario**:\n\n")
		for i, t := range f.Scenario {
			m.out.printf("%d. ", i+1)
			if t.Actor != "" {
				m.out.print("**", mdText(t.Actor), "** ")
			}
			m.out.print(mdInline(t.Text))
			if t.Line > 0 {
				if t.File != "" && t.File != f.File {
					m.out.print(" (", mdCode(fmt.Sprintf("%s:%d", t.File, t.Line)), ")")
				} else {
					m.out.printf(" (line %d)", t.Line)
				}
			}
			if t.State != "" {
				m.out.print(" → ", mdInline(t.State))
			}
			m.out.print("\n")
		}
		m.out.print("\n")
	}
	m.bullets("**Impact**:", f.Impact)
	m.bullets("**Notes**:", furtherNotes(f))
}

// furtherNotes are the notes that the scenario does not tell already.
func furtherNotes(f *report.Finding) []string {
	if len(f.Scenario) == 0 {
		return f.Notes
	}
	var list []string
	for _, n := range f.Notes {
		if f.Consequence == "" || !strings.HasSuffix(n, "("+f.Consequence+")") {
			list = append(list, n)
		}
	}
	return list
}

func (m *markdown) bullets(title string, items []string) {
	if len(items) == 0 {
		return
	}
	m.out.print(title, "\n\n")
	for _, s := range items {
		m.out.print("- ", mdText(sentence(s)), "\n")
	}
	m.out.print("\n")
}

// additional writes a further finding on the place of the chapter's head.
func (m *markdown) additional(head, f *report.Finding) {
	f = without(f, head)
	from, to := span(f)
	m.out.print("**", linesLabel(from, to), "**: ", lineRange(from, to))
	if f.File != head.File {
		m.out.print(" of ", mdCode(f.File))
	}
	m.out.print(" · ", badge(f.Severity), " · confidence ", mdText(string(f.Confidence)))
	if f.Window != nil {
		m.out.print(" · ", mdText(*f.Window), " window")
	}
	m.out.print(" · ", mdCode(f.Rule), "\n\n")
	m.code(f)
	m.out.print("**Issue**: ", mdText(sentence(f.Message)), "\n\n")
	m.bullets("**Impact**:", f.Impact)
	m.bullets("**Notes**:", f.Notes)
	if f.Fix != "" || f.Remedy != nil {
		m.out.print("**Fix**: ")
	}
	m.fix(f)
}

// same lists the further places that the window of a chapter is about.
func (m *markdown) same(c chapter) {
	if len(c.same) == 0 {
		return
	}
	m.out.print("**The same window, on further places**:\n\n")
	for _, f := range c.same {
		from, to := span(f)
		m.out.print("- ", strings.ToLower(linesLabel(from, to)), " ", lineRange(from, to), ": ", mdText(sentence(f.Message)), "\n")
	}
	m.out.print("\n")
}

// fix writes the recommended fix in words and, where there is one, as code.
func (m *markdown) fix(f *report.Finding) {
	if f.Fix != "" {
		m.out.print(mdText(sentence(f.Fix)), "\n\n")
	}
	r := f.Remedy
	if r == nil {
		if f.Unfixed != "" {
			m.out.print("**No edit is offered**: ", mdText(sentence(f.Unfixed)), "\n\n")
		}
		return
	}
	if r.Title != "" {
		as := "As code: "
		if r.Code == "" { // it is that of the head of the chapter
			as = "As code, at the end of this chapter: "
		}
		m.out.print(as, mdText(sentence(r.Title)), "\n\n")
	}
	if r.Code != "" {
		var lines []string
		for i, l := range strings.Split(strings.TrimRight(r.Code, "\n"), "\n") {
			l = strings.TrimRight(lay(l).all(), " ")
			if slices.Contains(r.Added, i+1) && !strings.HasSuffix(l, `\`) { // a comment behind it would end the line
				l += "  " + or(lineComment[f.Language], "//") + " ← NEW"
			}
			lines = append(lines, l)
		}
		fence := mdFence(lines)
		m.out.print(fence, mdInfo(f.Language), "\n", strings.Join(lines, "\n"), "\n", fence, "\n\n")
	}
	m.bullets("**Why This Works**:", r.Why)
}

// briefs writes findings that need no chapter of their own.
func (m *markdown) briefs(title string, list []chapter, intro string) {
	if len(list) == 0 {
		return
	}
	m.heading(2, title)
	if intro != "" {
		m.out.print(intro, "\n\n")
	}
	for _, c := range list {
		f := c.head
		m.heading(3, fmt.Sprintf("Finding %d: %s", c.number, mdText(capital(f.Message))))
		m.details(f)
		m.code(f)
		m.problem(f)
		for _, g := range c.more {
			m.additional(f, g)
		}
		m.same(c)
		if f.RootCause != "" {
			m.out.print("**Root Cause**: ", mdInline(sentence(f.RootCause)), "\n\n")
		}
		if f.Fix != "" || f.Remedy != nil {
			m.out.print("**Recommended Fix**: ")
		}
		m.fix(f)
	}
	m.rule()
}
