package render

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/toctou-lint/toctou/report"
	"github.com/toctou-lint/toctou/report/compare"
)

func TestSARIFGolden(t *testing.T) {
	golden(t, "platform.sarif", must(t, SARIF, platform(), Options{Rules: ruleInfo}))
}

// officialSchema is the SARIF 2.1.0 schema as it is shipped in the test data of another linter's module.
var officialSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", "github.com/securego/gosec/v2@v2.29.0")
	cmd.Dir = os.TempDir() // outside of this module, whose go.sum stays as it is
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	outcome, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(outcome, &module); err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(module.Dir, "report", "sarif", "testdata", "sarif-schema-2.1.0.json"))
	if err != nil || len(files) == 0 {
		return nil, os.ErrNotExist
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		return nil, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("sarif.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("sarif.json")
})

func TestSARIFIsValid(t *testing.T) {
	schema, err := officialSchema()
	if err != nil {
		t.Skipf("the official schema cannot be had (it comes with the module github.com/securego/gosec/v2@v2.29.0): %v", err)
	}
	check := func(name, text string) {
		t.Helper()
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	check("platform", must(t, SARIF, platform(), Options{Rules: ruleInfo}))
	check("without rules", must(t, SARIF, platform(), Options{}))
	check("empty", must(t, SARIF, newAudit().Audit, Options{}))
	base := baseline(t)
	check("baseline", must(t, SARIF, base.New, Options{Rules: ruleInfo, Baseline: base}))
	eachAttack(t, SARIF, func(_ *testing.T, attack, got string) { check(attack, got) })

	broken := strings.Replace(must(t, SARIF, pool(), Options{}), `"level": "error"`, `"level": "terrible"`, 1)
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(broken))
	if err != nil {
		t.Fatal(err)
	}
	if schema.Validate(doc) == nil {
		t.Error("the official schema accepts anything")
	}
}

// baseline compares platform() with an earlier audit that lacks its first finding and has another.
func baseline(t *testing.T) *compare.Result {
	t.Helper()
	old := platform()
	old.Findings[0].Fingerprint = "before"
	r, err := compare.Compare(old, platform())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// results decodes a log as far as the tests look at it.
func results(t *testing.T, text string) []sarifResult {
	t.Helper()
	var log struct {
		Runs []struct{ Results []sarifResult }
	}
	if err := json.Unmarshal([]byte(text), &log); err != nil {
		t.Fatal(err)
	}
	return log.Runs[0].Results
}

func TestSARIFColumnsAreUTF16(t *testing.T) {
	b := newAudit()
	b.source("a.py", 1, "s = '🙂é'; target")
	s := b.step("act", "a.py", 1, "target", "here")
	b.add(report.Finding{Rule: "r", Severity: "low", File: "a.py", Line: 1, Column: s.Column, EndLine: 1, EndColumn: s.EndColumn, Steps: []report.Step{s}})
	got := *results(t, must(t, SARIF, b.Audit, Options{}))[0].Locations[0].Physical.Region
	// s = '🙂é'; is 5 + 2 + 1 + 3 code units before target.
	if want := (sarifRegion{StartLine: 1, StartColumn: 12, EndLine: 1, EndColumn: 18}); got != want {
		t.Errorf("region %+v, want %+v (the byte column is %d)", got, want, s.Column)
	}
}

func TestSARIFPaths(t *testing.T) {
	for _, c := range []struct{ auditRoot, option, file, want string }{
		{".", "", "a.py", "a.py"},
		{"services/x", "", "a b/é#.py", "services/x/a%20b/%C3%A9%23.py"},
		{"/abs/olute", "", "a.py", "a.py"},
		{"../up", "", "a.py", "a.py"},
		{"/abs/olute", "sub", "c:d.py", "sub/c%3Ad.py"},
	} {
		a := &report.Audit{Root: c.auditRoot, Findings: []report.Finding{{Rule: "r", File: c.file, Line: 1, Column: 1}}}
		got := results(t, must(t, SARIF, a, Options{Root: c.option}))[0].Locations[0].Physical.Artifact.URI
		if got != c.want {
			t.Errorf("%s under %s: %q, want %q", c.file, c.auditRoot, got, c.want)
		}
	}
}

func TestSARIFTellsTheStory(t *testing.T) {
	base := baseline(t)
	list := results(t, must(t, SARIF, base.New, Options{Rules: ruleInfo, Baseline: base}))
	first := list[0]
	if len(first.CodeFlows) != 2 || len(first.CodeFlows[1].ThreadFlows) != 2 {
		t.Fatalf("want the path and an interleaving of two threads, got %+v", first.CodeFlows)
	}
	order := map[string][]int{}
	for _, f := range first.CodeFlows[1].ThreadFlows {
		for _, l := range f.Locations {
			order[f.ID] = append(order[f.ID], l.ExecutionOrder)
		}
	}
	if len(order["A"]) != 2 || order["A"][0] != 1 || order["A"][1] != 3 || order["B"][0] != 2 || order["B"][1] != 4 {
		t.Errorf("execution orders %v", order)
	}
	if first.BaselineState != "new" || list[1].BaselineState != "unchanged" {
		t.Errorf("baseline states %q and %q", first.BaselineState, list[1].BaselineState)
	}
	if len(first.Fixes) != 1 || len(first.Fixes[0].Changes) != 1 || len(first.Fixes[0].Changes[0].Replacements) != 2 {
		t.Errorf("fixes %+v", first.Fixes)
	}
	prints := map[string]bool{}
	suppressed := 0
	for _, r := range list {
		if p := r.Fingerprints["primaryLocationLineHash"]; prints[p] {
			t.Errorf("fingerprint %s twice", p)
		} else {
			prints[p] = true
		}
		suppressed += len(r.Suppressions)
		if strings.Contains(r.Message.Text, "](") {
			t.Errorf("a link in %q", r.Message.Text)
		}
	}
	if suppressed != 1 {
		t.Errorf("%d suppressions, want 1", suppressed)
	}
}
