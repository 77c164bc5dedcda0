package config

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const pyproject = `
[build-system]
requires = ["hatchling"] # a comment [tool.toctou]

[project]
name = "shop"
version = "1.2"
description = """
[tool.toctou]
nosuch = 1
"""
readme = 'a\b'
authors = [{ name = "A", email = "a@example.com" },]
keywords = [
  "x", # one
  'y',
]
started = 1979-05-27T07:32:00Z
odd."dotted key".x = +1_000

[[tool.mypy.overrides]]
module = "x"
[[tool.mypy.overrides]]
module = "y"

[tool.toctou]
title = "Shop \"x\" \u00e9"
services = ["services/*", { name = "b", dir = "c" }]
thresholds.fail-on = "high"
latent = 'as-open'
python = "3.12"

[tool.toctou.rules.checkthenact]
severity = "low"

[[tool.toctou.overrides]]
paths = ["tests"]
ignore = ["checkthenact"]

[tool.ruff]
line-length = 100
`

func TestFromPyproject(t *testing.T) {
	c, err := FromPyproject([]byte(pyproject))
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		Title:      `Shop "x" é`,
		Services:   []Service{{Dir: "services/*"}, {Name: "b", Dir: "c"}},
		Thresholds: Thresholds{FailOn: "high"},
		Latent:     "as-open",
		Python:     "3.12",
		Rules:      map[string]RuleConf{"checkthenact": {Severity: "low"}},
		Overrides:  []Override{{Paths: []string{"tests"}, Ignore: []string{"checkthenact"}}},
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
	if c, err := FromPyproject([]byte(strings.ReplaceAll(pyproject, "\n", "\r\n"))); err != nil || !reflect.DeepEqual(c, want) {
		t.Errorf("with \\r\\n: %+v, %v", c, err)
	}
	for _, text := range []string{"", "[tool.ruff]\n", "[project]\nname = 'toctou'\n", "[tool]\ntoctou-like = 1\n"} {
		if c, err := FromPyproject([]byte(text)); c != nil || err != nil {
			t.Errorf("without the table: %+v, %v", c, err)
		}
	}
}

func TestPyprojectProblems(t *testing.T) {
	for text, want := range map[string]string{
		"[tool.toctou]\ntitel = 'x'\n":              `line 2: unknown key "titel"; did you mean "title"?`,
		"[tool.toctou]\n\nlatent = 'hiden'\n":       `line 3: latent: "hiden" is none of`,
		"[tool.toctou]\ntitle = 'a'\ntitle = 'b'\n": `line 3: key "title" is set twice`,
		"[tool.toctou]\ntitle = 'a\n":               "line 2: a string does not end on its line",
		"[tool.toctou]\ntitle = \"\"\"a\n\n":        "a string does not end",
		"[tool.toctou]\nexclude = ['a' 'b']\n":      "line 2: expected , or ] in an array",
		"[tool.toctou]\ntitle 'a'\n":                `line 2: expected "="`,
		"[tool.toctou\ntitle = 'a'\n":               `line 1: expected "]"`,
		"[tool.toctou]\ntitle = \n":                 "line 2: a value is missing",
		"[tool.toctou]\ntitle = 'a' b\n":            `line 2: unexpected "b"`,
		"[tool.toctou]\ntitle = \"\\q\"\n":          `line 2: unknown escape \q`,
		"tool = 1\n[tool.toctou]\n":                 `line 2: "tool" is used as a table, but is none`,
		"toctou = " + strings.Repeat("[", 5000):     "nested too deeply",
	} {
		if _, err := FromPyproject([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: error = %v, want one with %q", text, err, want)
		}
	}
}

func TestPyprojectIsFound(t *testing.T) {
	root := t.TempDir()
	mkdir(t, filepath.Join(root, ".git"))
	sub := filepath.Join(root, "service")
	mkdir(t, sub)
	write(t, filepath.Join(root, "pyproject.toml"), "[tool.toctou]\ntitle = 'root'\n")
	write(t, filepath.Join(sub, "pyproject.toml"), "[project]\nname = 'service'\n")
	if c, err := Load(sub); err != nil || c.Title != "root" {
		t.Errorf("a pyproject.toml without the table does not count: %+v, %v", c, err)
	}
	write(t, filepath.Join(root, "toctou.yml"), "title: yaml\n")
	if c, err := Load(sub); err != nil || c.Title != "yaml" {
		t.Errorf("toctou.yml goes first: %+v, %v", c, err)
	}
	write(t, filepath.Join(sub, "pyproject.toml"), "[tool.toctou]\n\ntitel = 'x'\n")
	if _, err := Load(sub); err == nil || !strings.Contains(err.Error(), `pyproject.toml:3: unknown key "titel"`) {
		t.Errorf("error = %v", err)
	}
}

func FuzzFromPyproject(f *testing.F) {
	f.Add(pyproject)
	f.Add("[tool.toctou]\ntitle = \"\\")
	f.Add("toctou = {a.b = [1, {}]}")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := FromPyproject([]byte(text)); err != nil && err.Error() == "" {
			t.Error("an error without a text")
		}
	})
}
