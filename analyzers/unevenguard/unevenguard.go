package unevenguard

import (
	_ "embed"

	"github.com/toctou-lint/toctou/analyzers/internal/rule"
)

//go:embed doc.go
var doc string

// Analyzer reports places guarded by a lock elsewhere, but not here.
var Analyzer = rule.New("unevenguard", doc)
