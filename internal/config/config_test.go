package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	c, err := Parse([]byte(`
title: Course Creator Platform
author: Platform team
related: [docs/locks.md]
services:
  - services/*
  - {name: rag, dir: rag-service}
concurrency: preemptive
latent: as-open
python: "3.10"
thresholds:
  severity: medium
  confidence: high
  fail-on: never
exclude: ["**/migrations", generated.py]
ignore: [checkthenact]
`))
	if err != nil {
		t.Fatal(err)
	}
	if c.Title != "Course Creator Platform" || c.Latent != "as-open" || c.Concurrency != "preemptive" || c.Python != "3.10" {
		t.Errorf("scalars: %+v", c)
	}
	if len(c.Services) != 2 || c.Services[0] != (Service{Dir: "services/*"}) || c.Services[1] != (Service{Name: "rag", Dir: "rag-service"}) {
		t.Errorf("services: %+v", c.Services)
	}
	if c.Thresholds != (Thresholds{Severity: "medium", Confidence: "high", FailOn: "never"}) {
		t.Errorf("thresholds: %+v", c.Thresholds)
	}
}

func TestParseNothing(t *testing.T) {
	for _, text := range []string{"", "\n\n", "# only a comment\n", "---\n"} {
		if _, err := Parse([]byte(text)); err != nil {
			t.Errorf("Parse(%q): %v", text, err)
		}
	}
}

func TestProblems(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"unknown key":       {"title: x\nlatnet: as-open\n", `line 2: unknown key "latnet"; did you mean "latent"?`},
		"nothing near":      {"frobnicate: 1\n", `line 1: unknown key "frobnicate"; known are title, author,`},
		"nested key":        {"thresholds:\n  fail_on: high\n", `line 2: unknown key "fail_on" in thresholds; did you mean "fail-on"?`},
		"value":             {"\nlatent: hiden\n", `line 2: latent: "hiden" is none of lowered, as-open, hidden`},
		"list for a scalar": {"title: [a]\n", "line 1: title must be a single value"},
		"scalar for a list": {"exclude: a\n", "line 1: exclude must be a list"},
		"not a mapping":     {"- a\n", "line 1: must be a mapping"},
		"twice":             {"title: a\ntitle: b\n", `line 2: mapping key "title" already defined at line 1`},
		"broken yaml":       {"title: a\n\tlatent: b\n", "line 2: found a tab"},
		"two documents":     {"title: a\n---\ntitle: b\n", "more than one YAML document"},
		"version":           {"python: 3.1x\n", `line 1: python: "3.1x" is not a version`},
		"unknown rule":      {"ignore:\n  - chekthenact\n", `line 2: unknown rule "chekthenact" in ignore; did you mean "checkthenact"?`},
		"rule settings":     {"rules:\n  nosuch: {severity: low}\n", `line 2: unknown rule "nosuch" in rules`},
		"bad glob":          {"exclude: ['[']\n", `exclude: "[" is not a valid glob`},
		"service":           {"services:\n  - name: x\n", "line 2: services: entry 1 has no dir"},
		"alias":             {"title: &a x\nauthor: *a\n", "line 2: aliases are not supported"},
		"override":          {"overrides:\n  - ignore: [checkthenact]\n", "line 2: overrides: entry 1 has no paths"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestLoadLooksUpToTheRepositoryRoot(t *testing.T) {
	top := t.TempDir()
	write(t, filepath.Join(top, "toctou.yml"), "title: outside\n")
	repo := filepath.Join(top, "repo")
	deep := filepath.Join(repo, "services", "a")
	mkdir(t, filepath.Join(repo, ".git"))
	mkdir(t, deep)

	if c, err := Load(deep); err != nil || c.Title != "" || c.Latent != "lowered" {
		t.Errorf("above the repository: %+v, %v; want the defaults", c, err)
	}
	write(t, filepath.Join(repo, "toctou.yml"), "title: repository\n")
	if c, err := Load(deep); err != nil || c.Title != "repository" || c.Dir != repo {
		t.Errorf("in the root: %+v, %v", c, err)
	}
	write(t, filepath.Join(deep, "toctou.yml"), "title: service\n")
	if c, err := Load(deep); err != nil || c.Title != "service" {
		t.Errorf("nearest: %+v, %v", c, err)
	}
}

func TestLoadOutsideARepositoryLooksAtOneFolder(t *testing.T) {
	top := t.TempDir()
	write(t, filepath.Join(top, "toctou.yml"), "title: above\n")
	sub := filepath.Join(top, "sub")
	mkdir(t, sub)
	if c, err := Load(sub); err != nil || c.Title != "" {
		t.Errorf("Load = %+v, %v; want the defaults", c, err)
	}
}

func TestErrorsNameFileAndLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "toctou.yml")
	write(t, file, "title: x\nfoo: 1\n")
	_, err := LoadFile(file)
	if err == nil || !strings.HasPrefix(err.Error(), file+":2: unknown key") {
		t.Errorf("error = %v", err)
	}
}

func TestExcluded(t *testing.T) {
	c := &Config{Dir: "/p", Exclude: []string{"gen.py", "legacy/", "**/migrations/*.py", "./a/b"}}
	for file, want := range map[string]bool{
		"/p/gen.py":                true,
		"/p/x/gen.py":              true,
		"/p/x/gen.pyx":             false,
		"/p/legacy/x/y.py":         true,
		"/p/x/legacy/y.py":         true,
		"/p/x/migrations/0001.py":  true,
		"/p/x/migrations/readme":   false,
		"/p/a/b/c.py":              true,
		"/p/x/a/b/c.py":            false,
		"/elsewhere/a/b/module.py": false,
	} {
		if got := c.Excluded(file); got != want {
			t.Errorf("Excluded(%s) = %t", file, got)
		}
	}
}

func TestRuleAt(t *testing.T) {
	c := &Config{
		Dir:   "/p",
		Rules: map[string]RuleConf{"checkthenact": {Severity: "high"}},
		Overrides: []Override{
			{Paths: []string{"tests"}, Ignore: []string{"checkthenact"}},
			{Paths: []string{"tools/**"}, Rules: map[string]RuleConf{"checkthenact": {Severity: "low"}}},
		},
	}
	for file, want := range map[string]struct {
		ignored  bool
		severity string
	}{
		"/p/a.py":       {false, "high"},
		"/p/tests/a.py": {true, "high"},
		"/p/tools/a.py": {false, "low"},
	} {
		ignored, severity := c.RuleAt(file, "checkthenact")
		if ignored != want.ignored || severity != want.severity {
			t.Errorf("RuleAt(%s) = %t, %q", file, ignored, severity)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("title: x\nservices: [a, {name: b, dir: c}]\n")
	f.Add("a: &a [*a]\n")
	f.Add("thresholds: {severity: low\n")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := Parse([]byte(text)); err != nil && err.Error() == "" {
			t.Error("an error without a text")
		}
	})
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func mkdir(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
}
