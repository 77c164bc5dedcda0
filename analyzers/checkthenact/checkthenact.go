package checkthenact

import (
	_ "embed"

	"github.com/toctou-lint/toctou/analyzers/internal/rule"
)

//go:embed doc.go
var doc string

// Analyzer reports expired answers acted on.
var Analyzer = rule.New("checkthenact", doc)
