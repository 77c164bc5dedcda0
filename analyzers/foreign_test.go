package analyzers_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// through is a package of another module that hands on what it knows of a library, and itself does nothing
// with concurrency: its functions are not looked at, nor are what only they import.
const through = `// Package through is between.
package through

import (
	"fmt"

	"example.com/facts/lib"
)

type Through struct{ Store *lib.Store }

func (t *Through) String() string { return fmt.Sprint(t.Store) }
`

const throughUser = `package app

import "example.com/through"

type user struct{ t *through.Through }

func (u *user) Ensure(k string) {
	if !u.t.Store.Has(k) {
		u.t.Store.Put(k, nil)
	}
}
`

// vendored is a module that has the library of the module of facts from another module.
func vendored(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	lib, err := os.ReadFile(filepath.Join(factsModule(t), "lib", "lib.go"))
	if err != nil {
		t.Fatal(err)
	}
	use, err := os.ReadFile(filepath.Join(factsModule(t), "use", "use.go"))
	if err != nil {
		t.Fatal(err)
	}
	writeFiles(t, dir, map[string]string{
		"go.mod":     "module example.com/app\n\ngo 1.26.0\n\nrequire (\n\texample.com/facts v1.0.0\n\texample.com/through v1.0.0\n)\n",
		"app.go":     throughUser,
		"use/use.go": string(use),
		"vendor/modules.txt": "# example.com/facts v1.0.0\n## explicit; go 1.26.0\nexample.com/facts/lib\n" +
			"# example.com/through v1.0.0\n## explicit; go 1.26.0\nexample.com/through\n",
		"vendor/example.com/facts/lib/lib.go":   string(lib),
		"vendor/example.com/through/through.go": through,
	})
	return dir
}

// TestFactsOfOtherModules: what go vet finds in users of a library is the same when the library belongs to
// another module, whether or not that is asked for, too.
func TestFactsOfOtherModules(t *testing.T) {
	for _, patterns := range [][]string{{"./..."}, {"example.com/facts/lib", "example.com/through", "./..."}} {
		if out := vetUsers(t, vendored(t), "vendor", patterns...); !strings.Contains(out, "app.go:9:") {
			t.Errorf("%v: what a package in between hands on is lost:\n%s", patterns, out)
		}
	}
}
