package pyscan_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/toctou-lint/toctou/pyscan"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// corpus reads the Python files below TOCTOU_CORPUS, or the shapes.
func corpus(b *testing.B) (sources []pyscan.Source, texts [][]byte) {
	b.Helper()
	root := os.Getenv("TOCTOU_CORPUS")
	if root == "" {
		root = "../testdata/python/shapes"
	}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".py" {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		sources = append(sources, pyscan.Source{Path: filepath.ToSlash(path), Read: func() ([]byte, error) { return src, nil }})
		if syntax.Relevant(src) {
			texts = append(texts, src)
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return sources, texts
}

// BenchmarkScan is the whole front end on one core; compare with BenchmarkParse.
func BenchmarkScan(b *testing.B) {
	sources, _ := corpus(b)
	for b.Loop() {
		if _, err := pyscan.Scan(b.Context(), sources, pyscan.Options{Jobs: 1}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkParse is parsing alone, of the files that the prefilter lets through.
func BenchmarkParse(b *testing.B) {
	_, texts := corpus(b)
	for b.Loop() {
		for _, src := range texts {
			if _, err := syntax.Parse(src); err != nil {
				b.Fatal(err)
			}
		}
	}
}
