package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/pyscan"
)

// The language server answers on standard output and leaves when told.
func TestLanguageServer(t *testing.T) {
	var session strings.Builder
	for _, message := range []string{
		`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"rootUri":null}}`,
		`{"jsonrpc":"2.0","id":2,"method":"shutdown"}`,
		`{"jsonrpc":"2.0","method":"exit"}`,
	} {
		fmt.Fprintf(&session, "Content-Length: %d\r\n\r\n%s", len(message), message)
	}
	var out, errs bytes.Buffer
	if code := Run(context.Background(), []string{"lsp"}, strings.NewReader(session.String()), &out, &errs); code != 0 || errs.Len() > 0 {
		t.Errorf("exits with %d: %s", code, &errs)
	}
	for _, want := range []string{`"positionEncoding":"utf-16"`, `"name":"toctou"`, `"id":2`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s is missing in %s", want, &out)
		}
	}
}

// The editor's code actions are the fixes that `toctou fix` makes, for the text in the editor.
func TestEditorFixes(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "client.py")
	for name, text := range map[string]string{"client.py": "x = 1\n", "other.py": lazyClient} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	texts := map[string][]byte{file: []byte(lazyClient)}
	e := editor{caches: map[string]*pyscan.Cache{}}
	found, err := e.analyse(t.Context(), dir, texts)
	if err != nil {
		t.Fatal(err)
	}
	fixed, err := e.fix(t.Context(), dir, texts, found)
	if err != nil {
		t.Fatal(err)
	}
	if len(found.Audit.Findings) != 2 || len(fixed.Audit.Findings) != 2 {
		t.Fatalf("findings: %d, then %d", len(found.Audit.Findings), len(fixed.Audit.Findings))
	}
	for i, f := range fixed.Audit.Findings {
		if found.Audit.Findings[i].Remedy != nil {
			t.Errorf("%s: what is shown has been changed", f.File)
		}
		if open := f.File == "client.py"; (f.Remedy != nil) != open {
			t.Errorf("%s: fix %v, want one for the open file only", f.File, f.Remedy)
			continue
		} else if !open {
			continue
		}
		if err := os.WriteFile(file, texts[file], 0o600); err != nil {
			t.Fatal(err)
		}
		diff, _ := run(t, exitFindings, "fix", file)
		for _, edit := range f.Remedy.Edits {
			for line := range strings.Lines(edit.NewText) {
				if line = strings.TrimSpace(line); !strings.Contains(diff, line) {
					t.Errorf("the editor's fix has %q, which is not in\n%s", line, diff)
				}
			}
		}
	}
}

const lazyClient = `class Client:
    def __init__(self):
        self._conn = None

    async def conn(self):
        if self._conn is None:
            self._conn = await connect()
        return self._conn
`
