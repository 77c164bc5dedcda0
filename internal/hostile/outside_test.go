package hostile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNothingOutsideIsRead: configuration above the root of the repository does not count, and an
// import that leads out of the given paths is not followed.
func TestNothingOutsideIsRead(t *testing.T) {
	top := t.TempDir()
	at := func(name string) string { return filepath.Join(top, filepath.FromSlash(name)) }
	write(t, at("toctou.yml"), "ignore: [checkthenact]\n")
	write(t, at("pyproject.toml"), "[tool.toctou]\nignore = [\"checkthenact\"]\n")
	write(t, at("repo/.git/HEAD"), "ref: refs/heads/main\n")
	write(t, at("repo/app/sound.py"), sound)
	// The sibling takes a lock around its body, which would make the caller safe if it were read.
	write(t, at("repo/other/guard.py"), "import asyncio\n_lock = asyncio.Lock()\nasync def fetch(d, k):\n    d[k] = 1\n")
	write(t, at("repo/app/caller.py"), "from other.guard import fetch\nfrom ..other import guard\nfrom ...other import guard as g\n\nasync def f(d, k):\n    await fetch(d, k)\n")
	out := toctou(t, "check", "--format", "json", "--verbose", at("repo/app"))
	if out.code != 1 {
		t.Fatalf("exit code %d: %s", out.code, out.stderr)
	}
	au := decode(t, out.stdout)
	if got := findings(au, "sound.py"); len(got) != 1 {
		t.Errorf("findings %q: a configuration outside the repository was obeyed", got)
	}
	if strings.Contains(out.stderr, "configuration from") {
		t.Errorf("a configuration was read: %s", out.stderr)
	}
	if au.Files != 2 || strings.Contains(out.stdout, "guard.py") {
		t.Errorf("%d files, want the 2 in app", au.Files)
	}
	// Configuration inside the repository, above the given path, does count.
	write(t, at("repo/toctou.yml"), "ignore: [checkthenact]\n")
	if out := toctou(t, "check", at("repo/app")); out.code != 0 {
		t.Errorf("exit code %d with the rule ignored: %s", out.code, out.stdout)
	}
}

// TestImportOfAnUnreadableFile: a module that is imported but is outside, or a trap, is never opened.
func TestImportOfAnUnreadableFile(t *testing.T) {
	top := t.TempDir()
	write(t, filepath.Join(top, "app", "sound.py"), sound)
	write(t, filepath.Join(top, "app", "user.py"), "import trap\nfrom trap import value\nasync def f(): await trap.g(); await value.h()\n")
	write(t, filepath.Join(top, "trap.py"), strings.ReplaceAll(sound, "_pool", "trapped"))
	au := decode(t, toctou(t, "audit", "--format", "json", filepath.Join(top, "app")).stdout)
	if au.Files != 2 || len(findings(au, "sound.py")) != 1 {
		t.Errorf("%d files, findings %q", au.Files, findings(au, "sound.py"))
	}
	text, err := os.ReadFile(filepath.Join(top, "trap.py"))
	if err != nil || !strings.Contains(string(text), "trapped") {
		t.Fatal(err)
	}
	for _, f := range au.Findings {
		if strings.Contains(f.Place+f.Message, "trapped") {
			t.Errorf("a finding speaks of a file outside: %s", f.Message)
		}
	}
}

// TestNothingIsExecuted: what an interpreter or git would run leaves no trace.
func TestNothingIsExecuted(t *testing.T) {
	root := tree(t, nil)
	mark := filepath.Join(root, "executed")
	trap := "import os\nopen(" + `"` + filepath.ToSlash(mark) + `"` + ", 'w').close()\nasync def f(): await f()\n"
	for _, name := range []string{"setup.py", "conftest.py", "sitecustomize.py", "usercustomize.py", "__init__.py", "__main__.py", "asyncio.py"} {
		write(t, filepath.Join(root, name), trap)
	}
	write(t, filepath.Join(root, "pyproject.toml"), "[build-system]\nrequires = []\nbuild-backend = \"setup\"\nbackend-path = [\".\"]\n")
	script := filepath.Join(root, "hook.sh")
	write(t, script, "#!/bin/sh\ntouch "+mark+"\n")
	if err := os.Chmod(script, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, ".git", "HEAD"), "ref: refs/heads/main\n")
	write(t, filepath.Join(root, ".git", "config"), "[core]\n\trepositoryformatversion = 0\n\tfsmonitor = "+script+"\n\tsshCommand = "+script+"\n\thooksPath = "+root+"\n[diff]\n\texternal = "+script+"\n")
	for _, dir := range []string{"objects", "refs"} {
		if err := os.MkdirAll(filepath.Join(root, ".git", dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"check", root}, {"audit", root}, {"check", "--diff", "HEAD", root}, {"explain", filepath.Join(root, "sound.py") + ":9"}} {
		out := toctou(t, args...)
		if _, err := os.Stat(mark); err == nil {
			t.Fatalf("%q ran something of the project: %s", args, out.stderr)
		}
	}
}
