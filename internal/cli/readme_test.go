package cli

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
)

// fence returns the text of the first fenced block of a language, and where it stands.
func fence(doc, language string) (from, to int) {
	open := "\n```" + language + "\n"
	at := strings.Index(doc, open)
	if at < 0 {
		return -1, -1
	}
	from = at + len(open)
	if strings.HasPrefix(doc[from:], "```") {
		return from, from
	}
	end := strings.Index(doc[from:], "\n```")
	if end < 0 {
		return -1, -1
	}
	return from, from + end + 1
}

// The README opens with broken code and with exactly what the tool says about it.
func TestReadme(t *testing.T) {
	const source = "testdata/readme/broken.py"
	const refresh = "go test ./internal/cli -run '^TestReadme$' -update"
	t.Setenv("GITHUB_ACTIONS", "")
	t.Chdir("../..")
	data, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(data)
	code, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if got := Run(context.Background(), []string{"check", source}, strings.NewReader(""), &out, &errs); got != exitFindings {
		t.Fatalf("check %s exits with %d\n%s%s", source, got, &out, &errs)
	}
	for _, block := range []struct{ language, want string }{{"python", string(code)}, {"text", out.String()}} {
		from, to := fence(readme, block.language)
		if from < 0 {
			t.Fatalf("README.md has no block in %s", block.language)
		}
		if readme[from:to] == block.want {
			continue
		}
		if *update {
			readme = readme[:from] + block.want + readme[to:]
			continue
		}
		t.Errorf("the first block in %s of README.md is not what it shows; refresh it with:\n\t%s\ngot\n%swant\n%s", block.language, refresh, readme[from:to], block.want)
	}
	if *update {
		if err := os.WriteFile("README.md", []byte(readme), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
