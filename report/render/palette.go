package render

import "github.com/toctou-lint/toctou/report"

// palette paints text with ANSI colours, or leaves it alone.
type palette bool

const (
	ansiReset  = "\x1b[0m"
	ansiBold   = "1"
	ansiDim    = "2"
	ansiRed    = "1;31"
	ansiYellow = "1;33"
	ansiBlue   = "34"
	ansiCyan   = "36"
)

func (p palette) paint(code, s string) string {
	if !p || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + ansiReset
}

// severity is the colour code of a severity.
func (palette) severity(s report.Severity) string {
	switch s {
	case report.Critical, report.High:
		return ansiRed
	case report.Medium:
		return ansiYellow
	}
	return ansiCyan
}
