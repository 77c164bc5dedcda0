// Package gofix proposes edits that close what the Go rules report, one file per shape of fix.
//
// It looks at syntax and types around the positions of a finding and decides nothing about races.
// An edit is offered only after Verify: the edited file parses, the package type-checks, and,
// lowered and judged again, it no longer has the finding and has no new one. Where no edit is safe
// there is none, and the reason is given in words. It writes no file.
package gofix

import (
	"errors"
	"fmt"
	"go/ast"
	"slices"
	"strings"
	"sync"

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

// Proposer proposes fixes for the findings of one package. Several analyzers may ask it at once.
type Proposer struct {
	pass  *analysis.Pass
	judge Judge
	files map[string]*ast.File // by name

	mu     sync.Mutex
	before map[string]int // findings as they are, by identity
	budget int            // packages that may still be judged again
	known  map[string]*Proposal
}

// bounds of the work on one package: edits that are tried cost one more analysis of it each.
const (
	maxTries = 32
	workload = 20000 // functions
)

// New proposes fixes for a package with the given findings, of all its rules. Those in its own
// source that are wanted are tried together first: in most packages that is the only time that it
// is analysed again.
func New(pass *analysis.Pass, judge Judge, all []report.Finding, functions int, wanted func(*report.Finding) bool) *Proposer {
	own := *pass // the rules share the proposer, and the driver changes a pass once its own rule is done
	p := &Proposer{
		pass: &own, judge: judge, before: count(all), budget: min(maxTries, max(1, workload/max(1, functions))),
		files: map[string]*ast.File{}, known: map[string]*Proposal{},
	}
	for _, f := range pass.Files {
		p.files[pass.Fset.Position(f.FileStart).Filename] = f
	}
	p.together(all, wanted)
	return p
}

// shape tries to make one kind of edit. It returns no edits if the finding has another shape, and
// an error that says why if the shape is the right one but no edit is safe.
type shape func(s *site) (*Proposal, error)

// shapes are tried in this order: those that change the least about how the code works come first.
var shapes = map[string][]shape{
	"checkthenact": {
		condLoop, addResult, mapInOneStep, atomicSwap, closeOnce, cloneHeader, recheckInFlight,
		mergeSections, extendSection, guardFunction, stillOwn, recheckUnderLock, storeUnderLock,
	},
	"lostupdate":    {atomicUpdate, mapUpdate, mergeSections, extendSection, guardFunction},
	"unevenguard":   {atomicAccess, writeLock, cloneHeader, storeAfterAsking, guardStatement, guardFunction},
	"blindremoval":  {compareFirst},
	"untrackedtask": {startTracked},
	"uselesslock":   {unshadowLock},
}

// Fix proposes an edit for a finding in one of the files of the package. It always has either
// edits or a reason.
func (p *Proposer) Fix(f *report.Finding) *Proposal {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known[key(f)] == nil {
		p.known[key(f)] = p.alone(f)
	}
	return p.known[key(f)]
}

// key tells the findings of a package apart.
func key(f *report.Finding) string {
	return fmt.Sprintf("%s:%d:%d:%s", f.File, f.Line, f.Column, f.Rule)
}

// alone tries the shapes for one finding, each verified by itself.
func (p *Proposer) alone(f *report.Finding) *Proposal {
	if f.Confidence == report.Doubtful {
		return &Proposal{Reason: "it is doubtful that there is anything to fix"}
	}
	s, err := p.site(f)
	if err != nil {
		return &Proposal{Reason: err.Error()}
	}
	var why error
	for _, try := range shapes[f.Rule] {
		prop, err := attempt(try, s)
		if err == nil && prop != nil {
			if err = p.verify([]draft{{s, prop}}); err == nil {
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

// draft is a proposal that is yet to be verified.
type draft struct {
	site *site
	prop *Proposal
}

// together tries the first shape that fits each finding, all in one edited package. Edits that
// touch others are left for later.
func (p *Proposer) together(all []report.Finding, wanted func(*report.Finding) bool) {
	var drafts []draft
	for i := range all {
		f := &all[i]
		if f.Confidence == report.Doubtful || f.Severity == report.Info || strings.HasSuffix(f.File, "_test.go") || !wanted(f) {
			continue
		}
		s, err := p.site(f)
		if err != nil {
			continue
		}
		for _, try := range shapes[f.Rule] {
			prop, err := attempt(try, s)
			if err != nil || prop == nil {
				continue
			}
			if apply(s, prop.Edits) != nil {
				continue
			}
			if _, err := merged(append(slices.Clip(drafts), draft{s, prop})); err == nil {
				drafts = append(drafts, draft{s, prop})
			}
			break
		}
	}
	if len(drafts) < 2 || p.verify(drafts) != nil {
		return
	}
	for _, d := range drafts {
		p.known[key(d.site.f)] = d.prop
	}
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
	inside := func(what string) bool {
		return slices.ContainsFunc(f.Steps, func(st report.Step) bool { return strings.HasSuffix(st.Label, what+" here, inside the call") })
	}
	switch acts, asks := inside("done"), inside("obtained"); {
	case acts && asks:
		return "the check and the act each take the lock inside a call: it takes an operation that does both in one section"
	case acts || asks:
		return "the check or the act takes the lock inside a call: it takes an operation that does both in one section"
	}
	return "no edit is known that keeps what the code does besides"
}
