package docs

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/report"
	"github.com/toctou-lint/toctou/report/compare"
	"github.com/toctou-lint/toctou/report/render"
)

// compared is the page that holds an audit by hand beside ours, with the audits that it speaks of.
type compared struct {
	first, fixed *report.Audit
	both         *compare.Result
}

func readCompared(t *testing.T) compared {
	t.Helper()
	read := func(name string) *report.Audit {
		f, err := os.Open(filepath.Join(root, "testdata", "audits", name+".as-open.json"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		a, err := render.Decode(f)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	c := compared{first: read("course-creator"), fixed: read("course-creator-fixed")}
	var err error
	if c.both, err = compare.Compare(c.first, c.fixed); err != nil {
		t.Fatal(err)
	}
	return c
}

// count counts the elements that meet a condition.
func count[T any](list []T, meets func(T) bool) int {
	n := 0
	for _, x := range list {
		if meets(x) {
			n++
		}
	}
	return n
}

// ask answers a query of the table of figures.
func (c compared) ask(query string) (int, error) {
	which, what, _ := strings.Cut(query, ": ")
	if which == "both" {
		switch what {
		case "fixed":
			return len(c.both.Fixed), nil
		case "new":
			return len(c.both.Added), nil
		case "unchanged":
			return len(c.both.Unchanged), nil
		}
	}
	a := map[string]*report.Audit{"first": c.first, "fixed": c.fixed}[which]
	if a == nil {
		return 0, fmt.Errorf("there is no audit %q", which)
	}
	if of, name, ok := strings.Cut(what, " of "); ok {
		for _, l := range a.Locks {
			if l.Name == name {
				return map[string]int{"line": l.Line, "sections": len(l.Sections), "suspending": l.Suspending}[of], nil
			}
		}
		return 0, fmt.Errorf("there is no lock %q", name)
	}
	for _, how := range []string{"sum", "having"} {
		if pattern, ok := strings.CutPrefix(what, how+" patterns "); ok {
			n := 0
			for _, p := range a.Patterns {
				if how == "sum" {
					n += p.Patterns[pattern]
				} else if p.Patterns[pattern] > 0 {
					n++
				}
			}
			return n, nil
		}
	}
	if kind, ok := strings.CutPrefix(what, "database kind="); ok {
		return count(*a.Database, func(u report.DatabaseUse) bool { return u.Kind == kind }), nil
	}
	if severity, ok := strings.CutPrefix(what, "findings severity="); ok {
		return count(a.Findings, func(f report.Finding) bool { return string(f.Severity) == severity }), nil
	}
	if rule, ok := strings.CutPrefix(what, "findings rule="); ok {
		return count(a.Findings, func(f report.Finding) bool { return f.Rule == rule }), nil
	}
	switch what {
	case "services":
		return len(a.Services), nil
	case "services marked":
		return count(a.Services, func(s report.Service) bool {
			return count(a.Findings, func(f report.Finding) bool { return strings.HasPrefix(f.File, s.Dir+"/") }) > 0
		}), nil
	case "files":
		return a.Files, nil
	case "counts.functions":
		return a.Counts["functions"], nil
	case "findings":
		return len(a.Findings), nil
	case "tasks":
		return len(a.Tasks), nil
	case "tasks rule":
		return count(a.Tasks, func(t report.TaskUse) bool { return t.Rule != "" }), nil
	case "tasks drain":
		return count(a.Tasks, func(t report.TaskUse) bool { return t.Drain != "" }), nil
	case "negatives":
		return len(a.Negatives), nil
	case "threads":
		return len(a.Threads), nil
	case "locks":
		return len(a.Locks), nil
	case "patterns":
		return len(a.Patterns), nil
	case "patterns worst":
		return count(a.Patterns, func(p report.FilePattern) bool { return p.Worst != "" }), nil
	case "advice":
		return len(a.Advice), nil
	case "advice priorities":
		return a.Advice[len(a.Advice)-1].Priority, nil
	}
	return 0, fmt.Errorf("%q is no query", what)
}

// spans are the places of an audit as the page writes them: base name, first and last line.
func spans(a *report.Audit) map[string]bool {
	out := map[string]bool{}
	add := func(file string, from, to int) {
		base := path.Base(file)
		out[fmt.Sprintf("%s:%d", base, from)] = true
		out[fmt.Sprintf("%s:%d-%d", base, from, to)] = true
	}
	for _, f := range a.Findings {
		from, to := f.Line, f.Line
		for _, s := range f.Steps {
			if s.File == f.File && s.Kind != report.StepWriter && s.Kind != report.StepRelated {
				from, to = min(from, s.Line), max(to, s.Line)
			}
		}
		add(f.File, from, to)
	}
	for _, t := range a.Tasks {
		add(t.File, t.Line, t.Line)
	}
	for _, l := range a.Locks {
		for _, s := range l.Sections {
			add(s.File, s.Line, s.EndLine)
		}
	}
	return out
}

var (
	spanRef   = regexp.MustCompile("`([a-z_]+\\.py:[0-9-]+)`")
	anyNumber = regexp.MustCompile(`\b\d+\b`)
)

// TestComparedFigures holds the page to the audits: each query gives the figure beside it, each
// figure of our columns is one of them, and each place is in the JSON.
func TestComparedFigures(t *testing.T) {
	c := readCompared(t)
	text, err := os.ReadFile(filepath.Join(root, "docs", "audit-compared.md"))
	if err != nil {
		t.Fatal(err)
	}
	page, figures, _ := strings.Cut(string(text), "\n## Figures\n")
	known := map[string]bool{}
	for line := range strings.Lines(figures) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		value, err := strconv.Atoi(strings.TrimSpace(cells[0]))
		if len(cells) != 2 || err != nil {
			continue
		}
		query := strings.Trim(strings.TrimSpace(cells[1]), "`")
		got, err := c.ask(query)
		if err != nil || got != value {
			t.Errorf("%s: the page says %d, the audit %d (%v)", query, value, got, err)
		}
		known[strings.TrimSpace(cells[0])] = true
	}
	if len(known) < 15 {
		t.Fatalf("the page has only %d figures", len(known))
	}
	places := spans(c.first)
	for s := range spans(c.fixed) {
		places[s] = true
	}
	rows, refs := 0, 0
	for line := range strings.Lines(page) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if len(cells) != 4 || strings.HasPrefix(line, "|---") {
			continue
		}
		rows++
		for _, ours := range cells[2:] {
			for _, m := range spanRef.FindAllStringSubmatch(ours, -1) {
				refs++
				if !places[m[1]] {
					t.Errorf("%s is no finding, task or lock section of the audits: %s", m[1], cells[0])
				}
			}
			for _, n := range anyNumber.FindAllString(spanRef.ReplaceAllString(ours, ""), -1) {
				if !known[n] {
					t.Errorf("%s: %s is not among the figures: %s", cells[0], n, ours)
				}
			}
		}
	}
	if rows < 20 || refs < 10 {
		t.Errorf("only %d rows and %d places were checked", rows, refs)
	}
}
