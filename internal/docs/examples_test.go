package docs

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/internal/audit"
	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/internal/marks"
)

// TestExamples scans each Python block of docs and README that carries a `# BAD: rule` mark, and
// each that a block marked so is compared with (`python good`): shown findings stand exactly at
// the marks. The pages of the rules have a test of their own.
func TestExamples(t *testing.T) {
	marked := 0
	for _, d := range documents(t) {
		if strings.HasPrefix(d.file, "internal/rules/") {
			continue
		}
		for _, b := range d.blocks {
			if b.language() != "python" || b.from() != "" { // what is cut from a file is scanned where it stands
				continue
			}
			text := strings.Join(b.text, "\n") + "\n"
			list, err := marks.Parse(d.file, []byte(text))
			if err != nil {
				t.Errorf("%s from line %d: %v", d.file, b.line, err)
			}
			good := slices.Contains(strings.Fields(b.info), "good")
			if len(list) == 0 && !good {
				continue
			}
			marked += len(list)
			var want []string
			for _, m := range list {
				want = append(want, fmt.Sprintf("%d %s", m.Line, m.Rules[0]))
			}
			if got := shown(t, text); !slices.Equal(got, want) {
				t.Errorf("%s: the block from line %d has findings %q, want %q", d.file, b.line, got, want)
			}
		}
	}
	if marked == 0 {
		t.Error("no example carries a mark")
	}
}

// shown are the findings that check shows for one file, as "line rule".
func shown(t *testing.T, text string) (out []string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "example.py")
	if err := os.WriteFile(file, marks.Strip([]byte(text)), 0o600); err != nil {
		t.Fatal(err)
	}
	au, err := audit.Run(context.Background(), audit.Request{Paths: []string{file}, Config: (&config.Config{}).Defaults()})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range au.Findings {
		if marks.Shown(f) {
			out = append(out, fmt.Sprintf("%d %s", f.Line, f.Rule))
		}
	}
	return out
}
