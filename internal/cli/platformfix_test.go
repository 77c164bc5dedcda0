package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/report"
)

// run runs toctou and returns what it prints.
func run(t *testing.T, code int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	if got := Run(context.Background(), args, strings.NewReader(""), &out, &err); got != code {
		t.Fatalf("toctou %s: exit %d, want %d\n%s", strings.Join(args, " "), got, code, err.String())
	}
	return out.String(), err.String()
}

// TestPlatformFixes holds what `toctou fix` makes of both platforms, and what it says of each
// finding, to the goldens.
func TestPlatformFixes(t *testing.T) {
	for _, tree := range []string{"course-creator", "course-creator-fixed"} {
		t.Run(tree, func(t *testing.T) {
			diff, list := run(t, exitFindings, "fix", filepath.Join(platforms, tree))
			for ext, got := range map[string]string{".fix.diff": diff, ".fix.txt": list} {
				golden := filepath.Join(platforms, "audits", tree+ext)
				if *updateAudits {
					if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(golden)
				if err != nil || got != string(want) {
					t.Errorf("%s differs (%v); read the difference, then: go test ./internal/cli -run PlatformFixes -update-audits", golden, err)
				}
			}
		})
	}
}

// TestPlatformFixed writes the fixes into a copy of the platform. Scanned again it has no task that
// can be lost and no window above low; what is left is, doubtful, a drain for tasks of an object that nobody
// shuts down. A second run changes nothing, not even with --unsafe.
func TestPlatformFixed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "platform")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(platforms, "course-creator"))); err != nil {
		t.Fatal(err)
	}
	run(t, exitClean, "fix", dir, "--write")
	for _, f := range aboveLow(t, dir) {
		if f.Rule != "undrainedtasks" || f.Confidence != report.Doubtful {
			t.Errorf("%s:%d: %s (%s) is still there: %s", f.File, f.Line, f.Rule, f.Severity, f.Message)
		}
	}
	for _, args := range [][]string{{"fix", dir}, {"fix", dir, "--unsafe"}} {
		if again, list := run(t, exitClean, args...); again != "" {
			t.Errorf("a second run changes more:\n%s%s", again, list)
		}
	}
}

// aboveLow are the findings of a tree of more than low severity, whatever their confidence.
func aboveLow(t *testing.T, dir string) (out []report.Finding) {
	t.Helper()
	var a report.Audit
	text, _ := run(t, exitClean, "audit", dir, "--format", "json", "--no-fixes")
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		t.Fatal(err)
	}
	for _, f := range a.Findings {
		if f.Severity != report.Info && f.Severity != report.Low {
			out = append(out, f)
		}
	}
	return out
}
