package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/toctou-lint/toctou/report"
)

// client is an editor that follows a script.
type client struct {
	t     *testing.T
	conn  *jsonrpc2.Conn
	diags chan publishDiagnosticsParams
	shown chan string
	done  chan error
}

// markers reports a finding for each line of an open or stored .py file that holds "RACE".
func markers(_ context.Context, project string, texts map[string][]byte) (*Analysis, error) {
	files, err := filepath.Glob(filepath.Join(project, "*.py"))
	if err != nil {
		return nil, err
	}
	a := &report.Audit{}
	for _, file := range files {
		text, open := texts[file]
		if !open {
			text, _ = os.ReadFile(file)
		}
		if strings.Contains(string(text), "CONFIG") {
			return nil, errors.New("toctou.yml:1: unknown key")
		}
		for i, line := range strings.Split(string(text), "\n") {
			at := strings.Index(line, "RACE")
			if at < 0 {
				continue
			}
			name := filepath.Base(file)
			f := report.Finding{
				Rule: "checkthenact", Language: "python", File: name, Line: i + 1, Column: at + 1, EndLine: i + 1, EndColumn: at + 5,
				Severity: report.High, Confidence: report.Sure, Message: "`x` may have changed", Notes: []string{"two callers <both> pass"},
				Steps:       []report.Step{{Kind: report.StepCheck, File: name, Line: 1, Column: 1, EndLine: 1, EndColumn: 2, Label: "answer obtained here"}},
				Scenario:    []report.Turn{{Actor: "A", Text: "asks", State: "x is None"}},
				Fingerprint: "f" + line,
				Remedy: &report.Remedy{Title: "Hold a lock", Edits: []report.Edit{
					{File: name, Line: i + 1, Column: at + 1, EndLine: i + 1, EndColumn: at + 5, NewText: "SAFE"},
				}},
			}
			if strings.Contains(line, "hidden") {
				f.Severity = report.Info
			}
			a.Findings = append(a.Findings, f)
		}
		a.Negatives = append(a.Negatives, report.Negative{File: filepath.Base(file), Line: 1, Reason: "nothing suspends"})
	}
	return &Analysis{a, func(f *report.Finding) bool { return f.Severity != report.Info }}, nil
}

func start(t *testing.T, opt Options, initialize any) *client {
	t.Helper()
	here, there := net.Pipe()
	c := &client{t: t, diags: make(chan publishDiagnosticsParams, 100), shown: make(chan string, 10), done: make(chan error, 1)}
	opt.Version = "test"
	opt.Project = filepath.Dir
	opt.RuleURL = func(rule string) string { return "https://example.com/" + rule }
	if opt.Analyse == nil {
		opt.Analyse = markers
	}
	go func() { c.done <- Serve(context.Background(), there, opt) }()
	handler := jsonrpc2.HandlerWithError(func(_ context.Context, _ *jsonrpc2.Conn, r *jsonrpc2.Request) (any, error) {
		switch r.Method {
		case "textDocument/publishDiagnostics":
			p, err := decode[publishDiagnosticsParams](r.Params)
			c.diags <- p
			return nil, err
		case "window/showMessage":
			p, err := decode[showMessageParams](r.Params)
			c.shown <- p.Message
			return nil, err
		}
		return nil, errors.New("unexpected " + r.Method)
	})
	c.conn = jsonrpc2.NewConn(context.Background(), jsonrpc2.NewBufferedStream(here, jsonrpc2.VSCodeObjectCodec{}), handler, jsonrpc2.SetLogger(silent{}))
	t.Cleanup(func() { _ = c.conn.Close() })
	c.call("initialize", initialize, nil)
	c.notify("initialized", struct{}{})
	return c
}

func (c *client) call(method string, params, result any) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := c.conn.Call(ctx, method, params, result); err != nil {
		c.t.Fatalf("%s: %v", method, err)
	}
}

func (c *client) notify(method string, params any) {
	c.t.Helper()
	if err := c.conn.Notify(context.Background(), method, params); err != nil {
		c.t.Fatalf("%s: %v", method, err)
	}
}

func (c *client) diagnostics() publishDiagnosticsParams {
	c.t.Helper()
	select {
	case p := <-c.diags:
		return p
	case <-time.After(10 * time.Second):
		c.t.Fatal("no diagnostics")
		return publishDiagnosticsParams{}
	}
}

func (c *client) open(file, text string) {
	c.t.Helper()
	c.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": uriOf(file), "languageId": "python", "version": 1, "text": text}})
}

func (c *client) change(file, text string, version int) {
	c.t.Helper()
	c.notify("textDocument/didChange", map[string]any{
		"textDocument":   map[string]any{"uri": uriOf(file), "version": version},
		"contentChanges": []any{map[string]any{"text": text}},
	})
}

func store(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func at(line, character int) position { return position{line, character} }

func TestSession(t *testing.T) {
	file := store(t, "a b.py", "x\n")
	c := start(t, Options{}, map[string]any{"initializationOptions": map[string]any{"codeLens": true}})

	// The text of the editor counts, not that of the disk; columns are UTF-16.
	const text = "x\n\tÄ😀 = RACE\nRACE hidden\n"
	c.open(file, text)
	p := c.diagnostics()
	if p.URI != uriOf(file) || !strings.Contains(p.URI, "a%20b.py") || p.Version == nil || *p.Version != 1 || len(p.Diagnostics) != 1 {
		t.Fatalf("published %+v", p)
	}
	d := p.Diagnostics[0]
	if want := (textRange{at(1, 7), at(1, 11)}); d.Range != want || d.Severity != 1 || d.Code != "checkthenact" || d.Source != "toctou" {
		t.Errorf("diagnostic %+v, want range %v", d, want)
	}
	if d.CodeDescription == nil || d.CodeDescription.Href != "https://example.com/checkthenact" {
		t.Errorf("description %+v", d.CodeDescription)
	}
	if len(d.RelatedInformation) != 1 || d.RelatedInformation[0].Message != "answer obtained here" || d.RelatedInformation[0].Location.URI != uriOf(file) {
		t.Errorf("related %+v", d.RelatedInformation)
	}

	var h hover
	c.call("textDocument/hover", hoverParams{textDocument{URI: uriOf(file)}, at(1, 8)}, &h)
	for _, want := range []string{"**`x` may have changed** (high severity, high confidence)", "two callers &lt;both>", "1. **A** asks → x is None", "https://example.com/"} {
		if !strings.Contains(h.Contents.Value, want) {
			t.Errorf("hover lacks %q:\n%s", want, h.Contents.Value)
		}
	}
	for _, nothing := range []position{at(0, 0), at(1, 2), at(2, 1), at(99, 0)} {
		var none *hover
		c.call("textDocument/hover", hoverParams{textDocument{URI: uriOf(file)}, nothing}, &none)
		if none != nil {
			t.Errorf("hover at %v: %+v", nothing, none)
		}
	}

	var actions []codeAction
	query := map[string]any{"textDocument": textDocument{URI: uriOf(file)}, "range": textRange{at(1, 0), at(1, 0)}, "context": map[string]any{"diagnostics": []any{}}}
	c.call("textDocument/codeAction", query, &actions)
	if len(actions) != 2 || actions[0].Title != "Hold a lock" || actions[1].Title != "Ignore checkthenact here, with a reason" {
		t.Fatalf("actions %+v", actions)
	}
	if e := actions[0].Edit.Changes[uriOf(file)]; len(e) != 1 || e[0] != (textEdit{textRange{at(1, 7), at(1, 11)}, "SAFE"}) {
		t.Errorf("fix %+v", e)
	}
	if e := actions[1].Edit.Changes[uriOf(file)]; len(e) != 1 || e[0] != (textEdit{textRange{at(1, 0), at(1, 0)}, "\t# toctou: ignore[checkthenact] \n"}) {
		t.Errorf("ignore %+v", e)
	}
	query["context"] = map[string]any{"only": []string{"refactor"}}
	c.call("textDocument/codeAction", query, &actions)
	if len(actions) != 0 {
		t.Errorf("actions of another kind: %+v", actions)
	}

	var lenses []codeLens
	c.call("textDocument/codeLens", documentParams{textDocument{URI: uriOf(file)}}, &lenses)
	if len(lenses) != 1 || lenses[0].Command.Title != "safe: nothing suspends" {
		t.Errorf("lenses %+v", lenses)
	}

	// A change that removes the finding clears it; closing falls back to the file on disk.
	c.change(file, "x\n", 2)
	if p := c.diagnostics(); len(p.Diagnostics) != 0 || p.Diagnostics == nil {
		t.Errorf("after the change: %+v", p)
	}
	c.change(file, "RACE\n", 3)
	if p := c.diagnostics(); len(p.Diagnostics) != 1 {
		t.Errorf("after the third version: %+v", p)
	}
	c.notify("textDocument/didClose", documentParams{textDocument{URI: uriOf(file)}})
	if p := c.diagnostics(); len(p.Diagnostics) != 0 || p.Version != nil {
		t.Errorf("after closing: %+v", p)
	}

	// A broken configuration is told, not swallowed.
	c.open(file, "CONFIG")
	select {
	case m := <-c.shown:
		if m != "toctou: toctou.yml:1: unknown key" {
			t.Errorf("message %q", m)
		}
	case <-time.After(10 * time.Second):
		t.Error("no message")
	}

	c.call("shutdown", nil, nil)
	c.notify("exit", nil)
	select {
	case err := <-c.done:
		if err != nil {
			t.Errorf("Serve: %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the server does not leave")
	}
}

// Fixes may come after the findings are shown.
func TestFixesComeLater(t *testing.T) {
	file := store(t, "a.py", "x\n")
	c := start(t, Options{Fix: func(_ context.Context, _ string, _ map[string][]byte, found *Analysis) (*Analysis, error) {
		a := *found.Audit
		a.Findings = slices.Clone(a.Findings)
		for i := range a.Findings {
			r := *a.Findings[i].Remedy
			r.Title = "Checked fix"
			a.Findings[i].Remedy = &r
		}
		return &Analysis{&a, found.Shown}, nil
	}}, nil)
	c.open(file, "RACE\n")
	c.diagnostics()
	query := map[string]any{"textDocument": textDocument{URI: uriOf(file)}, "range": textRange{at(0, 0), at(0, 1)}, "context": map[string]any{"diagnostics": []any{}}}
	for deadline := time.Now().Add(10 * time.Second); ; {
		var actions []codeAction
		c.call("textDocument/codeAction", query, &actions)
		if len(actions) > 0 && actions[0].Title == "Checked fix" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("actions %+v", actions)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestActionsForTextThatHasChanged(t *testing.T) {
	file := store(t, "a.py", "RACE\n")
	release := make(chan struct{})
	var runs atomic.Int32
	c := start(t, Options{Analyse: func(ctx context.Context, project string, texts map[string][]byte) (*Analysis, error) {
		if runs.Add(1) > 1 {
			<-release
		}
		return markers(ctx, project, texts)
	}}, struct{}{})
	t.Cleanup(func() { close(release) })
	c.open(file, "RACE\n")
	c.diagnostics()
	c.change(file, "\n\nRACE\n", 2)
	var actions []codeAction
	c.call("textDocument/codeAction", map[string]any{"textDocument": textDocument{URI: uriOf(file)}, "range": textRange{}, "context": map[string]any{}}, &actions)
	if len(actions) != 0 {
		t.Errorf("edits for another text: %+v", actions)
	}
}

// Keystrokes in a row cost one analysis.
func TestDebounce(t *testing.T) {
	file := store(t, "a.py", "")
	var runs atomic.Int32
	c := start(t, Options{Delay: 200 * time.Millisecond, Analyse: func(ctx context.Context, project string, texts map[string][]byte) (*Analysis, error) {
		runs.Add(1)
		return markers(ctx, project, texts)
	}}, struct{}{})
	c.open(file, "")
	for i := range 20 {
		c.change(file, strings.Repeat("x", i)+"\nRACE", i+2)
	}
	if p := c.diagnostics(); *p.Version != 21 {
		t.Errorf("version %d", *p.Version)
	}
	if n := runs.Load(); n != 1 {
		t.Errorf("%d analyses", n)
	}
}

func TestMistakesOfTheClient(t *testing.T) {
	c := start(t, Options{}, struct{}{})
	ctx := context.Background()
	var rpc *jsonrpc2.Error
	if err := c.conn.Call(ctx, "textDocument/definition", struct{}{}, nil); !errors.As(err, &rpc) || rpc.Code != jsonrpc2.CodeMethodNotFound {
		t.Errorf("unknown method: %v", err)
	}
	if err := c.conn.Call(ctx, "textDocument/hover", []int{1}, nil); !errors.As(err, &rpc) || rpc.Code != jsonrpc2.CodeInvalidParams {
		t.Errorf("wrong parameters: %v", err)
	}
	c.notify("$/cancelRequest", map[string]int{"id": 1})
	c.open("relative", "RACE")
	c.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": "untitled:Untitled-1", "text": "RACE"}})
	c.notify("textDocument/didChange", map[string]any{"textDocument": map[string]any{"uri": "file:///nowhere/a.py"}, "contentChanges": []any{}})
	var h *hover
	c.call("textDocument/hover", hoverParams{textDocument{URI: "untitled:Untitled-1"}, at(0, 0)}, &h)
	c.call("textDocument/hover", hoverParams{textDocument{URI: "file:///nowhere/a.py"}, at(-5, -5)}, &h)
	if h != nil {
		t.Errorf("hover %+v", h)
	}
}

func TestUnits(t *testing.T) {
	for s, want := range map[string]int{"": 0, "abc": 3, "é": 1, "😀": 2, "a😀b": 4, "\xff\xfe": 2, "日本": 2} {
		if got := units(s); got != want {
			t.Errorf("units(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestURIs(t *testing.T) {
	for uri, want := range map[string]string{"file:///a/b%20c.py": "/a/b c.py", "untitled:x": "", "file:": "", "%": "", "http://x/a.py": ""} {
		if got, ok := fileOf(uri); got != want || ok != (want != "") {
			t.Errorf("fileOf(%q) = %q, %t", uri, got, ok)
		}
	}
	if got, _ := fileOf(uriOf("/a/ü #?.py")); got != "/a/ü #?.py" {
		t.Errorf("there and back: %q", got)
	}
}

func FuzzPositions(f *testing.F) {
	f.Add("aé😀\nb", 1, 3, 2, 9)
	f.Add("\xff\r\n\r", 0, 0, -1, 5)
	f.Fuzz(func(t *testing.T, text string, line, column, endLine, endColumn int) {
		v := newViewer("/p", map[string][]byte{"/p/a.py": []byte(text)})
		r := v.rangeOf("/p/a.py", line, column, endLine, endColumn)
		if r.Start.Line < 0 || r.Start.Character < 0 || r.End.Character < 0 {
			t.Errorf("range %v", r)
		}
	})
}

// The messages have the shape of the protocol.
func TestCapabilities(t *testing.T) {
	c := start(t, Options{}, struct{}{})
	var raw map[string]map[string]json.RawMessage
	c.call("initialize", struct{}{}, &raw)
	got := slices.Sorted(maps.Keys(raw["capabilities"]))
	want := []string{"codeActionProvider", "hoverProvider", "positionEncoding", "textDocumentSync"}
	if !slices.Equal(got, want) {
		t.Errorf("capabilities %q, want %q", got, want)
	}
	if string(raw["capabilities"]["positionEncoding"]) != `"utf-16"` {
		t.Errorf("encoding %s", raw["capabilities"]["positionEncoding"])
	}
}
