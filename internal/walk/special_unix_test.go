//go:build unix

package walk

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestLinksPipesAndUnreadableFiles(t *testing.T) {
	outside := tree(t, "o.py", "dir/p.py")
	root := tree(t, "a.py", "locked.py", "closed/b.py")
	at := func(name string) string { return filepath.Join(root, name) }
	for link, target := range map[string]string{
		"inside.py":  at("a.py"),
		"self":       root,
		"loop.py":    at("loop.py"),
		"nowhere.py": at("missing.py"),
		"out.py":     filepath.Join(outside, "o.py"),
		"outdir":     filepath.Join(outside, "dir"),
	} {
		if err := os.Symlink(target, at(link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(at("pipe.py"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(at("closed"), 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(at("closed"), 0o700) })

	want := map[string]string{
		"loop.py":    "leads nowhere",
		"nowhere.py": "leads nowhere",
		"out.py":     "leads out of the scanned paths",
		"outdir":     "leads out of the scanned paths",
		"pipe.py":    "is a named pipe",
	}
	wantFiles := []string{"a.py", "locked.py"}
	if os.Geteuid() == 0 { // root reads everything
		wantFiles = []string{"a.py", "closed/b.py", "locked.py"}
	} else {
		want["closed"] = "permission denied"
	}
	files, skipped := found(t, Options{NoGit: true}, root)
	if !slices.Equal(files, wantFiles) {
		t.Errorf("files %q, want %q", files, wantFiles)
	}
	for name, why := range want {
		if !strings.Contains(skipped[name], why) {
			t.Errorf("%s: %q, want %q", name, skipped[name], why)
		}
		delete(skipped, name)
	}
	if len(skipped) > 0 {
		t.Errorf("also skipped: %q", skipped)
	}
}

func TestGivenFolderIsALink(t *testing.T) {
	root := tree(t, "real/a.py")
	link := filepath.Join(root, "link")
	if err := os.Symlink(filepath.Join(root, "real"), link); err != nil {
		t.Fatal(err)
	}
	if files, skipped := found(t, Options{NoGit: true}, link); !slices.Equal(files, []string{"a.py"}) || len(skipped) > 0 {
		t.Errorf("files %q, skipped %q", files, skipped)
	}
}

func TestReadDoesNotWait(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "p.py")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := Read(pipe, 100)
		done <- err
	}()
	select {
	case err := <-done:
		if err == nil || !strings.Contains(err.Error(), "named pipe") {
			t.Errorf("error = %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("waits on a named pipe")
	}
	if _, err := Read("/dev/zero", 100); err == nil || !strings.Contains(err.Error(), "device") {
		t.Errorf("device: error = %v", err)
	}
}

func TestReadStopsAtTheLimit(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.py")
	if err := os.WriteFile(file, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	for limit, want := range map[int64]string{4: "0123", 10: "0123456789", 11: "0123456789", 1000: "0123456789"} {
		if got, err := Read(file, limit); err != nil || string(got) != want {
			t.Errorf("limit %d: %q, %v", limit, got, err)
		}
	}
	if _, err := Read(file+"x", 1); err == nil || err.Error() != "is gone" {
		t.Errorf("vanished: error = %v", err)
	}
}
