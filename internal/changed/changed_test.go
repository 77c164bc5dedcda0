package changed

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/report"
)

func TestCompare(t *testing.T) {
	const old = "a\nb\nc\nd\n"
	for name, tt := range map[string]struct {
		now  string
		want Lines
	}{
		"same":          {old, nil},
		"other endings": {"a\r\nb\r\nc\r\nd\r\n", nil},
		"changed":       {"a\nB\nc\nd\n", Lines{{2, 3}}},
		"added":         {"a\nb\nx\ny\nc\nd\n", Lines{{3, 5}}},
		"removed":       {"a\nc\nd\n", Lines{{1, 3}}},
		"appended":      {"a\nb\nc\nd\ne", Lines{{5, 6}}},
		"emptied":       {"", Lines{{0, 2}}},
		"two":           {"A\nb\nc\nD\n", Lines{{1, 2}, {4, 5}}},
	} {
		if got := compare(old, tt.now); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	if got := compare("", "a\nb\n"); !reflect.DeepEqual(got, Lines{{1, 3}}) {
		t.Errorf("new file: %v", got)
	}
}

func TestFilter(t *testing.T) {
	root := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com"}, args...)...)
		cmd.Dir = root
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	read := func(file string) ([]byte, error) { return os.ReadFile(filepath.Join(root, file)) }

	ctx := context.Background()
	if _, err := Since(ctx, root, "HEAD", read); err == nil || !strings.Contains(err.Error(), "no git work tree") {
		t.Errorf("no repository: %v", err)
	}
	git("init", "-q")
	put("a.py", strings.Repeat("x = 1\n", 30))
	put("w.py", "x = 1\n")
	git("add", ".")
	git("commit", "-qm", "one")
	put("a.py", strings.Repeat("x = 1\n", 14)+"x = 2\n"+strings.Repeat("x = 1\n", 15))
	put("new.py", "x = 1\n")
	for _, rev := range []string{"nosuch", "--output=x", "HEAD:a.py"} {
		if _, err := Since(ctx, root, rev, read); err == nil || !strings.Contains(err.Error(), "no revision") {
			t.Errorf("%s: %v", rev, err)
		}
	}
	set, err := Since(ctx, root, "HEAD", read)
	if err != nil {
		t.Fatal(err)
	}
	step := func(kind, file string, line int) report.Step { return report.Step{Kind: kind, File: file, Line: line} }
	findings := []report.Finding{
		{Message: "around", File: "a.py", Line: 20, Steps: []report.Step{step(report.StepCheck, "a.py", 10), step(report.StepAct, "a.py", 20)}},
		{Message: "before", File: "a.py", Line: 12, Steps: []report.Step{step(report.StepCheck, "a.py", 10)}},
		{Message: "writer changed", File: "a.py", Line: 3, Steps: []report.Step{step(report.StepWriter, "a.py", 15)}},
		{Message: "writer far below", File: "a.py", Line: 3, Steps: []report.Step{step(report.StepWriter, "a.py", 25)}},
		{Message: "new file", File: "new.py", Line: 1},
		{Message: "old file", File: "w.py", Line: 1},
		{Message: "writer in a new file", File: "w.py", Line: 1, Steps: []report.Step{step(report.StepWriter, "new.py", 1)}},
	}
	got, err := set.Filter(findings)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range got {
		names = append(names, f.Message)
	}
	if want := []string{"around", "writer changed", "new file", "writer in a new file"}; !reflect.DeepEqual(names, want) {
		t.Errorf("touched %q, want %q", names, want)
	}
}
