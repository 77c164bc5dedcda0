package docs

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	named  = regexp.MustCompile("`(\\w+)` in \\[[^\\]]*\\]\\(\\.\\./([^)#]+)\\)")
	number = regexp.MustCompile(`^([0-9][0-9,]*)( (?:KiB|MiB|GiB|s))?\b`)
)

var units = map[string]int64{"": 1, " s": 1, " KiB": 1 << 10, " MiB": 1 << 20, " GiB": 1 << 30}

// TestBounds holds the numbers of docs/limits.md to the constants that it names.
func TestBounds(t *testing.T) {
	d := find(t, "docs/limits.md")
	rows := d.table("bound")
	if len(rows) == 0 {
		t.Fatal("docs/limits.md has no table of bounds")
	}
	for _, r := range rows {
		if len(r.cells) < 3 {
			t.Errorf("%s:%d: want bound, what happens, constant", d.file, r.line)
			continue
		}
		m, c := number.FindStringSubmatch(r.cells[0]), named.FindStringSubmatch(r.cells[len(r.cells)-1])
		if m == nil || c == nil {
			t.Errorf("%s:%d: the row must begin with a number and end in `constant` in [file](../file)", d.file, r.line)
			continue
		}
		shown, err := strconv.ParseInt(strings.ReplaceAll(m[1], ",", ""), 10, 64)
		if err != nil {
			t.Errorf("%s:%d: %v", d.file, r.line, err)
			continue
		}
		actual, err := constantOf(filepath.Join(root, filepath.FromSlash(c[2])), c[1])
		if err != nil {
			t.Errorf("%s:%d: %v", d.file, r.line, err)
			continue
		}
		if shown*units[m[2]] != actual {
			t.Errorf("%s:%d: %s is %d in the code, not %s", d.file, r.line, c[1], actual, m[0])
		}
	}
}

// constantOf evaluates a constant of a Go file; durations come in seconds.
func constantOf(file, name string) (int64, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, src, parser.SkipObjectResolution)
	if err != nil {
		return 0, err
	}
	for _, decl := range f.Decls {
		g, ok := decl.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, spec := range g.Specs {
			v, _ := spec.(*ast.ValueSpec)
			for i, id := range v.Names {
				if id.Name != name || i >= len(v.Values) {
					continue
				}
				text := string(src[fset.Position(v.Values[i].Pos()).Offset:fset.Position(v.Values[i].End()).Offset])
				text = strings.ReplaceAll(text, "time.Second", "1")
				val, err := types.Eval(fset, nil, token.NoPos, text)
				if err != nil {
					return 0, fmt.Errorf("%s: %s: %w", file, name, err)
				}
				n, ok := constant.Int64Val(constant.ToInt(val.Value))
				if !ok {
					return 0, fmt.Errorf("%s: %s is no whole number", file, name)
				}
				return n, nil
			}
		}
	}
	return 0, fmt.Errorf("%s has no constant %s", file, name)
}
