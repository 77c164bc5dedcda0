package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/report"
)

// Markdown writes the audit as a document.
func Markdown(w io.Writer, a *report.Audit, o Options) error {
	m := &markdown{out: newOutput(w), d: newDossier(a, o)}
	m.head()
	m.summary()
	m.services()
	for _, c := range m.d.grave {
		m.chapter(c)
	}
	m.briefs("Latent Windows", m.d.latent, latentIntro)
	m.briefs("Medium Priority", m.d.medium, "")
	m.briefs("Low Priority", m.d.low, "")
	m.tasks()
	m.negatives()
	m.suppressed()
	m.database()
	m.locks()
	m.patterns()
	m.advice()
	m.scopes()
	m.changes()
	m.validation()
	m.limits()
	m.foot()
	return m.out.close()
}

// latentIntro says what a latent window is.
const latentIntro = "Nothing can suspend between check and act: on one event loop these sections are atomic today. " +
	"They become races when an `await` is added in between or when they are called from a second thread."

type markdown struct {
	out *output
	d   *dossier
}

// badge is the sign and word of a severity.
func badge(s report.Severity) string {
	sign := map[report.Severity]string{
		report.Critical: "🔴", report.High: "🟠", report.Medium: "🟡", report.Low: "🟢", report.Info: "⚪",
	}[s]
	return strings.TrimSpace(sign + " **" + mdText(strings.ToUpper(string(s))) + "**")
}

func (m *markdown) heading(level int, text string) {
	m.out.print(strings.Repeat("#", level), " ", text, "\n\n")
}

// rule ends a section as the thematic break before the next.
func (m *markdown) rule() { m.out.print("---\n\n") }

func (m *markdown) head() {
	d := m.d
	m.heading(1, mdText(d.title()))
	if d.Date != "" {
		m.out.printf("**Date**: %s\\\n", mdText(d.Date))
	}
	m.out.printf("**Scope**: %s\\\n", mdText(scopeText(d)))
	m.out.printf("**Status**: %s\n\n", m.status())
	m.rule()
}

// scopeText names languages, frameworks and the concurrency model.
func scopeText(d *dossier) string {
	var names []string
	for _, l := range d.Languages {
		names = append(names, languageName(l))
	}
	s := or(strings.Join(names, ", "), "no language")
	if len(d.Frameworks) > 0 {
		s += " (" + strings.Join(d.Frameworks, ", ") + ")"
	}
	if model := d.model(); model != "" {
		s += "; concurrency model: " + model
	}
	return s
}

// model is the concurrency model in force. The one of the policy is Python's: goroutines run at any time.
func (d *dossier) model() string {
	python, goes := slices.Contains(d.Languages, "python"), slices.Contains(d.Languages, "go")
	switch {
	case goes && python:
		return or(d.Policy.Concurrency, "asyncio") + " (Python), goroutines (Go)"
	case goes:
		return "goroutines"
	}
	return d.Policy.Concurrency
}

func (m *markdown) status() string {
	fixed := ""
	if m.d.criticalFixed() {
		fixed = "✅ **ALL CRITICAL ISSUES FIXED**; "
	}
	switch w := m.d.worst(); {
	case fixed != "" && w == "":
		return fixed + "no findings"
	case fixed != "":
		return fixed + mdInline(m.d.tally())
	case w != "":
		return badge(w) + ": " + mdText(m.d.tally())
	case m.d.nothing():
		return "⚪ **NOTHING ANALYSED**"
	case len(m.d.Unparsed) > 0:
		return "✅ **NO FINDINGS** in what could be read; " + count(len(m.d.Unparsed), "file") + " not analysed"
	}
	return "✅ **NO FINDINGS**"
}

func (m *markdown) summary() {
	m.heading(2, "Executive Summary")
	for i, s := range summarySentences(m.d) {
		if i > 0 {
			m.out.print(" ")
		}
		m.out.print(mdText(s))
	}
	m.out.print("\n\n")
	if n := len(m.d.grave); n > 0 {
		m.out.print("| # | Finding | Place | Severity | Confidence | Window |\n|---|---|---|---|---|---|\n")
		for _, c := range m.d.grave {
			f := c.head
			win := "-"
			if f.Window != nil {
				win = mdText(*f.Window)
			}
			m.out.printf("| %d | %s | %s | %s | %s | %s |\n", c.number, mdText(f.Message),
				mdCell(fmt.Sprintf("%s:%d", f.File, f.Line)), badge(f.Severity), mdText(string(f.Confidence)), win)
		}
		m.out.print("\n")
	}
	m.rule()
}

// summarySentences are the three sentences of figures that open the audit.
func summarySentences(d *dossier) []string {
	s := fmt.Sprintf("%s read %s", strings.TrimSpace(d.Tool.Name+" "+d.Tool.Version), count(d.Files, "file"))
	if n := len(d.Services); n > 0 {
		s += " of " + count(n, "service")
	}
	if n, ok := d.Counts["functions"]; ok {
		s += " and analysed " + count(n, "function")
	}
	sentences := []string{s + "."}
	switch {
	case len(d.active) > 0:
	case d.nothing():
		return append(sentences, "Nothing could be analysed, so that nothing follows from there being no findings.")
	default:
		return append(sentences, "It has nothing to report.")
	}
	s = fmt.Sprintf("It reports %s: %s", count(len(d.active), "finding"), d.tally())
	if n := d.doubtfulCount(); n > 0 {
		s += fmt.Sprintf("; %d %s of low confidence", n, isAre(n))
	}
	if n := d.latentCount(); n > 0 {
		s += fmt.Sprintf("; %d of the windows %s latent", n, isAre(n))
	}
	if n := len(d.suppressed); n > 0 {
		s += "; " + count(n, "further finding") + " " + isAre(n) + " suppressed with a reason"
	}
	sentences = append(sentences, s+".")
	for _, list := range [][]chapter{d.grave, d.medium, d.latent, d.low} {
		if len(list) > 0 {
			f := list[0].head
			return append(sentences, fmt.Sprintf("The gravest is in %s, line %d: %s.", "`"+strings.ReplaceAll(f.File, "`", "'")+"`", f.Line, strings.TrimSuffix(f.Message, ".")))
		}
	}
	return sentences
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func (m *markdown) services() {
	rows := m.d.services()
	if len(rows) == 0 {
		return
	}
	m.heading(2, "Services Audited")
	m.out.printf("**Total Services**: %d\\\n**Files Scanned**: %d\n\n**Services**:\n\n", len(rows), m.d.Files)
	for i, r := range rows {
		m.out.printf("%d. %s (%s, %s)", i+1, mdText(r.Name), mdCode(r.Dir), count(r.Files, "file"))
		if r.findings > 0 {
			m.out.printf(" %s: %s", warning(r.worst), count(r.findings, "finding"))
		}
		m.out.print("\n")
	}
	m.out.print("\n")
	m.rule()
}

// warning marks a line by the worst that was found there.
func warning(s report.Severity) string {
	if s == "" {
		return ""
	}
	if gravity(s) <= gravity(report.High) {
		return "⚠️ **" + mdText(strings.ToUpper(string(s))) + "**"
	}
	return badge(s)
}

// table writes a table whose cells are already escaped.
func (m *markdown) table(head []string, rows [][]string) {
	m.out.print("| ", strings.Join(head, " | "), " |\n|", strings.Repeat("---|", len(head)), "\n")
	for _, r := range rows {
		m.out.print("| ", strings.Join(r, " | "), " |\n")
	}
	m.out.print("\n")
}
