package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// from is the file that a block is cut from: `go from=jobmanager/sql.go`.
func (b block) from() string {
	for word := range strings.FieldsSeq(b.info) {
		if name, ok := strings.CutPrefix(word, "from="); ok {
			return name
		}
	}
	return ""
}

// leftOut stands in an excerpt for lines of its file that it does not show.
var leftOut = regexp.MustCompile(`^(#|//) …$`)

// TestExcerpts: a block that names the file it is cut from shows lines of that file, in their order, as they are.
func TestExcerpts(t *testing.T) {
	seen := 0
	for _, d := range documents(t) {
		for _, b := range d.blocks {
			if b.from() == "" {
				continue
			}
			seen++
			text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(b.from())))
			if err != nil {
				t.Errorf("%s:%d: %v", d.file, b.line, err)
				continue
			}
			rest := strings.Split(string(text), "\n")
			for _, piece := range pieces(b.text) {
				at := indexLines(rest, piece)
				if at < 0 {
					t.Errorf("%s:%d: cut it anew, %s has no such lines any more:\n%s", d.file, b.line, b.from(), strings.Join(piece, "\n"))
					break
				}
				rest = rest[at+len(piece):]
			}
		}
	}
	if seen == 0 {
		t.Error("no block says from=FILE")
	}
}

// pieces splits an excerpt where lines are left out.
func pieces(lines []string) (out [][]string) {
	var piece []string
	for _, line := range append(lines, "# …") {
		if !leftOut.MatchString(line) {
			piece = append(piece, line)
			continue
		}
		joined := strings.Trim(strings.Join(piece, "\n"), "\n")
		out, piece = append(out, strings.Split(joined, "\n")), nil
	}
	return out
}

// indexLines is where piece stands in lines, all of it indented further by the same amount, or -1.
func indexLines(lines, piece []string) int {
	for at := range len(lines) - len(piece) + 1 {
		indent, ok := strings.CutSuffix(lines[at], piece[0])
		if !ok || strings.TrimSpace(indent) != "" {
			continue
		}
		same := true
		for i, want := range piece {
			if want != "" {
				want = indent + want
			}
			same = same && lines[at+i] == want
		}
		if same {
			return at
		}
	}
	return -1
}

// TestJobManagerNamesTests: the tests that the page on the job manager names exist, in Go or in its Python twin.
func TestJobManagerNamesTests(t *testing.T) {
	var sources strings.Builder
	for _, glob := range []string{"jobmanager/*_test.go", "jobmanager/tasks/*_test.go", "jobmanager/python/tests/*.py"} {
		files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(glob)))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v, %v", glob, files, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			sources.Write(text)
		}
	}
	d := find(t, "docs/reference-job-manager.md")
	named := regexp.MustCompile("`(Test\\w+|test_\\w+)(?:/(\\w+))?`").FindAllStringSubmatch(strings.Join(d.lines, "\n"), -1)
	if len(named) < 15 {
		t.Errorf("%d tests are named", len(named))
	}
	for _, m := range named {
		test := regexp.MustCompile(`(?m)^\s*(?:func|def|async def) ` + m[1] + `\(`)
		if !test.MatchString(sources.String()) || m[2] != "" && !strings.Contains(sources.String(), `"`+strings.ReplaceAll(m[2], "_", " ")+`"`) {
			t.Errorf("%s: there is no %s", d.file, m[0])
		}
	}
}
