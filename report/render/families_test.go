package render

import (
	"fmt"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/report"
)

// TestOneWindowIsOneChapter: what one await makes stale in one function is told once, whatever the
// number of places; another function, rule or await is another chapter.
func TestOneWindowIsOneChapter(t *testing.T) {
	open := report.WindowOpen
	a := &report.Audit{}
	add := func(place, function string, expiry int) {
		a.Findings = append(a.Findings, report.Finding{
			Rule: "lostupdate", Language: "python", Window: &open, Severity: report.High, Confidence: report.Likely, File: "a.py", Line: 9,
			Function: function, Place: place, Message: fmt.Sprintf("`%s` is written back from a value that may be out of date", place),
			Steps: []report.Step{{Kind: report.StepCheck, File: "a.py", Line: 3}, {Kind: report.StepExpiry, File: "a.py", Line: expiry}},
			Group: place, Fingerprint: place + function,
		})
	}
	add("self.a", "f", 5)
	add("self.b", "f", 5)
	add("self.c", "g", 5)
	add("self.d", "f", 6)
	d := newDossier(a, Options{})
	if len(d.grave) != 3 || len(d.grave[0].same) != 1 || d.grave[0].same[0].Place != "self.b" {
		t.Fatalf("%d chapters: %+v", len(d.grave), d.grave)
	}
	for _, format := range []string{"markdown", "html"} {
		var b strings.Builder
		if err := Render(&b, format, a, Options{}); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"The same window, on further places", "lines 3-9: "} {
			if n := strings.Count(b.String(), want); n != 1 {
				t.Errorf("%s has %q %d times", format, want, n)
			}
		}
	}
}

// TestHighlightAfterDocstring: an excerpt that begins in a docstring is code after its end.
func TestHighlightAfterDocstring(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []string
		code  bool // the last line is code
	}{
		{"ends on its own line", []string{"poller of jobs", `"""`, "if free:"}, true},
		{"ends behind text", []string{`the rest."""`, "if free:"}, true},
		{"whole", []string{`"""Text"""`, "if free:"}, true},
		{"begins", []string{"def f():", `"""`, "if free:"}, false},
		{"begins with text", []string{`"""Text`, "if free:"}, false},
		{"assigned", []string{`x = """`, "if free:"}, false},
		{"none", []string{"x = 1", "if free:"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines := new(highlighter).highlight("python", c.lines)
			if len(lines) != len(c.lines) {
				t.Fatalf("%d lines of %d", len(lines), len(c.lines))
			}
			if got := strings.Contains(string(lines[len(lines)-1]), `>if</`); got != c.code {
				t.Errorf("the last line is %s", lines[len(lines)-1])
			}
		})
	}
}
