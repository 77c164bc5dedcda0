package fix

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/toctou-lint/toctou/report"
)

// Session is one run over the files of a project. All of its functions are given by the caller.
type Session struct {
	// Read returns the text of a file, by the name that findings use.
	Read func(file string) ([]byte, error)
	// Scan analyses all files of the run, with changed texts in place of the files' own.
	Scan func(ctx context.Context, changed map[string][]byte) ([]report.Finding, error)
	// Propose returns a fix for each of the findings, which are all in one file, in their order.
	Propose func(file string, text []byte, findings []report.Finding) []Fix
	// Parses says why a changed text is no longer source code.
	Parses func(ctx context.Context, file string, before, after []byte) error
	// Wanted says whether a finding is to be fixed.
	Wanted func(*report.Finding) bool
	// Harmless says whether a finding may be new after a fix. Nil: none may.
	Harmless func(*report.Finding) bool
	// Unsafe also applies fixes that change behaviour.
	Unsafe bool
}

// Result is what became of one finding.
type Result struct {
	Fix     Fix
	Finding report.Finding
	Applied bool
	Why     string // if not applied
}

// Change is what a run makes of one file.
type Change struct {
	File          string
	Before, After []byte
}

// Outcome is what a run makes of all files.
type Outcome struct {
	Results []Result // in source order, those applied first within a file
	Changes []Change // by file name
	Left    []report.Finding
}

// rounds bounds how often a file is looked at again after a fix: fixes whose edits overlap are
// applied one after the other.
const rounds = 8

// Run fixes what can be fixed. It writes nothing. Every change that it returns parses, takes its
// findings away and adds none.
func (s *Session) Run(ctx context.Context) (*Outcome, error) {
	found, err := s.Scan(ctx, nil)
	if err != nil {
		return nil, err
	}
	w := &work{Session: s, findings: found, changed: map[string][]byte{}, refused: map[string]string{}}
	for _, file := range w.files() {
		if err := w.file(ctx, file); err != nil {
			return nil, err
		}
	}
	return w.outcome()
}

// work is the state of a run.
type work struct {
	*Session
	findings []report.Finding // as the project is now
	changed  map[string][]byte
	applied  []Result
	refused  map[string]string // why a fix was withheld, by identity
}

// identity tells findings apart by what they are, not by where: two alike are counted.
func identity(f *report.Finding) string {
	return fmt.Sprintf("%s\x00%s\x00%s\x00%s\x00%s", f.Rule, f.File, f.Function, f.Place, f.Consequence)
}

// files are those with wanted findings.
func (w *work) files() []string {
	names := map[string]bool{}
	for i := range w.findings {
		if w.Wanted(&w.findings[i]) {
			names[w.findings[i].File] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func (w *work) text(file string) ([]byte, error) {
	if text, ok := w.changed[file]; ok {
		return text, nil
	}
	return w.Read(file)
}

// file applies fixes to one file until there is nothing more to apply.
func (w *work) file(ctx context.Context, file string) error {
	for range rounds {
		text, err := w.text(file)
		if err != nil {
			return nil //nolint:nilerr // it has gone since it was read: there is nothing to fix
		}
		var open []report.Finding
		for i := range w.findings {
			if f := &w.findings[i]; f.File == file && w.Wanted(f) {
				open = append(open, *f)
			}
		}
		if len(open) == 0 {
			return nil
		}
		progress, err := w.round(ctx, file, text, open)
		if err != nil || !progress {
			return err
		}
	}
	return nil
}

// candidate is a fix with its finding.
type candidate struct {
	fix     Fix
	finding report.Finding
}

// round tries the fixes of one file: all together, then those of one group together, then each by
// itself. Fixes that close one window each often make no sense alone: a lock guards nothing
// until every writer takes it.
func (w *work) round(ctx context.Context, file string, text []byte, open []report.Finding) (progress bool, err error) {
	var all []candidate
	for i, f := range w.Propose(file, text, open) {
		switch {
		case len(f.Edits) == 0:
			w.refused[identity(&open[i])] = cmp.Or(f.Reason, "no fix is known for it")
		case f.Unsafe && !w.Unsafe:
			w.refused[identity(&open[i])] = "the fix changes behaviour: " + f.Title + " (--unsafe applies it)"
		default:
			all = append(all, candidate{f, open[i]})
		}
	}
	start := w.findings
	var accepted []candidate
	for _, batch := range batches(all) {
		batch = slices.DeleteFunc(batch, func(c candidate) bool {
			return slices.ContainsFunc(accepted, func(a candidate) bool { return a.fix.Fingerprint == c.fix.Fingerprint })
		})
		if len(batch) == 0 {
			continue
		}
		sum := slices.Concat(accepted, batch)
		after, findings, err := w.try(ctx, file, text, start, sum)
		if err != nil {
			if ctx.Err() != nil {
				return false, ctx.Err()
			}
			if len(batch) == 1 {
				w.refused[identity(&batch[0].finding)] = err.Error()
			}
			continue
		}
		accepted, w.findings, w.changed[file] = sum, findings, after
		if len(accepted) == len(all) {
			break
		}
	}
	for _, c := range accepted {
		w.applied = append(w.applied, Result{Fix: c.fix, Finding: c.finding, Applied: true})
	}
	return len(accepted) > 0, nil
}

// batches are the sets of fixes to try, the largest first.
func batches(all []candidate) [][]candidate {
	if len(all) == 0 {
		return nil
	}
	out := [][]candidate{all}
	if len(all) == 1 {
		return out
	}
	groups := map[string][]candidate{}
	var names []string
	for _, c := range all {
		if g := c.finding.Group; g != "" {
			if groups[g] == nil {
				names = append(names, g)
			}
			groups[g] = append(groups[g], c)
		}
	}
	for _, g := range names {
		if len(groups[g]) > 1 && len(groups[g]) < len(all) {
			out = append(out, groups[g])
		}
	}
	for _, c := range all {
		out = append(out, []candidate{c})
	}
	return out
}

// try applies fixes to a text and says what is wrong with the result.
func (w *work) try(ctx context.Context, file string, text []byte, start []report.Finding, fixes []candidate) (after []byte, now []report.Finding, err error) {
	var edits []Edit
	for _, c := range fixes {
		edits = append(edits, c.fix.Edits...)
	}
	after, err = Apply(text, edits)
	if err != nil {
		return nil, nil, errors.New("it touches the same lines as another fix")
	}
	if bytes.Equal(after, text) {
		return nil, nil, errors.New("it changes nothing")
	}
	if err := w.Parses(ctx, file, text, after); err != nil {
		return nil, nil, fmt.Errorf("the result does not parse: %w", err)
	}
	changed := maps.Clone(w.changed)
	changed[file] = after
	now, err = w.Scan(ctx, changed)
	if err != nil {
		return nil, nil, fmt.Errorf("the result cannot be scanned: %w", err)
	}
	return after, now, w.verify(start, now, fixes)
}

// verify compares the findings from before all of the fixes with those after: which one is still
// there, which has come?
func (w *work) verify(start, now []report.Finding, fixes []candidate) error {
	before, after := w.count(start), w.count(now)
	gone := map[string]int{}
	for _, c := range fixes {
		gone[identity(&c.finding)]++
	}
	for _, c := range fixes {
		if id := identity(&c.finding); after[id] > before[id]-gone[id] {
			return fmt.Errorf("the finding is still there with %q", c.fix.Title)
		}
	}
	for i := range now {
		f := &now[i]
		if id := identity(f); w.counts(f) && after[id] > before[id] && (w.Harmless == nil || !w.Harmless(f)) {
			return fmt.Errorf("with %q another finding comes up: %s at line %d (%s)", fixes[len(fixes)-1].fix.Title, f.Rule, f.Line, f.Message)
		}
	}
	return nil
}

// counts says whether a finding matters for the comparison: those that are silenced, or that the
// run does not want for being latent, do not.
func (w *work) counts(f *report.Finding) bool {
	return f.Suppressed == nil && (f.Window == nil || *f.Window != report.WindowLatent || w.Wanted(f))
}

func (w *work) count(findings []report.Finding) map[string]int {
	out := map[string]int{}
	for i := range findings {
		if f := &findings[i]; w.counts(f) {
			out[identity(f)]++
		}
	}
	return out
}

// outcome gathers what was done and what is left.
func (w *work) outcome() (*Outcome, error) {
	out := &Outcome{Results: w.applied, Left: w.findings}
	for i := range w.findings {
		f := &w.findings[i]
		if !w.Wanted(f) {
			continue
		}
		out.Results = append(out.Results, Result{
			Fix:     Fix{Fingerprint: f.Fingerprint, Rule: f.Rule, File: f.File, Line: f.Line},
			Finding: *f,
			Why:     cmp.Or(w.refused[identity(f)], "it appears only once others are fixed; run again"),
		})
	}
	slices.SortStableFunc(out.Results, func(a, b Result) int {
		return cmp.Or(cmp.Compare(a.Fix.File, b.Fix.File), cmp.Compare(a.Fix.Line, b.Fix.Line))
	})
	for _, file := range slices.Sorted(maps.Keys(w.changed)) {
		before, err := w.Read(file)
		if err != nil {
			return nil, err
		}
		out.Changes = append(out.Changes, Change{file, before, w.changed[file]})
	}
	return out, nil
}
