package audit

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/report"
)

// fixAll fixes what is reported in a folder, however doubtful it is that two actors meet.
func fixAll(t *testing.T, dir string) *fix.Outcome {
	t.Helper()
	cfg, err := config.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	d := Display{Severity: report.Low, Confidence: report.Doubtful}
	s, err := FixSession(Request{Paths: []string{dir}, Config: cfg}, d.Shows)
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Each module breaks its promise under some order of callbacks. Fixed by the tool it keeps it
// under every order that is tried, and comes to an end.
func TestFixedModulesBehave(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil || exec.Command(python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))").Run() != nil {
		t.Skip("no python3 of 3.11 or later")
	}
	files, err := filepath.Glob("testdata/behave/*.txtar")
	if err != nil || len(files) < 12 {
		t.Fatalf("%d scenes, %v", len(files), err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			dir, scene := t.TempDir(), filepath.Join(t.TempDir(), "scene.py")
			before, after := filepath.Join(dir, "module.py"), filepath.Join(t.TempDir(), "fixed.py")
			write := func(file string, data []byte) {
				if err := os.WriteFile(file, data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			write(before, ar.Files[0].Data)
			write(scene, ar.Files[1].Data)
			out := fixAll(t, dir)
			for _, r := range out.Results {
				if !r.Applied {
					t.Errorf("line %d: %s is withheld: %s", r.Fix.Line, r.Fix.Rule, r.Why)
				}
			}
			if len(out.Changes) != 1 {
				t.Fatalf("nothing was fixed; findings left: %v", out.Left)
			}
			write(after, out.Changes[0].After)
			cmd := exec.Command(python, "-I", "testdata/permute.py", scene, before, after)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			text, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v\n%s", err, stderr.Bytes())
			}
			lines := strings.Split(strings.TrimSpace(string(text)), "\n")
			if len(lines) != 2 {
				t.Fatalf("%d lines: %s", len(lines), text)
			}
			broken := func(line string) (runs, bad int, first string) {
				f := strings.SplitN(line+"\t\t", "\t", 3)
				runs, _ = strconv.Atoi(f[0])
				bad, _ = strconv.Atoi(f[1])
				return runs, bad, strings.TrimSpace(f[2])
			}
			if _, bad, _ := broken(lines[0]); bad == 0 {
				t.Errorf("the module keeps its promise as it is: %s", lines[0])
			}
			if runs, bad, first := broken(lines[1]); bad > 0 || runs == 0 {
				t.Errorf("fixed, it breaks its promise in %d of %d orders: %s\n%s", bad, runs, first, out.Changes[0].After)
			}
			t.Logf("before %s; after %s", strings.ReplaceAll(lines[0], "\t", " "), strings.ReplaceAll(lines[1], "\t", " "))
		})
	}
}
