//go:build unix

package hostile

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// TestKindsOfFile: what is no regular file is not waited for and is listed; links do not lead out
// of the given paths or in circles.
func TestKindsOfFile(t *testing.T) {
	elsewhere := t.TempDir()
	write(t, filepath.Join(elsewhere, "other.py"), sound)
	root := tree(t, nil)
	at := func(name string) string { return filepath.Join(root, name) }
	for link, target := range map[string]string{
		"loop.py":      at("loop.py"),
		"ring_a.py":    at("ring_b.py"),
		"ring_b.py":    at("ring_a.py"),
		"nowhere.py":   at("missing.py"),
		"outside.py":   filepath.Join(elsewhere, "other.py"),
		"device.py":    "/dev/zero",
		"again":        root,
		"same.py":      at("sound.py"),
		"folder/up":    root,
		"folder/up.py": "..",
	} {
		if err := os.MkdirAll(filepath.Dir(at(link)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, at(link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(at("pipe.py"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(at("dir.py"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, at("dir.py/inner.py"), sound)
	short, err := os.MkdirTemp("", "s") //nolint:usetesting // the path of a socket has a small limit
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(short) })
	l, err := net.Listen("unix", filepath.Join(short, "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := os.Rename(filepath.Join(short, "s"), at("socket.py")); err != nil {
		t.Skipf("sockets and the test's folder are on different file systems: %v", err)
	}

	au := scan(t, root)
	for file, want := range map[string]string{
		"loop.py":    "leads nowhere or in a circle",
		"ring_a.py":  "leads nowhere or in a circle",
		"nowhere.py": "leads nowhere",
		"outside.py": "leads out of the scanned paths",
		"device.py":  "leads out of the scanned paths",
		"pipe.py":    "named pipe",
		"socket.py":  "socket",
	} {
		wantReason(t, au, file, want)
	}
	if got := findings(au, "dir.py/inner.py"); len(got) != 1 {
		t.Errorf("a folder whose name ends in .py: findings %q", got)
	}
	if len(au.Findings) != 2 {
		t.Errorf("%d findings, want 2: something was analysed twice or outside the tree", len(au.Findings))
	}
}

// TestNamedSpecialFiles: a special file that is named itself is refused with its kind, not waited for.
func TestNamedSpecialFiles(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe.py")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{pipe: "is a named pipe", "/dev/zero": "is a device", "/dev/null": "is a device"} {
		out := toctou(t, "check", file)
		if out.code != 3 || !strings.Contains(out.stderr, want) {
			t.Errorf("%s: exit code %d, %q", file, out.code, out.stderr)
		}
	}
}

// TestUnreadable: what may not be read is listed. Root reads everything, so as root the program
// runs as nobody.
func TestUnreadable(t *testing.T) {
	root := tree(t, map[string]string{"locked.py": sound, "closed/inner.py": sound})
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	cmd, stdout, stderr := command(ctx, t, "check", "--format", "json", root)
	if os.Geteuid() == 0 {
		const nobody = 65534
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		for dir := root; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
			if err := os.Chmod(dir, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		copied := filepath.Join(root, "toctou")
		program, err := os.ReadFile(cmd.Path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(copied, program, 0o755); err != nil {
			t.Fatal(err)
		}
		cmd.Path = copied
		if err := os.Chmod(filepath.Join(root, "sound.py"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"locked.py", "closed"} {
		if err := os.Chmod(filepath.Join(root, name), 0); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(filepath.Join(root, name), 0o700) })
	}
	if err := cmd.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	if code := cmd.ProcessState.ExitCode(); code != 1 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	au := decode(t, stdout.String())
	if got := findings(au, "sound.py"); len(got) != 1 {
		t.Errorf("the sound file has findings %q", got)
	}
	wantReason(t, au, "locked.py", "permission denied")
	wantReason(t, au, "closed", "permission denied")
}

// TestNames: names that would break a line or a terminal are found, kept in JSON, and escaped elsewhere.
func TestNames(t *testing.T) {
	names := []string{"new\nline.py", "esc\x1b[31m.py", "tab\t.py", "-rf.py", " .py", "quote\"'.py", "späce d.py", "per%cent::warning.py", "<b>&amp;.py", "|pipe|`.py"}
	files := map[string]string{}
	for _, n := range names {
		files[n] = sound
	}
	root := tree(t, files)
	au := decode(t, toctou(t, "check", "--format", "json", root).stdout)
	var got []string
	for _, f := range au.Findings {
		got = append(got, f.File)
	}
	slices.Sort(got)
	want := append(slices.Clone(names), "sound.py")
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("files %q\nwant %q", got, want)
	}
	for _, format := range []string{"text", "markdown", "sarif", "github", "gitlab", "junit", "html"} {
		out := toctou(t, "check", "--format", format, root)
		if out.code != 1 {
			t.Errorf("%s: exit code %d: %s", format, out.code, out.stderr)
		}
		if strings.Contains(out.stdout+out.stderr, "\x1b") || strings.Contains(out.stdout+out.stderr, "new\nline.py") {
			t.Errorf("%s: a name is written as it is", format)
		}
	}
}

// TestInvalidNames: a name that is no UTF-8 is analysed and can be written in every format.
func TestInvalidNames(t *testing.T) {
	root := tree(t, nil)
	if err := os.WriteFile(filepath.Join(root, "bad\xff.py"), []byte(sound), 0o600); err != nil {
		t.Skipf("the file system wants UTF-8: %v", err)
	}
	for _, format := range []string{"text", "markdown", "json", "sarif", "github", "gitlab", "junit", "html"} {
		if out := toctou(t, "check", "--format", format, root); out.code != 1 || !strings.Contains(out.stdout, "sound.py") {
			t.Errorf("%s: exit code %d: %s", format, out.code, out.stderr)
		}
	}
}
