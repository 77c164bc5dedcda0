package report

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
)

// An excerpt shows the whole stretch of a finding when it is short, else a few lines around each step.
const (
	excerptMargin  = 2
	excerptWhole   = 30
	excerptTask    = 8       // lines after the creation of a task
	excerptSection = 12      // lines of a section that holds a lock
	lastLine       = 1 << 30 // what is said to lie beyond is no line of a source file
	excerptWidth   = 2000    // bytes kept of one line; nobody reads further
)

// ExcerptKey is the key of a source line in Audit.Excerpts.
func ExcerptKey(file string, line int) string { return file + ":" + strconv.Itoa(line) }

// AddExcerpts stores the source lines that renderers show, so that the audit can be rendered
// where the source is not at hand. It calls read once for each file that is needed, in order of
// name; a file that cannot be read is left out and named in the error, the others are stored.
func (a *Audit) AddExcerpts(read func(file string) ([]byte, error)) error {
	wanted := a.excerptLines()
	if a.Excerpts == nil {
		a.Excerpts = make(map[string]string)
	}
	files := make([]string, 0, len(wanted))
	for f := range wanted {
		files = append(files, f)
	}
	slices.Sort(files)
	var failed error
	for _, f := range files {
		src, err := read(f)
		if err != nil {
			if failed == nil {
				failed = fmt.Errorf("excerpt of %s: %w", f, err)
			}
			continue
		}
		n := 0
		for line := range bytes.Lines(src) {
			n++
			if !wanted[f][n] {
				continue
			}
			line = bytes.TrimRight(line, "\r\n")
			line = line[:min(len(line), excerptWidth)]
			a.Excerpts[ExcerptKey(f, n)] = string(line)
		}
	}
	return failed
}

// excerptLines says which lines of which files renderers need.
func (a *Audit) excerptLines() map[string]map[int]bool {
	wanted := make(map[string]map[int]bool)
	add := func(file string, from, to int) {
		if file == "" || to > lastLine {
			return
		}
		m := wanted[file]
		if m == nil {
			m = make(map[int]bool)
			wanted[file] = m
		}
		for n := max(from, 1); n <= to; n++ {
			m[n] = true
		}
	}
	for i := range a.Findings {
		f := &a.Findings[i]
		first, last := f.Line, f.Line
		add(f.File, f.Line-excerptMargin, f.Line+excerptMargin)
		for _, s := range f.Steps {
			add(s.File, s.Line-excerptMargin, s.Line+excerptMargin)
			// Writers and related places lie anywhere in the file: they do not stretch the excerpt.
			if s.File == f.File && s.Kind != StepWriter && s.Kind != StepRelated {
				first, last = min(first, s.Line), max(last, s.Line)
			}
		}
		if last-first <= excerptWhole {
			add(f.File, first, last)
		}
	}
	for _, t := range a.Tasks {
		add(t.File, t.Line, t.Line+excerptTask)
	}
	for _, l := range a.Locks {
		add(l.File, l.Line, l.Line)
		for _, s := range l.Sections {
			add(s.File, s.Line, min(s.EndLine, s.Line+excerptSection))
		}
	}
	return wanted
}
