package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/toctou-lint/toctou/report"
)

// Text writes findings as drawings of the source with up to three labels each, and a last line
// that counts.
func Text(w io.Writer, a *report.Audit, o Options) error {
	t := &texter{out: newOutput(w), audit: a, opt: o, pal: palette(o.Color)}
	for i := range a.Findings {
		if f := &a.Findings[i]; f.Suppressed == nil {
			t.finding(f)
		}
	}
	t.out.print(summary(a), "\n")
	return t.out.close()
}

// Lines writes one line per finding, each telling on its own where and what.
func Lines(w io.Writer, a *report.Audit, o Options) error {
	out, pal := newOutput(w), palette(o.Color)
	for i := range a.Findings {
		f := &a.Findings[i]
		if f.Suppressed != nil {
			continue
		}
		where, what := place(f), fmt.Sprintf("%s[%s]", f.Severity, f.Rule)
		out.print(where, ": ", pal.paint(pal.severity(f.Severity), visible(what)), ": ", visible(f.Message), " (", certainty(f), ")\n")
	}
	return out.close()
}

// oneLine is a finding without its certainty.
func oneLine(f *report.Finding) string {
	return place(f) + ": " + visible(fmt.Sprintf("%s[%s]: %s", f.Severity, f.Rule, f.Message))
}

// place is where a finding is, at the start of a line. A CI runner would obey a line that starts
// with two colons, as a file name may.
func place(f *report.Finding) string {
	s := visible(position(f.File, f.Line, f.Column))
	if strings.HasPrefix(strings.TrimSpace(s), "::") {
		return "./" + s
	}
	return s
}

type texter struct {
	out   *output
	audit *report.Audit
	opt   Options
	pal   palette
}

func (t *texter) finding(f *report.Finding) {
	sev := t.pal.severity(f.Severity)
	t.out.print(t.pal.paint(sev, visible(string(f.Severity)+"["+f.Rule+"]")), t.pal.paint(ansiBold, ": "+visible(f.Message)), "\n")
	snippets := snippetsOf(f)
	digits := 1
	for _, s := range snippets {
		for _, m := range s.marks {
			digits = max(digits, len(fmt.Sprint(m.line)))
		}
	}
	for i, s := range snippets {
		if i > 0 {
			t.out.print(t.gutter(digits, "·"), "\n")
		}
		t.snippet(f, s, digits)
	}
	for _, n := range notes(f) {
		t.note(digits, n)
	}
	about := "confidence: " + visible(string(f.Confidence)) + " · toctou explain " + visible(f.Rule)
	if f.Fix == "" {
		t.note(digits, about)
	} else {
		fix := "fix: " + visible(f.Fix)
		both := fix + "     " + about
		if t.opt.Width > 0 && digits+4+textWidth(both) > t.opt.Width {
			t.note(digits, fix)
			t.note(digits, about)
		} else {
			t.note(digits, both)
		}
	}
	t.out.print("\n")
}

// gutter is the margin of a line that has no number, with its sign: │, · or =.
func (t *texter) gutter(digits int, sign string) string {
	return strings.Repeat(" ", digits+2) + t.pal.paint(ansiBlue, sign)
}

func (t *texter) note(digits int, s string) {
	s = visible(s)
	room := t.opt.Width - digits - 4
	for i, line := range wrap(s, room) {
		if i == 0 {
			t.out.print(t.gutter(digits, "="), " ", line, "\n")
		} else {
			t.out.print(strings.Repeat(" ", digits+6), line, "\n")
		}
	}
}

// notes are the notes of a finding, the first one naming the consequence.
func notes(f *report.Finding) []string {
	if f.Consequence == "" {
		return f.Notes
	}
	if len(f.Notes) == 0 {
		return []string{f.Consequence}
	}
	for _, n := range f.Notes {
		if strings.Contains(n, f.Consequence) {
			return f.Notes
		}
	}
	return append([]string{f.Notes[0] + " (" + f.Consequence + ")"}, f.Notes[1:]...)
}

// window names the state of a finding's window, "" if it is not about one.
func window(f *report.Finding) string {
	if f.Window == nil {
		return ""
	}
	return visible(*f.Window) + " window"
}

func position(file string, line, col int) string { return fmt.Sprintf("%s:%d:%d", file, line, col) }

// summary is the line that counts: findings, suppressions, files, and what could not be analysed.
func summary(a *report.Audit) string {
	shown, suppressed := 0, 0
	for i := range a.Findings {
		if a.Findings[i].Suppressed != nil {
			suppressed++
		} else {
			shown++
		}
	}
	var b strings.Builder
	b.WriteString(count(shown, "finding"))
	var hidden []string
	for _, h := range []struct {
		n    int
		text string
	}{
		{suppressed, "suppressed with a reason"}, {a.Counts["known"], "known from the baseline"}, {a.Counts["elsewhere"], "outside the changed lines"},
	} {
		if h.n > 0 {
			hidden = append(hidden, fmt.Sprintf("%d %s", h.n, h.text))
		}
	}
	if len(hidden) > 0 {
		b.WriteString(" (" + strings.Join(hidden, ", ") + ")")
	}
	b.WriteString(" in " + count(a.Files, "file"))
	if n := len(a.Unparsed); n > 0 {
		b.WriteString(", " + count(n, "file") + " not parsed: ")
		b.WriteString(enumerate(a.Unparsed, func(s report.Skipped) string {
			return visible(s.File) + " (" + visible(s.Reason) + ")"
		}))
	}
	if n := len(a.Partial); n > 0 {
		b.WriteString(", " + count(n, "function") + " analysed only in part: ")
		b.WriteString(enumerate(a.Partial, func(p report.Partial) string {
			return visible(fmt.Sprintf("%s:%d", p.File, p.Line)) + " (" + visible(p.Reason) + ")"
		}))
	}
	return b.String()
}

// enumerate joins the first few and counts the rest; JSON and the audit have them all.
func enumerate[T any](list []T, show func(T) string) string {
	const most = 5
	var parts []string
	for _, x := range list[:min(len(list), most)] {
		parts = append(parts, show(x))
	}
	if n := len(list) - most; n > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(parts, ", ")
}

// count is a number with its noun: "no findings", "1 file", "2 files".
func count(n int, noun string) string {
	switch n {
	case 0:
		return "no " + noun + "s"
	case 1:
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// wrap breaks s at spaces so that no line is wider than room, unless a word is; room ≤ 0 never breaks.
func wrap(s string, room int) []string {
	if room <= 0 || textWidth(s) <= room {
		return []string{s}
	}
	var lines []string
	var line strings.Builder
	used := 0
	for word := range strings.SplitSeq(s, " ") {
		w := textWidth(word)
		if used > 0 && used+1+w > room && !strings.HasPrefix(word, "::") { // a CI runner would obey a line that starts so
			lines = append(lines, line.String())
			line.Reset()
			used = 0
		}
		if used > 0 {
			line.WriteByte(' ')
			used++
		}
		line.WriteString(word)
		used += w
	}
	return append(lines, line.String())
}
