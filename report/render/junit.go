package render

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/toctou-lint/toctou/report"
)

// JUnit writes a test report: a suite per run of findings in one file, a failed case per finding,
// a skipped one per suppressed finding, an erroneous one per file that was not analysed. An audit
// without any of these is one case that passes.
func JUnit(w io.Writer, a *report.Audit, _ Options) error {
	out := newOutput(w)
	suites := suitesOf(a.Findings)
	total := tallyOf(a.Findings)
	passed := len(a.Findings)+len(a.Unparsed) == 0
	tests := total.tests + len(a.Unparsed)
	if passed {
		tests = 1
	}
	out.print(xml.Header)
	out.printf("<testsuites name=%s tests=\"%d\" failures=\"%d\" errors=\"%d\" skipped=\"%d\">\n",
		attribute(a.Tool.Name), tests, total.failures, len(a.Unparsed), total.skipped)
	for _, s := range suites {
		t := tallyOf(s)
		out.printf("  <testsuite name=%s tests=\"%d\" failures=\"%d\" errors=\"0\" skipped=\"%d\">\n", attribute(s[0].File), t.tests, t.failures, t.skipped)
		for i := range s {
			junitCase(out, &s[i])
		}
		out.print("  </testsuite>\n")
	}
	if len(a.Unparsed) > 0 {
		out.printf("  <testsuite name=\"not analysed\" tests=\"%d\" failures=\"0\" errors=\"%d\" skipped=\"0\">\n", len(a.Unparsed), len(a.Unparsed))
		for _, u := range a.Unparsed {
			out.printf("    <testcase classname=%s name=\"analysis\"><error message=%s></error></testcase>\n", attribute(u.File), attribute(u.Reason))
		}
		out.print("  </testsuite>\n")
	}
	if passed {
		out.print("  <testsuite name=\"audit\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\">\n")
		out.printf("    <testcase classname=\"audit\" name=%s></testcase>\n  </testsuite>\n", attribute(summary(a)))
	}
	out.print("</testsuites>\n")
	return out.close()
}

func junitCase(out *output, f *report.Finding) {
	out.printf("    <testcase classname=%s name=%s file=%s line=\"%d\">",
		attribute(f.File), attribute(fmt.Sprintf("%s: %s (line %d)", f.Rule, f.Message, f.Line)), attribute(f.File), f.Line)
	if f.Suppressed != nil {
		out.printf("<skipped message=%s></skipped>", attribute(f.Suppressed.Reason))
	} else {
		out.printf("<failure type=%s message=%s>", attribute(f.Rule), attribute(f.Message))
		out.print(xmlText(strings.Join(append([]string{oneLine(f)}, remarks(f)...), "\n")), "</failure>")
	}
	out.print("</testcase>\n")
}

type junitTally struct{ tests, failures, skipped int }

func tallyOf(list []report.Finding) junitTally {
	t := junitTally{tests: len(list)}
	for i := range list {
		if list[i].Suppressed != nil {
			t.skipped++
		} else {
			t.failures++
		}
	}
	return t
}

// suitesOf cuts the findings where the file changes.
func suitesOf(list []report.Finding) [][]report.Finding {
	var suites [][]report.Finding
	for from := 0; from < len(list); {
		to := from + 1
		for to < len(list) && list[to].File == list[from].File {
			to++
		}
		suites = append(suites, list[from:to])
		from = to
	}
	return suites
}

// attribute is s as a quoted XML attribute.
func attribute(s string) string { return `"` + xmlText(visible(s)) + `"` }

// xmlText escapes text for XML; lines stay, whatever XML does not allow is made visible.
func xmlText(s string) string {
	parts := strings.Split(s, "\n")
	for i, p := range parts {
		var b strings.Builder
		_ = xml.EscapeText(&b, []byte(visible(p))) // a Builder does not fail
		parts[i] = b.String()
	}
	return strings.Join(parts, "\n")
}
