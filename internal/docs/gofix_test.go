package docs

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/internal/rules"
)

// TestGoFixesSpeakOfGo: the tool, run over the Go examples of a rule's page, never advises in terms
// of await, which Go does not have.
func TestGoFixesSpeakOfGo(t *testing.T) {
	tool := filepath.Join(t.TempDir(), "toctou")
	build := exec.Command("go", "build", "-o", tool, "./cmd/toctou")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	rule, ok := rules.Get("checkthenact")
	if !ok {
		t.Fatal("no such rule")
	}
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/pool\n\ngo 1.24\n")
	for _, e := range rule.Examples {
		if e.Language == "go" && e.Verdict == rules.Bad {
			write("pool.go", e.Code)
		}
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(context.Background(), tool, "check", "--format", "json", dir)
	cmd.Stdout = &out
	cmd.Env = append(os.Environ(), "GITHUB_ACTIONS=")
	_ = cmd.Run() // findings make it exit with 1
	var audit struct{ Findings []map[string]any }
	if err := json.Unmarshal(out.Bytes(), &audit); err != nil || len(audit.Findings) == 0 {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, f := range audit.Findings {
		if text := fmt.Sprint(f); f["fix"] == nil || strings.Contains(text, "await") {
			t.Errorf("says\n%s", text)
		}
	}
}
