// Package plugin offers the analyzers to golangci-lint's module plugin system.
//
// List this package in .custom-gcl.yml and enable the linter "toctou" with type "module". It needs
// golangci-lint v2.14.0 or later: earlier versions lose cached facts.
package plugin

import (
	"fmt"
	"slices"
	"strings"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/toctou-lint/toctou/analyzers"
	"github.com/toctou-lint/toctou/analyzers/untrackedtask"
)

func init() { register.Plugin("toctou", New) }

// Settings are the settings of the linter, under linters.settings.custom.toctou.settings.
type Settings struct {
	Rules      []string `json:"rules"`      // the rules to run; all if empty
	Confidence string   `json:"confidence"` // report findings of at least this confidence: low, medium, high
	Severity   string   `json:"severity"`   // report findings of at least this severity: info, low, medium, high, critical
	Tests      bool     `json:"tests"`      // report in _test.go files, too
	Trackers   []string `json:"trackers"`   // functions that keep the goroutines they start
}

type plugin struct{ settings Settings }

// New makes the linter. It refuses settings that it does not know.
func New(conf any) (register.LinterPlugin, error) {
	s, err := register.DecodeSettings[Settings](conf)
	if err != nil {
		return nil, fmt.Errorf("toctou: linters.settings.custom.toctou.settings: %w", err)
	}
	return &plugin{s}, nil
}

// GetLoadMode asks for types.
func (*plugin) GetLoadMode() string { return register.LoadModeTypesInfo }

// BuildAnalyzers lists the analyzers. golangci-lint makes an issue of its own of each related
// position, so these are dropped: the message tells them, too.
func (p *plugin) BuildAnalyzers() ([]*analysis.Analyzer, error) {
	s := p.settings
	for _, r := range s.Rules {
		if !slices.ContainsFunc(analyzers.All, func(a *analysis.Analyzer) bool { return a.Name == r }) {
			return nil, fmt.Errorf("toctou: there is no rule %q for Go", r)
		}
	}
	var out []*analysis.Analyzer
	for _, a := range analyzers.All {
		if len(s.Rules) > 0 && !slices.Contains(s.Rules, a.Name) {
			continue
		}
		flags := map[string]string{"confidence": s.Confidence, "severity": s.Severity}
		if s.Tests {
			flags["tests"] = "true"
		}
		if a == untrackedtask.Analyzer {
			flags["trackers"] = strings.Join(s.Trackers, ",")
		}
		for name, value := range flags {
			if value == "" {
				continue
			}
			if err := a.Flags.Set(name, value); err != nil {
				return nil, fmt.Errorf("toctou: setting %s: %w", name, err)
			}
		}
		plain := *a
		plain.Run = func(pass *analysis.Pass) (any, error) {
			inner := *pass
			inner.Report = func(d analysis.Diagnostic) {
				d.Related = nil
				pass.Report(d)
			}
			return a.Run(&inner)
		}
		out = append(out, &plain)
	}
	return out, nil
}
