package audit

import (
	"path/filepath"

	"github.com/toctou-lint/toctou/internal/walk"
)

// tree gives access to the files of an audit by the names that findings use.
type tree struct {
	root    string
	paths   []string // as given, absolute
	files   []walk.File
	byRel   map[string]int
	overlay map[string][]byte
}

func newTree(found *walk.Result, req Request) *tree {
	t := &tree{root: found.Root, files: found.Files, byRel: map[string]int{}, overlay: req.Overlay}
	for _, p := range req.Paths {
		if abs, err := filepath.Abs(p); err == nil {
			t.paths = append(t.paths, abs)
		}
	}
	for i, f := range t.files {
		t.byRel[f.Rel] = i
	}
	return t
}

// of returns the files of one language.
func (t *tree) of(language string) []walk.File {
	var out []walk.File
	for _, f := range t.files {
		if f.Language == language {
			out = append(out, f)
		}
	}
	return out
}

func (t *tree) abs(rel string) string {
	if i, ok := t.byRel[rel]; ok {
		return t.files[i].Abs
	}
	return filepath.Join(t.root, filepath.FromSlash(rel))
}

// read reads a file of the audit: one byte more than the limit shows that it is too large.
func (t *tree) read(rel string) ([]byte, error) { return t.readInto(new([]byte), rel) }

// readInto is read, into the memory of *into if the text is not at hand.
func (t *tree) readInto(into *[]byte, rel string) ([]byte, error) {
	abs := t.abs(rel)
	if text, ok := t.overlay[abs]; ok {
		return text, nil
	}
	return walk.ReadInto(into, abs, MaxSize+1)
}

// text is read without the error: nil if the file cannot be read any more.
func (t *tree) text(rel string) []byte {
	text, err := t.read(rel)
	if err != nil {
		return nil
	}
	return text
}
