package audit

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/internal/walk"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/report"
)

// project writes files and returns their root.
func project(t *testing.T, files map[string]string) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "platform")
	for name, text := range files {
		p := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func run(t *testing.T, root string, cfg config.Config) *report.Audit {
	t.Helper()
	cfg.Dir = root
	a, err := Run(context.Background(), Request{Paths: []string{root}, Config: cfg.Defaults(), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func dirs(list []report.Service) []string {
	var out []string
	for _, s := range list {
		out = append(out, s.Name+"="+s.Dir)
	}
	return out
}

func TestServices(t *testing.T) {
	tests := map[string]struct {
		files  []string
		config []config.Service
		want   []string
	}{
		"services folder": {
			files: []string{"services/a/x.py", "services/b/pkg/main.py", "services/b/y.py", "shared/z.py"},
			want:  []string{"a=services/a", "b=services/b"},
		},
		"markers": {
			files: []string{"api/requirements.txt", "api/app/main.py", "worker/pyproject.toml", "worker/src/w/x.py", "lib/x.py"},
			want:  []string{"api=api", "worker=worker"},
		},
		"one project": {
			files: []string{"pyproject.toml", "pkg/x.py", "docs/requirements.txt", "docs/conf.py", "tests/main.py"},
			want:  []string{"platform=."},
		},
		"a layer that is called services": {
			files: []string{"pyproject.toml", "app/services/__init__.py", "app/services/users/x.py"},
			want:  []string{"platform=."},
		},
		"a marker without source": {
			files: []string{"web/Dockerfile", "web/index.html", "api/main.py"},
			want:  []string{"api=api"},
		},
		"nothing":    {files: []string{"a.py"}},
		"configured": {files: []string{"x/one/a.py", "x/two/b.py", "y/c.py"}, config: []config.Service{{Dir: "x/*"}, {Name: "why", Dir: "y"}}, want: []string{"one=x/one", "two=x/two", "why=y"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{}
			for _, f := range tt.files {
				files[f] = "x = 1\n"
			}
			a := run(t, project(t, files), config.Config{Services: tt.config})
			if got := dirs(a.Services); !slices.Equal(got, tt.want) {
				t.Errorf("services %q, want %q", got, tt.want)
			}
		})
	}
}

func TestImportRoots(t *testing.T) {
	root := project(t, map[string]string{
		"services/a/pyproject.toml": "", "services/a/src/a/x.py": "", "services/a/y.py": "",
		"services/b/src/__init__.py": "", "services/b/src/z.py": "", "tool.py": "",
	})
	found, err := walk.Walk(context.Background(), []string{root}, walk.Options{})
	if err != nil {
		t.Fatal(err)
	}
	list := services(root, found.Files, &config.Config{})
	roots := importRoots(root, found.Files, list)
	got := map[string]string{}
	for i, f := range found.Files {
		got[f.Rel] = roots[i]
	}
	for file, want := range map[string]string{
		"services/a/src/a/x.py": "services/a/src", "services/a/y.py": "services/a",
		"services/b/src/z.py": "services/b", "tool.py": "",
	} {
		if got[file] != want {
			t.Errorf("%s: import root %q, want %q", file, got[file], want)
		}
	}
}

// found puts findings into the audit as a judge would.
func found(a *report.Audit, list ...report.Finding) *report.Audit {
	take(a, &judged{Files: 1, part: part{Output: &verdict.Output{Findings: list}}}, nil)
	return a
}

func finding(file string, line int, severity report.Severity, confidence report.Confidence, window string) report.Finding {
	f := report.Finding{Rule: "checkthenact", File: file, Line: line, Severity: severity, Confidence: confidence}
	if window != "" {
		f.Window = &window
	}
	return f
}

func TestFinish(t *testing.T) {
	root := project(t, map[string]string{
		"a.py":        "x = 1\n# toctou: ignore[checkthenact] one writer\ny = 2\nz = 3  # toctou: ignore[checkthenact] gone\n",
		"legacy/b.py": "x = 1\n",
		"tests/c.py":  "x = 1\n",
	})
	res, err := walk.Walk(context.Background(), []string{root}, walk.Options{})
	if err != nil {
		t.Fatal(err)
	}
	tr := newTree(res, Request{})
	cfg := (&config.Config{
		Dir: root,
		Overrides: []config.Override{
			{Paths: []string{"legacy"}, Rules: map[string]config.RuleConf{"checkthenact": {Severity: "info"}}},
			{Paths: []string{"tests"}, Ignore: []string{"checkthenact"}},
		},
	}).Defaults()
	a := found(&report.Audit{Counts: map[string]int{}, Patterns: []report.FilePattern{{File: "a.py"}}},
		finding("tests/c.py", 1, report.High, report.Sure, "open"),
		finding("legacy/b.py", 1, report.High, report.Sure, "open"),
		finding("a.py", 3, report.High, report.Sure, "open"),
		finding("a.py", 1, report.High, report.Sure, "open"),
	)
	src := tr.text("a.py")
	var list []ir.Comment
	for _, text := range []string{"# toctou: ignore[checkthenact] one writer", "# toctou: ignore[checkthenact] gone"} {
		at := uint32(strings.Index(string(src), text))
		list = append(list, ir.Comment{Span: ir.Span{Start: at, End: at + uint32(len(text))}, Own: at == 6})
	}
	finish(a, tr, cfg, pythonComments("a.py", src, list), Disabled(cfg))

	type row struct {
		file       string
		line       int
		rule       string
		severity   report.Severity
		suppressed bool
	}
	var got []row
	for _, f := range a.Findings {
		got = append(got, row{f.File, f.Line, f.Rule, f.Severity, f.Suppressed != nil})
	}
	want := []row{
		{"a.py", 1, "checkthenact", report.High, false},
		{"a.py", 3, "checkthenact", report.High, true},
		{"a.py", 4, "suppression", report.Low, false},
		{"legacy/b.py", 1, "checkthenact", report.Info, false},
	}
	if !slices.Equal(got, want) {
		t.Errorf("findings %v\nwant     %v", got, want)
	}
	if a.Counts["suppressed"] != 1 {
		t.Errorf("counts %v", a.Counts)
	}
	if p := a.Patterns[0]; p.Worst != report.High || p.Findings != 2 {
		t.Errorf("patterns %+v", p)
	}
	if a.Excerpts[report.ExcerptKey("a.py", 3)] != "y = 2" {
		t.Errorf("excerpts %v", a.Excerpts)
	}
}

func TestCommentsOfOldLineEnds(t *testing.T) {
	for name, src := range map[string]string{"unix": "x\n  # c", "dos": "x\r\n  # c", "mac": "x\r  # c"} {
		at := uint32(strings.Index(src, "#"))
		got := pythonComments("f", []byte(src), []ir.Comment{{Span: ir.Span{Start: at, End: at + 3}}})
		if len(got) != 1 || got[0].Line != 2 || got[0].Column != 3 || got[0].Text != "# c" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := pythonComments("f", []byte("x"), []ir.Comment{{Span: ir.Span{Start: 5, End: 9}}}); got != nil {
		t.Errorf("a comment beyond the end: %+v", got)
	}
}

func TestShown(t *testing.T) {
	all := found(&report.Audit{Counts: map[string]int{}},
		finding("a", 1, report.High, report.Sure, "open"),
		finding("a", 2, report.High, report.Doubtful, "open"),
		finding("a", 3, report.Info, report.Sure, "open"),
		finding("a", 4, report.Medium, report.Likely, "latent"),
		finding("a", 5, report.Low, report.Likely, "latent"),
		finding("a", 6, report.Low, report.Likely, ""),
	)
	for name, tt := range map[string]struct {
		display Display
		want    []int
	}{
		"default":        {Display{Severity: report.Low, Confidence: report.Likely}, []int{1, 4, 6}},
		"latent":         {Display{Severity: report.Low, Confidence: report.Likely, Latent: true}, []int{1, 4, 5, 6}},
		"low confidence": {Display{Severity: report.Low, Confidence: report.Doubtful}, []int{1, 2, 4, 6}},
		"high":           {Display{Severity: report.High, Confidence: report.Likely}, []int{1}},
		"info":           {Display{Severity: report.Info, Confidence: report.Sure}, []int{1, 3}},
	} {
		var lines []int
		for _, f := range Shown(all, tt.display).Findings {
			lines = append(lines, f.Line)
		}
		if !slices.Equal(lines, tt.want) {
			t.Errorf("%s: lines %v, want %v", name, lines, tt.want)
		}
	}
	if len(all.Findings) != 6 {
		t.Error("the audit itself was changed")
	}
}

func TestFails(t *testing.T) {
	suppressed := finding("a", 1, report.Critical, report.Sure, "")
	suppressed.Suppressed = &report.Suppression{Reason: "x"}
	for name, tt := range map[string]struct {
		finding    report.Finding
		thresholds config.Thresholds
		want       bool
	}{
		"at the threshold": {finding("a", 1, report.Medium, report.Likely, ""), config.Thresholds{}, true},
		"low severity":     {finding("a", 1, report.Low, report.Sure, ""), config.Thresholds{}, false},
		"low confidence":   {finding("a", 1, report.Critical, report.Doubtful, ""), config.Thresholds{}, false},
		"asked for":        {finding("a", 1, report.Info, report.Doubtful, ""), config.Thresholds{FailOn: "info", Confidence: "low"}, true},
		"never":            {finding("a", 1, report.Critical, report.Sure, ""), config.Thresholds{FailOn: "never"}, false},
		"suppressed":       {suppressed, config.Thresholds{}, false},
	} {
		a := found(&report.Audit{Counts: map[string]int{}}, tt.finding)
		cfg := (&config.Config{Thresholds: tt.thresholds}).Defaults()
		if got := Fails(a, cfg.Thresholds); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, Request{Paths: []string{t.TempDir()}, Config: (&config.Config{}).Defaults()}); err == nil {
		t.Error("no error")
	}
}

func TestSelect(t *testing.T) {
	off := Disabled(&config.Config{Select: []string{"suppression"}})
	if off["suppression"] || !off["checkthenact"] {
		t.Errorf("disabled %v", off)
	}
}
