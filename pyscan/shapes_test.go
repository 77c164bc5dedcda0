package pyscan_test

import (
	"io/fs"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/marks"
	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/pyscan"
	"github.com/toctou-lint/toctou/report"
)

// scan runs the front end and the judge over the files of one project.
func scan(t *testing.T, files []marks.File) (*verdict.Program, []report.Finding) {
	t.Helper()
	var sources []pyscan.Source
	for _, f := range files {
		sources = append(sources, pyscan.Source{Path: f.Path, Read: func(*[]byte) ([]byte, error) { return f.Source, nil }})
	}
	res, err := pyscan.Scan(t.Context(), sources, pyscan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Units) == 0 {
		return &verdict.Program{}, nil
	}
	if len(res.Units) > 2 {
		t.Fatalf("%d units without resolution roots", len(res.Units))
	}
	var program *verdict.Program
	var findings []report.Finding
	for _, u := range res.Units {
		linked, err := u.Link(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		program = linked.Program // with tests, it is the one that has them, too
		out := verdict.Judge(program, verdict.Options{})
		out.Within(u.Owns)
		findings = append(findings, out.Findings...)
	}
	return program, findings
}

// text is the program's events, for people.
func text(p *verdict.Program) string {
	var b strings.Builder
	for i := range p.Funcs {
		if err := flow.Print(&b, p.Funcs[i].Flow, func(pos flow.Pos) string {
			return strconv.Itoa(p.Site(pos).Line)
		}); err != nil {
			return err.Error()
		}
	}
	return b.String()
}

// score compares what is found in every project of a folder with its marks.
func score(t *testing.T, fsys fs.FS, pattern string) marks.Result {
	t.Helper()
	projects, err := marks.Projects(fsys, pattern, ".py")
	if err != nil {
		t.Fatal(err)
	}
	var all marks.Result
	for _, p := range projects {
		program, findings := scan(t, p.Files)
		m := marks.Match(p.Marks, findings, marks.Options{Shown: marks.Shown})
		all.Add(m)
		if os.Getenv("TOCTOU_EVENTS") != "" && strings.Contains(p.Name, os.Getenv("TOCTOU_EVENTS")) {
			t.Logf("%s\n%s\n%+v", p.Name, text(program), program.Tasks)
		}
	}
	return all
}

// TestShapes holds the front end and the judge to the marked shapes.
func TestShapes(t *testing.T) { exact(t, "../testdata/python/shapes") }

// TestVariants holds them to further spellings of the shapes.
func TestVariants(t *testing.T) { exact(t, "testdata/variants") }

// exact fails where what is found in the projects of a folder is not what their marks say. A known gap
// that is closed is marked as what it is now: a defect that must be found.
func exact(t *testing.T, folder string) {
	t.Helper()
	all := score(t, os.DirFS(folder), "*")
	var b strings.Builder
	if err := all.WriteTable(&b); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + b.String())
	if n := len(all.Misses) + len(all.FalseAlarms) + len(all.ClosedGaps); n > 0 {
		t.Errorf("%d misses, false alarms and closed gaps", n)
	}
}
