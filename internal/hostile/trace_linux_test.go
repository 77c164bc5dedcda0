package hostile

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSystemCalls: what the kernel sees of a run. Below a folder that is ours, no file is opened but
// those of the given path, and configuration from there up to the root of the repository; and no
// program is started but git.
func TestSystemCalls(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("no strace")
	}
	top := t.TempDir()
	at := func(name string) string { return filepath.Join(top, filepath.FromSlash(name)) }
	for name, text := range map[string]string{
		"above.py":                sound,
		"toctou.yml":              "ignore: [checkthenact]\n",
		"repo/.git/HEAD":          "ref: refs/heads/main\n",
		"repo/pyproject.toml":     "[project]\nname = \"x\"\n",
		"repo/other/guard.py":     sound,
		"repo/other/__init__.py":  "",
		"repo/app/sound.py":       sound,
		"repo/app/caller.py":      "from other.guard import get_pool\nfrom ..other import guard\nimport above\n\nasync def f():\n    await get_pool(1)\n    await guard.get_pool(2)\n    await above.get_pool(3)\n",
		"repo/app/setup.py":       "import other\nother.main()\n",
		"repo/app/deep/module.py": "from ...other.guard import get_pool\nasync def g():\n    await get_pool(4)\n",
	} {
		write(t, at(name), text)
	}
	log := at("log")
	// A log for each process (-ff): in one log, calls of two processes break each other's lines.
	cmd := exec.Command(strace, "-ff", "-qq", "-s", "4096", "-e", "trace=open,openat,openat2,execve,execveat", "-o", log, os.Args[0], "check", "--no-cache", at("repo/app"))
	cmd.Env = append(os.Environ(), childVariable+"=1")
	out, err := cmd.CombinedOutput()
	logs, _ := filepath.Glob(log + ".*") // the pattern is sound
	if len(logs) == 0 {
		t.Skipf("strace cannot trace here: %v\n%s", err, out)
	}
	if cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("exits with %d: %s", cmd.ProcessState.ExitCode(), out)
	}
	opened := regexp.MustCompile(`^open(?:at2?)?\(.*?"([^"]*)".* = \d+`)
	started := regexp.MustCompile(`^execve(?:at)?\(.*?"([^"]*)".* = 0`)
	allowed := map[string]bool{at("repo/pyproject.toml"): true}
	programs, sources := map[string]int{}, 0
	for _, log := range logs {
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		git := false
		for line := range strings.Lines(string(text)) {
			if m := started.FindStringSubmatch(line); m != nil {
				programs[filepath.Base(m[1])]++
				git = git || filepath.Base(m[1]) == "git"
			}
			m := opened.FindStringSubmatch(line)
			switch {
			case m == nil || git || !strings.HasPrefix(m[1], top):
			case strings.HasPrefix(m[1], at("repo/app")):
				sources++
			case !allowed[m[1]]:
				t.Errorf("opens %s", strings.TrimPrefix(m[1], top))
			}
		}
	}
	delete(programs, "git")
	if len(programs) != 1 || programs[filepath.Base(os.Args[0])] != 1 {
		t.Errorf("starts %v", programs)
	}
	if sources < 4 {
		t.Errorf("only %d files are opened: the test looks at the wrong calls", sources)
	}
}
