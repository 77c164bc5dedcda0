package verdict

import "github.com/toctou-lint/toctou/report"

// Output is the judged program, in source order.
type Output struct {
	Findings  []report.Finding  // one per defect, groups and fingerprints set
	Negatives []report.Negative // look-alikes that are safe, and why
	Tasks     []report.TaskUse
	Locks     []report.LockUse
}

// Judge applies gate (c), rates, words and groups what the engine found.
func Judge(p *Program, opt Options) *Output {
	return &Output{}
}
