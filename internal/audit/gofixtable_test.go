package audit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// TestGoFixTable holds the table for Go of docs/fixes.md to what fixing the fixtures gives.
func TestGoFixTable(t *testing.T) {
	rules, sets := map[string]*shares{}, map[string]*shares{}
	for set, dir := range map[string]string{
		"shapes (`analyzers/testdata/src`)":           goFixtures(t, "../../analyzers/testdata/src"),
		"forms of fixes (`analyzers/testdata/fixes`)": goFixtures(t, "../../analyzers/testdata/fixes/src"),
		"module of the concurrency tests":             goModule(t),
	} {
		for _, r := range fixGo(t, dir).Results {
			for _, s := range []*shares{in(rules, r.Finding.Rule), in(sets, set)} {
				s.findings++
				if r.Proposed {
					s.proposed++
				}
				if r.Applied { // no fix of Go changes behaviour
					s.verified++
					s.unsafe++
				}
			}
		}
	}
	var b strings.Builder
	table(&b, "set", sets)
	b.WriteString("\n")
	table(&b, "rule", rules)
	documented(t, "go", b.String())
}

// goFixtures makes a module of fixtures that analysistest reads as a GOPATH: folders with a dot
// stand for other modules.
func goFixtures(t *testing.T, src string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(src)); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"go.mod": "module fixtures\n\ngo 1.26.0\n"}
	if mods, _ := filepath.Glob(filepath.Join(dir, "golang.org/x/*")); len(mods) > 0 {
		files["go.mod"] += "\nrequire golang.org/x/sync v0.0.0\n\nreplace golang.org/x/sync => ./golang.org/x/sync\n"
		files["golang.org/x/sync/go.mod"] = "module golang.org/x/sync\n\ngo 1.26.0\n"
	}
	imports, err := filepath.Glob(filepath.Join(dir, "*", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range imports {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name, err := filepath.Rel(dir, file)
		if err != nil {
			t.Fatal(err)
		}
		own := filepath.Base(filepath.Dir(file)) // a fixture imports the packages below it by its own name
		files[name] = strings.ReplaceAll(string(text), "\""+own+"/", "\"fixtures/"+own+"/")
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func goModule(t *testing.T) string {
	t.Helper()
	ar, err := txtar.ParseFile("testdata/gobehave.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range ar.Files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
