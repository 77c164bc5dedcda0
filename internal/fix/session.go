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
	// Propose returns a fix for each of the findings, which are all in one file, in their order. It is
	// asked once more, with attempt 1, where what it proposed first did not hold.
	Propose func(file string, text []byte, findings []report.Finding, attempt int) []Fix
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
	Fix      Fix
	Finding  report.Finding
	Applied  bool
	Original bool   // the edits are those of the file as it was at first
	Why      string // if not applied
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
const (
	rounds   = 8
	attempts = 2
)

// Run fixes what can be fixed. It writes nothing. Every change that it returns parses, takes its
// findings away and adds none.
func (s *Session) Run(ctx context.Context) (*Outcome, error) {
	found, err := s.Scan(ctx, nil)
	if err != nil {
		return nil, err
	}
	w := &work{Session: s, findings: found, changed: map[string][]byte{}, refused: map[string]string{}}
	files := w.files()
	if len(files) > 1 {
		if err := w.sweep(ctx, files); err != nil {
			return nil, err
		}
	}
	for _, file := range files {
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

// sweep tries the fixes of all files at once, and then those of the files in which nothing went
// wrong: a large project is scanned twice, and not once for each file.
func (w *work) sweep(ctx context.Context, files []string) error {
	start := w.findings
	for range 2 {
		changed := map[string][]byte{}
		var sum []candidate
		for _, file := range files {
			text, err := w.Read(file)
			if err != nil {
				continue
			}
			after, fixes := w.fitting(text, w.candidates(file, text, w.open(file), 0))
			if len(fixes) == 0 || w.Parses(ctx, file, text, after) != nil {
				continue
			}
			changed[file], sum = after, append(sum, fixes...)
		}
		if len(sum) == 0 {
			return ctx.Err()
		}
		now, err := w.Scan(ctx, changed)
		if err != nil {
			return cmp.Or(ctx.Err(), err)
		}
		bad := map[string]bool{}
		w.compare(start, now, sum, func(f *report.Finding, _ error) { bad[f.File] = true })
		if len(bad) == 0 {
			w.findings, w.changed = now, changed
			w.accept(sum, true)
			return nil
		}
		files = slices.DeleteFunc(slices.Clone(files), func(file string) bool { return bad[file] })
	}
	return nil
}

// fitting applies those fixes to a text that do not touch the same bytes as one before them.
func (w *work) fitting(text []byte, all []candidate) (after []byte, fixes []candidate) {
	after = text
	var edits []Edit
	for _, c := range all {
		sum := slices.Concat(edits, c.fix.Edits)
		if changed, err := Apply(text, sum); err == nil {
			after, edits, fixes = changed, sum, append(fixes, c)
		}
	}
	return after, fixes
}

// open are the wanted findings of a file.
func (w *work) open(file string) []report.Finding {
	var out []report.Finding
	for i := range w.findings {
		if f := &w.findings[i]; f.File == file && w.Wanted(f) {
			out = append(out, *f)
		}
	}
	return out
}

// candidates are the fixes of findings that may be tried; why the others may not is noted.
func (w *work) candidates(file string, text []byte, open []report.Finding, attempt int) []candidate {
	var out []candidate
	if len(open) == 0 {
		return nil
	}
	for i, f := range w.Propose(file, text, open, attempt) {
		switch {
		case len(f.Edits) == 0:
			w.refused[identity(&open[i])] = cmp.Or(f.Reason, "no fix is known for it")
		case f.Unsafe && !w.Unsafe:
			w.refused[identity(&open[i])] = "the fix changes behaviour: " + f.Title + " (--unsafe applies it)"
		default:
			out = append(out, candidate{f, open[i]})
		}
	}
	return out
}

func (w *work) accept(list []candidate, original bool) {
	for _, c := range list {
		w.applied = append(w.applied, Result{Fix: c.fix, Finding: c.finding, Applied: true, Original: original})
	}
}

// file applies fixes to one file until there is nothing more to apply.
func (w *work) file(ctx context.Context, file string) error {
	attempt := 0
	for range rounds {
		text, err := w.text(file)
		if err != nil {
			return nil //nolint:nilerr // it has gone since it was read: there is nothing to fix
		}
		open := w.open(file)
		if len(open) == 0 {
			return nil
		}
		progress, err := w.round(ctx, file, text, open, attempt)
		switch {
		case err != nil:
			return err
		case progress:
			attempt = 0
		case attempt == attempts-1:
			return nil
		default:
			attempt++
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
func (w *work) round(ctx context.Context, file string, text []byte, open []report.Finding, attempt int) (progress bool, err error) {
	_, again := w.changed[file]
	all := w.candidates(file, text, open, attempt)
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
	w.accept(accepted, !again)
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

// verify returns the first thing that is wrong after fixes.
func (w *work) verify(start, now []report.Finding, fixes []candidate) error {
	var first error
	w.compare(start, now, fixes, func(_ *report.Finding, err error) { first = cmp.Or(first, err) })
	return first
}

// compare compares the findings from before fixes with those after: which one is still there,
// which has come?
func (w *work) compare(start, now []report.Finding, fixes []candidate, wrong func(*report.Finding, error)) {
	before, after := w.count(start), w.count(now)
	gone := map[string]int{}
	for _, c := range fixes {
		gone[identity(&c.finding)]++
	}
	for _, c := range fixes {
		if id := identity(&c.finding); after[id] > before[id]-gone[id] {
			wrong(&c.finding, fmt.Errorf("the finding would still be there (tried: %s)", c.fix.Title))
		}
	}
	for i := range now {
		f := &now[i]
		if id := identity(f); w.counts(f) && after[id] > before[id] && (w.Harmless == nil || !w.Harmless(f)) {
			wrong(f, fmt.Errorf("another finding would come up: %s at line %d, %s (tried: %s)", f.Rule, f.Line, f.Message, fixes[len(fixes)-1].fix.Title))
		}
	}
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
