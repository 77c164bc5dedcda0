package audit

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/internal/fix/pyparse"
	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/pyscan/pyfix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// style rewrites a file in another style, and back.
type style struct {
	to   func(text []byte) ([]byte, error)
	back func(text []byte) []byte
}

var styles = map[string]style{
	"line ends": {
		func(text []byte) ([]byte, error) { return bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")), nil },
		func(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) },
	},
	"tabs": {
		func(text []byte) ([]byte, error) { return reindent(text, "\t") },
		func(text []byte) []byte {
			return regexp.MustCompile(`(?m)^\t+`).ReplaceAllFunc(text, func(b []byte) []byte { return bytes.Repeat([]byte("    "), len(b)) })
		},
	},
	"two spaces":       {func(text []byte) ([]byte, error) { return reindent(text, "  ") }, nil},
	"no last line end": {func(text []byte) ([]byte, error) { return bytes.TrimRight(text, "\n"), nil }, nil},
	"comments":         {comments, nil},
}

// reindent puts another unit in place of four spaces, but not inside strings.
func reindent(text []byte, unit string) ([]byte, error) {
	tree, err := syntax.Parse(text)
	if err != nil {
		return nil, err
	}
	inside := map[int]bool{} // lines that begin in a string
	for n := range tree.Nodes {
		if tree.Kind(syntax.ID(n)) == syntax.String {
			first, _ := tree.Position(tree.Nodes[n].Start)
			last, _ := tree.Position(tree.Nodes[n].End)
			for l := first + 1; l <= last; l++ {
				inside[l] = true
			}
		}
	}
	var b strings.Builder
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		for !inside[n] && strings.HasPrefix(line, "    ") {
			b.WriteString(unit)
			line = line[4:]
		}
		b.WriteString(line)
	}
	return []byte(b.String()), nil
}

// comments puts one behind every simple statement that has its line for itself.
func comments(text []byte) ([]byte, error) {
	tree, err := syntax.Parse(text)
	if err != nil {
		return nil, err
	}
	ends := map[int]bool{}
	for n := range tree.Nodes {
		switch tree.Kind(syntax.ID(n)) {
		case syntax.ExpressionStatement, syntax.ReturnStatement, syntax.DeleteStatement, syntax.RaiseStatement:
			ends[int(tree.Nodes[n].End)] = true
		}
	}
	var out []byte
	for i, c := range text {
		if c == '\n' && ends[i] {
			out = fmt.Appendf(out, "  # %d", i)
		}
		out = append(out, c)
	}
	return out, nil
}

// A fix looks like the file that it is made in: with its line ends and its indentation, and with all its
// comments. Where a style can be told from its result alone, what is made of the file in it is what is made
// of the file as it is.
func TestFixesKeepTheStyle(t *testing.T) {
	const dir = "../../testdata/python/shapes"
	var changes []fix.Change
	compared := 0
	fixed := func(text []byte, name string) map[string][]byte {
		folder := t.TempDir()
		file := filepath.Base(name)
		if err := os.WriteFile(filepath.Join(folder, file), text, 0o600); err != nil {
			t.Fatal(err)
		}
		a, err := Run(t.Context(), Request{Paths: []string{folder}, Config: &config.Config{Latent: verdict.LatentAsOpen}})
		if err != nil {
			t.Fatal(err)
		}
		out := map[string][]byte{}
		for i, f := range proposePython(text, a.Findings, pyfix.Options{Latent: true}) {
			before := len(changes)
			if changes = combine(t, changes, file, text, []fix.Fix{f}); len(changes) > before {
				d := &a.Findings[i]
				out[fmt.Sprintf("%s\x00%s\x00%s\x00%d\x00%s", d.Rule, d.Function, d.Place, d.Line, f.Title)] = changes[before].After
			}
		}
		return out
	}
	files, err := filepath.Glob(dir + "/*_bad.py")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		plain := fixed(text, name)
		for title, s := range styles {
			other, err := s.to(text)
			if err != nil {
				t.Fatal(err)
			}
			for id, after := range fixed(other, name) {
				if want, ok := plain[id]; ok && s.back != nil {
					compared++
					if got := s.back(after); !bytes.Equal(got, want) {
						t.Errorf("%s, %s:\n%s", filepath.Base(name), title, fix.Diff(filepath.Base(name), want, got))
					}
				}
				if title == "line ends" && bytes.Count(after, []byte("\n")) != bytes.Count(after, []byte("\r\n")) {
					t.Errorf("%s: two kinds of line ends", name)
				}
			}
		}
	}
	for i, err := range pyparse.Parses(t.Context(), changes) {
		if err != nil {
			t.Errorf("%s: %v\n%s", changes[i].File, err, changes[i].After)
		}
	}
	if compared < 200 {
		t.Errorf("%d fixes compared: too few to say anything", compared)
	}
}
