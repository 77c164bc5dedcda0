package goscan

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/analyzers/vettool"
)

// TestMain lets the test binary serve as the vet tool of the scans that it starts.
func TestMain(m *testing.M) {
	if vettool.Wanted(os.Args[1:]) {
		vettool.Main()
	}
	os.Exit(m.Run())
}

const storeSource = `// Package store locks by itself.
package store

import "sync"

type Store struct {
	mu sync.Mutex
	m  map[string]*int
}

func (s *Store) Has(k string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.m[k]
	return ok
}

func (s *Store) Add(k string, v *int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m[k] = v
}
`

const userSource = `package user

import "app/store"

type User struct{ s *store.Store }

func (u *User) Ensure(k string) {
	if !u.s.Has(k) {
		u.s.Add(k, new(int))
	}
}

func (u *User) Silenced(k string) {
	if !u.s.Has(k) {
		u.s.Add(k, new(int)) //toctou:ignore[checkthenact] one caller only
	}
}
`

func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Both drivers find a check and an act that lock by themselves in another package: facts cross
// packages, compiled apart from each other.
func TestDrivers(t *testing.T) {
	dir := write(t, map[string]string{"go.mod": "module app\n\ngo 1.26.0\n", "store/store.go": storeSource, "user/user.go": userSource})
	for _, driver := range []string{DriverVet, DriverPackages} {
		t.Run(driver, func(t *testing.T) {
			res, err := Scan(context.Background(), dir, Options{Driver: driver})
			if err != nil {
				t.Fatal(err)
			}
			if len(res.Findings) != 2 || len(res.Skipped) != 0 || res.Files != 2 {
				t.Fatalf("got %d findings, %d files, skipped %v; want 2, 2, none", len(res.Findings), res.Files, res.Skipped)
			}
			f := res.Findings[0]
			if f.Rule != "checkthenact" || f.Line != 9 || f.File != filepath.Join(dir, "user", "user.go") || f.Suppressed != nil || len(f.Steps) < 2 {
				t.Errorf("got %+v", f)
			}
			if s := res.Findings[1].Suppressed; s == nil || s.Reason != "one caller only" {
				t.Errorf("the second finding should be suppressed with its reason, got %+v", s)
			}
		})
	}
}

// A package that does not type-check is listed, and the rest goes on.
func TestBrokenPackage(t *testing.T) {
	dir := write(t, map[string]string{
		"go.mod": "module app\n\ngo 1.26.0\n", "store/store.go": storeSource, "user/user.go": userSource,
		"bad/bad.go": "package bad\n\nvar x int = \"text\"\n",
	})
	res, err := Scan(context.Background(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Findings) != 2 || len(res.Skipped) == 0 || !strings.Contains(res.Skipped[0].File, "bad") {
		t.Errorf("got %d findings, skipped %v; want 2 findings, and the broken package skipped", len(res.Findings), res.Skipped)
	}
}

// Vet gives up on an import that cannot be resolved; the other driver is taken, with a notice.
func TestUnresolvedImport(t *testing.T) {
	dir := write(t, map[string]string{
		"go.mod": "module app\n\ngo 1.26.0\n", "store/store.go": storeSource, "user/user.go": userSource,
		"far/far.go": "package far\n\nimport _ \"app/nowhere\"\n",
	})
	res, err := Scan(context.Background(), dir, Options{Env: append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=mod")})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Findings) != 2 || len(res.Notices) != 1 || len(res.Skipped) == 0 {
		t.Errorf("got %d findings, notices %v, skipped %v; want 2, one, some", len(res.Findings), res.Notices, res.Skipped)
	}
}

func TestNoGo(t *testing.T) {
	res, err := Scan(context.Background(), write(t, map[string]string{"a.py": "x = 1\n"}), Options{})
	if err != nil || len(res.Modules) != 0 || len(res.Findings) != 0 {
		t.Errorf("got %+v, %v; want an empty result", res, err)
	}
}

// Texts that are not on disk are analysed in place of the files, by both drivers.
func TestOverlay(t *testing.T) {
	dir := write(t, map[string]string{"go.mod": "module app\n\ngo 1.26.0\n", "store/store.go": storeSource, "user/user.go": userSource})
	user := filepath.Join(dir, "user", "user.go")
	changed := strings.Replace(userSource, "if !u.s.Has(k) {\n\t\tu.s.Add(k, new(int))\n\t}", "u.s.Add(k, new(int))", 1)
	for _, driver := range []string{DriverVet, DriverPackages} {
		t.Run(driver, func(t *testing.T) {
			res, err := Scan(context.Background(), dir, Options{Driver: driver, Overlay: map[string][]byte{user: []byte(changed)}})
			if err != nil {
				t.Fatal(err)
			}
			if len(res.Findings) != 1 || res.Findings[0].Suppressed == nil || res.Findings[0].File != user || res.Findings[0].Line != 13 {
				t.Errorf("got %+v; want the silenced finding alone, in line 13 of %s", res.Findings, user)
			}
			if len(res.Analysed) != 2 || len(res.Skipped) > 0 {
				t.Errorf("analysed %v, skipped %v", res.Analysed, res.Skipped)
			}
		})
	}
}

// The go command repeats what it printed of a text, with the name that stood for it then: a second
// scan of the same texts finds the same.
func TestOverlayAgain(t *testing.T) {
	dir := write(t, map[string]string{"go.mod": "module app\n\ngo 1.26.0\n", "store/store.go": storeSource, "user/user.go": userSource})
	user := filepath.Join(dir, "user", "user.go")
	texts := map[string][]byte{user: []byte(userSource + "\n// " + filepath.Base(dir) + "\n")}
	var first *Result
	for range 2 {
		res, err := Scan(context.Background(), dir, Options{Driver: DriverVet, Overlay: texts})
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = res
		}
		if len(res.Findings) == 0 || !reflect.DeepEqual(res.Findings, first.Findings) || res.Findings[0].File != user {
			t.Errorf("got %+v\nfirst %+v", res.Findings, first.Findings)
		}
	}
}

// Test files are left out, those of a package of their own and what is exported for them included,
// unless findings in them are asked for.
func TestTestFiles(t *testing.T) {
	inTest := strings.NewReplacer("package cache", "package cache_test", "import \"sync\"", "import (\n\t\"sync\"\n\n\tinner \"app/cache\"\n)\n\nvar _ = inner.Inner\n").Replace(cache)
	for _, driver := range []string{DriverVet, DriverPackages} {
		dir := write(t, map[string]string{
			"go.mod": goMod, "cache/cache.go": cache, "cache/export_test.go": "package cache\n\nvar Inner = (*Cache).Get\n",
			"cache/cache_test.go": inTest,
		})
		for _, want := range []struct {
			flags []string
			files int
		}{
			{nil, 1},
			{[]string{"-checkthenact.tests"}, 3},
		} {
			res, err := Scan(context.Background(), dir, Options{Driver: driver, Flags: want.flags})
			if err != nil {
				t.Fatal(err)
			}
			if res.Files != want.files || len(res.Findings) != 1 || len(res.Skipped) > 0 {
				t.Errorf("driver %s, flags %v: %d files, %d findings, skipped %v; want %d and one", driver, want.flags, res.Files, len(res.Findings), res.Skipped, want.files)
			}
		}
	}
}
