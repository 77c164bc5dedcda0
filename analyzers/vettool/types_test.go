package vettool

import (
	"go/build"
	"os"
	"path/filepath"
	"testing"
)

// TestTypesOnly: what is written down of a package of the standard library without a look into its
// functions is what its importers need.
func TestTypesOnly(t *testing.T) {
	dir := t.TempDir()
	pkg, err := build.Import("unicode/utf8", "", 0)
	if err != nil {
		t.Fatal(err)
	}
	std := unit{ImportPath: pkg.ImportPath, VetxOutput: filepath.Join(dir, "std.vetx")}
	for _, f := range pkg.GoFiles {
		std.GoFiles = append(std.GoFiles, filepath.Join(pkg.Dir, f))
	}
	if err := std.typesOnly(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "user.go")
	user := unit{
		ImportPath: "user", GoFiles: []string{file}, VetxOutput: filepath.Join(dir, "user.vetx"),
		ImportMap: map[string]string{"unicode/utf8": "unicode/utf8"}, PackageVetx: map[string]string{"unicode/utf8": std.VetxOutput},
	}
	for text, good := range map[string]bool{
		"var N int = utf8.RuneLen('x')": true, "var N string = utf8.RuneLen('x')": false, "var N = utf8.Nothing": false,
	} {
		if err := os.WriteFile(file, []byte("package user\n\nimport \"unicode/utf8\"\n\n"+text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := user.typesOnly(); (err == nil) != good {
			t.Errorf("%s: %v", text, err)
		}
	}
	user.PackageVetx = nil
	if user.typesOnly() == nil {
		t.Error("an import that nobody wrote down was found")
	}
}

// TestWithoutTests: test files are left out unless findings in them are asked for.
func TestWithoutTests(t *testing.T) {
	files := []string{"a.go", "a_test.go", "test.go"}
	if got := withoutTests(files); len(got) != 2 || got[0] != "a.go" || got[1] != "test.go" {
		t.Errorf("got %v", got)
	}
	old := os.Args
	defer func() { os.Args = old }()
	os.Args = []string{"toctou", "-lostupdate.tests=true", "vet.cfg"}
	if got := withoutTests(files); len(got) != 3 {
		t.Errorf("asked for tests, got %v", got)
	}
}
