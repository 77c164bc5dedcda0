//go:build cgo

package lower_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/lower"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func lowered(tb testing.TB, src []byte) *ir.Module {
	tb.Helper()
	tree, err := syntax.Parse(src)
	if err != nil {
		tb.Fatal(err)
	}
	m := lower.Lower(tree, "test.py")
	if err := check(m); err != nil {
		tb.Error(err)
	}
	return m
}

// check returns an error if m does not hang together.
func check(m *ir.Module) error {
	for fi := range m.Funcs {
		f := &m.Funcs[fi]
		if len(f.Blocks) == 0 {
			return fmt.Errorf("f%d has no blocks", fi)
		}
		if f.Parent >= fi {
			return fmt.Errorf("f%d comes before its parent", fi)
		}
		defined := make([]bool, f.Temps+1)
		for b := range f.Blocks {
			defined[f.Blocks[b].Elem] = true
			for _, in := range f.Blocks[b].Instrs {
				defined[in.Dst] = true
			}
		}
		use := func(t ir.Temp, what any) error {
			if t != 0 && !defined[t] {
				return fmt.Errorf("f%d %s: t%d of %v is never defined", fi, f.Qual, t, what)
			}
			return nil
		}
		for bi := range f.Blocks {
			b := &f.Blocks[bi]
			for i := range b.Instrs {
				in := &b.Instrs[i]
				temps := []ir.Temp{in.A, in.B, in.C}
				for _, a := range in.Args {
					temps = append(temps, a.T)
				}
				for _, t := range temps {
					if err := use(t, in.Op); err != nil {
						return err
					}
				}
				if in.Pos > in.End || int(in.End) > m.Size {
					return fmt.Errorf("f%d: %v is at %d-%d", fi, in.Op, in.Pos, in.End)
				}
				if in.Op == ir.Closure && int(in.Func) >= len(m.Funcs) || in.Op == ir.MakeClass && int(in.Func) >= len(m.Classes) {
					return fmt.Errorf("f%d: %v of %d", fi, in.Op, in.Func)
				}
			}
			if err := use(b.Cond, "a condition"); err != nil {
				return err
			}
			if err := use(b.Return, "a return"); err != nil {
				return err
			}
			if len(b.Succs) == 0 && b.Exit == ir.Falls {
				return fmt.Errorf("f%d b%d leads nowhere", fi, bi)
			}
			for _, e := range b.Succs {
				if int(e.To) >= len(f.Blocks) || e.To < 0 {
					return fmt.Errorf("f%d b%d leads to b%d", fi, bi, e.To)
				}
			}
		}
	}
	return nil
}

func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.py")
	if err != nil || len(files) == 0 {
		t.Fatal("no test data")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".py"), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			m := lowered(t, src)
			if len(m.Damaged) > 0 {
				t.Errorf("damaged: %v", m.Damaged)
			}
			var out bytes.Buffer
			if err := ir.Print(&out, m); err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(file, ".py") + ".ir"
			if *update {
				if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(out.Bytes(), want) {
				t.Errorf("%s differs; review, then go test ./pyscan/lower -run Golden -update\n%s", golden, out.Bytes())
			}
		})
	}
}

func TestDeepNesting(t *testing.T) {
	const n = 10_000
	blocks := new(strings.Builder)
	for i := range 90 {
		blocks.WriteString(strings.Repeat(" ", i) + "if x:\n")
	}
	blocks.WriteString(strings.Repeat(" ", 90) + "y()\n")
	indented := new(strings.Builder)
	for i := range 1200 {
		indented.WriteString(strings.Repeat(" ", i) + "with x:\n" + strings.Repeat(" ", i+1) + "if y: return\n")
	}
	tries := new(strings.Builder)
	for i := range 80 {
		tries.WriteString(strings.Repeat(" ", i) + "try:\n")
	}
	tries.WriteString(strings.Repeat(" ", 80) + strings.Repeat("x and y;", 50_000) + "\n")
	for i := 79; i >= 0; i-- {
		tries.WriteString(strings.Repeat(" ", i) + "except E: pass\n")
	}
	finally := new(strings.Builder)
	for i := range 30 {
		ind := strings.Repeat(" ", i)
		finally.WriteString(ind + "try:\n" + ind + " f()\n" + ind + "finally:\n")
	}
	finally.WriteString(strings.Repeat(" ", 30) + "g()\n")
	for name, tt := range map[string]struct {
		src string
		cut bool
	}{
		"parentheses": {strings.Repeat("(", n) + "x" + strings.Repeat(")", n) + "\n", true},
		"lists":       {"y = " + strings.Repeat("[", n) + strings.Repeat("]", n) + "\n", true},
		"sums":        {"y = x" + strings.Repeat(" + x", n) + "\n", true},
		"ands":        {"if x" + strings.Repeat(" and x", n) + ": pass\n", true},
		"calls":       {"x" + strings.Repeat("()", n) + "\n", true},
		"elifs":       {"if x: pass\n" + strings.Repeat("elif x: pass\n", n), false},
		"lambdas":     {"y = " + strings.Repeat("lambda: ", n) + "x\n", false},
		"targets":     {strings.Repeat("(", n) + "x," + strings.Repeat(")", n) + " = y\n", true},
		"types":       {"x: " + strings.Repeat("a[", n) + "b" + strings.Repeat("]", n) + "\n", false},
		"blocks":      {blocks.String(), false},
		"indented":    {indented.String(), true},
		"finally":     {finally.String(), true},
		"handlers":    {tries.String(), true},
		"names":       {"y = [(" + strings.Repeat("x, ", n) + ") for " + strings.Repeat("x, ", n) + "in z]\n", true},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			m := lowered(t, []byte(tt.src))
			if d := time.Since(start); d > 10*time.Second {
				t.Errorf("took %v", d)
			}
			if cut := m.Funcs[0].Cut != ""; cut != tt.cut {
				t.Errorf("cut is %q", m.Funcs[0].Cut)
			}
		})
	}
}

// TestDamage removes every line and every short span from the golden sources in turn.
func TestDamage(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.py")
	n := 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{1, 7, 40} {
			for i := 0; i < len(src); i += 1 + size/4 {
				cut := append(bytes.Clone(src[:i]), src[min(len(src), i+size):]...)
				lowered(t, cut)
				n++
			}
		}
	}
	if n < 1000 {
		t.Errorf("only %d variants tried", n)
	}
}

// TestConcurrentLowering lowers the golden sources side by side: scratch memory is shared in turn,
// and no result may depend on what was lowered before.
func TestConcurrentLowering(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.py")
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			file := files[i%len(files)]
			src, err := os.ReadFile(file)
			if err != nil {
				t.Error(err)
				return
			}
			tree, err := syntax.Parse(src)
			if err != nil {
				t.Error(err)
				return
			}
			var out bytes.Buffer
			if err := ir.Print(&out, lower.Lower(tree, file)); err != nil {
				t.Error(err)
			}
			if want, _ := os.ReadFile(strings.TrimSuffix(file, ".py") + ".ir"); !bytes.Equal(out.Bytes(), want) {
				t.Errorf("%s came out different", file)
			}
		})
	}
	wg.Wait()
}

// TestPositions checks what a diagnostic of an instruction would underline.
func TestPositions(t *testing.T) {
	src := "async def f(self, d, k):\n" +
		"    self.a = await self.g(k)\n" +
		"    d[k] += 1\n" +
		"    if k not in d and self.b.c:\n" +
		"        n = (d[k])\n"
	m := lowered(t, []byte(src))
	got := map[string]bool{}
	for _, b := range m.Funcs[1].Blocks {
		for _, in := range b.Instrs {
			got[in.Op.String()+" "+src[in.Pos:in.End]] = true
		}
		if b.Cond != 0 {
			got["branch "+src[b.Pos:b.End]] = true
		}
	}
	for _, want := range []string{
		"setattr self.a", "await await self.g(k)", "call self.g(k)", "getattr self.g", "setitem d[k]", "getitem d[k]",
		"binary d[k] += 1", "notin k not in d", "branch k not in d", "branch self.b.c", "getattr self.b", "store n",
	} {
		if !got[want] {
			t.Errorf("no %q among %v", want, got)
		}
	}
}

func TestCommentBelongsToItsLine(t *testing.T) {
	m := lowered(t, []byte("def f():\n    def g():\n        return x  # toctou: ignore\n    y()  # noqa\nz()  # noqa: X\n"))
	var funcs []int
	for _, c := range m.Comments {
		funcs = append(funcs, c.Func)
	}
	if fmt.Sprint(funcs) != "[2 1 0]" {
		t.Errorf("comments belong to %v", funcs)
	}
}

func FuzzLower(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.py")
	for _, file := range files {
		if src, err := os.ReadFile(file); err == nil {
			f.Add(src)
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		tree, err := syntax.Limits{MaxSize: 1 << 16, Timeout: 2 * time.Second}.Parse(src)
		if err != nil {
			return
		}
		m := lower.Lower(tree, "fuzz.py")
		if err := check(m); err != nil {
			t.Error(err)
		}
		if err := ir.Print(new(bytes.Buffer), m); err != nil {
			t.Error(err)
		}
	})
}

// tree lists the Python files of the directory that TOCTOU_PYTHON_TREE names, or of the standard
// library of the python3 at hand.
func tree() (files []string) {
	dir := os.Getenv("TOCTOU_PYTHON_TREE")
	if dir == "" {
		out, _ := exec.Command("python3", "-c", "import os; print(os.path.dirname(os.__file__) + '/asyncio')").Output()
		dir = strings.TrimSpace(string(out))
	}
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && strings.HasSuffix(path, ".py") {
			files = append(files, path)
		}
		return nil
	})
	return files
}

func TestRealFiles(t *testing.T) {
	files := tree()
	if len(files) == 0 {
		t.Skip("no Python at hand")
	}
	damaged, funcs, instrs, cut := 0, 0, 0, 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		tree, err := syntax.Parse(src)
		if err != nil {
			t.Logf("%s: %v", file, err)
			continue
		}
		m := lower.Lower(tree, file)
		if err := check(m); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		if len(m.Damaged) > 0 {
			damaged++
			t.Logf("%s: damaged in line %d", file, m.Line(m.Damaged[0].Start))
		}
		for i := range m.Funcs {
			funcs++
			for b := range m.Funcs[i].Blocks {
				instrs += len(m.Funcs[i].Blocks[b].Instrs)
			}
			if m.Funcs[i].Cut != "" {
				cut++
				t.Logf("%s: %s: %s", file, m.Funcs[i].Qual, m.Funcs[i].Cut)
			}
		}
	}
	t.Logf("%d files (%d damaged), %d functions (%d cut), %d instructions", len(files), damaged, funcs, cut, instrs)
}

func trees(b *testing.B) (trees []*syntax.Tree, srcs [][]byte, size int64) {
	b.Helper()
	for _, file := range tree() {
		src, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		if t, err := syntax.Parse(src); err == nil {
			trees, srcs, size = append(trees, t), append(srcs, src), size+int64(len(src))
		}
	}
	if len(trees) == 0 {
		b.Skip("no Python at hand")
	}
	return trees, srcs, size
}

func BenchmarkLower(b *testing.B) {
	trees, _, size := trees(b)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, t := range trees {
			lower.Lower(t, "x.py")
		}
	}
}

func BenchmarkParse(b *testing.B) {
	_, srcs, size := trees(b)
	b.SetBytes(size)
	for b.Loop() {
		for _, src := range srcs {
			if _, err := syntax.Parse(src); err != nil {
				b.Fatal(err)
			}
		}
	}
}
