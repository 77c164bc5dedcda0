package untrackedtask

import (
	_ "embed"

	"golang.org/x/tools/go/analysis"

	"github.com/toctou-lint/toctou/analyzers/internal/lower"
	"github.com/toctou-lint/toctou/analyzers/internal/rule"
)

//go:embed doc.go
var doc string

// Analyzer reports goroutines that nobody waits for or stops.
var Analyzer = func() *analysis.Analyzer {
	a := rule.New("untrackedtask", doc)
	a.Flags.Var(&lower.Trackers, "trackers", "functions that keep the goroutines they start, separated by commas: Tracker.Go,example.com/app/run.Go")
	return a
}()
