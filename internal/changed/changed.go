// Package changed says which lines of files differ from a revision, and which findings touch them.
//
// It reads the old text of a file from git's object store and compares it itself: `git diff` would
// run the filters and text converters that a repository names. It writes nothing.
package changed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"github.com/toctou-lint/toctou/internal/walk"
	"github.com/toctou-lint/toctou/report"
)

// Lines are line numbers, as half-open ranges in order. A removed line marks both its neighbours.
type Lines []span

type span struct{ from, to int }

// Touch reports whether one of the lines from..to has changed.
func (l Lines) Touch(from, to int) bool {
	for _, s := range l {
		if s.from <= to && from < s.to {
			return true
		}
	}
	return false
}

// Set answers for the files of one folder against one revision.
type Set struct {
	ctx   context.Context
	root  string
	rev   string // a commit; "" before the first one
	read  func(file string) ([]byte, error)
	files map[string]Lines
}

// Since prepares the comparison of the files below root with revision rev. read gives a file's
// present text by its path relative to root.
func Since(ctx context.Context, root, rev string, read func(file string) ([]byte, error)) (*Set, error) {
	out, err := walk.Git(ctx, root, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}").Output()
	if err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return nil, fmt.Errorf("git is not in PATH, so nothing can be compared with %q", rev)
		}
		if inside := walk.Git(ctx, root, "rev-parse", "--is-inside-work-tree").Run(); inside != nil {
			return nil, fmt.Errorf("%s is in no git work tree, so nothing can be compared with %q", root, rev)
		}
		if rev == "HEAD" && walk.Git(ctx, root, "symbolic-ref", "--quiet", "HEAD").Run() == nil {
			return &Set{ctx: ctx, root: root, read: read, files: map[string]Lines{}}, nil // all is new
		}
		return nil, fmt.Errorf("%q is no revision that git knows here; fetch it first (CI often clones without history)", rev)
	}
	return &Set{ctx: ctx, root: root, rev: strings.TrimSpace(string(out)), read: read, files: map[string]Lines{}}, nil
}

// Touches reports whether a finding's story, from check to act, or a place it names has changed.
func (s *Set) Touches(f *report.Finding) (bool, error) {
	from, to := f.Line, max(f.Line, f.EndLine)
	for _, st := range f.Steps {
		switch {
		case st.File == f.File && st.Kind != report.StepWriter && st.Kind != report.StepRelated:
			from, to = min(from, st.Line), max(to, st.Line, st.EndLine)
		default:
			lines, err := s.of(st.File)
			if err != nil || lines.Touch(st.Line, max(st.Line, st.EndLine)) {
				return err == nil, err
			}
		}
	}
	lines, err := s.of(f.File)
	return err == nil && lines.Touch(from, to), err
}

// of returns the changed lines of a file. A file that the revision does not have is all new.
func (s *Set) of(file string) (Lines, error) {
	if lines, ok := s.files[file]; ok {
		return lines, nil
	}
	now, err := s.read(file)
	if err != nil {
		return nil, fmt.Errorf("%s %w", file, err)
	}
	before, err := s.before(file)
	if err != nil {
		return nil, err
	}
	lines := compare(string(before), string(now))
	s.files[file] = lines
	return lines, nil
}

// before is the text of a file in the revision, "" if it had none.
func (s *Set) before(file string) ([]byte, error) {
	if s.rev == "" {
		return nil, nil
	}
	text, err := walk.Git(s.ctx, s.root, "cat-file", "blob", s.rev+":./"+file).Output()
	if _, missing := errors.AsType[*exec.ExitError](err); missing {
		err = s.ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	return text, nil
}

// compare returns the lines of now that differ from before; line ends do not count.
func compare(before, now string) Lines {
	before, now = strings.ReplaceAll(before, "\r\n", "\n"), strings.ReplaceAll(now, "\r\n", "\n")
	edits := udiff.Lines(before, now)
	udiff.SortEdits(edits)
	var out Lines
	line, at := 1, 0 // of now, and the offset in before up to which it has been counted
	for _, e := range edits {
		line += strings.Count(before[at:e.Start], "\n")
		at = e.End
		added := strings.Count(e.New, "\n")
		if e.New != "" && !strings.HasSuffix(e.New, "\n") {
			added++
		}
		s := span{line, line + added}
		if strings.Count(before[e.Start:e.End], "\n") > 0 && added == 0 {
			s = span{line - 1, line + 1}
		}
		if s.from < s.to {
			out = append(out, s)
		}
		line += strings.Count(e.New, "\n")
	}
	return out
}

// Filter returns the findings that touch changed lines.
func (s *Set) Filter(findings []report.Finding) ([]report.Finding, error) {
	out := []report.Finding{}
	for i := range findings {
		ok, err := s.Touches(&findings[i])
		if err != nil {
			return nil, cmp.Or(s.ctx.Err(), err)
		}
		if ok {
			out = append(out, findings[i])
		}
	}
	return out, nil
}
