package audit

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/internal/fix/pyparse"
	"github.com/toctou-lint/toctou/report"
)

var updateTable = flag.Bool("update-fixes", false, "rewrite the table of docs/fixes.md")

// shares counts the findings of a rule that check shows, and what became of them.
type shares struct{ findings, proposed, verified, unsafe int }

// TestFixTable holds the table of docs/fixes.md to what fixing the fixtures gives: the Python
// shapes, the modules of the concurrency tests, and the platform.
func TestFixTable(t *testing.T) {
	rules, sets := map[string]*shares{}, map[string]*shares{}
	var changes []fix.Change
	count := func(set, dir string) {
		s := fixSession(t, dir)
		s.Parses = func(_ context.Context, list []fix.Change) []error { return make([]error, len(list)) } // all at once, below
		out, err := s.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		changes = append(changes, out.Changes...)
		more := fixSession(t, dir)
		more.Parses, more.Unsafe = s.Parses, true
		with, err := more.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		changes = append(changes, with.Changes...)
		for _, r := range with.Results {
			if r.Applied && ConfidenceRank(r.Finding.Confidence) >= ConfidenceRank(report.Likely) {
				in(rules, r.Finding.Rule).unsafe++
				in(sets, set).unsafe++
			}
		}
		for _, r := range out.Results {
			if ConfidenceRank(r.Finding.Confidence) < ConfidenceRank(report.Likely) {
				continue
			}
			for _, s := range []*shares{in(rules, r.Finding.Rule), in(sets, set)} {
				s.findings++
				if r.Proposed {
					s.proposed++
				}
				if r.Applied {
					s.verified++
				}
			}
		}
	}
	shapes, err := filepath.Glob("../../testdata/python/shapes/*_bad*")
	if err != nil || len(shapes) < 50 {
		t.Fatalf("%d shapes, %v", len(shapes), err)
	}
	for _, shape := range shapes {
		dir := t.TempDir()
		info, err := os.Stat(shape)
		switch {
		case err != nil:
		case info.IsDir():
			err = os.CopyFS(dir, os.DirFS(shape))
		default:
			var text []byte
			if text, err = os.ReadFile(shape); err == nil {
				err = os.WriteFile(filepath.Join(dir, filepath.Base(shape)), text, 0o600)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		count("shapes (`testdata/python/shapes/*_bad*`)", dir)
	}
	for _, ar := range scenes(t, "testdata/behave/*.txtar", 12) {
		count("modules of the concurrency tests", unpack(t, ar.Files[0]))
	}
	count("platform (`testdata/course-creator`)", "../../testdata/course-creator")

	for i, err := range pyparse.Parses(t.Context(), changes) {
		if err != nil {
			t.Errorf("%s does not parse any more: %v", changes[i].File, err)
		}
	}

	var b strings.Builder
	table(&b, "set", sets)
	b.WriteString("\n")
	table(&b, "rule", rules)
	documented(t, "python", b.String())
}

// documented holds a table of docs/fixes.md to what it should be.
func documented(t *testing.T, name, want string) {
	t.Helper()
	const file, end = "../../docs/fixes.md", "<!-- end -->\n"
	begin := "<!-- table: " + name + " -->\n"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), begin)
	old, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no %s … %s", file, begin, end)
	}
	if *updateTable {
		if err := os.WriteFile(file, []byte(head+begin+want+end+tail), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if old != want {
		t.Errorf("the table of %s is not what fixing gives; read the difference, then: go test ./internal/audit -run FixTable -update-fixes\n%s", file, want)
	}
}

func in(m map[string]*shares, name string) *shares {
	if m[name] == nil {
		m[name] = &shares{}
	}
	return m[name]
}

func unpack(t *testing.T, f txtar.File) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "module.py"), f.Data, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func table(b *strings.Builder, title string, m map[string]*shares) {
	fmt.Fprintf(b, "| %s | findings | with a fix | verified | with `--unsafe` |\n|---|---|---|---|---|\n", title)
	var sum shares
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		s, shown := m[name], name
		if title == "rule" {
			shown = "`" + name + "`"
		}
		sum.findings, sum.proposed, sum.verified, sum.unsafe = sum.findings+s.findings, sum.proposed+s.proposed, sum.verified+s.verified, sum.unsafe+s.unsafe
		fmt.Fprintf(b, "| %s | %s\n", shown, s.row())
	}
	fmt.Fprintf(b, "| all | %s\n", sum.row())
}

func (s *shares) row() string {
	return fmt.Sprintf("%d | %s | %s | %s |", s.findings, share(s.proposed, s.findings), share(s.verified, s.findings), share(s.unsafe, s.findings))
}

func share(n, of int) string { return fmt.Sprintf("%d (%d %%)", n, (100*n+of/2)/of) }
