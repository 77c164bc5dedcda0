package lower

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

func TestForeign(t *testing.T) {
	for _, c := range []struct {
		version, file string
		want          bool
	}{
		{"", "/home/me/app/a.go", false},
		{"v1.2.3", "/home/me/go/pkg/mod/example.com/lib@v1.2.3/a.go", true},
		{"v1.2.3", "/home/me/app/vendor/example.com/lib/a.go", true},
		{"v1.2.3", "/home/me/app/lib/a.go", false}, // replaced by a folder
		{"", "/home/me/go/pkg/mod/example.com/lib@v1.2.3/a.go", false},
	} {
		if got := Foreign(c.version, c.file); got != c.want {
			t.Errorf("%q %s: %v", c.version, c.file, got)
		}
	}
}

// TestEssence: the functions that keep their bodies are those whose names begin with keep.
func TestEssence(t *testing.T) {
	for name, files := range map[string][]string{
		"locks": {`import "sync"
			type shared struct{ mu sync.Mutex; n int }
			type holder struct{ parts []*shared }
			type plain struct{ once sync.Once; f func(*shared); pool sync.Pool }
			type user interface{ use(*shared) }
			type indirect struct{ u user }
			var std = &holder{}
			func (h *holder) keepMethod() int { return len(h.parts) }
			func (p plain) drop() { p.once.Do(func() {}) }
			func (i indirect) drop() {}
			func keepVar() { std.parts = nil }
			func keepCaller() { keepVar() }
			func drop() { x.std() }`,
			`func (s shared) keepInAnotherFile() int { return s.n }
			func keepLock(l interface{ Lock() }) { l.Lock() }
			func (g generic[T]) keepGeneric() { go g.f() }
			func drop() {}`},
		"atomics": {`import "sync/atomic"
			func keep(n *int64) { atomic.AddInt64(n, 1) }
			func drop() {}`},
		"renamed": {`import lock "sync"
			var keeper lock.RWMutex
			func keep() { keeper.RLock() }
			func drop() {}`},
		"dot": {`import . "sync"
			func keep() {}`, `func drop() {}`},
		"library": {`import "golang.org/x/sync/errgroup"
			func keep() {}`, `func drop() {}`},
		"goroutine": {`func keep() { func() { go f() }() }
			func drop() { f() }`},
		"nothing":      {`func drop() { m["a"] = 1 }`},
		"kept private": {`import "sync"; var pool = sync.Pool{}; func drop() { pool.Get() }`},
	} {
		fset := token.NewFileSet()
		var parsed []*ast.File
		for _, text := range files {
			f, err := parser.ParseFile(fset, name+".go", "package p\n"+text, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			parsed = append(parsed, f)
		}
		got := 0
		for _, f := range Essence(parsed) {
			for _, d := range f.Decls {
				if fd, ok := d.(*ast.FuncDecl); ok && fd.Body != nil {
					got++
					if !strings.HasPrefix(fd.Name.Name, "keep") {
						t.Errorf("%s: %s has a body", name, fd.Name.Name)
					}
				} else if ok && strings.HasPrefix(fd.Name.Name, "keep") {
					t.Errorf("%s: %s has none", name, fd.Name.Name)
				}
			}
		}
		if got == 0 && strings.Contains(strings.Join(files, ""), " keep") {
			t.Errorf("%s: nothing is left", name)
		}
		for _, f := range parsed {
			if slices.ContainsFunc(f.Decls, func(d ast.Decl) bool { fd, ok := d.(*ast.FuncDecl); return ok && fd.Body == nil }) {
				t.Errorf("%s: the files given were changed", name)
			}
		}
	}
}
