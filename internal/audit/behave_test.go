package audit

import (
	"bytes"
	"fmt"
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

// fixSession prepares to fix what is reported in a folder, however doubtful it is that two actors meet.
func fixSession(t *testing.T, dir string) *fix.Session {
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
	return s
}

func fixAll(t *testing.T, dir string) *fix.Outcome {
	t.Helper()
	out, err := fixSession(t, dir).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// python is the path of a Python that can run the scenes; the test is skipped if there is none.
func python(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil || exec.Command(path, "-c", "import sys; sys.exit(sys.version_info < (3, 11))").Run() != nil {
		t.Skip("no python3 of 3.11 or later: what fixed modules do was not tried")
	}
	return path
}

// behave runs a scene on a module and on what was made of it. The module has to break its promise
// under some order of callbacks; fixed it has to keep it under each that is tried.
func behave(t *testing.T, python string, scene, before, after []byte, path ...string) {
	t.Helper()
	dir := t.TempDir()
	files := []string{filepath.Join(dir, "scene.py"), filepath.Join(dir, "before.py"), filepath.Join(dir, "after.py")}
	for i, data := range [][]byte{scene, before, after} {
		if err := os.WriteFile(files[i], data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := append([]string{"-I", "testdata/permute.py"}, path...)
	cmd := exec.Command(python, append(args, files...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
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
		t.Errorf("fixed, it breaks its promise in %d of %d orders: %s\n%s", bad, runs, first, after)
	}
	t.Logf("before %s; after %s", strings.ReplaceAll(lines[0], "\t", " "), strings.ReplaceAll(lines[1], "\t", " "))
}

func scenes(t *testing.T, pattern string, least int) map[string]*txtar.Archive {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) < least {
		t.Fatalf("%d scenes, %v", len(files), err)
	}
	out := map[string]*txtar.Archive{}
	for _, name := range files {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimSuffix(filepath.Base(name), ".txtar")] = ar
	}
	return out
}

// Each module breaks its promise under some order of callbacks. Fixed by the tool it keeps it
// under every order that is tried, comes to an end, and is not changed again.
func TestFixedModulesBehave(t *testing.T) {
	python := python(t)
	for name, ar := range scenes(t, "testdata/behave/*.txtar", 12) {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "module.py"), ar.Files[0].Data, 0o600); err != nil {
				t.Fatal(err)
			}
			out := fixAll(t, dir)
			for _, r := range out.Results {
				if !r.Applied {
					t.Errorf("line %d: %s is withheld: %s", r.Fix.Line, r.Fix.Rule, r.Why)
				}
			}
			if len(out.Changes) != 1 {
				t.Fatalf("nothing was fixed; findings left: %v", out.Left)
			}
			behave(t, python, ar.Files[1].Data, ar.Files[0].Data, out.Changes[0].After)
			if err := os.WriteFile(filepath.Join(dir, "module.py"), out.Changes[0].After, 0o600); err != nil {
				t.Fatal(err)
			}
			if again := fixAll(t, dir); len(again.Changes) > 0 {
				t.Errorf("a second run changes more:\n%s", again.Changes[0].After)
			}
		})
	}
}

// The same for modules of the platform, with stand-ins for what they talk to. What a module imports of its
// service is as it is fixed.
func TestFixedPlatformBehaves(t *testing.T) {
	python := python(t)
	const platform = "../../testdata/course-creator"
	after, fixed := map[string][]byte{}, t.TempDir()
	if err := os.CopyFS(fixed, os.DirFS(platform)); err != nil {
		t.Fatal(err)
	}
	for _, c := range fixAll(t, platform).Changes {
		after[c.File] = c.After
		if err := os.WriteFile(filepath.Join(fixed, c.File), c.After, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, ar := range scenes(t, "testdata/behave/platform/*.txtar", 9) {
		t.Run(name, func(t *testing.T) {
			var service, module string
			if _, err := fmt.Sscanf(string(ar.Comment), "service %s\nmodule %s\n", &service, &module); err != nil {
				t.Fatal(err)
			}
			service = filepath.Join("services", service)
			file := filepath.ToSlash(filepath.Join(service, module))
			before, err := os.ReadFile(filepath.Join(platform, file))
			if err != nil {
				t.Fatal(err)
			}
			if after[file] == nil {
				t.Fatalf("%s was not changed", file)
			}
			behave(t, python, ar.Files[0].Data, before, after[file], "--path", filepath.Join(fixed, service))
		})
	}
}
