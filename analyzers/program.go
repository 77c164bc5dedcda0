package analyzers

import (
	"github.com/toctou-lint/toctou/analyzers/internal/lower"
	"github.com/toctou-lint/toctou/internal/verdict"
)

// Lowering is the analyzer that all others read: it finds nothing, it makes the events.
var Lowering = lower.Analyzer

// Program is what a result of Lowering holds, for those who want to see the events. It is nil if
// the package can't matter, so that it was not lowered; why is not empty if it could not be.
func Program(result any) (p *verdict.Program, why string) {
	r, ok := result.(*lower.Result)
	if !ok {
		return nil, "it was not lowered"
	}
	return r.Program()
}
