package cli

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestTranscriptsCoverEverything: every command is seen to work and to fail in a transcript, and
// every flag of it is seen there.
func TestTranscriptsCoverEverything(t *testing.T) {
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	calls := map[string][]string{} // by exit code, "toctou" and its arguments
	line := regexp.MustCompile(`(?m)^code (\d+) toctou ?(.*)$`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range line.FindAllStringSubmatch(string(text), -1) {
			calls[m[1]] = append(calls[m[1]], m[2]+" ")
		}
	}
	seen := func(code, name, flag string) bool {
		for _, call := range calls[code] {
			rest, ok := strings.CutPrefix(call, strings.TrimPrefix(name+" ", " "))
			if ok && (flag == "" || strings.Contains(" "+rest, " "+flag+" ") || strings.Contains(" "+rest, " "+flag+"=")) {
				return true
			}
		}
		return false
	}
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		name := own(c)
		if !seen("0", name, "") && !seen("1", name, "") {
			t.Errorf("no transcript shows `toctou %s` at work", name)
		}
		if c.Name() != "completion" && (c.Parent() == nil || c.Parent().Name() != "completion") && !seen("0", strings.TrimSpace(name+" --help"), "") {
			t.Errorf("no transcript shows the help of `toctou %s`", name)
		}
		if c.Parent() != nil && !seen("2", name, "") {
			t.Errorf("no transcript shows `toctou %s` fail", name)
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Hidden || f.Name == "help" || c.Parent() != nil && c.Parent().Name() == "completion" {
				return
			}
			for code := range calls {
				if seen(code, name, "--"+f.Name) || f.Shorthand != "" && seen(code, name, "-"+f.Shorthand) {
					return
				}
			}
			t.Errorf("no transcript uses `toctou %s --%s`", name, f.Name)
		})
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	a := &app{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard}
	visit(a.root())
}
