package analyzers_test

import (
	"bytes"
	"cmp"
	"flag"
	"go/ast"
	"go/format"
	"go/parser"
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
		for _, res := range analysistest.RunWithSuggestedFixes(strict{t}, abs, rule.Everything(), names...) {
			for file, out := range applied(t, res.Action.Package.Fset, res.Diagnostics) {
				keepsTheRest(t, file, out)
			}
			for _, d := range res.Diagnostics {
				file := res.Action.Package.Fset.Position(d.Pos).Filename
				if _, err := os.Stat(file + ".golden"); err != nil && len(d.SuggestedFixes) > 0 {
					t.Errorf("%s: a fix is suggested, and there is no golden file: run go test ./analyzers -run TestFixes -update", file)
				}
			}
		}
	}
}

// strict ends a test at a fixture that cannot be analysed: analysistest would go on without a result.
type strict struct{ *testing.T }

func (s strict) Errorf(format string, args ...any) {
	s.Helper()
	if strings.HasPrefix(format, "error analyzing") {
		s.Fatalf(format, args...)
	}
	s.T.Errorf(format, args...)
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

// keepsTheRest: what the edits make of a file is its golden file to the byte, not only once gofmt has
// been over it, and exported functions are called as before.
func keepsTheRest(t *testing.T, file string, out []byte) {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := os.ReadFile(file + ".golden"); err == nil && !bytes.Equal(out, want) {
		t.Errorf("%s: the edits make of it what only gofmt makes the golden file", file)
	}
	if before, after := signatures(t, src), signatures(t, out); !slices.Equal(before, after) {
		t.Errorf("%s: exported functions were %q, and are %q", file, before, after)
	}
}

// signatures are the heads of the exported functions and methods of a file.
func signatures(t *testing.T, src []byte) (out []string) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "x.go", src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.IsExported() {
			head := &ast.FuncDecl{Recv: fn.Recv, Name: fn.Name, Type: fn.Type}
			var b bytes.Buffer
			if err := format.Node(&b, fset, head); err != nil {
				t.Fatal(err)
			}
			out = append(out, b.String())
		}
	}
	slices.Sort(out)
	return out
}

// writeGoldens writes the code after all fixes of a package.
func writeGoldens(t *testing.T, fset *token.FileSet, diags []analysis.Diagnostic) {
	t.Helper()
	for file, out := range applied(t, fset, diags) {
		out, err := format.Source(out)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if err := os.WriteFile(file+".golden", out, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// applied is what all fixes of a package make of its files.
func applied(t *testing.T, fset *token.FileSet, diags []analysis.Diagnostic) map[string][]byte {
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
	all := map[string][]byte{}
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
		all[file] = append(out, src[at:]...)
	}
	return all
}
