//go:build cgo

package syntax

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func mustParse(tb testing.TB, src string) *Tree {
	tb.Helper()
	tree, err := Parse([]byte(src))
	if err != nil {
		tb.Fatal(err)
	}
	return tree
}

// outline writes the named nodes as an S-expression.
func outline(t *Tree, n ID) string {
	var b strings.Builder
	b.WriteString(t.Kind(n).String())
	for c := range t.Named(n) {
		b.WriteString(" (" + outline(t, c) + ")")
	}
	return b.String()
}

func TestGrammarKnowsAllNames(t *testing.T) {
	g, err := load()
	if err != nil {
		t.Fatal(err)
	}
	if len(g.absent) != 0 {
		t.Errorf("the grammar lacks %q", g.absent)
	}
	for k := range kinds {
		if kindNames[k] == "" {
			t.Errorf("kind %d has no name", k)
		}
	}
}

func TestOutline(t *testing.T) {
	tests := []struct{ src, want string }{
		{"self.n += await f()\n", "module (expression_statement (augmented_assignment (attribute (identifier) (identifier)) (await (call (identifier) (argument_list)))))"},
		{"try:\n  pass\nexcept A, B:\n  pass\n", "module (try_statement (block (pass_statement)) (except_clause (identifier) (identifier) (block (pass_statement))))"},
		{"x = 1 # c\n", "module (expression_statement (assignment (identifier) (integer)))"},
		{"", "module"},
	}
	for _, tt := range tests {
		tree := mustParse(t, tt.src)
		if got := outline(tree, 0); got != tt.want {
			t.Errorf("%q:\n got %s\nwant %s", tt.src, got, tt.want)
		}
	}
}

func TestNavigation(t *testing.T) {
	tree := mustParse(t, "a = f(b, c)  # note\n")
	assign := tree.FirstChild(tree.FirstChild(0))
	call := tree.ChildByField(assign, FieldRight)
	if got := string(tree.Text(call)); got != "f(b, c)" {
		t.Fatalf("right side is %q", got)
	}
	args := tree.ChildByField(call, FieldArguments)
	var names []string
	for a := range tree.Children(args) {
		names = append(names, string(tree.Text(a)))
		if tree.Parent(a) != args {
			t.Errorf("parent of %q is %d, not %d", tree.Text(a), tree.Parent(a), args)
		}
	}
	if !slices.Equal(names, []string{"b", "c"}) {
		t.Errorf("arguments are %q", names)
	}
	b := tree.FirstChild(args)
	if c := tree.NextSibling(b); string(tree.Text(c)) != "c" || tree.NextSibling(c) != Nil {
		t.Errorf("siblings of b are wrong")
	}
	if len(tree.Comments) != 1 || string(tree.Src[tree.Comments[0].Start:tree.Comments[0].End]) != "# note" {
		t.Errorf("comments are %v", tree.Comments)
	}
}

func TestDecoding(t *testing.T) {
	utf16le := []byte{0xff, 0xfe}
	for _, c := range "x = 'é'\n" {
		utf16le = append(utf16le, byte(c), byte(c>>8))
	}
	tests := []struct {
		name, src, want string
		err             error
	}{
		{"plain", "x = 1\n", "x = 1\n", nil},
		{"BOM keeps offsets", "\xef\xbb\xbfx = 1\n", "\xef\xbb\xbfx = 1\n", nil},
		{"UTF-16", string(utf16le), "x = 'é'\n", nil},
		{"latin-1", "# -*- coding: latin-1 -*-\nx = '\xe9'\n", "# -*- coding: latin-1 -*-\nx = 'é'\n", nil},
		{"cp1252 on line 2", "#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '\x80'\n", "#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '€'\n", nil},
		{"utf8 cookie", "# coding: UTF_8\nx = 'é'\n", "# coding: UTF_8\nx = 'é'\n", nil},
		{"no cookie after code", "x = 1\n# coding: latin-1\ny = '\xe9'\n", "x = 1\n# coding: latin-1\ny = '?'\n", nil},
		{"unknown cookie", "# coding: klingon\n", "", ErrEncoding},
		{"lone CR", "x = 1\ry = 2\r\nz = 3\r", "x = 1\ny = 2\r\nz = 3\n", nil},
		{"NUL", "x = 1\x00\n", "", ErrBinary},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			orig := bytes.Clone([]byte(tt.src))
			tree, err := Parse(orig)
			if !errors.Is(err, tt.err) {
				t.Fatalf("error is %v, want %v", err, tt.err)
			}
			if err != nil {
				return
			}
			if string(tree.Src) != tt.want {
				t.Errorf("decoded to %q, want %q", tree.Src, tt.want)
			}
			if string(orig) != tt.src {
				t.Errorf("the caller's bytes were changed")
			}
			if d := tree.Damaged(); d != nil {
				t.Errorf("damaged: %v", d)
			}
		})
	}
}

func TestBOMPositions(t *testing.T) {
	tree := mustParse(t, "\xef\xbb\xbfx = 1\n")
	if got := tree.Nodes[tree.FirstChild(0)].Start; got != 3 {
		t.Errorf("first statement starts at %d, want 3", got)
	}
}

func TestPosition(t *testing.T) {
	tree := mustParse(t, "a\nbc\n\nd\n")
	for off, want := range map[uint32][2]int{0: {1, 1}, 1: {1, 2}, 2: {2, 1}, 3: {2, 2}, 5: {3, 1}, 6: {4, 1}, 8: {5, 1}} {
		if l, c := tree.Position(off); l != want[0] || c != want[1] {
			t.Errorf("offset %d is at %d:%d, want %v", off, l, c, want)
		}
	}
}

func TestDamaged(t *testing.T) {
	tree := mustParse(t, "def f(:\n  pass\nx = 1\n")
	if len(tree.Damaged()) == 0 {
		t.Error("no damage reported")
	}
	if tree := mustParse(t, "x = 1\n"); tree.Damaged() != nil {
		t.Error("damage reported in a sound file")
	}
}

func TestLimits(t *testing.T) {
	if _, err := (Limits{MaxSize: 3}).Parse([]byte("x = 1\n")); !errors.Is(err, ErrTooLarge) {
		t.Errorf("size: %v", err)
	}
	big := []byte(strings.Repeat("x = f(1, [2, 3])\n", 60_000))
	if _, err := (Limits{Timeout: time.Millisecond}).Parse(big); !errors.Is(err, ErrTimeout) {
		t.Errorf("timeout: %v", err)
	}
	// The next parse must not resume the one that was cut off.
	if got := outline(mustParse(t, "x\n"), 0); got != "module (expression_statement (identifier))" {
		t.Errorf("after a timeout: %s", got)
	}
}

func TestDeepNesting(t *testing.T) {
	const depth = 100_000
	tree := mustParse(t, strings.Repeat("(", depth)+"x"+strings.Repeat(")", depth)+"\n")
	if len(tree.Nodes) < depth {
		t.Errorf("%d nodes", len(tree.Nodes))
	}
}

func TestConcurrentParses(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 50 {
				n := i*50 + j
				tree, err := Parse([]byte(strings.Repeat("f(x)\n", n)))
				if err != nil {
					t.Error(err)
					return
				}
				if got := len(slices.Collect(tree.Children(0))); got != n {
					t.Errorf("%d statements, want %d", got, n)
				}
			}
		})
	}
	wg.Wait()
}

func TestRelevant(t *testing.T) {
	for src, want := range map[string]bool{
		"async def f(): pass": true, "import threading": true, "x = 1": false, "": false,
		"from anyio import run": true, "\xff\xfex\x00": true, "x\x00=\x001\x00": true,
	} {
		if Relevant([]byte(src)) != want {
			t.Errorf("Relevant(%q) = %v", src, !want)
		}
	}
}

// All markers are found wherever they stand, and nothing else is.
func TestMarked(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	letters := []byte("asyncwithredo_kfpu ")
	found := 0
	for range 20_000 {
		src := make([]byte, r.IntN(40))
		for i := range src {
			src[i] = letters[r.IntN(len(letters))]
		}
		if m := markers[r.IntN(len(markers))]; len(src) > 0 && r.IntN(2) == 0 {
			copy(src[r.IntN(len(src)):], m[r.IntN(2):])
		}
		want := slices.ContainsFunc(markers, func(m []byte) bool { return bytes.Contains(src, m) })
		if want {
			found++
		}
		if marked(src) != want {
			t.Fatalf("%q: %v", src, !want)
		}
	}
	if found < 1000 {
		t.Errorf("only %d texts with a marker", found)
	}
}

// checkShape fails if the preorder invariants do not hold.
func checkShape(t *testing.T, tree *Tree) {
	t.Helper()
	for i := range tree.Nodes {
		n := &tree.Nodes[i]
		if n.Start > n.End || int(n.End) > len(tree.Src) || n.Next <= ID(i) || int(n.Next) > len(tree.Nodes) {
			t.Fatalf("node %d is out of bounds: %+v", i, n)
		}
		if i == 0 {
			continue
		}
		if p := &tree.Nodes[n.Parent]; n.Parent >= ID(i) || n.Next > p.Next {
			t.Fatalf("node %d is not inside its parent", i)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("async def f(self):\n  async with self.l: await g(x for x in y)\n"))
	f.Add([]byte("match x:\n  case {'a': [1, *_], **k} if k: pass\n"))
	f.Add([]byte("\xff\xfex\x00"))
	f.Add([]byte("f'{a!r:{b}}'"))
	f.Fuzz(func(t *testing.T, src []byte) {
		tree, err := Limits{MaxSize: 1 << 16, Timeout: 2 * time.Second}.Parse(src)
		if err != nil {
			return
		}
		checkShape(t, tree)
		tree.Damaged()
	})
}

// corpus is the standard library of the python3 at hand, or text made here.
func corpus(b *testing.B) (files [][]byte, size int64) {
	b.Helper()
	out, _ := exec.Command("python3", "-c", "import os; print(os.path.dirname(os.__file__))").Output()
	dir := strings.TrimSpace(string(out))
	for _, pattern := range []string{"*.py", "asyncio/*.py", "email/*.py", "unittest/*.py"} {
		names, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, name := range names {
			if src, err := os.ReadFile(name); dir != "" && err == nil {
				files = append(files, src)
				size += int64(len(src))
			}
		}
	}
	if files == nil {
		var w bytes.Buffer
		for i := range 5000 {
			fmt.Fprintf(&w, "async def f%d(self, key: str) -> None:\n    if key not in self.d:\n        self.d[key] = await load(key, n=%d)\n", i, i)
		}
		files, size = [][]byte{w.Bytes()}, int64(w.Len())
	}
	return files, size
}

func BenchmarkParseOnly(b *testing.B) {
	files, size := corpus(b)
	b.SetBytes(size)
	for b.Loop() {
		if err := ParseAlone(files...); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	files, size := corpus(b)
	b.SetBytes(size)
	b.ReportAllocs()
	nodes := 0
	for b.Loop() {
		nodes = 0
		for _, src := range files {
			t, err := Parse(src)
			if err != nil {
				b.Fatal(err)
			}
			nodes += len(t.Nodes)
		}
	}
	b.ReportMetric(float64(nodes), "nodes")
}

func BenchmarkRelevant(b *testing.B) {
	files, size := corpus(b)
	b.SetBytes(size)
	n := 0
	for b.Loop() {
		for _, src := range files {
			if Relevant(src) {
				n++
			}
		}
	}
}
