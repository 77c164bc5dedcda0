package lostupdate

import (
	_ "embed"

	"github.com/toctou-lint/toctou/analyzers/internal/rule"
)

//go:embed doc.go
var doc string

// Analyzer reports updates computed from expired values.
var Analyzer = rule.New("lostupdate", doc)
