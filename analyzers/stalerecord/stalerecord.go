package stalerecord

import (
	_ "embed"

	"github.com/toctou-lint/toctou/analyzers/internal/rule"
)

//go:embed doc.go
var doc string

// Analyzer reports records read, checked and written back without a version.
var Analyzer = rule.New("stalerecord", doc)
