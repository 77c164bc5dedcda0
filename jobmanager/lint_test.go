package jobmanager_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The reference must pass the linter of this project, and its broken twins must not.

// TestTwinsPassVet shows what the twins are for: the toolchain sees nothing wrong with any of them.
func TestTwinsPassVet(t *testing.T) {
	if out, err := exec.CommandContext(t.Context(), "go", append([]string{"vet"}, goTwins(t)...)...).CombinedOutput(); err != nil {
		t.Errorf("go vet: %v\n%s", err, out)
	}
}

func goTwins(t *testing.T) (packages []string) {
	t.Helper()
	files, err := filepath.Glob("testdata/*/*.go")
	if err != nil || len(files) != len(points) {
		t.Fatalf("Go twins: %v, %v, want one for each of %d points", files, err, len(points))
	}
	for _, file := range files {
		packages = append(packages, "./"+filepath.ToSlash(filepath.Dir(file)))
	}
	return packages
}

func TestLinter(t *testing.T) {
	linter := filepath.Join(t.TempDir(), "toctou")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", linter, "../cmd/toctou").CombinedOutput(); err != nil {
		if strings.Contains(string(out), "C compiler") || strings.Contains(string(out), "gcc") {
			t.Skipf("the linter is not run: it needs a C compiler to be built: %s", out)
		}
		t.Fatalf("build the linter: %v\n%s", err, out)
	}
	t.Run("the reference is clean at the strictest setting", func(t *testing.T) {
		out, err := exec.CommandContext(t.Context(), linter, "check", ".", "--strict", "--latent", "--verbose").CombinedOutput()
		if err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		if !regexp.MustCompile(`in \d\d+ files`).Match(out) {
			t.Errorf("what was read?\n%s", out)
		}
		if files := grep(t, ".", regexp.MustCompile(`(#|//) ?toctou: ?ignore`)); len(files) > 0 {
			t.Errorf("suppressions: %v", files)
		}
	})
	t.Run("the broken twins are reported point by point", func(t *testing.T) {
		want := grep(t, "testdata", regexp.MustCompile(`(?:#|//) BAD: ([a-z]+)$`))
		if len(want) != 2*len(points)+2 { // both languages, the KeyError, and the original
			t.Errorf("%d lines are marked", len(want))
		}
		got := append(pythonFindings(t, linter), goFindings(t, linter)...)
		for _, finding := range want {
			if !slices.Contains(got, finding) {
				t.Errorf("not reported: %s", finding)
			}
		}
		for _, finding := range got {
			if !slices.Contains(want, finding) {
				t.Errorf("reported, but not marked: %s", finding)
			}
		}
	})
	t.Run("the original is latent where it is not broken", func(t *testing.T) {
		var latent []string
		for _, f := range check(t, linter, "testdata/1_started_twice/original_service.py") {
			if f.Window == "latent" {
				latent = append(latent, f.Severity+" "+f.Rule)
			}
		}
		if !slices.Equal(latent, []string{"medium checkthenact"}) {
			t.Errorf("latent: %v, want the check and start", latent)
		}
	})
}

type finding struct {
	Rule, Window, Severity, File string
	Line                         int
}

// check runs the linter, with a configuration that excludes nothing, and returns its findings.
func check(t *testing.T, linter, path string) []finding {
	t.Helper()
	config := filepath.Join(t.TempDir(), "toctou.yml")
	if err := os.WriteFile(config, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), linter, "check", path, "--config", config, "--lang", "python", "--strict",
		"--min-confidence", "low", "--exit-zero", "--format", "json").Output()
	if err != nil {
		t.Fatalf("check %s: %v\n%s", path, err, out)
	}
	var audit struct{ Findings []finding }
	if err := json.Unmarshal(out, &audit); err != nil {
		t.Fatal(err)
	}
	return audit.Findings
}

// pythonFindings returns the findings in the Python twins as "file:line rule". A latent window, which nothing can enter
// today, is no broken point.
func pythonFindings(t *testing.T, linter string) (found []string) {
	t.Helper()
	for _, f := range check(t, linter, "testdata") {
		if f.Window != "latent" {
			found = append(found, fmt.Sprintf("%s:%d %s", f.File, f.Line, f.Rule))
		}
	}
	return found
}

// goFindings returns the findings in the Go twins. They are named to go vet, since patterns pass testdata over.
func goFindings(t *testing.T, linter string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"vet", "-vettool=" + linter}, goTwins(t)...)...)
	out, err := cmd.CombinedOutput()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	found := make(map[string]bool) // vet repeats what several packages see
	line := regexp.MustCompile(`(?m)^(?:jobmanager/)?testdata/(\S+\.go):(\d+):\d+: .*\[([a-z]+)\]$`)
	for _, m := range line.FindAllStringSubmatch(string(out), -1) {
		found[fmt.Sprintf("%s:%s %s", m[1], m[2], m[3])] = true
	}
	if len(found) == 0 {
		t.Errorf("nothing found:\n%s", out)
	}
	return slices.Collect(maps.Keys(found))
}

// grep returns "file:line match" for each line of the source files below dir that matches, with its last group.
func grep(t *testing.T, dir string, pattern *regexp.Regexp) (found []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" && filepath.Ext(path) != ".py" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		for i, line := range strings.Split(string(text), "\n") {
			if m := pattern.FindStringSubmatch(line); m != nil {
				found = append(found, filepath.ToSlash(name)+":"+strconv.Itoa(i+1)+" "+m[len(m)-1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
