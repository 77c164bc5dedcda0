package walk

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tree makes files (a name ending in / is a folder) and returns their root.
func tree(t *testing.T, names ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, name := range names {
		p := filepath.Join(root, name)
		dir := filepath.Dir(p)
		if strings.HasSuffix(name, "/") {
			dir = p
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if dir != p {
			if err := os.WriteFile(p, []byte("x = 1\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return root
}

func found(t *testing.T, opt Options, paths ...string) (files []string, skipped map[string]string) {
	t.Helper()
	res, err := Walk(context.Background(), paths, opt)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range res.Files {
		files = append(files, f.Rel)
	}
	skipped = map[string]string{}
	for _, s := range res.Skipped {
		skipped[s.File] = s.Reason
	}
	return files, skipped
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com"}, args...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func TestFoldersThatHoldNothingOfTheOwner(t *testing.T) {
	root := tree(t, "a.py", "pkg/b.py", "pkg/c.txt", "main.go", "env/pyvenv.cfg", "env/lib/x.py",
		"node_modules/p/x.py", "pkg/__pycache__/x.py", "lib/site-packages/x.py", ".tox/x.py")
	want := []string{"a.py", "main.go", "pkg/b.py"}
	if files, skipped := found(t, Options{NoGit: true}, root); !slices.Equal(files, want) || len(skipped) > 0 {
		t.Errorf("walked: %q, skipped %q; want %q", files, skipped, want)
	}
	git(t, root, "init", "-q")
	git(t, root, "add", "-Af")
	if files, skipped := found(t, Options{}, root); !slices.Equal(files, want) || len(skipped) > 0 {
		t.Errorf("from git: %q, skipped %q; want %q", files, skipped, want)
	}
	inside := filepath.Join(root, "lib", "site-packages")
	if files, _ := found(t, Options{}, inside); !slices.Equal(files, []string{"x.py"}) {
		t.Errorf("named itself: %q", files)
	}
}

func TestGitignore(t *testing.T) {
	root := tree(t, "a.py", "build/gen.py", "sub/b.py", "sub/secret.py", "gone.py", "vendored/c.py")
	if err := os.WriteFile(filepath.Join(root, ".gitignore"), []byte("build/\nsecret.py\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	git(t, root, "init", "-q")
	git(t, root, "add", "gone.py")
	git(t, filepath.Join(root, "vendored"), "init", "-q")
	if err := os.Remove(filepath.Join(root, "gone.py")); err != nil {
		t.Fatal(err)
	}
	if files, skipped := found(t, Options{}, root); !slices.Equal(files, []string{"a.py", "sub/b.py", "vendored/c.py"}) || len(skipped) > 0 {
		t.Errorf("files %q, skipped %q", files, skipped)
	}
	if files, _ := found(t, Options{}, filepath.Join(root, "build")); !slices.Equal(files, []string{"gen.py"}) {
		t.Errorf("an ignored folder that is named itself: %q", files)
	}
	secret := filepath.Join(root, "sub", "secret.py")
	if files, _ := found(t, Options{Exclude: func(string) bool { return true }}, secret); !slices.Equal(files, []string{"secret.py"}) {
		t.Errorf("an ignored and excluded file that is named itself: %q", files)
	}
}

func TestGitRunsNothingOfTheRepository(t *testing.T) {
	root := tree(t, "a.py", "evil.sh")
	mark := filepath.Join(root, "executed")
	script := "#!/bin/sh\ntouch " + mark + "\n"
	if err := os.WriteFile(filepath.Join(root, "evil.sh"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	git(t, root, "init", "-q")
	git(t, root, "config", "core.fsmonitor", filepath.Join(root, "evil.sh"))
	t.Setenv("GIT_DIR", filepath.Join(root, "nonexistent")) // as in a hook
	if files, _ := found(t, Options{}, root); !slices.Equal(files, []string{"a.py"}) {
		t.Errorf("files %q", files)
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("the file system monitor of the repository was run")
	}
}

func TestExclude(t *testing.T) {
	root := tree(t, "a.py", "legacy/b.py", "c_pb2.py")
	exclude := func(abs string) bool {
		return filepath.Base(abs) == "legacy" || strings.HasSuffix(abs, "_pb2.py")
	}
	if files, _ := found(t, Options{Exclude: exclude}, root); !slices.Equal(files, []string{"a.py"}) {
		t.Errorf("files %q", files)
	}
}

func TestRootOfSeveralPaths(t *testing.T) {
	root := tree(t, "s/a/x.py", "s/b/y.py", "s/ab/z.py")
	files, _ := found(t, Options{NoGit: true}, filepath.Join(root, "s", "a"), filepath.Join(root, "s", "ab", "z.py"), filepath.Join(root, "s", "a", "x.py"))
	if !slices.Equal(files, []string{"a/x.py", "ab/z.py"}) {
		t.Errorf("files %q", files)
	}
	if _, err := Walk(context.Background(), []string{filepath.Join(root, "nope")}, Options{}); err == nil || !strings.Contains(err.Error(), "no such file or folder") {
		t.Errorf("error = %v", err)
	}
}

func TestOddNames(t *testing.T) {
	root := tree(t, "new\nline.py", "esc\x1b[31m.py", "späce d.py", "-rf.py")
	git(t, root, "init", "-q")
	want := []string{"-rf.py", "esc\x1b[31m.py", "new\nline.py", "späce d.py"}
	for _, noGit := range []bool{false, true} {
		if files, _ := found(t, Options{NoGit: noGit}, root); !slices.Equal(files, want) {
			t.Errorf("NoGit %t: files %q", noGit, files)
		}
	}
}

func TestExplicitFileWithoutAName(t *testing.T) {
	root := tree(t, "bin/tool")
	if files, _ := found(t, Options{}, filepath.Join(root, "bin", "tool")); !slices.Equal(files, []string{"tool"}) {
		t.Errorf("files %q", files)
	}
}

func TestCancelled(t *testing.T) {
	root := tree(t, "a.py")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Walk(ctx, []string{root}, Options{}); err == nil {
		t.Error("no error")
	}
}
