package cli

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
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
