package uselesslock

import (
	_ "embed"

	"github.com/toctou-lint/toctou/analyzers/internal/rule"
)

//go:embed doc.go
var doc string

// Analyzer reports locks that guard nothing.
var Analyzer = rule.New("uselesslock", doc)
