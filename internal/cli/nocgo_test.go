package cli

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestWithoutCCompiler: a program that was built where there is no C compiler says which package
// to install, names the files that it could not read, and analyses the others.
func TestWithoutCCompiler(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "toctou.exe") // the name that every system runs
	build := exec.Command("go", "build", "-o", program, "../../cmd/toctou")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, text := range map[string]string{
		"py/pool.py":   "async def f(x):\n    await x\n",
		"both/pool.py": "async def f(x):\n    await x\n",
		"both/go.mod":  "module both\n\ngo 1.24\n",
		"both/p.go": `package both

import "sync"

type Pool struct {
	mu    sync.Mutex
	conns map[string]*int
}

func (p *Pool) Get(addr string) *int {
	p.mu.Lock()
	c, ok := p.conns[addr]
	p.mu.Unlock()
	if !ok {
		c = new(int)
		p.mu.Lock()
		p.conns[addr] = c
		p.mu.Unlock()
	}
	return c
}

func (p *Pool) Serve(addrs []string) {
	for _, a := range addrs {
		go p.Get(a)
	}
}
`,
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(want int, args ...string) (stdout, stderr string) {
		t.Helper()
		var out, errs bytes.Buffer
		cmd := exec.Command(program, args...)
		cmd.Stdout, cmd.Stderr, cmd.Dir = &out, &errs, dir
		err := cmd.Run()
		if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
			t.Fatal(err)
		} else if cmd.ProcessState.ExitCode() != want {
			t.Errorf("%q exits with %d, want %d: %v\n%s", args, cmd.ProcessState.ExitCode(), want, exit, errs.String())
		}
		return out.String(), errs.String()
	}
	const install = "toctou: this binary was built without cgo and cannot read Python: install a C compiler (Debian, Ubuntu: sudo apt install gcc libc6-dev; "
	for _, args := range [][]string{{"check", "py"}, {"audit", "py"}, {"fix", "py"}} {
		if _, stderr := run(exitNothing, args...); !strings.HasPrefix(stderr, install) || !strings.Contains(stderr, "toctou: nothing could be analysed: pool.py is Python") {
			t.Errorf("%q says %q", args, stderr)
		}
	}
	if _, stderr := run(exitClean, "explain", "py/pool.py:1"); !strings.HasPrefix(stderr, install) {
		t.Errorf("explain says %q", stderr)
	}
	stdout, stderr := run(exitFindings, "check", "both")
	if !strings.HasPrefix(stderr, install) || !strings.Contains(stdout, "[checkthenact]") || !strings.Contains(stdout, "1 file not parsed: pool.py (is Python, and this program was built without a C compiler)") {
		t.Errorf("stdout %s\nstderr %s", stdout, stderr)
	}
	if stdout, _ := run(exitClean, "rules"); !strings.Contains(stdout, "checkthenact") {
		t.Errorf("rules: %s", stdout)
	}
}
