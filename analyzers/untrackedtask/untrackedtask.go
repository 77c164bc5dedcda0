package untrackedtask

import (
	_ "embed"

	"github.com/toctou-lint/toctou/analyzers/internal/rule"
)

//go:embed doc.go
var doc string

// Analyzer reports goroutines that nobody waits for or stops.
var Analyzer = rule.New("untrackedtask", doc)
