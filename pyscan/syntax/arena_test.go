//go:build cgo

package syntax

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// What comes of a file does not depend on where the runtime gets its memory (from an arena that was used for another file before,
// from one that is too small, or from the C library), nor on whether the parser is one as it comes: the first is.
func TestArena(t *testing.T) {
	g, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string][]byte{
		"deep":  []byte(strings.Repeat("(", 1000)),
		"wrong": []byte(strings.Repeat("def f(:\n  x = ) ]\n", 50)),
		"empty": nil,
		"small": []byte("async def f():\n  await g()\n"),
		"wide":  []byte("\ufeffclass Größe: # ½\n  s = f\"\"\"é{x!r:>{n}}\n\\N{DASH}\"\"\" 'ü' \\\r\n    b'\\x00'\n\tx = 1\r\n"),
	}
	names, _ := filepath.Glob("../../testdata/course-creator/*/*.py")
	for _, name := range names {
		if texts[name], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	var parsers []*parser
	for _, size := range []int{0, 1 << 10, 1 << 16, arena} {
		p, err := newParser(g, size > 0, size)
		if err != nil {
			t.Fatal(err)
		}
		defer p.close()
		parsers = append(parsers, p)
	}
	for round := range 3 {
		for name, text := range texts { // in another order each time
			plain := parsers[0]
			want := plain.parse(text, time.Minute, g)
			for _, p := range parsers {
				got := p.parse(text, time.Minute, g)
				if bool(got.failed) || got.damaged != want.damaged || got.nodes != want.nodes || got.comments != want.comments ||
					!slices.Equal(p.buf[:got.nodes], plain.buf[:want.nodes]) {
					t.Errorf("%s, round %d: the trees differ", name, round)
				}
				if got := p.check(text, time.Minute); bool(got.failed) || got.damaged != want.damaged {
					t.Errorf("%s, round %d: failed %v, damaged %v; want damaged %v", name, round, got.failed, got.damaged, want.damaged)
				}
			}
		}
		for _, p := range parsers {
			if got := p.check(bytes.Repeat([]byte("f(x)\n"), 10_000), time.Microsecond); !got.failed {
				t.Error("parsed in a microsecond")
			}
		}
	}
}

// FuzzQuick compares the parser that runs use with one as it comes.
func FuzzQuick(f *testing.F) {
	for _, text := range []string{"async def f():\n  await g()\n", "x = f'{a!r:>{n}}' \\\r\n  é\n", "if x:\n\ty\n  z\n", "\"\"\"a\n", "("} {
		f.Add([]byte(text))
	}
	g, err := loaded()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		plain, err := newParser(g, false, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer plain.close()
		quick, err := newParser(g, true, arena)
		if err != nil {
			t.Fatal(err)
		}
		defer quick.close()
		for range 2 { // the second time in memory that has been used
			want, got := plain.parse(text, time.Minute, g), quick.parse(text, time.Minute, g)
			if got.failed != want.failed || got.damaged != want.damaged || got.nodes != want.nodes || got.comments != want.comments ||
				!slices.Equal(quick.buf[:got.nodes], plain.buf[:want.nodes]) {
				t.Fatalf("the trees of %q differ", text)
			}
		}
	})
}
