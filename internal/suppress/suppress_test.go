package suppress

import (
	"slices"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/report"
)

// comments finds the comments of a test file; no string in it holds a comment sign.
func comments(src string) []Comment {
	var out []Comment
	for i, line := range strings.Split(src, "\n") {
		for _, sign := range []string{"#", "//"} {
			if at := strings.Index(line, sign); at >= 0 {
				out = append(out, Comment{File: "f", Line: i + 1, Column: at + 1,
					Own: strings.TrimSpace(line[:at]) == "", Text: line[at:]})
				break
			}
		}
	}
	return out
}

func options(src string) Options {
	known := []string{"checkthenact", "untrackedtask"}
	return Options{
		Known:   func(r string) bool { return slices.Contains(known, r) },
		Suggest: func(string) string { return "; did you mean another?" },
		Active:  func(r string) bool { return r != "untrackedtask" },
		Source:  func(string) []byte { return []byte(src) },
	}
}

func TestApply(t *testing.T) {
	tests := map[string]struct {
		src        string
		line       int // of a checkthenact finding
		suppressed string
		notices    []string
	}{
		"on the line":         {"x = 1  # toctou: ignore[checkthenact] single writer", 1, "single writer", nil},
		"line above":          {"# toctou: ignore[checkthenact] single writer\nx = 1", 2, "single writer", nil},
		"block above":         {"# toctou: ignore[checkthenact] why\n# more words\nx = 1", 3, "why", nil},
		"separated by blank":  {"# toctou: ignore[checkthenact] why\n\nx = 1", 3, "", []string{"suppresses nothing"}},
		"two lines below":     {"# toctou: ignore[checkthenact] why\ny = 0\nx = 1", 3, "", []string{"suppresses nothing"}},
		"line below":          {"x = 1\ny = 1  # toctou: ignore[checkthenact] why", 1, "", []string{"suppresses nothing"}},
		"end of a statement":  {"x = f(\n    a,\n    g(b),\n)  # toctou: ignore[checkthenact] why", 1, "why", nil},
		"nested brackets":     {"x = f(\n    g(\n        b))  # toctou: ignore[checkthenact] why", 1, "why", nil},
		"brackets in strings": {"y = '('\nx = 1  # toctou: ignore[checkthenact] why", 1, "", []string{"suppresses nothing"}},
		"inside, from above":  {"# toctou: ignore[checkthenact] why\nx = f(\n    g())", 3, "why", nil},
		"after other tools":   {"x = 1  # noqa: B001  # toctou: ignore[checkthenact] why", 1, "why", nil},
		"with a dash":         {"x = 1  # toctou: ignore[checkthenact] - why", 1, "why", nil},
		"no space":            {"x = 1  #toctou:ignore[checkthenact]why", 1, "why", nil},
		"Go":                  {"x = 1 //toctou:ignore[checkthenact] why", 1, "why", nil},
		"Go, spaced":          {"// toctou: ignore[checkthenact] why\nx = 1", 2, "why", nil},
		"Go, head of a block": {"//toctou:ignore[checkthenact] why\nif x {\n\ty = 1\n}", 3, "", []string{"suppresses nothing"}},
		"no reason":           {"x = 1  # toctou: ignore[checkthenact]", 1, "", []string{"gives no reason"}},
		"no rule":             {"x = 1  # toctou: ignore because", 1, "", []string{"names no rule"}},
		"empty brackets":      {"x = 1  # toctou: ignore[] because", 1, "", []string{"names no rule"}},
		"open bracket":        {"x = 1  # toctou: ignore[checkthenact because", 1, "", []string{"names no rule"}},
		"unknown rule":        {"x = 1  # toctou: ignore[chekthenact] why", 1, "", []string{`names "chekthenact", which is no rule; did you mean another?`}},
		"one unknown":         {"x = 1  # toctou: ignore[checkthenact, nope] why", 1, "why", []string{`names "nope"`}},
		"unknown verb":        {"x = 1  # toctou: ingore[checkthenact] why", 1, "", []string{"`toctou: ingore` is no directive"}},
		"prose":               {"x = 1  # see toctou: ignore[checkthenact] why", 1, "", nil},
		"inactive rule":       {"x = 1  # toctou: ignore[untrackedtask] why", 1, "", nil},
		"atomic":              {"# toctou: atomic\nx = 1", 2, "", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			findings := []report.Finding{{Rule: "checkthenact", File: "f", Line: tt.line}}
			notices := Apply(findings, comments(tt.src), options(tt.src))
			reason := ""
			if s := findings[0].Suppressed; s != nil {
				reason = s.Reason
			}
			if reason != tt.suppressed {
				t.Errorf("suppressed for %q, want %q", reason, tt.suppressed)
			}
			if len(notices) != len(tt.notices) {
				t.Fatalf("notices: %+v, want %q", notices, tt.notices)
			}
			for i, want := range tt.notices {
				if n := notices[i]; !strings.Contains(n.Message, want) || n.Rule != Rule || n.Fingerprint == "" || n.Fix == "" {
					t.Errorf("notice %+v, want %q", n, want)
				}
			}
		})
	}
}

func TestNoticesOfOneFileDiffer(t *testing.T) {
	src := "x = 1  # toctou: ignore[checkthenact]\ny = 1  # toctou: ignore[checkthenact]"
	n := Apply(nil, comments(src), options(src))
	if len(n) != 2 || n[0].Fingerprint == n[1].Fingerprint {
		t.Errorf("notices %+v", n)
	}
}

func FuzzApply(f *testing.F) {
	f.Add("x = f(  # toctou: ignore[checkthenact] y\n)", 1)
	f.Add("# toctou: ignore[a,b", 2)
	f.Add("'''(\n\\\n# toctou: ignore[checkthenact] y", 3)
	f.Add("//toctou:ignore[]\n{`", 1)
	f.Fuzz(func(t *testing.T, src string, line int) {
		findings := []report.Finding{{Rule: "checkthenact", File: "f", Line: line}}
		for _, n := range Apply(findings, comments(src), options(src)) {
			if n.Message == "" || n.Line < 1 {
				t.Errorf("notice %+v", n)
			}
		}
	})
}
