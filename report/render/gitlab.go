package render

import (
	"fmt"
	"io"

	"github.com/toctou-lint/toctou/report"
)

// gitlabIssue is one entry of a GitLab code quality report.
type gitlabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
	End   int `json:"end"`
}

// gitlabSeverities are GitLab's words for the severities.
var gitlabSeverities = map[report.Severity]string{
	report.Critical: "blocker", report.High: "critical", report.Medium: "major", report.Low: "minor",
}

// GitLab writes a code quality report. GitLab wants each fingerprint once: equal ones are counted.
func GitLab(w io.Writer, a *report.Audit, o Options) error {
	out, prefix := newOutput(w), rootPrefix(a, o)
	seen := make(map[string]int)
	err := writeList(out, "", func(yield func(any) bool) {
		for i := range a.Findings {
			f := &a.Findings[i]
			if f.Suppressed != nil {
				continue
			}
			seen[f.Fingerprint]++
			severity := gitlabSeverities[f.Severity]
			if severity == "" {
				severity = "info"
			}
			issue := gitlabIssue{
				Description: visible(f.Message), CheckName: visible(f.Rule), Severity: severity,
				Fingerprint: fmt.Sprintf("%s:%d", visible(f.Fingerprint), seen[f.Fingerprint]),
				Location:    gitlabLocation{Path: visible(prefix + f.File), Lines: gitlabLines{f.Line, max(f.EndLine, f.Line)}},
			}
			if !yield(issue) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	out.print("\n")
	return out.close()
}
