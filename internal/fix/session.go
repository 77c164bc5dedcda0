package fix

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
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
	// Found is what Scan returns for the files as they are, if that is known; else nil.
	Found []report.Finding
	// Propose returns a fix for each of the findings, which are all in one file, in their order. It is
	// asked once more, with attempt 1, where what it proposed first did not hold.
	Propose func(file string, text []byte, findings []report.Finding, attempt int) []Fix
	// Parses says for each changed text why it is no longer source code.
	Parses func(ctx context.Context, changes []Change) []error
	// Wanted says whether a finding is to be fixed.
	Wanted func(*report.Finding) bool
	// Harmless says whether a finding may be new after a fix. Nil: none may.
	Harmless func(*report.Finding) bool
	// Unsafe also applies fixes that change behaviour.
	Unsafe bool
	// Scans is how often Scan may be called; 0: as often as it takes. What cannot be checked then
	// is withheld.
	Scans int

	now *work // the run
}

// Text is what a file is now: as Read gives it, or as the fixes that were made so far leave it.
func (s *Session) Text(file string) ([]byte, error) {
	if s.now == nil {
		return s.Read(file)
	}
	return s.now.text(file)
}

// Result is what became of one finding.
type Result struct {
	Fix      Fix // its line is that of the file as it was, if the finding was there at first
	Finding  report.Finding
	Proposed bool // edits were tried, or are unsafe
	Applied  bool
	Original bool   // the edits are those of the file as it was at first
	Base     []byte // if applied: the text that the edits of the finding's file are for
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

const (
	rounds   = 8 // how often files are looked at again: fixes whose edits overlap are made one after the other
	attempts = 2 // forms of a fix to propose
)

// Run fixes what can be fixed. It writes nothing. Every change that it returns parses, takes its
// findings away and adds none.
func (s *Session) Run(ctx context.Context) (*Outcome, error) {
	w := &work{Session: s, findings: s.Found, changed: map[string][]byte{}, refused: map[string]string{}, proposed: map[string]bool{}, attempt: map[string]int{}, tried: map[string]bool{}}
	s.now = w
	defer func() { s.now = nil }()
	if w.findings == nil {
		var err error
		if w.findings, err = s.Scan(ctx, nil); err != nil {
			return nil, err
		}
	}
	w.first = w.findings
	for range rounds {
		batch := w.batch()
		if len(batch) == 0 {
			break
		}
		if err := w.round(ctx, batch); errors.Is(err, errScans) {
			break
		} else if err != nil {
			return nil, err
		}
	}
	return w.outcome()
}

// work is the state of a run.
type work struct {
	*Session
	first    []report.Finding // as the project was
	findings []report.Finding // as it is now
	changed  map[string][]byte
	applied  []Result
	refused  map[string]string // why a fix was withheld, by identity and message
	proposed map[string]bool   // findings that edits were proposed for, likewise
	attempt  map[string]int    // by file: the form that is asked for
	tried    map[string]bool   // fixes that did not hold, with the text that they were for
	scans    int
}

// identity tells findings apart by what they are, not by where: two alike are counted.
func identity(f *report.Finding) string {
	return fmt.Sprintf("%s\x00%s\x00%s\x00%s\x00%s", f.Rule, f.File, f.Function, f.Place, f.Consequence)
}

// named is the identity of a finding with its words: what is said of one is not said of another.
func named(f *report.Finding) string { return identity(f) + "\x00" + f.Message }

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

// candidate is a fix with its finding.
type candidate struct {
	fix     Fix
	finding report.Finding
	key     string // of the fix and the text that it is for
}

// batch are the fixes of all files that fit together and have not been tried yet.
func (w *work) batch() []candidate {
	var out []candidate
	for _, file := range w.files() {
		text, err := w.text(file)
		if err != nil {
			continue // it has gone since it was read: there is nothing to fix
		}
		open := w.open(file)
		for ; w.attempt[file] < attempts; w.attempt[file]++ {
			if fixes := w.fitting(out, w.candidates(file, text, open)); len(fixes) > 0 {
				out = append(out, fixes...)
				break
			}
		}
	}
	return out
}

// candidates are the fixes of findings that may be tried; why the others may not is noted.
func (w *work) candidates(file string, text []byte, open []report.Finding) []candidate {
	var out []candidate
	for i, f := range w.Propose(file, text, open, w.attempt[file]) {
		id := named(&open[i])
		w.proposed[id] = w.proposed[id] || len(f.Edits) > 0
		switch {
		case len(f.Edits) == 0:
			w.refused[id] = cmp.Or(f.Reason, "no fix is known for it")
		case f.Unsafe && !w.Unsafe:
			w.refused[id] = "the fix changes behaviour: " + f.Title + " (--unsafe applies it)"
		default:
			key := fmt.Appendf(nil, "%s\x00%v\x00%x", id, f.Edits, sha256.Sum256(text))
			for _, o := range f.Others {
				key = fmt.Appendf(key, "\x00%s\x00%v\x00%x", o.File, o.Edits, sha256.Sum256(o.Text))
			}
			if key := string(key); !w.tried[key] {
				out = append(out, candidate{f, open[i], key})
			}
		}
	}
	return out
}

// fitting are those fixes of one file that touch no bytes that one before them touches, nor one that is
// taken already.
func (w *work) fitting(taken, all []candidate) (out []candidate) {
	edits := map[string][]Edit{}
	for _, c := range taken {
		c.fix.files(func(file string, more []Edit) { edits[file] = append(edits[file], more...) })
	}
	for _, c := range all {
		fits := true
		c.fix.files(func(file string, more []Edit) {
			text, err := w.text(file)
			if err == nil {
				_, err = Apply(text, slices.Concat(edits[file], more))
			}
			fits = fits && err == nil
		})
		for _, o := range c.fix.Others {
			text, err := w.text(o.File)
			fits = fits && err == nil && bytes.Equal(text, o.Text)
		}
		if fits {
			out = append(out, c)
			c.fix.files(func(file string, more []Edit) { edits[file] = append(edits[file], more...) })
		}
	}
	return out
}

// origin is the line of a finding in the file as it was at first, as far as it was there.
func (w *work) origin(f *report.Finding) int {
	for i := range w.first {
		if w.first[i].Fingerprint == f.Fingerprint && w.first[i].File == f.File {
			return w.first[i].Line
		}
	}
	return f.Line
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
			Fix:      Fix{Fingerprint: f.Fingerprint, Rule: f.Rule, File: f.File, Line: w.origin(f)},
			Finding:  *f,
			Proposed: w.proposed[named(f)],
			Why:      cmp.Or(w.refused[named(f)], "it appears only once others are fixed; run again"),
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
