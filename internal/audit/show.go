package audit

import (
	"slices"

	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/report"
)

var (
	severities  = []report.Severity{report.Info, report.Low, report.Medium, report.High, report.Critical}
	confidences = []report.Confidence{report.Doubtful, report.Likely, report.Sure}
)

// Rank orders severities; the gravest is the highest.
func Rank(s report.Severity) int { return slices.Index(severities, s) }

// ConfidenceRank orders confidences.
func ConfidenceRank(c report.Confidence) int { return slices.Index(confidences, c) }

// Display says which findings are shown.
type Display struct {
	Severity   report.Severity
	Confidence report.Confidence
	Latent     bool // every latent finding, however low
}

// Shown applies the display filters of check to an audit: a copy with fewer findings.
func Shown(a *report.Audit, d Display) *report.Audit {
	out := *a
	out.Findings = []report.Finding{}
	for _, f := range a.Findings {
		if d.Shows(&f) {
			out.Findings = append(out.Findings, f)
		}
	}
	return &out
}

// Shows reports whether check shows a finding.
func (d Display) Shows(f *report.Finding) bool {
	if ConfidenceRank(f.Confidence) < ConfidenceRank(d.Confidence) {
		return false
	}
	if f.Window != nil && *f.Window == report.WindowLatent {
		if d.Latent {
			return true
		}
		if Rank(f.Severity) < Rank(report.Medium) {
			return false
		}
	}
	return Rank(f.Severity) >= Rank(d.Severity)
}

// Fails reports whether a finding reaches the threshold from which a run fails.
func Fails(a *report.Audit, t config.Thresholds) bool {
	if t.FailOn == "never" {
		return false
	}
	return slices.ContainsFunc(a.Findings, func(f report.Finding) bool {
		return f.Suppressed == nil &&
			Rank(f.Severity) >= Rank(report.Severity(t.FailOn)) &&
			ConfidenceRank(f.Confidence) >= ConfidenceRank(report.Confidence(t.Confidence))
	})
}

// Nothing reports whether nothing at all could be analysed.
func Nothing(a *report.Audit) bool {
	return a.Files == 0 || a.Counts["prefiltered"] == 0 && a.Counts["functions"] == 0 && a.Counts["skipped"] >= a.Files
}
