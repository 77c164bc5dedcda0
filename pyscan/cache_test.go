package pyscan

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"

	"github.com/toctou-lint/toctou/pyscan/lower"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// A second scan of the same files takes all of them from the cache, and linking them has changed
// none.
func TestCacheIsNotChanged(t *testing.T) {
	dir := "../testdata"
	texts := map[string][]byte{}
	var sources []Source
	err := filepath.WalkDir(dir, func(file string, d os.DirEntry, err error) error {
		if err != nil || filepath.Ext(file) != ".py" {
			return err
		}
		text, err := os.ReadFile(file)
		texts[file] = text
		sources = append(sources, Source{Path: file, Read: func(*[]byte) ([]byte, error) { return text, nil }})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	cache := &Cache{}
	var functions []int
	for range 2 {
		res, err := Scan(context.Background(), sources, Options{Cache: cache})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, u := range res.Units {
			linked, err := u.Link(context.Background(), nil)
			if err != nil {
				t.Fatal(err)
			}
			n += len(linked.Program.Funcs)
		}
		functions = append(functions, n)
	}
	if functions[0] == 0 || functions[0] != functions[1] {
		t.Errorf("functions of the two scans: %v", functions)
	}
	if len(cache.modules) == 0 || len(cache.modules) > len(texts) {
		t.Fatalf("%d modules of %d files are kept", len(cache.modules), len(texts))
	}
	for path, list := range cache.modules {
		tree, err := syntax.Parse(texts[path])
		if err != nil {
			t.Fatal(err)
		}
		if len(list) != 1 || !reflect.DeepEqual(list[0].module, lower.Lower(tree, path)) {
			t.Errorf("%s was changed by a scan, or is kept %d times", path, len(list))
		}
	}
}

func TestCacheKeepsFew(t *testing.T) {
	cache := &Cache{}
	scan := func(text string) {
		t.Helper()
		src := Source{Path: "a.py", Read: func(*[]byte) ([]byte, error) { return []byte(text), nil }}
		if _, err := Scan(context.Background(), []Source{src}, Options{Cache: cache}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 * versions {
		scan("async def f():\n    await g(" + strconv.Itoa(i) + ")\n")
	}
	if n := len(cache.modules["a.py"]); n != versions {
		t.Errorf("%d texts of one file are kept, want %d", n, versions)
	}
}
