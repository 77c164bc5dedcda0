//go:build unix

package hostile

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/toctou-lint/toctou/internal/audit"
	"github.com/toctou-lint/toctou/internal/cli"
	"github.com/toctou-lint/toctou/internal/config"
)

// stopped is what an interrupted run says: how far it got.
var stopped = regexp.MustCompile(`stopped after reading .*; nothing was written`)

// busy is a project that takes long enough to be interrupted in the middle.
func busy(t *testing.T) string {
	t.Helper()
	files := map[string]string{}
	var b strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&b, "async def f%d(self, k):\n    if k not in self.d:\n        self.d[k] = await self.f%d(k)\n", i, i+1)
	}
	for i := range 200 {
		files[fmt.Sprintf("m%d.py", i)] = b.String()
	}
	files["toctou.yml"] = "title: busy\n"
	return tree(t, files)
}

// TestInterrupt: Ctrl-C ends the program at once with code 130, says how far it got, and leaves
// the output file as it was.
func TestInterrupt(t *testing.T) {
	root := busy(t)
	for name, old := range map[string]string{"no file before": "", "a file before": "from the last run\n"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "AUDIT.md")
			if old != "" {
				write(t, file, old)
			}
			ctx, cancel := context.WithTimeout(context.Background(), deadline)
			defer cancel()
			cmd, _, _ := command(ctx, t, "audit", "--verbose", "-o", file, root)
			cmd.Stderr = nil
			pipe, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			stderr := bufio.NewReader(pipe)
			if line, err := stderr.ReadString('\n'); err != nil || !strings.Contains(line, "configuration from") {
				t.Fatalf("begins with %q, %v", line, err)
			}
			time.Sleep(100 * time.Millisecond) // into the analysis, which takes seconds
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			rest, err := io.ReadAll(stderr)
			if err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != 130 {
				t.Errorf("exit code %d: %s", code, rest)
			}
			if !stopped.Match(rest) {
				t.Errorf("says %q", rest)
			}
			left(t, dir, file, old)
		})
	}
}

// left fails unless dir holds the old file, or nothing.
func left(t *testing.T, dir, file, old string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	if old != "" {
		want = 1
		if text, err := os.ReadFile(file); err != nil || string(text) != old {
			t.Errorf("the old file holds %q, %v", text, err)
		}
	}
	if len(entries) != want {
		t.Errorf("left behind: %v", entries)
	}
}

// TestCancelBeforeStart: a context that is done already reads and writes nothing.
func TestCancelBeforeStart(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "AUDIT.md")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out bytes.Buffer
	if code := cli.Run(ctx, []string{"audit", "-o", file, tree(t, nil)}, strings.NewReader(""), &out, &out); code != 130 {
		t.Errorf("exit code %d: %s", code, out.String())
	}
	left(t, dir, file, "")
}

// TestCancelReachesTheFrontEnd: the analysis itself stops, not only the waiting for it.
func TestCancelReachesTheFrontEnd(t *testing.T) {
	root := busy(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	go func() {
		_, err := audit.Run(ctx, audit.Request{
			Paths: []string{root}, Config: (&config.Config{}).Defaults(),
			Progress: func(done, _ int) {
				if done == 20 {
					cancel()
				}
			},
		})
		done <- err
	}()
	select {
	case err := <-done:
		if err != context.Canceled { //nolint:errorlint // the contract is ctx.Err() itself
			t.Errorf("error %v", err)
		}
	case <-time.After(deadline):
		t.Fatal("goes on")
	}
}
