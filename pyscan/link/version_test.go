package link

import (
	"slices"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/pyscan/lower"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// What the library does differs between versions of Python; where the version is not known, it is
// taken to do what suspends more.
func TestVersionsOfPython(t *testing.T) {
	const flag = "class C:\n  def __init__(self): self.on = False\n  async def run(self):\n    self.on = True\n    await asyncio.sleep(1)\n    self.on = False\n"
	const eager = "import asyncio\ndef main(loop): loop.set_task_factory(asyncio.eager_task_factory)\n"
	const made = "import asyncio\ndef main(loop): loop.set_task_factory(asyncio.create_eager_task_factory(asyncio.Task))\n"
	const first, later = "act set true self.on : callee", "act set true self.on : deferred callee"
	for name, tt := range map[string]struct {
		version, body, main string
		want, not           string
	}{
		"a wait in a task of its own":        {"3.11", "    await asyncio.wait_for(plain(1), 5)\n", "", "yield asyncio.wait_for", ""},
		"a wait in place":                    {"3.12", "    await asyncio.wait_for(plain(1), 5)\n", "", "", "yield"},
		"a wait of a version not known":      {"", "    await asyncio.wait_for(plain(1), 5)\n", "", "yield asyncio.wait_for", ""},
		"a wait without a limit":             {"3.8", "    await asyncio.wait_for(plain(1), None)\n", "", "", "yield"},
		"a wait without a limit, named":      {"3.8", "    await asyncio.wait_for(plain(1), timeout=None)\n", "", "", "yield"},
		"a wait in place for what suspends":  {"3.12", "    await asyncio.wait_for(self.run(), 5)\n", "", "yield C.run", ""},
		"a shield has a task of its own":     {"3.12", "    await asyncio.shield(plain(1))\n", "", "yield asyncio.shield", ""},
		"a task runs later":                  {"3.12", "    self.t = asyncio.create_task(self.run())\n", "", later, ""},
		"a task runs at once by the factory": {"3.12", "    self.t = asyncio.create_task(self.run())\n", eager, first, later},
		"by a factory that is made":          {"3.12", "    self.t = asyncio.create_task(self.run())\n", made, first, later},
		"by the loop's method":               {"3.13", "    self.t = asyncio.get_running_loop().create_task(self.run())\n", eager, first, later},
		"in a group":                         {"3.12", "    async with asyncio.TaskGroup() as g: g.create_task(self.run())\n", eager, first, later},
		"by the call":                        {"3.14", "    self.t = asyncio.create_task(self.run(), eager_start=True)\n", "", first, later},
		"not by the call":                    {"3.14", "    self.t = asyncio.create_task(self.run(), eager_start=False)\n", eager, later, ""},
		"there is no such factory before":    {"3.11", "    self.t = asyncio.create_task(self.run())\n", eager, later, ""},
		"the version is not known":           {"", "    self.t = asyncio.create_task(self.run())\n", eager, first, later},
		"by the call, to which it is known":  {"", "    self.t = asyncio.create_task(self.run(), eager_start=True)\n", "", first, later},
	} {
		t.Run(name, func(t *testing.T) {
			tables := &models.Tables{}
			if tt.version != "" {
				var err error
				if tables.Python, err = models.ParseVersion(tt.version); err != nil {
					t.Fatal(err)
				}
			}
			var sources []project.Source
			for file, text := range map[string]string{"m.py": prelude + flag + "  async def f(self):\n" + tt.body, "main.py": tt.main} {
				tree, err := syntax.Parse([]byte(text))
				if err != nil {
					t.Fatal(err)
				}
				sources = append(sources, project.Source{IR: lower.Lower(tree, file)})
			}
			p, err := Link(t.Context(), project.New(sources, tables), Options{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range p.Funcs {
				if f.Name == "C.f" {
					got = events(t, p, "C.f")
				}
			}
			has := func(text string) bool {
				return slices.ContainsFunc(got, func(e string) bool { return strings.HasPrefix(e, text) })
			}
			if tt.want != "" && !has(tt.want) || tt.not != "" && has(tt.not) {
				t.Errorf("want %q, not %q; got\n%s", tt.want, tt.not, strings.Join(got, "\n"))
			}
		})
	}
}
