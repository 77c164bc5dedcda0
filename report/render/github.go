package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/toctou-lint/toctou/report"
)

// commands are the workflow commands for the severities; what is not listed is a notice.
var commands = map[report.Severity]string{report.Critical: "error", report.High: "error", report.Medium: "warning"}

// GitHub writes workflow commands, which GitHub Actions shows as annotations of the changed lines,
// and the line that counts.
func GitHub(w io.Writer, a *report.Audit, o Options) error {
	out, prefix := newOutput(w), rootPrefix(a, o)
	for i := range a.Findings {
		f := &a.Findings[i]
		if f.Suppressed != nil {
			continue
		}
		command := commands[f.Severity]
		if command == "" {
			command = "notice"
		}
		out.print("::", command, " file=", commandProperty(prefix+f.File), fmt.Sprintf(",line=%d", f.Line))
		endLine := max(f.EndLine, f.Line)
		out.printf(",endLine=%d,col=%d", endLine, utf16Column(a, f.File, f.Line, f.Column))
		if f.EndColumn > 0 && endLine == f.Line { // GitHub takes an end column on one line only
			out.printf(",endColumn=%d", utf16Column(a, f.File, f.Line, f.EndColumn))
		}
		out.print(",title=", commandProperty(fmt.Sprintf("%s[%s]", f.Severity, f.Rule)), "::",
			commandData(strings.Join(append([]string{visible(f.Message)}, remarks(f)...), "\n")), "\n")
	}
	out.print(summary(a), "\n")
	return out.close()
}

// remarks are what is said about a finding beside its message, line by line.
func remarks(f *report.Finding) []string {
	var list []string
	for _, n := range notes(f) {
		list = append(list, "- "+visible(n))
	}
	if f.Fix != "" {
		list = append(list, "fix: "+visible(f.Fix))
	}
	return append(list, certainty(f))
}

// certainty is the state of the window and the confidence: "open window, high confidence".
func certainty(f *report.Finding) string {
	about := visible(string(f.Confidence)) + " confidence"
	if w := window(f); w != "" {
		about = w + ", " + about
	}
	return about
}

// commandData escapes the text of a workflow command.
func commandData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// commandProperty escapes a property of a workflow command.
func commandProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(visible(s))
}
