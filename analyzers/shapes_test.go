package analyzers_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/toctou-lint/toctou/analyzers/internal/rule"
)

// TestShapes runs all rules over the shapes that must and must not be reported. A fixture's name
// carries its verdict; what is reported carries the rule's name.
func TestShapes(t *testing.T) {
	dir := analysistest.TestData()
	entries, err := os.ReadDir(filepath.Join(dir, "src"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if !strings.Contains(e.Name(), ".") { // others' packages
			names = append(names, e.Name())
		}
	}
	analysistest.Run(t, dir, rule.Everything(), names...) // one load for all
}
