package pattern

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestPattern(t *testing.T) {
	if p := New(`(a)(b)?`); !p.MatchString("ab") || p.MatchString("b") || p.FindStringSubmatch("ab")[2] != "b" || string(p.FindSubmatch([]byte("ab"))[1]) != "a" ||
		len(p.FindAllStringSubmatch("aab", -1)) != 2 || p.ReplaceAllString("xab", "y") != "xy" || len(p.Split("1a2", -1)) != 2 {
		t.Error("not what regexp does")
	}
}

// TestExpressions compiles what the module passes to New: nothing else does before it is used.
func TestExpressions(t *testing.T) {
	root := filepath.Join("..", "..")
	n := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != root):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			c, ok := node.(*ast.CallExpr)
			if !ok {
				return true
			}
			if f, ok := c.Fun.(*ast.SelectorExpr); !ok || f.Sel.Name != "New" || !named(f.X, "pattern") {
				return true
			}
			n++
			expr, ok := constant(c.Args[0])
			if !ok {
				t.Errorf("%s: a pattern is no constant string", path)
			} else if _, err := regexp.Compile(expr); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n == 0 {
		t.Error("nothing in the module makes a pattern")
	}
}

func named(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

// constant is the value of string literals that are put together.
func constant(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.BinaryExpr:
		x, ok := constant(e.X)
		y, ok2 := constant(e.Y)
		return x + y, ok && ok2
	}
	return "", false
}
