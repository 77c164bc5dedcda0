//go:build cgo

package syntax

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// pythonFiles are the sources of the fixtures, and those below TOCTOU_CORPUS.
func pythonFiles(t *testing.T) (texts [][]byte) {
	t.Helper()
	roots := []string{"../../testdata", "../../jobmanager/python"}
	if dir := os.Getenv("TOCTOU_CORPUS"); dir != "" {
		roots = append(roots, dir)
	}
	for _, root := range roots {
		err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(file) != ".py" || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(file)
			texts = append(texts, text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return texts
}

// The two ways to walk a tree of tree-sitter's give the same nodes, also where the parser had to guess.
func TestWalksAgree(t *testing.T) {
	own, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	public := *own
	public.byCursor = true
	nodes, damaged := 0, 0
	same := func(text []byte) {
		t.Helper()
		text, err := decode(text)
		if err != nil {
			return
		}
		var a, b Tree
		keep := func(to *Tree) func(*Tree) {
			return func(t *Tree) {
				*to = *t
				to.Nodes, to.Comments = slices.Clone(t.Nodes), slices.Clone(t.Comments)
			}
		}
		if err := own.parse(text, 0, keep(&a)); err != nil {
			t.Fatal(err)
		}
		if err := public.parse(text, 0, keep(&b)); err != nil {
			t.Fatal(err)
		}
		if a.damaged {
			damaged++
		}
		nodes += len(a.Nodes)
		if a.damaged != b.damaged || !slices.Equal(a.Nodes, b.Nodes) || !slices.Equal(a.Comments, b.Comments) {
			t.Errorf("the walks differ for\n%s", text)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, text := range pythonFiles(t) {
		same(text)
		if len(text) < 2 {
			continue
		}
		from := r.IntN(len(text) - 1)
		to := min(len(text), from+1+r.IntN(40))
		same(slices.Concat(text[:from], text[to:]))
		same(slices.Concat(text[:to], []byte("("), text[to:]))
	}
	if nodes < 100_000 || damaged < 50 {
		t.Errorf("only %d nodes, and %d files with errors", nodes, damaged)
	}
}
