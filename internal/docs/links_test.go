package docs

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

type link struct {
	line   int
	target string
}

var (
	inline    = regexp.MustCompile(`\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)`)
	reference = regexp.MustCompile(`^\[[^\]]+\]:\s*(\S+)`)
	htmlAttr  = regexp.MustCompile(`(?:href|src)="([^"]+)"`)
	scheme    = regexp.MustCompile(`^[a-z][a-z0-9+.-]*:`)
)

func (d document) links() (out []link) {
	for i, line := range d.prose {
		for _, re := range []*regexp.Regexp{inline, reference, htmlAttr} {
			for _, m := range re.FindAllStringSubmatch(line, -1) {
				out = append(out, link{i + 1, m[1]})
			}
		}
	}
	return out
}

func TestRelativeLinks(t *testing.T) {
	byFile := map[string]document{}
	docs := documents(t)
	for _, d := range docs {
		byFile[d.file] = d
	}
	checked := 0
	for _, d := range docs {
		for _, l := range d.links() {
			if scheme.MatchString(l.target) {
				continue
			}
			checked++
			target, anchor, _ := strings.Cut(l.target, "#")
			file := d.file
			if target != "" {
				file = path.Join(path.Dir(d.file), target)
			}
			if strings.HasPrefix(file, "../") {
				t.Errorf("%s:%d: %s leads out of the repository", d.file, l.line, l.target)
				continue
			}
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(file))); err != nil {
				t.Errorf("%s:%d: %s: there is no %s", d.file, l.line, l.target, file)
				continue
			}
			if doc, ok := byFile[file]; anchor != "" && ok && !doc.anchors()[anchor] {
				t.Errorf("%s:%d: %s: %s has no heading for #%s", d.file, l.line, l.target, file, anchor)
			}
		}
	}
	if checked == 0 {
		t.Error("no relative link was checked")
	}
}

// TestEveryPageIsOnTheMap: the index links to each page of docs.
func TestEveryPageIsOnTheMap(t *testing.T) {
	index := find(t, "docs/index.md")
	linked := map[string]bool{}
	for _, l := range index.links() {
		target, _, _ := strings.Cut(l.target, "#")
		linked[path.Join("docs", target)] = true
	}
	for _, d := range documents(t) {
		if path.Dir(d.file) == "docs" && d.file != index.file && !linked[d.file] {
			t.Errorf("docs/index.md does not link to %s", d.file)
		}
	}
}
