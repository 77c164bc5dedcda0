package blindremoval

import (
	_ "embed"

	"github.com/toctou-lint/toctou/analyzers/internal/rule"
)

//go:embed doc.go
var doc string

// Analyzer reports clean-ups that remove what is not theirs.
var Analyzer = rule.New("blindremoval", doc)
