package audit_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/toctou-lint/toctou/internal/audit"
	"github.com/toctou-lint/toctou/internal/cache"
	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/internal/walk"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/report"
)

func audited(t *testing.T, root string, skip bool, store *cache.Store) *report.Audit {
	t.Helper()
	cfg, err := config.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	a, err := audit.Run(t.Context(), audit.Request{Paths: []string{root}, Config: cfg, Languages: []string{walk.Python}, SkipTests: skip, Store: store})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// outsideTests are the findings that do not depend on whether tests are analysed. What a test has that code
// outside tests imports is found in both cases, and is of low confidence.
func outsideTests(a *report.Audit) (findings []report.Finding, negatives []report.Negative) {
	for _, f := range a.Findings {
		if !models.Test(f.File) {
			findings = append(findings, f)
		}
	}
	for _, n := range a.Negatives {
		if !models.Test(n.File) {
			negatives = append(negatives, n)
		}
	}
	return findings, negatives
}

// Whether tests are analysed changes nothing about other code, and what it adds is of low confidence.
// TOCTOU_CORPUS names a further tree.
func TestTestsAreNoEvidence(t *testing.T) {
	roots, err := filepath.Glob("../../testdata/python/shapes/*/tests")
	if err != nil {
		t.Fatal(err)
	}
	for i := range roots {
		roots[i] = filepath.Dir(roots[i])
	}
	if len(roots) < 2 {
		t.Fatalf("only %d shapes have tests", len(roots))
	}
	roots = append(roots, platform)
	if dir := os.Getenv("TOCTOU_CORPUS"); dir != "" {
		roots = append(roots, dir)
	}
	for _, root := range roots {
		with, without := audited(t, root, false, nil), audited(t, root, true, nil)
		a, negsA := outsideTests(with)
		b, negsB := outsideTests(without)
		if !slices.EqualFunc(a, b, func(x, y report.Finding) bool { return asJSON(t, x) == asJSON(t, y) }) {
			t.Errorf("%s: %d findings outside tests with them, %d without", root, len(a), len(b))
		}
		if !slices.Equal(negsA, negsB) {
			t.Errorf("%s: %d negatives outside tests with them, %d without", root, len(negsA), len(negsB))
		}
		for _, f := range slices.Concat(with.Findings, without.Findings) {
			if models.Test(f.File) && f.Confidence != report.Doubtful {
				t.Errorf("%s:%d is in a test, of confidence %s", f.File, f.Line, f.Confidence)
			}
		}
	}
}

// TestBrief: what is found does not depend on whether anything else is asked for.
func TestBrief(t *testing.T) {
	cfg, err := config.Load(platform)
	if err != nil {
		t.Fatal(err)
	}
	var audits [2]*report.Audit
	for i := range audits {
		audits[i], err = audit.Run(t.Context(), audit.Request{Paths: []string{platform}, Config: cfg, Languages: []string{walk.Python}, Brief: i == 1})
		if err != nil {
			t.Fatal(err)
		}
	}
	whole, brief := audits[0], audits[1]
	if len(whole.Findings) == 0 || asJSON(t, whole.Findings) != asJSON(t, brief.Findings) {
		t.Errorf("%d findings, and %d if nothing else is asked for", len(whole.Findings), len(brief.Findings))
	}
	if asJSON(t, whole.Counts) != asJSON(t, brief.Counts) {
		t.Errorf("counts %v, and %v if nothing else is asked for", whole.Counts, brief.Counts)
	}
	if len(whole.Negatives) == 0 || len(brief.Negatives)+len(brief.Tasks)+len(brief.Patterns) > 0 {
		t.Error("stock is taken although nobody asks for it, or there is none")
	}
}

const someTest = `import asyncio

async def helper():
    asyncio.create_task(asyncio.sleep(1))
`

// What is set aside is parsed and counted, with or without what an earlier run has kept; code that is imported, and
// comments that speak to the tool, keep tests whole.
func TestAside(t *testing.T) {
	write := func(root, name, text string) {
		t.Helper()
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	root := t.TempDir()
	write(root, "app.py", "import asyncio\nfrom tests.used import helper\n\nasync def run():\n    await helper()\n")
	write(root, "tests/used.py", someTest)
	write(root, "tests/test_a.py", someTest)
	write(root, "tests/test_broken.py", someTest+"def (:\n")
	store, _ := openStore(t)
	for i, s := range []*cache.Store{nil, store, store, store} {
		if i == 3 { // the result is made anew, of what is known of files that are as before
			write(root, "other.py", "import asyncio\n")
		}
		a := audited(t, root, true, s)
		if n := a.Counts["aside"]; n != 2 {
			t.Errorf("%d tests are set aside", n)
		}
		if len(a.Unparsed) != 1 || a.Unparsed[0].File != "tests/test_broken.py" || a.Unparsed[0].Reason != "syntax error at line 5" {
			t.Errorf("not parsed: %v", a.Unparsed)
		}
		if len(a.Findings) != 1 || a.Findings[0].File != "tests/used.py" {
			t.Errorf("findings: %v", a.Findings)
		}
	}
	if a := audited(t, root, false, store); len(a.Findings) != 3 || a.Counts["aside"] != 0 {
		t.Errorf("%d findings, %d tests set aside", len(a.Findings), a.Counts["aside"])
	}
	write(root, "tests/test_a.py", someTest+"    # toctou: ignore[untrackedtask] nothing to ignore\n")
	if a := audited(t, root, true, store); a.Counts["aside"] != 0 || len(a.Findings) != 4 {
		t.Errorf("a test speaks: %d findings, %d tests set aside", len(a.Findings), a.Counts["aside"])
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
