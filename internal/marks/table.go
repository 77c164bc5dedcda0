package marks

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/report"
)

// Count is how a rule did.
type Count struct{ Hits, Misses, FalseAlarms int }

// Precision is the share of right findings among those reported; 1 if there were none.
func (c Count) Precision() float64 { return share(c.Hits, c.FalseAlarms) }

// Recall is the share of reported defects among the true ones; 1 if there were none.
func (c Count) Recall() float64 { return share(c.Hits, c.Misses) }

func share(a, b int) float64 {
	if a+b == 0 {
		return 1
	}
	return float64(a) / float64(a+b)
}

// Counts returns the figures by rule, and those of all rules together.
func (r Result) Counts() (byRule map[string]Count, all Count) {
	byRule = map[string]Count{}
	add := func(rule string, c Count) {
		sum := byRule[rule]
		byRule[rule] = Count{sum.Hits + c.Hits, sum.Misses + c.Misses, sum.FalseAlarms + c.FalseAlarms}
		all = Count{all.Hits + c.Hits, all.Misses + c.Misses, all.FalseAlarms + c.FalseAlarms}
	}
	for _, h := range r.Hits {
		add(h.Unit.Rule, Count{Hits: 1})
	}
	for _, m := range r.Misses {
		add(m.Unit.Rule, Count{Misses: 1})
	}
	for _, a := range r.FalseAlarms {
		add(a.Finding.Rule, Count{FalseAlarms: 1})
	}
	return byRule, all
}

// WriteTable prints the figures, then whatever is not as the marks want it.
func (r Result) WriteTable(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%-20s%6s%8s%7s%11s%8s\n", "rule", "hits", "missed", "false", "precision", "recall")
	byRule, all := r.Counts()
	row := func(name string, c Count) {
		fmt.Fprintf(&b, "%-20s%6d%8d%7d%11.2f%8.2f\n", name, c.Hits, c.Misses, c.FalseAlarms, c.Precision(), c.Recall())
	}
	names := make([]string, 0, len(byRule))
	for name := range byRule {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		row(name, byRule[name])
	}
	row("all", all)
	fmt.Fprintf(&b, "\nLOW and LATENT marks: %d reported, %d not; known gaps: %d open, %d closed; repeats: %d; tolerated: %d\n",
		len(r.Mild), len(r.Unreported), len(r.OpenGaps), len(r.ClosedGaps), len(r.Repeats), len(r.Tolerated))

	var rows []string
	for _, m := range r.Misses {
		rows = append(rows, m.Unit.String()+bracket(m.Note))
	}
	section(&b, "missed", rows)
	rows = nil
	for _, a := range r.FalseAlarms {
		rows = append(rows, Describe(a.Finding)+bracket(a.Note))
	}
	section(&b, "false alarms", rows)
	rows = nil
	for _, h := range r.ClosedGaps {
		rows = append(rows, h.Unit.String())
	}
	section(&b, "closed gaps: make the mark BAD", rows)
	rows = nil
	for _, u := range r.Unreported {
		rows = append(rows, string(u.Kind)+" "+u.String())
	}
	section(&b, "not reported", rows)
	rows = nil
	for _, f := range r.Repeats {
		rows = append(rows, Describe(f))
	}
	section(&b, "further findings of a defect already counted", rows)
	_, err := io.WriteString(w, b.String())
	return err
}

// Describe is a finding in one line.
func Describe(f report.Finding) string {
	window := ""
	if f.Window != nil {
		window = *f.Window + ", "
	}
	return fmt.Sprintf("%s:%d %s (%sseverity %s, confidence %s)", f.File, f.Line, f.Rule, window, f.Severity, f.Confidence)
}

func bracket(note string) string {
	if note == "" {
		return ""
	}
	return "  [" + note + "]"
}

func section(b *strings.Builder, title string, rows []string) {
	if len(rows) == 0 {
		return
	}
	slices.Sort(rows)
	fmt.Fprintf(b, "\n%s: %d\n  %s\n", title, len(rows), strings.Join(rows, "\n  "))
}
