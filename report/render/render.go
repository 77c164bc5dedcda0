// Package render writes an audit in the formats that people and programs read.
//
// One file per format. A renderer takes the audit value and options, and writes; what it shows
// comes from the audit, so every format can be produced later from a stored JSON audit. It holds
// no rule and no language logic, reads no file, and lets nothing from the audited code act on
// the reader's terminal, browser or pipeline: whatever is shown is escaped for its format.
package render

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/report"
	"github.com/toctou-lint/toctou/report/compare"
)

// RuleInfo is what a renderer says about a rule beside its findings.
type RuleInfo struct {
	Name    string
	Title   string // a few words: "Check then act across a suspension"
	Summary string // one sentence
	Help    string // the rule's page, Markdown
	URL     string
	CWE     []int
}

// Options change how an audit is shown, never what it says.
type Options struct {
	Color bool // ANSI colours, for terminals
	Width int  // columns of the terminal; 0 means unknown: notes are not wrapped
	Rules map[string]RuleInfo

	// Root leads from the root of the repository to the root of the audit, for formats that a forge
	// reads. If it is empty, the audit's own root serves, as far as it is a relative path.
	Root string

	// Baseline is the comparison of the rendered audit with an earlier one, nil if there is none.
	Baseline *compare.Result
}

// rule returns what is known about a rule; its name serves where nothing is.
func (o Options) rule(name string) RuleInfo {
	r, ok := o.Rules[name]
	if !ok {
		r = RuleInfo{Name: name}
	}
	if r.Title == "" {
		r.Title = name
	}
	return r
}

// A Renderer writes an audit in one format.
type Renderer func(w io.Writer, a *report.Audit, o Options) error

// renderers are the formats by name.
var renderers = map[string]Renderer{
	"text":     Text,
	"lines":    Lines,
	"json":     JSON,
	"markdown": Markdown,
	"html":     HTML,
	"sarif":    SARIF,
	"github":   GitHub,
	"gitlab":   GitLab,
	"junit":    JUnit,
}

// Formats returns the names of the formats, sorted.
func Formats() []string { return slices.Sorted(maps.Keys(renderers)) }

// Brief says whether a format shows findings and what could not be analysed, and nothing else of an audit.
func Brief(format string) bool {
	return slices.Contains([]string{"text", "lines", "sarif", "github", "gitlab", "junit"}, format)
}

// Render writes a in the named format.
func Render(w io.Writer, format string, a *report.Audit, o Options) error {
	r, ok := renderers[format]
	if !ok {
		return fmt.Errorf("unknown format %q: use one of %s", format, strings.Join(Formats(), ", "))
	}
	return r(w, a, o)
}
