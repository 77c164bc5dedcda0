package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var testName = regexp.MustCompile("`(?:([\\w/]+)\\.)?((?:Test|Fuzz)\\w+)(?:/([^`]+))?`")

// TestRobustnessNamesTests: each row of docs/robustness.md names at least one test, and those that
// it names exist: `package/path.TestName`, or `package/path.TestName/case` with the case's name.
func TestRobustnessNamesTests(t *testing.T) {
	d := find(t, "docs/robustness.md")
	rows := slices.Concat(d.table("input"), d.table("lacking"), d.table("target"))
	if len(rows) < 20 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, r := range rows {
		found := testName.FindAllStringSubmatch(r.cells[len(r.cells)-1], -1)
		if len(found) == 0 {
			t.Errorf("%s:%d: names no test", d.file, r.line)
		}
		for _, m := range found {
			if !exists(t, m[1], m[2], m[3]) {
				t.Errorf("%s:%d: there is no %s", d.file, r.line, m[0])
			}
		}
	}
}

// exists looks for a test in the package folder dir, and for the name of one of its cases.
func exists(t *testing.T, dir, name, sub string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(dir), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range f.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if ok && fn.Recv == nil && fn.Name.Name == name {
				return sub == "" || hasString(f, strings.ReplaceAll(sub, "_", " ")) || isFile(filepath.Dir(file), "testdata", "script", sub+".txtar") ||
					isFile(filepath.Dir(file), "testdata", "fuzz", name, sub)
			}
		}
	}
	return false
}

func isFile(path ...string) bool {
	info, err := os.Stat(filepath.Join(path...))
	return err == nil && info.Mode().IsRegular()
}

// hasString reports whether a file has the string literal s.
func hasString(f *ast.File, s string) (found bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text, err := strconv.Unquote(lit.Value); err == nil && text == s {
				found = true
			}
		}
		return !found
	})
	return found
}
