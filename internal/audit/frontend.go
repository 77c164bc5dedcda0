package audit

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/internal/suppress"
	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/internal/walk"
	"github.com/toctou-lint/toctou/pyscan"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/report"
)

// frontends are the languages, in the order in which they are reported. One without a scan is
// counted and said to be not analysed.
var frontends = []struct {
	language string
	scan     func(context.Context, scope) (*scanned, error)
}{
	{walk.Python, scanPython},
	{walk.Go, scanGo},
}

// scope is what a front end is to look at.
type scope struct {
	files    []walk.File
	tree     *tree
	services []report.Service
	cfg      *config.Config
	jobs     int
	cache    *pyscan.Cache
	tests    bool   // tests are analysed, too
	brief    bool   // findings are all that is asked for, if the front end can tell
	fixes    bool   // findings are to carry what would fix them, if the front end can tell
	read     func() // to be called for each file that is read
}

// scanned is what a front end found.
type scanned struct {
	units      []*pyscan.Unit   // parts that are yet to be linked and judged
	program    *verdict.Program // what is known of the rest, for promises of atomicity; nil: there is none
	output     *verdict.Output  // what the front end has judged itself
	missing    bool             // this program, or this machine, cannot read the language
	files      int
	functions  int              // besides those of units
	unread     []report.Skipped // what is not counted in files
	leftOut    []report.Skipped // likewise: not part of the program here
	irrelevant int
	aside      int // tests that were only parsed
	skipped    []report.Skipped
	partial    []report.Partial
	patterns   []report.FilePattern
	databases  []report.DatabaseUse
	frameworks []string
	comments   []suppress.Comment
}

func scanPython(ctx context.Context, s scope) (*scanned, error) {
	if pyscan.Unavailable() != nil {
		out := &scanned{missing: true}
		for _, f := range s.files {
			s.read()
			out.unread = append(out.unread, report.Skipped{File: f.Rel, Reason: "is Python, and this program was built without a C compiler"})
		}
		return out, nil
	}
	roots := importRoots(s.tree.root, s.files, s.services)
	sources := make([]pyscan.Source, len(s.files))
	for i, f := range s.files {
		sources[i] = pyscan.Source{Path: f.Rel, Root: roots[i], Read: func(into *[]byte) ([]byte, error) {
			s.read()
			return s.tree.readInto(into, f.Rel)
		}}
	}
	res, err := pyscan.Scan(ctx, sources, pyscan.Options{
		Jobs:    s.jobs,
		Preempt: s.cfg.Concurrency == "preemptive",
		MaxSize: MaxSize,
		Tables:  tables(s.cfg),
		Cache:   s.cache,

		SkipTests: !s.tests,
		Brief:     s.brief,
	})
	if err != nil {
		return nil, err
	}
	out := &scanned{
		units:      res.Units,
		files:      res.Files,
		irrelevant: res.Irrelevant,
		aside:      res.Aside,
		skipped:    res.Skipped,
		patterns:   res.Patterns,
		databases:  res.Databases,
		frameworks: res.Frameworks,
	}
	for _, file := range slices.Sorted(maps.Keys(res.Comments)) {
		out.comments = append(out.comments, pythonComments(file, s.tree.text(file), res.Comments[file])...)
	}
	return out, nil
}

// pythonComments places comments on lines. What is no comment by its sign is a docstring.
func pythonComments(file string, src []byte, list []ir.Comment) []suppress.Comment {
	var out []suppress.Comment
	for _, c := range list {
		if int(c.Start) >= len(src) || int(c.End) > len(src) || c.End < c.Start || src[c.Start] != '#' {
			continue
		}
		head := src[:c.Start]
		line := 1 + bytes.Count(head, []byte("\n")) + loneReturns(head)
		column := len(head) - 1 - bytes.LastIndexAny(head, "\r\n")
		out = append(out, suppress.Comment{
			File: file, Line: line, Column: column + 1, Own: c.Own, Text: string(src[c.Start:c.End]),
		})
	}
	return out
}

// loneReturns counts the line ends of old Macs.
func loneReturns(text []byte) int {
	return bytes.Count(text, []byte("\r")) - bytes.Count(text, []byte("\r\n"))
}
