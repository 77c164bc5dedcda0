package analyzers_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/analyzers"
)

// rulesGo is the version of Bazel's rules for Go whose nogo driver is tried.
const rulesGo = "github.com/bazelbuild/rules_go@v0.65.0"

// nogoSources are the files that rules_go makes a nogo binary of (//go/tools/builders:nogo_srcs).
var nogoSources = []string{
	"constants.go", "env.go", "flags.go", "nogo_fix.go", "nogo_goversions_go122.go", "nogo_main.go", "nogo_version.go", "nolint.go",
}

// TestNogo builds nogo from the sources of rules_go with all analyzers, as Bazel does, and runs it
// package by package, bottom-up: facts cross packages, settings are flags, and edits are offered.
// It needs the module of rules_go, so it runs only if asked for.
func TestNogo(t *testing.T) {
	if os.Getenv("TOCTOU_NOGO") == "" {
		t.Skip("set TOCTOU_NOGO=1 to build and run Bazel's nogo with the analyzers")
	}
	dir := t.TempDir()
	nogo := buildNogo(t, dir, nil)
	app := filepath.Join(dir, "app")
	writeFiles(t, app, map[string]string{
		"go.mod":         "module example.com/app\n\ngo 1.26.0\n",
		"store/store.go": nogoStore,
		"user/user.go":   nogoUser,
	})
	said, patches := runNogo(t, nogo, app)
	for _, want := range []string{"user.go:10:10: ", "`u.s.m[k]` may have changed", "store.go:30:37: ", "[lostupdate]"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is missing in what nogo says:\n%s", want, said)
		}
	}
	if strings.Contains(said, "user.go:16:") {
		t.Errorf("what a comment silences is reported:\n%s", said)
	}
	if !strings.Contains(patches, "+func (s *Store) Hit() { s.hits.Add(1) }") {
		t.Errorf("nogo saved no patch with the edit:\n%s", patches)
	}

	// Settings reach the analyzers as flags.
	quiet := buildNogo(t, dir, map[string]map[string]string{"checkthenact": {"severity": "critical"}, "lostupdate": {"severity": "critical"}})
	if said, _ := runNogo(t, quiet, app); said != "" {
		t.Errorf("nothing is critical, and nogo says:\n%s", said)
	}
}

// nogoViolation is nogo's exit code for findings.
const nogoViolation = 3

const nogoStore = `// Package store locks by itself.
package store

import (
	"sync"
	"sync/atomic"
)

type Store struct {
	mu   sync.Mutex
	m    map[string]*int
	hits atomic.Int64
}

func (s *Store) Has(k string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.m[k]
	return ok
}

func (s *Store) Add(k string, v *int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m[k] = v
}

// Hit counts.

func (s *Store) Hit() { s.hits.Store(s.hits.Load() + 1) }
`

const nogoUser = `// Package user is compiled apart from store.
package user

import "example.com/app/store"

type User struct{ s *store.Store }

func (u *User) Ensure(k string) {
	if !u.s.Has(k) {
		u.s.Add(k, new(int))
	}
}

func (u *User) Silenced(k string) {
	if !u.s.Has(k) {
		u.s.Add(k, new(int)) //nolint:checkthenact // one caller only
	}
}
`

func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func output(t *testing.T, dir string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", strings.Join(args, " "), err, out, stderr.Bytes())
	}
	return out
}

// buildNogo compiles the driver with the analyzers and their settings. Its module has a name below
// golang.org/x/tools, whose internal packages the driver uses.
func buildNogo(t *testing.T, dir string, settings map[string]map[string]string) string {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	var mod struct{ Dir string }
	if err := json.Unmarshal(output(t, dir, "go", "mod", "download", "-json", rulesGo), &mod); err != nil {
		t.Fatal(err)
	}
	src := t.TempDir()
	files := map[string]string{"nogo_gen.go": nogoMain(settings)}
	for _, name := range nogoSources {
		text, err := os.ReadFile(filepath.Join(mod.Dir, "go", "tools", "builders", name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(text)
	}
	tools := strings.TrimSpace(string(output(t, root, "go", "list", "-m", "-f", "{{.Version}}", "golang.org/x/tools")))
	files["go.mod"] = "module golang.org/x/tools/nogo\n\ngo 1.26.0\n\nrequire (\n\tgithub.com/toctou-lint/toctou v0.0.0\n\tgolang.org/x/tools " + tools +
		"\n)\n\nreplace github.com/toctou-lint/toctou => " + root + "\n"
	writeFiles(t, src, files)
	bin := filepath.Join(src, "nogo.exe")
	output(t, src, "go", "build", "-o", bin, ".")
	return bin
}

// nogoMain is what rules_go generates beside the driver: one package of each analyzer, by path.
func nogoMain(settings map[string]map[string]string) string {
	var imports, list, configs strings.Builder
	for i, a := range analyzers.All {
		fmt.Fprintf(&imports, "\ta%d \"github.com/toctou-lint/toctou/analyzers/%s\"\n", i, a.Name)
		fmt.Fprintf(&list, "\ta%d.Analyzer,\n", i)
	}
	for name, flags := range settings {
		fmt.Fprintf(&configs, "\t%q: {analyzerFlags: %#v},\n", name, flags)
	}
	return "package main\n\nimport (\n" + imports.String() + "\t\"golang.org/x/tools/go/analysis\"\n)\n\nvar analyzers = []*analysis.Analyzer{\n" + list.String() +
		"}\n\nvar configs = map[string]config{\n" + configs.String() + "}\n\nconst debugMode = false\n"
}

// runNogo runs the driver over the packages of a module, dependencies first, as Bazel's actions
// do. It returns what was reported and the patches that were saved.
func runNogo(t *testing.T, nogo, app string) (said, patches string) {
	t.Helper()
	work := t.TempDir()
	var importcfg strings.Builder
	type listed struct {
		ImportPath, Dir, Export string
		GoFiles                 []string
		Standard                bool
	}
	var own []listed
	dec := json.NewDecoder(bytes.NewReader(output(t, app, "go", "list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,Standard", "./...")))
	for {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if p.Export != "" {
			fmt.Fprintf(&importcfg, "packagefile %s=%s\n", p.ImportPath, p.Export)
		}
		if !p.Standard {
			own = append(own, p)
		}
	}
	writeFiles(t, work, map[string]string{"importcfg": importcfg.String()})
	var facts []string
	for i, p := range own {
		out, fixes := filepath.Join(work, fmt.Sprintf("%d.facts", i)), filepath.Join(work, fmt.Sprintf("%d.fixes", i))
		if err := os.Mkdir(fixes, 0o755); err != nil {
			t.Fatal(err)
		}
		args := append([]string{"-p", p.ImportPath, "-importcfg", filepath.Join(work, "importcfg"), "-x", out, "-fix_dir", fixes}, facts...)
		for _, f := range p.GoFiles {
			args = append(args, filepath.Join(p.Dir, f))
		}
		cmd := exec.Command(nogo, args...)
		cmd.Dir = app
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		err := cmd.Run()
		if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || exit.ExitCode() != nogoViolation) {
			t.Fatalf("nogo on %s: %v\n%s", p.ImportPath, err, stderr.Bytes())
		}
		said += stderr.String()
		facts = append(facts, "-fact", p.ImportPath+"="+out)
		saved, err := filepath.Glob(filepath.Join(fixes, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range saved {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			patches += string(text)
		}
	}
	return said, patches
}
