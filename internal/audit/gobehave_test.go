package audit

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/internal/walk"
	"github.com/toctou-lint/toctou/report"
)

// Each type of the module breaks its promise under an order of events that its test forces. Fixed
// by the tool it keeps it, and is silent.
func TestFixedGoBehaves(t *testing.T) {
	dir := goModule(t)
	failed := func() (bad, all []string) {
		cmd := exec.CommandContext(t.Context(), "go", "test", "-v", "-timeout", "60s", ".")
		cmd.Dir = dir
		out, _ := cmd.CombinedOutput() // failing is what is looked at
		for _, m := range regexp.MustCompile(`(?m)^--- (PASS|FAIL): (\w+)`).FindAllStringSubmatch(string(out), -1) {
			all = append(all, m[2])
			if m[1] == "FAIL" {
				bad = append(bad, m[2])
			}
		}
		t.Logf("%s", out)
		return bad, all
	}
	bad, all := failed()
	if len(all) != 11 || !slices.Equal(bad, all) {
		t.Fatalf("before: %v fail of %v; all 11 must", bad, all)
	}
	out := fixGo(t, dir)
	for _, r := range out.Results {
		if !r.Applied {
			t.Errorf("%s:%d %s: %s", r.Fix.File, r.Fix.Line, r.Fix.Rule, r.Why)
		}
	}
	for _, c := range out.Changes {
		if err := os.WriteFile(filepath.Join(dir, c.File), c.After, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if bad, again := failed(); len(bad) > 0 || !slices.Equal(all, again) {
		t.Errorf("after: %v fail of %v", bad, again)
	}
	if again := fixGo(t, dir); len(again.Changes) > 0 {
		t.Errorf("a second run changes something: %v", again.Results)
	}
}

// fixGo fixes what check reports in Go.
func fixGo(t *testing.T, dir string) *fix.Outcome {
	t.Helper()
	cfg, err := config.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	d := Display{Severity: report.Low, Confidence: report.Likely}
	out, err := Fix(t.Context(), Request{Paths: []string{dir}, Config: cfg, Languages: []string{walk.Go}}, d.Shows, false, 0)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
