// Package analyzers is the set of Go analyzers of toctou. Each has a package of its own, with one
// Analyzer variable, so that go vet, golangci-lint and nogo can take them one by one.
//
// The analyzers need no cgo, no configuration file and no environment: all settings are flags.
package analyzers

import (
	"golang.org/x/tools/go/analysis"

	"github.com/toctou-lint/toctou/analyzers/blindremoval"
	"github.com/toctou-lint/toctou/analyzers/checkthenact"
	"github.com/toctou-lint/toctou/analyzers/lostupdate"
	"github.com/toctou-lint/toctou/analyzers/stalerecord"
	"github.com/toctou-lint/toctou/analyzers/unevenguard"
	"github.com/toctou-lint/toctou/analyzers/unobservedfailure"
	"github.com/toctou-lint/toctou/analyzers/untrackedtask"
	"github.com/toctou-lint/toctou/analyzers/uselesslock"
)

// All lists the analyzers, by name.
var All = []*analysis.Analyzer{
	blindremoval.Analyzer,
	checkthenact.Analyzer,
	lostupdate.Analyzer,
	stalerecord.Analyzer,
	unevenguard.Analyzer,
	unobservedfailure.Analyzer,
	untrackedtask.Analyzer,
	uselesslock.Analyzer,
}
