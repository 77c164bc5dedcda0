package goscan

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOrderOfScans: the go command keeps what the tool said of a package that it had not been asked
// for, nothing, and repeats it when the package is asked for. A scan must not depend on what was
// scanned before it.
func TestOrderOfScans(t *testing.T) {
	caller := "package main\n\nimport \"app/cache\"\n\nfunc main() { (&cache.Cache{}).Get(\"k\") }\n"
	tests := map[string]struct {
		files map[string]string
		first string                         // is scanned before
		edit  func(t *testing.T, dir string) // what changes then
		then  string                         // is scanned
		want  string                         // "files, functions, findings" of the second scan
	}{
		"a folder, then all": {
			files: map[string]string{"go.mod": goMod, "cache/cache.go": cache, "cmd/run/main.go": caller},
			first: "cmd", then: ".", want: "2 files, 4 functions, [cache/cache.go:14]",
		},
		"all, then a folder": {
			files: map[string]string{"go.mod": goMod, "cache/cache.go": cache, "cmd/run/main.go": caller},
			first: ".", then: "cmd", want: "1 files, 2 functions, []",
		},
		"all, then what only a test imports": {
			files: map[string]string{
				"go.mod": goMod, "app.go": "package app\n", "testdata/cache/cache.go": cache,
				"app_test.go": "package app\n\nimport _ \"app/testdata/cache\"\n",
			},
			first: ".", then: "testdata", want: "1 files, 2 functions, [testdata/cache/cache.go:14]",
		},
		"a module, then one that it requires": {
			files: map[string]string{
				"app/go.mod": goMod + "\nrequire lib v0.0.0\n\nreplace lib => ../lib\n", "app/app.go": "package app\n\nimport _ \"lib\"\n",
				"lib/go.mod": "module lib\n\ngo 1.26.0\n", "lib/cache.go": cache, "lib/sub/sub.go": "package sub\n",
			},
			first: "app", then: "lib", want: "2 files, 2 functions, [lib/cache.go:14]",
		},
		"a module around one that it requires": {
			files: map[string]string{
				"go.mod": goMod + "\nrequire lib v0.0.0\n\nreplace lib => ./lib\n", "app.go": "package app\n\nimport _ \"lib\"\n",
				"lib/go.mod": "module lib\n\ngo 1.26.0\n", "lib/cache.go": cache,
			},
			first: ".", then: ".", want: "2 files, 2 functions, [lib/cache.go:14]",
		},
		"the tests of a package go away": {
			files: map[string]string{"go.mod": goMod, "cache/cache.go": cache, "cache/cache_test.go": "package cache\n", "cmd/run/main.go": caller},
			first: ".",
			edit: func(t *testing.T, dir string) {
				t.Helper()
				if err := os.Remove(filepath.Join(dir, "cache", "cache_test.go")); err != nil {
					t.Fatal(err)
				}
			},
			then: ".", want: "2 files, 4 functions, [cache/cache.go:14]",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := write(t, test.files)
			if _, err := Scan(context.Background(), filepath.Join(dir, test.first), Options{Driver: DriverVet}); err != nil {
				t.Fatal(err)
			}
			if test.edit != nil {
				test.edit(t, dir)
			}
			for range 2 { // nor on itself
				res, err := Scan(context.Background(), filepath.Join(dir, test.then), Options{Driver: DriverVet})
				if err != nil {
					t.Fatal(err)
				}
				found := []string{}
				for _, f := range res.Findings {
					found = append(found, fmt.Sprintf("%s:%d", filepath.ToSlash(strings.TrimPrefix(f.File, dir+string(filepath.Separator))), f.Line))
				}
				if got := fmt.Sprintf("%d files, %d functions, %v", res.Files, res.Functions, found); got != test.want {
					t.Errorf("got %s, want %s; skipped %v", got, test.want, res.Skipped)
				}
			}
		})
	}
}
