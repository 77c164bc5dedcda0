package plugin

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/golangci/plugin-module-register/register"

	"github.com/toctou-lint/toctou/analyzers"
)

func TestRegistered(t *testing.T) {
	newPlugin, err := register.GetPlugin("toctou")
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPlugin(map[string]any{"rules": []string{"lostupdate"}})
	if err != nil {
		t.Fatal(err)
	}
	list, err := p.BuildAnalyzers()
	if err != nil || len(list) != 1 || list[0].Name != "lostupdate" || p.GetLoadMode() != register.LoadModeTypesInfo {
		t.Fatalf("got %v, %v, mode %s", list, err, p.GetLoadMode())
	}
	p, err = newPlugin(nil)
	if err != nil {
		t.Fatal(err)
	}
	if list, err = p.BuildAnalyzers(); err != nil || len(list) != len(analyzers.All) {
		t.Fatalf("without settings: %d analyzers, %v; want %d", len(list), err, len(analyzers.All))
	}
}

func TestWrongSettings(t *testing.T) {
	if _, err := New(map[string]any{"colour": "red"}); err == nil {
		t.Error("an unknown setting was accepted")
	}
	p, err := New(map[string]any{"rules": []string{"nosuchrule"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.BuildAnalyzers(); err == nil {
		t.Error("an unknown rule was accepted")
	}
}

// TestGolangciLint builds a golangci-lint with the plugin, without cloning it, and runs it. It
// takes minutes and needs the modules of golangci-lint, so it runs only if asked for.
func TestGolangciLint(t *testing.T) {
	if os.Getenv("TOCTOU_GOLANGCI") == "" {
		t.Skip("set TOCTOU_GOLANGCI=1 to build and run a golangci-lint with the plugin")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files := map[string]string{
		"gcl/go.mod": "module gcl\n\ngo 1.26.0\n\nrequire (\n\tgithub.com/golangci/golangci-lint/v2 v2.15.0\n\tgithub.com/toctou-lint/toctou v0.0.0\n)\n\nreplace github.com/toctou-lint/toctou => " + root + "\n",
		"gcl/main.go": "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\n\t\"github.com/golangci/golangci-lint/v2/pkg/commands\"\n\t\"github.com/golangci/golangci-lint/v2/pkg/exitcodes\"\n\n\t_ \"github.com/toctou-lint/toctou/analyzers/plugin\"\n)\n\n" +
			"func main() {\n\tif err := commands.Execute(commands.BuildInfo{Version: \"(devel)\"}); err != nil {\n\t\tfmt.Fprintln(os.Stderr, err)\n\t\tos.Exit(exitcodes.Failure)\n\t}\n}\n",
		"app/go.mod":        "module app\n\ngo 1.26.0\n",
		"app/.golangci.yml": "version: \"2\"\nlinters:\n  default: none\n  enable: [toctou]\n  settings:\n    custom:\n      toctou:\n        type: module\n        settings:\n          confidence: medium\n",
		"app/app.go":        "package app\n\nimport \"sync/atomic\"\n\ntype c struct{ n, m atomic.Int64 }\n\nfunc (x *c) Inc() { x.n.Store(x.n.Load() + 1) }\n\nfunc (x *c) Quiet() { x.m.Store(x.m.Load() + 1) } //nolint:toctou // wrong on purpose\n",
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run := func(at string, args ...string) string {
		t.Helper()
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = filepath.Join(dir, at)
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOLANGCI_LINT_CACHE="+filepath.Join(dir, "cache"))
		out, err := cmd.CombinedOutput()
		t.Logf("%s: %v\n%s", strings.Join(args, " "), err, out)
		return string(out)
	}
	bin := filepath.Join(dir, "gcl.exe")
	run("gcl", "go", "build", "-o", bin, ".")
	out := run("app", bin, "run", "./...")
	if strings.Count(out, "lostupdate") == 0 || !strings.Contains(out, "app.go:7:") {
		t.Error("the finding on line 7 is missing")
	}
	if strings.Contains(out, "app.go:9:") {
		t.Error("a finding silenced by //nolint was reported")
	}

	run("app", bin, "run", "--fix", "./...")
	fixed, err := os.ReadFile(filepath.Join(dir, "app", "app.go"))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(files["app/app.go"], "x.n.Store(x.n.Load() + 1)", "x.n.Add(1)", 1)
	if string(fixed) != want {
		t.Errorf("--fix made this of app.go:\n%s\nwant:\n%s", fixed, want)
	}
	if out := run("app", bin, "run", "./..."); !strings.Contains(out, "0 issues") {
		t.Error("a second run still reports something")
	}
}
