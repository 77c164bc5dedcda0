package hostile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/internal/audit"
)

// maxPeak is the most memory that one hostile file may make the program use. Instrumented builds
// (-race) use several times as much as a plain one.
const maxPeak = 1 << 30

// TestSizes: a file or project that is large in one respect ends within the deadline and the
// memory, says what was left out, and does not keep the sound file from being analysed.
func TestSizes(t *testing.T) {
	if testing.Short() {
		t.Skip("large inputs")
	}
	line := func(unit string, size int) string { return strings.Repeat(unit, size/len(unit)) }
	nested := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.Repeat(" ", i) + "if x:\n")
		}
		b.WriteString(strings.Repeat(" ", n) + "pass\n")
		return b.String()
	}
	repeated := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i, i+1)
		}
		return b.String()
	}
	const many = 10_000
	tooLarge := fmt.Sprintf("the limit is %d", audit.MaxSize)
	for name, tt := range map[string]struct {
		files  map[string]string
		reason string // said about hostile.py; "" if nothing is left out
	}{
		"50 MB":                       {files: one(line("async def f(): await g()\n", 50<<20)), reason: tooLarge},
		"one line of 1 MB":            {files: one("async def f(): x = [" + line("a, ", 1<<20) + "]\n"), reason: "operations in one function"},
		"one name of 1 MB":            {files: one("async def " + line("f", 1<<20) + "(): await g()\n")},
		"one string of 1 MB":          {files: one("async def f(): await g('" + line("f", 1<<20) + "')\n")},
		"one comment of 1 MB":         {files: one("import asyncio\n# toctou: ignore[" + line("a,", 1<<20) + "]\n")},
		"10,000 nested parentheses":   {files: one("import asyncio\nx = " + strings.Repeat("(", many) + "y" + strings.Repeat(")", many) + "\n"), reason: "nested"},
		"10,000 open parentheses":     {files: one("import asyncio\nx = " + strings.Repeat("(", many) + "\n"), reason: "syntax"},
		"10,000 nested lists":         {files: one("import asyncio\nx = " + strings.Repeat("[", many) + strings.Repeat("]", many) + "\n"), reason: "nested"},
		"10,000 nested lambdas":       {files: one("import asyncio\nx = " + strings.Repeat("lambda: ", many) + "y\n")},
		"10,000 nested blocks":        {files: one("import asyncio\n" + nested(many)), reason: tooLarge},
		"1,900 nested blocks":         {files: one("import asyncio\n" + nested(1900)), reason: "syntax"},
		"10,000 operators":            {files: one("import asyncio\nx = y" + strings.Repeat(" + y", many) + "\n"), reason: "nested"},
		"10,000 chained calls":        {files: one("import asyncio\nx" + strings.Repeat(".f()", many) + "\n"), reason: "nested"},
		"10,000 branches":             {files: one("async def f(x):\n  if x: pass\n" + strings.Repeat("  elif x: await g()\n", many))},
		"10,000 awaits":               {files: one("async def f(self):\n" + repeated(many, "  if self.a%d is None: self.a%d = await g()\n")), reason: " "},
		"2,000 tables emptied":        {files: one(emptied(2000))},
		"10,000 functions that call":  {files: one(repeated(many, "async def f%d(d): await f%d(d)\n"))},
		"10,000 classes that inherit": {files: one("import asyncio\nclass C0: pass\n" + repeated(many, "class D%[2]d(C%[1]d): pass\nclass C%[2]d(D%[2]d): pass\n")), reason: "operations in one function"},
		"10,000 methods of one class": {files: one("import asyncio\nclass C:\n" + repeated(many, "  async def f%d(self): await self.f%d()\n"))},
		"10,000 tries":                {files: one("async def f(x):\n" + strings.Repeat("  try: await x\n  finally: x()\n", many)), reason: "ways out"},
		"a class that is its base":    {files: one("import asyncio\nclass A(B): pass\nclass B(A): pass\nclass C(C): pass\nasync def f(a: A): await a.g(); await C().g()\n")},
		"names that name themselves":  {files: one("from hostile import x\nfrom hostile import *\nimport hostile\ny = x\nx = y\nasync def f(): await x.y.x(); hostile.hostile.x = await y\n")},
		"1,000 files in a cycle":      {files: cycle(1000)},
		"1,000 nested folders":        {files: one("import asyncio\n", "deep/"+strings.Repeat("d/", 1000)+"x.py")},
	} {
		t.Run(name, func(t *testing.T) {
			root := tree(t, tt.files)
			out := toctou(t, "check", "--format", "json", "--latent", "--min-confidence", "low", root)
			t.Logf("peak %d MiB", out.peak>>20)
			if out.code != 1 {
				t.Fatalf("exit code %d, want 1 for the sound file: %s", out.code, out.stderr)
			}
			if out.peak > maxPeak {
				t.Errorf("used %d MiB", out.peak>>20)
			}
			au := decode(t, out.stdout)
			if got := findings(au, "sound.py"); len(got) != 1 {
				t.Errorf("the sound file has findings %q", got)
			}
			got := reasons(au, "hostile.py")
			switch {
			case tt.reason != "":
				wantReason(t, au, "hostile.py", tt.reason)
			case len(got) > 0:
				t.Errorf("left out: %q", got)
			}
		})
	}
}

// one is a project of a hostile file and more empty ones.
func one(text string, more ...string) map[string]string {
	files := map[string]string{"hostile.py": text}
	for _, name := range more {
		files[name] = "import asyncio\n"
	}
	return files
}

// emptied is a function that hands on a list and empties it, and changes two tables that belong together, n times, and one
// that reads both.
func emptied(n int) string {
	return "class S:\n  def __init__(self): self.rows, self.a, self.b = [], {}, {}\n  async def add(self, x): self.rows.append(x)\n" +
		"  async def f(self, send, k, v):\n" + strings.Repeat("    await send(self.rows)\n    self.rows.clear()\n    self.a[k] = v\n    await v()\n    self.b[k] = v\n", n) +
		"  def g(self): return [(x, self.b[x]) for x in self.a]\n"
}

// cycle is a project of n modules each of which imports the next one, calls it, and writes its state.
func cycle(n int) map[string]string {
	files := map[string]string{"ring/__init__.py": ""}
	for i := range n {
		next := (i + 1) % n
		files[fmt.Sprintf("ring/m%d.py", i)] = fmt.Sprintf(`from ring import m%[2]d
from ring.m%[2]d import *
state = None

async def step%[1]d(depth):
    if m%[2]d.state is None:
        m%[2]d.state = await m%[2]d.step%[2]d(depth - 1)
    return state
`, i, next)
	}
	return files
}
