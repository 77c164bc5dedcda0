package hostile

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// soundGo is a Go file with one finding, at line 22.
const soundGo = `package sound

import "sync"

// Pool keeps connections.
type Pool struct {
	mu    sync.Mutex
	conns map[string]*Conn
}

// Conn is a connection.
type Conn struct{ name string }

// Get makes a connection on demand.
func (p *Pool) Get(name string) *Conn {
	p.mu.Lock()
	c := p.conns[name]
	p.mu.Unlock()
	if c == nil {
		c = &Conn{name}
		p.mu.Lock()
		p.conns[name] = c
		p.mu.Unlock()
	}
	return c
}
`

// module makes a Go module with the sound package and more, and scans it.
func module(t *testing.T, files map[string]string) (found []string, listed string, stderr string) {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("go is not in PATH")
	}
	root := t.TempDir()
	write(t, filepath.Join(root, "go.mod"), "module example.com/hostile\n\ngo 1.26\n")
	write(t, filepath.Join(root, "sound", "sound.go"), soundGo)
	for name, text := range files {
		write(t, filepath.Join(root, filepath.FromSlash(name)), text)
	}
	t.Setenv("GOPROXY", "off")
	out := toctou(t, "check", "--format", "json", "--lang", "go", "--exit-zero", root)
	if out.code != 0 && out.code != 3 {
		t.Fatalf("exit code %d: %s", out.code, out.stderr)
	}
	au := decode(t, out.stdout)
	for _, s := range au.Unparsed {
		listed += s.File + ": " + s.Reason + "\n"
	}
	for _, p := range au.Partial {
		listed += p.File + ": " + p.Reason + "\n"
	}
	return findings(au, "sound/sound.go"), listed, out.stderr
}

// TestGoContents: broken packages are listed, each by itself, and the sound one beside them is analysed.
func TestGoContents(t *testing.T) {
	cases := map[string]struct {
		text   string // of a file in a package of the name p
		listed bool
	}{
		"half_written":     {"func f( {\n", true},
		"conflict_markers": {"<<<<<<< HEAD\nvar x = 1\n=======\nvar x = 2\n>>>>>>> other\n", true},
		"NUL":              {"var x = \"\x00\"\n", true},
		"invalid_UTF8":     {"// \xff\xfe\nvar x = 1\n", true},
		"type_error":       {"var x int = \"text\"\n", true},
		"missing_import":   {"import \"example.com/nowhere\"\n\nvar _ = nowhere.X\n", true},
		"import_cycle":     {"import _ \"example.com/hostile/import_cycle\"\n", true},
		"cgo_flag":         {"// #cgo CFLAGS: -fplugin=evil.so\n// int f(void) { return 1; }\nimport \"C\"\n\nvar X = C.f()\n", true},
		"parentheses":      {"var x = " + strings.Repeat("(", 10_000) + "1" + strings.Repeat(")", 10_000) + "\n", false},
		"nested_blocks":    {"func f() {" + strings.Repeat("{\n", 10_000) + strings.Repeat("}", 10_000) + "}\n", false},
		"long_comment":     {"// " + strings.Repeat("x", 1<<20) + "\nvar x = 1\n", false},
		"long_function": {
			"import \"sync\"\n\nvar mu sync.Mutex\nvar m = map[int]int{}\n\nfunc f(k int) {\n" +
				strings.Repeat("\tif m[k] == 0 {\n\t\tmu.Lock()\n\t\tm[k] = 1\n\t\tmu.Unlock()\n\t}\n", 4_000) + "}\n", false,
		},
		"many_entries_and_exits": {
			"import \"sync\"\n\ntype S struct {\n\tmu sync.Mutex\n\tm map[int]int\n}\n\nfunc (s *S) work() { println() }\n\nfunc (s *S) Run(k int) {\n" +
				strings.Repeat("\ts.mu.Lock()\n\ts.m[k] = 1\n\ts.mu.Unlock()\n\tif k > 1 {\n\t\ts.work()\n\t\ts.mu.Lock()\n\t\tdelete(s.m, k)\n\t\ts.mu.Unlock()\n\t}\n", 500) + "}\n", false,
		},
	}
	files := map[string]string{
		"no_Go/p.go": "PK\x03\x04\x00\x00\xff\xfe", "empty/p.go": "", "two_packages/a.go": "package a\n", "two_packages/b.go": "package b\n",
		"line_end/a\nb.go": "package p\n",
	}
	listed := []string{"no_Go", "empty", "two_packages"}
	for name, c := range cases {
		files[name+"/p.go"] = "package p\n\n" + c.text
		if c.listed {
			listed = append(listed, name)
		}
	}
	found, list, stderr := module(t, files)
	if !slices.Contains(found, "22 checkthenact") {
		t.Errorf("the sound package is not analysed: %q\nlisted:\n%s%s", found, list, stderr)
	}
	for _, name := range listed {
		if !strings.Contains(list, name) {
			t.Errorf("%s is not listed:\n%s%s", name, list, stderr)
		}
	}
}

// TestGoModuleFiles: what a go.mod or go.work says cannot keep the rest from being reported.
func TestGoModuleFiles(t *testing.T) {
	for name, c := range map[string]struct {
		files  map[string]string
		sound  bool // the sound package is analysed all the same
		listed string
	}{
		"another toolchain":           {map[string]string{"go.mod": "module example.com/hostile\n\ngo 1.26\n\ntoolchain go1.99.0\n"}, true, ""},
		"a Go that is yet to come":    {map[string]string{"go.mod": "module example.com/hostile\n\ngo 1.99\n"}, false, "1.99"},
		"a module that is nowhere":    {map[string]string{"go.mod": "module example.com/hostile\n\ngo 1.26\n\nrequire example.com/nowhere v1.0.0\n"}, true, ""},
		"no module file at all":       {map[string]string{"go.mod": "\x00\x01 not a module file"}, false, "go.mod"},
		"a workspace without modules": {map[string]string{"go.work": "go 1.26\n\nuse ./nowhere\n"}, false, "nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			found, listed, stderr := module(t, c.files)
			if got := slices.Contains(found, "22 checkthenact"); got != c.sound {
				t.Errorf("the sound package is analysed: %v, want %v\nlisted:\n%s%s", got, c.sound, listed, stderr)
			}
			if !strings.Contains(listed, c.listed) {
				t.Errorf("%q is not listed:\n%s%s", c.listed, listed, stderr)
			}
		})
	}
}

// TestGoRunsNothing: what a build would run on the way leaves no trace.
func TestGoRunsNothing(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "executed")
	script := filepath.Join(t.TempDir(), "trap.sh")
	write(t, script, "#!/bin/sh\ntouch "+mark+"\nexec \"$@\"\n")
	if err := os.Chmod(script, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOFLAGS", "-toolexec="+script)
	t.Setenv("GOPACKAGESDRIVER", script)
	found, listed, stderr := module(t, map[string]string{
		".git/HEAD":       "ref: refs/heads/main\n",
		".git/objects/x":  "",
		".git/refs/x":     "",
		".git/config":     "[core]\n\trepositoryformatversion = 0\n\tfsmonitor = " + script + "\n",
		"main.go":         "package main\n\n//go:generate " + script + "\nfunc main() {}\n",
		"main_test.go":    "package main\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc TestMain(m *testing.M) { os.WriteFile(" + `"` + filepath.ToSlash(mark) + `"` + ", nil, 0o600) }\n",
		"vendor/x/x.go":   "package x\n",
		"tools/init.go":   "package tools\n\nimport \"os\"\n\nfunc init() { os.WriteFile(" + `"` + filepath.ToSlash(mark) + `"` + ", nil, 0o600) }\n",
		"evil/makefile":   "all:\n\ttouch " + mark + "\n",
		"evil/x_amd64.s":  "#include \"" + filepath.ToSlash(mark) + "\"\n",
		"evil/nothing.go": "package evil\n",
	})
	if !slices.Contains(found, "22 checkthenact") && !strings.Contains(listed, "vendor") {
		t.Errorf("nothing is analysed: %q\nlisted:\n%s%s", found, listed, stderr)
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("something of the project was run")
	}
}
