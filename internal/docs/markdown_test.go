package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// root is the folder of the repository as seen from this one.
const root = "../.."

// block is one fenced code block.
type block struct {
	info string // what follows the opening fence: "console", "python file=pool.py"
	line int    // of the opening fence
	text []string
}

// document is one Markdown file.
type document struct {
	file   string // slash-separated, relative to the repository
	lines  []string
	blocks []block
	prose  []string // lines, with code blocks and code spans blanked
}

var (
	fence    = regexp.MustCompile("^( {0,3})(```+|~~~+)\\s*(.*)$")
	codeSpan = regexp.MustCompile("`[^`]*`")
)

func parse(file, text string) document {
	d := document{file: file, lines: strings.Split(text, "\n")}
	open := ""
	for i, line := range d.lines {
		m := fence.FindStringSubmatch(line)
		switch {
		case open == "" && m != nil:
			open = m[2]
			d.blocks = append(d.blocks, block{info: strings.TrimSpace(m[3]), line: i + 1})
			d.prose = append(d.prose, "")
		case open != "" && m != nil && strings.HasPrefix(m[2], open) && m[3] == "":
			open = ""
			d.prose = append(d.prose, "")
		case open != "":
			b := &d.blocks[len(d.blocks)-1]
			b.text = append(b.text, line)
			d.prose = append(d.prose, "")
		default:
			d.prose = append(d.prose, codeSpan.ReplaceAllStringFunc(line, func(s string) string {
				return strings.Repeat(" ", len(s))
			}))
		}
	}
	return d
}

func (b block) language() string {
	lang, _, _ := strings.Cut(b.info, " ")
	return lang
}

// name is the file that a block stands for: `python file=pool.py`.
func (b block) name() string {
	for word := range strings.FieldsSeq(b.info) {
		if name, ok := strings.CutPrefix(word, "file="); ok {
			return name
		}
	}
	return ""
}

// documents are the Markdown files of the repository, test data apart.
func documents(t *testing.T) []document {
	t.Helper()
	var docs []document
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains([]string{".git", "testdata", "node_modules"}, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(p) != ".md" {
			return nil
		}
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		docs = append(docs, parse(filepath.ToSlash(rel), string(text)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(docs) < 10 {
		t.Fatalf("only %d documents found under %s", len(docs), root)
	}
	return docs
}

func find(t *testing.T, file string) document {
	t.Helper()
	for _, d := range documents(t) {
		if d.file == file {
			return d
		}
	}
	t.Fatalf("there is no %s", file)
	return document{}
}

var (
	heading  = regexp.MustCompile(`^#{1,6}\s+(.*?)\s*#*$`)
	linkText = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)

// anchors are the names that headings get on GitHub.
func (d document) anchors() map[string]bool {
	names := map[string]bool{}
	for i, line := range d.prose {
		if line == "" || !heading.MatchString(line) {
			continue
		}
		text := linkText.ReplaceAllString(heading.FindStringSubmatch(d.lines[i])[1], "$1")
		var b strings.Builder
		for _, r := range strings.ToLower(text) {
			switch {
			case r == ' ':
				b.WriteByte('-')
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				b.WriteRune(r)
			}
		}
		names[b.String()] = true
	}
	return names
}

// table returns the cells of the rows of every table that has the given first column title.
func (d document) table(title string) (rows []row) {
	in := false
	for i, line := range d.prose {
		if !strings.HasPrefix(strings.TrimSpace(line), "|") {
			in = false
			continue
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(d.lines[i]), "|"), "|")
		for j := range cells {
			cells[j] = strings.TrimSpace(cells[j])
		}
		switch {
		case cells[0] == title:
			in = true
		case in && strings.Trim(cells[0], "-: ") != "":
			rows = append(rows, row{i + 1, cells})
		}
	}
	return rows
}

type row struct {
	line  int
	cells []string
}

func TestParseMarkdown(t *testing.T) {
	d := parse("x.md", "# A `b` [c](d.md)\n\n| n | v |\n|---|---|\n| `x` | 1 |\n\n```python file=a.py\n[no](link.md)\n```\nsee `[no](l.md)` [yes](#a-b-c)\n")
	if len(d.blocks) != 1 || d.blocks[0].language() != "python" || d.blocks[0].name() != "a.py" || d.blocks[0].line != 7 {
		t.Errorf("blocks %+v", d.blocks)
	}
	if !d.anchors()["a-b-c"] {
		t.Errorf("anchors %v", d.anchors())
	}
	if rows := d.table("n"); len(rows) != 1 || rows[0].cells[1] != "1" {
		t.Errorf("rows %+v", rows)
	}
	if got := d.links(); len(got) != 2 || got[0].target != "d.md" || got[1].target != "#a-b-c" {
		t.Errorf("links %+v", got)
	}
}
