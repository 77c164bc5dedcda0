package hostile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/toctou-lint/toctou/internal/audit"
	"github.com/toctou-lint/toctou/internal/cli"
	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/report"
)

// childVariable makes the test binary behave like toctou.
const childVariable = "TOCTOU_HOSTILE_CHILD"

// peakVariable names a file for the memory that such a process has used.
const peakVariable = "TOCTOU_HOSTILE_PEAK"

func TestMain(m *testing.M) {
	_ = os.Setenv("TOCTOU_CACHE", "off") // cannot fail for this name
	if os.Getenv(childVariable) == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	code := cli.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	if file := os.Getenv(peakVariable); file != "" {
		if err := os.WriteFile(file, []byte(peak()), 0o600); err != nil {
			panic(err)
		}
	}
	os.Exit(code)
}

// peak is the most memory that this process has used so far, in KiB, where the system tells. What
// the parent sees of its child (Maxrss) includes the parent's own size at the fork.
func peak() string {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "0"
	}
	for line := range strings.Lines(string(status)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmHWM:" {
			return f[1]
		}
	}
	return "0"
}

// deadline is no measurement: it only keeps a test that hangs from hanging for ever.
const deadline = 3 * time.Minute

// sound is a file with one finding, at line 9: it stands beside the hostile one and must be found.
const sound = `import asyncpg

_pool = None


async def get_pool(dsn):
    global _pool
    if _pool is None:
        _pool = await asyncpg.create_pool(dsn)
    return _pool
`

const soundLine, soundRule = 9, "checkthenact"

// tree makes a folder with the sound file and more.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	write(t, filepath.Join(root, "sound.py"), sound)
	for name, text := range files {
		write(t, filepath.Join(root, filepath.FromSlash(name)), text)
	}
	return root
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// scan audits paths and expects the finding of the sound file.
func scan(t *testing.T, paths ...string) *report.Audit {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	au, err := audit.Run(ctx, audit.Request{Paths: paths, Config: (&config.Config{}).Defaults()})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(findings(au, "sound.py"), fmt.Sprintf("%d %s", soundLine, soundRule)) {
		t.Errorf("the sound file is not analysed: %q", findings(au, "sound.py"))
	}
	return au
}

// findings of one file, as "line rule".
func findings(au *report.Audit, file string) (out []string) {
	for _, f := range au.Findings {
		if f.File == file {
			out = append(out, fmt.Sprintf("%d %s", f.Line, f.Rule))
		}
	}
	return out
}

// reasons are what an audit says about a file that was not analysed, in whole or in part.
func reasons(au *report.Audit, file string) (out []string) {
	for _, s := range au.Unparsed {
		if s.File == file {
			out = append(out, s.Reason)
		}
	}
	for _, p := range au.Partial {
		if p.File == file {
			out = append(out, p.Reason)
		}
	}
	return out
}

// outcome is how a run of the program ended.
type outcome struct {
	code           int
	stdout, stderr string
	peak           int64 // most memory in use at a time, in bytes; 0 if the system does not tell
}

// toctou runs the program in a process of its own.
func toctou(t *testing.T, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	cmd, out, errs := command(ctx, t, args...)
	note := filepath.Join(t.TempDir(), "peak")
	cmd.Env = append(cmd.Env, peakVariable+"="+note)
	err := cmd.Run()
	if ctx.Err() != nil {
		t.Fatalf("toctou %q did not end within %v", args, deadline)
	}
	if err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	var used int64
	if text, err := os.ReadFile(note); err == nil {
		if used, err = strconv.ParseInt(string(text), 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	return outcome{cmd.ProcessState.ExitCode(), out.String(), errs.String(), used << 10}
}

func command(ctx context.Context, t *testing.T, args ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	cmd = exec.CommandContext(ctx, self, args...)
	cmd.Env = append(os.Environ(), childVariable+"=1", "GITHUB_ACTIONS=", "NO_COLOR=1", "SOURCE_DATE_EPOCH=1760054400", "XDG_CACHE_HOME="+t.TempDir())
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return cmd, stdout, stderr
}

// wantReason fails unless a reason for the file contains want.
func wantReason(t *testing.T, au *report.Audit, file, want string) {
	t.Helper()
	got := reasons(au, file)
	if !slices.ContainsFunc(got, func(r string) bool { return strings.Contains(r, want) }) {
		t.Errorf("%q: reasons %q, want one with %q", file, got, want)
	}
}
