package audit

import (
	"cmp"
	"context"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/internal/walk"
	"github.com/toctou-lint/toctou/report"
)

// GoFixSession prepares a run that fixes the wanted findings of a request in Go files. The edits
// are those of the analysers, which have type-checked and judged the edited package; here each
// change is checked against the rest of the project by scanning it again.
func GoFixSession(req Request, wanted func(*report.Finding) bool) (*fix.Session, error) {
	root, err := walk.Root(req.Paths)
	if err != nil {
		return nil, err
	}
	req.Languages, req.Progress, req.Remedies, req.proposals = []string{walk.Go}, nil, false, true
	given := req.Overlay
	abs := func(file string) string { return filepath.Join(root, filepath.FromSlash(file)) }
	return &fix.Session{
		Read: func(file string) ([]byte, error) {
			if text, ok := given[abs(file)]; ok {
				return text, nil
			}
			return walk.Read(abs(file), MaxSize+1)
		},
		Scan: func(ctx context.Context, changed map[string][]byte) ([]report.Finding, error) {
			r := req
			r.Overlay = maps.Clone(given)
			if r.Overlay == nil {
				r.Overlay = map[string][]byte{}
			}
			for file, text := range changed {
				r.Overlay[abs(file)] = text
			}
			a, err := Run(ctx, r)
			if err != nil {
				return nil, err
			}
			if why := unreadNow(a, changed); why != nil {
				return nil, why
			}
			return a.Findings, nil
		},
		Propose: proposeGo,
		Parses:  parsesGo,
		Wanted: func(f *report.Finding) bool {
			return f.Language == walk.Go && f.Suppressed == nil && wanted(f)
		},
		Harmless: func(f *report.Finding) bool { return f.Confidence == report.Doubtful },
	}, nil
}

// unreadError says that a changed file could not be analysed any more.
type unreadError struct{ reason string }

func (e *unreadError) Error() string { return e.reason }

// unreadNow is the reason if one of the changed files could not be analysed.
func unreadNow(a *report.Audit, changed map[string][]byte) error {
	for _, s := range a.Unparsed {
		if _, ok := changed[s.File]; ok {
			return &unreadError{s.Reason}
		}
	}
	return nil
}

// proposeGo takes the edits that came with the findings of one file.
func proposeGo(file string, text []byte, findings []report.Finding, _ int) []fix.Fix {
	out := make([]fix.Fix, len(findings))
	starts := lineStarts(text)
	for i := range findings {
		f := &findings[i]
		x := fix.Fix{Fingerprint: f.Fingerprint, Rule: f.Rule, File: f.File, Line: f.Line, Reason: f.Unfixed}
		if r := f.Remedy; r != nil {
			x.Title, x.Why = r.Title, r.Why
			for _, e := range r.Edits {
				start, ok1 := offset(starts, len(text), e.Line, e.Column)
				end, ok2 := offset(starts, len(text), e.EndLine, e.EndColumn)
				if e.File != file || !ok1 || !ok2 || start > end {
					x.Edits, x.Reason = nil, "its edits do not fit the file any more"
					break
				}
				x.Edits = append(x.Edits, fix.Edit{Start: start, End: end, New: e.NewText})
			}
		}
		if len(x.Edits) == 0 {
			x.Reason = cmp.Or(x.Reason, "no edit is known that keeps what the code does besides")
		}
		out[i] = x
	}
	return out
}

// lineStarts are the offsets at which the lines of a text start.
func lineStarts(text []byte) []int {
	starts := []int{0}
	for i, b := range text {
		if b == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

func offset(starts []int, size, line, column int) (int, bool) {
	if line < 1 || line > len(starts) || column < 1 {
		return 0, false
	}
	at := starts[line-1] + column - 1
	return at, at <= size
}

// parsesGo says for each changed text why it is no longer Go. That it type-checks is found out by
// scanning.
func parsesGo(_ context.Context, changes []fix.Change) []error {
	out := make([]error, len(changes))
	for i, c := range changes {
		_, out[i] = parser.ParseFile(token.NewFileSet(), filepath.Base(c.File), c.After, parser.SkipObjectResolution)
	}
	return out
}

// Fix runs the sessions of all languages of a request and gathers what they make of the files. Each
// scans the files at most scans times.
func Fix(ctx context.Context, req Request, wanted func(*report.Finding) bool, unsafe bool, scans int) (*fix.Outcome, error) {
	sum := &fix.Outcome{}
	for _, l := range fixers(req) {
		s, err := l.session(req, wanted)
		if err != nil {
			return nil, err
		}
		s.Unsafe, s.Scans = unsafe, scans
		out, err := s.Run(ctx)
		if err != nil {
			return nil, err
		}
		sum.Results, sum.Changes, sum.Left = append(sum.Results, out.Results...), append(sum.Changes, out.Changes...), append(sum.Left, out.Left...)
	}
	slices.SortStableFunc(sum.Results, func(a, b fix.Result) int {
		return cmp.Or(cmp.Compare(a.Fix.File, b.Fix.File), cmp.Compare(a.Fix.Line, b.Fix.Line))
	})
	slices.SortFunc(sum.Changes, func(a, b fix.Change) int { return cmp.Compare(a.File, b.File) })
	return sum, nil
}
