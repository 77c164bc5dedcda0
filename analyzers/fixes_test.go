package analyzers_test

import (
	"bytes"
	"cmp"
	"flag"
	"go/format"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/toctou-lint/toctou/analyzers/internal/rule"
)

var update = flag.Bool("update", false, "write the golden files of the fixes anew")

// TestFixes applies the suggested fixes of every fixture that has a golden file: next to each
// FILE.go is a FILE.go.golden with the code after them. Fixtures of shapes without a safe edit
// have none, and nothing may be suggested there.
func TestFixes(t *testing.T) {
	for _, dir := range []string{"testdata", filepath.Join("testdata", "fixes")} {
		abs, err := filepath.Abs(dir)
		if err != nil {
			t.Fatal(err)
		}
		names := fixtures(t, abs)
		if *update {
			for _, res := range analysistest.Run(t, abs, rule.Everything(), names...) {
				writeGoldens(t, res.Action.Package.Fset, res.Diagnostics)
			}
			continue
		}
		for _, res := range analysistest.RunWithSuggestedFixes(t, abs, rule.Everything(), names...) {
			for _, d := range res.Diagnostics {
				file := res.Action.Package.Fset.Position(d.Pos).Filename
				if _, err := os.Stat(file + ".golden"); err != nil && len(d.SuggestedFixes) > 0 {
					t.Errorf("%s: a fix is suggested, and there is no golden file: run go test ./analyzers -run TestFixes -update", file)
				}
			}
		}
	}
}

func fixtures(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, "src"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if !strings.Contains(e.Name(), ".") { // stand-ins for other modules
			names = append(names, e.Name())
		}
	}
	return names
}

// writeGoldens writes the code after all fixes of a package.
func writeGoldens(t *testing.T, fset *token.FileSet, diags []analysis.Diagnostic) {
	t.Helper()
	byFile := map[string][]analysis.TextEdit{}
	for _, d := range diags {
		for _, fix := range d.SuggestedFixes {
			for _, e := range fix.TextEdits {
				file := fset.Position(e.Pos).Filename
				byFile[file] = append(byFile[file], e)
			}
		}
	}
	for file, edits := range byFile {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		slices.SortStableFunc(edits, func(a, b analysis.TextEdit) int { return cmp.Compare(a.Pos, b.Pos) })
		edits = slices.CompactFunc(edits, func(a, b analysis.TextEdit) bool {
			return a.Pos == b.Pos && a.End == b.End && bytes.Equal(a.NewText, b.NewText)
		})
		var out []byte
		at := 0
		for _, e := range edits {
			out = append(append(out, src[at:fset.Position(e.Pos).Offset]...), e.NewText...)
			at = fset.Position(e.End).Offset
		}
		out, err = format.Source(append(out, src[at:]...))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if err := os.WriteFile(file+".golden", out, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
