// Package gofix proposes edits that close what the Go rules report, one file per shape of fix.
//
// It looks at syntax and types around the positions of a finding and decides nothing about races.
// An edit is offered only after Verify: the edited file parses, the package type-checks, and,
// lowered and judged again, it no longer has the finding and has no new one. Where no edit is safe
// there is none, and the reason is given in words. It writes no file.
package gofix

import (
	"errors"
	"go/ast"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/toctou-lint/toctou/report"
)

// Proposal is what would close one finding, or why nothing is offered.
type Proposal struct {
	Title  string              // what the edits do, in one line
	Why    []string            // why it works
	Edits  []analysis.TextEdit // in one file; empty if there is a Reason
	Reason string              // why no edit is safe
}

// Judge lowers and judges a package that was changed, with the facts of the one it came from.
type Judge func(pass *analysis.Pass) ([]report.Finding, error)

// Proposer proposes fixes for the findings of one package.
type Proposer struct {
	pass   *analysis.Pass
	judge  Judge
	before map[string]int // findings as they are, by identity
	budget int            // packages that may still be judged again
}

// bounds of the work on one package: edits that are tried cost one more analysis of it each.
const (
	maxTries = 32
	workload = 20000 // functions
)

// New prepares fixes for a package with the given findings, of all its rules.
func New(pass *analysis.Pass, judge Judge, all []report.Finding, functions int) *Proposer {
	return &Proposer{pass: pass, judge: judge, before: count(all), budget: min(maxTries, max(1, workload/max(1, functions)))}
}

// shape tries to make one kind of edit. It returns no edits if the finding has another shape, and
// an error that says why if the shape is the right one but no edit is safe.
type shape func(s *site) (*Proposal, error)

// shapes are tried in this order: those that change the least about how the code works come first.
var shapes = map[string][]shape{
	"checkthenact": {
		condLoop, addResult, mapInOneStep, atomicSwap, closeOnce, cloneHeader, recheckInFlight,
		mergeSections, extendSection, guardFunction, recheckUnderLock,
	},
	"lostupdate":    {atomicUpdate, mapUpdate, mergeSections, extendSection, guardFunction},
	"unevenguard":   {atomicAccess, writeLock, cloneHeader, guardStatement, guardFunction},
	"blindremoval":  {compareFirst},
	"untrackedtask": {startTracked},
	"uselesslock":   {unshadowLock},
}

// Fix proposes an edit for a finding in one of the files of the package. It always has either
// edits or a reason.
func (p *Proposer) Fix(file *ast.File, f *report.Finding) *Proposal {
	s, err := p.site(file, f)
	if err != nil {
		return &Proposal{Reason: err.Error()}
	}
	var why error
	for _, try := range shapes[f.Rule] {
		prop, err := attempt(try, s)
		if err == nil && prop != nil {
			err = p.verify(s, prop)
			if err == nil {
				return prop
			}
		}
		if why == nil {
			why = err
		}
	}
	if why == nil {
		why = errors.New(general(f))
	}
	return &Proposal{Reason: why.Error()}
}

// attempt runs a shape. Code under analysis must never stop a run.
func attempt(try shape, s *site) (prop *Proposal, err error) {
	defer func() {
		if recover() != nil {
			prop, err = nil, errors.New("the code around it has a form that no edit is known for")
		}
	}()
	prop, err = try(s)
	if prop != nil && len(prop.Edits) == 0 {
		prop = nil
	}
	return prop, err
}

// general is the reason where no shape fits.
func general(f *report.Finding) string {
	switch f.Rule {
	case "stalerecord":
		return "what the UPDATE must repeat, and what to do when it changes no row, is known to the query's author only"
	case "unobservedfailure":
		return "where the error has to go is a matter of design"
	case "untrackedtask":
		return "no WaitGroup or errgroup that somebody waits for is at hand"
	case "blindremoval":
		return "the entry that this clean-up belongs to is not at hand, or cannot be compared"
	case "uselesslock":
		return "which lock was meant is a matter of design"
	}
	for _, st := range f.Steps {
		if strings.HasSuffix(st.Label, "inside the call") {
			return "the check and the act each take the lock inside a call: it takes an operation that does both in one section"
		}
	}
	return "no edit is known that keeps what the code does besides"
}
