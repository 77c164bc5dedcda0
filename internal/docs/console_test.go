package docs

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/internal/cli"
)

var update = flag.Bool("update", false, "rewrite the output shown in console blocks")

const refresh = "review, then go test ./internal/docs -run Console -update"

// TestConsole runs each ```console block: `$ toctou …` as a user would type it, `$ echo $?` for
// the exit code of the command before, `$ cat FILE`. The blocks of one document share a folder that
// holds the files of its blocks marked file=NAME, as they stand before the command. A line of the
// expected output that is nothing but … stands for any lines.
func TestConsole(t *testing.T) {
	ran := 0
	for _, d := range documents(t) {
		if !slices.ContainsFunc(d.blocks, func(b block) bool { return b.language() == "console" }) {
			continue
		}
		ran++
		t.Run(d.file, func(t *testing.T) {
			dir := isolate(t)
			lines := slices.Clone(d.lines)
			for _, b := range slices.Backward(replay(t, d, dir)) {
				lines = slices.Replace(lines, b.line, b.line+b.old, b.text...)
			}
			if *update && !slices.Equal(lines, d.lines) {
				if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(d.file)), []byte(strings.Join(lines, "\n")), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	if ran == 0 {
		t.Error("no document has a console block")
	}
}

// isolate makes a folder that no configuration above and no variable of the caller reaches.
func isolate(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", dir)
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, ".cache"))
	t.Setenv("SOURCE_DATE_EPOCH", "1760054400") // 2025-10-10
	t.Setenv("GITHUB_ACTIONS", "")
	t.Setenv("NO_COLOR", "1")
	return dir
}

// rewritten is the new text of a block whose output differs.
type rewritten struct {
	line, old int // the block's first line, counted from 0, and its number of lines
	text      []string
}

func replay(t *testing.T, d document, dir string) (changed []rewritten) {
	t.Helper()
	repo, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	defer t.Chdir(filepath.Join(repo, "internal", "docs"))
	code := 0
	for _, b := range d.blocks {
		if name := b.name(); name != "" {
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(strings.Join(b.text, "\n")+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if b.language() != "console" {
			continue
		}
		var got []string
		different := false
		for _, c := range commands(b.text) {
			var out string
			out, code = run(t, fmt.Sprintf("%s:%d", d.file, b.line), c.args, code)
			lines := []string{}
			if out != "" {
				lines = strings.Split(strings.TrimSuffix(out, "\n"), "\n")
			}
			got = append(got, c.line)
			if matches(c.want, lines) {
				got = append(got, c.want...)
				continue
			}
			different = true
			got = append(got, lines...)
			if !*update {
				t.Errorf("%s:%d: %s prints\n%s\nnot\n%s\n%s", d.file, b.line, c.line, out, strings.Join(c.want, "\n"), refresh)
			}
		}
		if different {
			changed = append(changed, rewritten{b.line, len(b.text), got})
		}
	}
	return changed
}

type command struct {
	line string
	args []string
	want []string
}

func commands(text []string) (out []command) {
	for _, line := range text {
		if rest, ok := strings.CutPrefix(line, "$ "); ok {
			out = append(out, command{line: line, args: strings.Fields(rest)})
		} else if len(out) > 0 {
			c := &out[len(out)-1]
			c.want = append(c.want, line)
		}
	}
	return out
}

func run(t *testing.T, where string, args []string, last int) (string, int) {
	t.Helper()
	switch {
	case slices.Equal(args, []string{"echo", "$?"}):
		return fmt.Sprintln(last), 0
	case len(args) == 2 && args[0] == "cat":
		text, err := os.ReadFile(args[1])
		if err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		return string(text), 0
	case args[0] != "toctou":
		t.Fatalf("%s: %q is not run; a console block may call toctou, cat FILE and echo $?", where, args)
	case slices.ContainsFunc(args, func(a string) bool { return strings.ContainsAny(a, "|<>&;'\"*") }):
		t.Fatalf("%s: %q needs a shell; a console block has none", where, args)
	}
	var out bytes.Buffer
	code := cli.Run(context.Background(), args[1:], strings.NewReader(""), &out, &out)
	return out.String(), code
}

// matches compares output with what is shown, in which … stands for any lines.
func matches(want, got []string) bool {
	i := slices.Index(want, "…")
	if i < 0 {
		return slices.Equal(want, got)
	}
	if len(got) < i || !slices.Equal(want[:i], got[:i]) {
		return false
	}
	for j := i; j <= len(got); j++ {
		if matches(want[i+1:], got[j:]) {
			return true
		}
	}
	return false
}

func TestMatches(t *testing.T) {
	for _, tt := range []struct {
		want, got string
		ok        bool
	}{
		{"a b", "a b", true}, {"a", "b", false}, {"a … d", "a b c d", true}, {"a … d", "a b c", false},
		{"… d", "d", true}, {"a …", "a", true}, {"…", "", true}, {"a … b … c", "a x b c", true}, {"a … a", "a", false},
	} {
		if matches(strings.Fields(tt.want), strings.Fields(tt.got)) != tt.ok {
			t.Errorf("%q against %q is %v", tt.want, tt.got, !tt.ok)
		}
	}
}
