package docs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/internal/flow"
)

// TestFlowTextComment: the text form in the comment of internal/flow/text.go is one that Parse takes.
func TestFlowTextComment(t *testing.T) {
	src, err := os.ReadFile(filepath.Join(root, "internal", "flow", "text.go"))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for line := range strings.Lines(string(src)) {
		if code, ok := strings.CutPrefix(line, "//\t"); ok {
			text.WriteString(code)
		}
	}
	f, err := flow.Parse(strings.NewReader(text.String()))
	if err != nil || len(f.Blocks) == 0 || len(f.Locks) < 2 {
		t.Errorf("%+v, %v", f, err)
	}
}
