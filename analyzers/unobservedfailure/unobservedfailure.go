package unobservedfailure

import (
	_ "embed"

	"github.com/toctou-lint/toctou/analyzers/internal/rule"
)

//go:embed doc.go
var doc string

// Analyzer reports goroutines whose error nobody sees.
var Analyzer = rule.New("unobservedfailure", doc)
