package project

import (
	"slices"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/pyscan/lower"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// TestUnits: what one file can see of another keeps them together; what only has the same name does not.
func TestUnits(t *testing.T) {
	type files map[string]string // path to text; the folder before the first slash is the resolution root
	for name, tt := range map[string]struct {
		files files
		want  []string // a unit each, its files in order
	}{
		"nothing in common":         {files{"a/m.py": "import asyncio", "b/m.py": "import asyncio"}, []string{"a/m.py", "b/m.py"}},
		"one root":                  {files{"a/m.py": "", "a/x/n.py": "", "b/m.py": ""}, []string{"a/m.py a/x/n.py", "b/m.py"}},
		"no root":                   {files{"m.py": "", "n.py": "", "a/o.py": ""}, []string{"a/o.py", "m.py n.py"}},
		"modules of the same name":  {files{"a/m.py": "import config", "a/config.py": "", "b/m.py": "import config", "b/config.py": ""}, []string{"a/config.py a/m.py", "b/config.py b/m.py"}},
		"an import":                 {files{"a/m.py": "from b.n import f", "b/n.py": "", "c/o.py": ""}, []string{"a/m.py b/n.py", "c/o.py"}},
		"an import in a function":   {files{"a/m.py": "def f():\n    import b.n\n", "b/n.py": ""}, []string{"a/m.py b/n.py"}},
		"a module by its package":   {files{"a/m.py": "from b import n", "b/n.py": "", "b/__init__.py": ""}, []string{"a/m.py b/__init__.py b/n.py"}},
		"a star":                    {files{"a/m.py": "from b.n import *", "b/n.py": ""}, []string{"a/m.py b/n.py"}},
		"something shared":          {files{"a/m.py": "import lib.x", "b/m.py": "import lib.x", "lib/x.py": "", "c/m.py": ""}, []string{"a/m.py b/m.py lib/x.py", "c/m.py"}},
		"a chain":                   {files{"a/m.py": "import b.n", "b/n.py": "import c.o", "c/o.py": ""}, []string{"a/m.py b/n.py c/o.py"}},
		"an import that is no file": {files{"a/m.py": "import d.n", "b/n.py": ""}, []string{"a/m.py", "b/n.py"}},
	} {
		t.Run(name, func(t *testing.T) {
			var sources []Source
			for path, text := range tt.files {
				tree, err := syntax.Parse([]byte(text))
				if err != nil {
					t.Fatal(err)
				}
				root, _, inside := strings.Cut(path, "/")
				if !inside {
					root = ""
				}
				sources = append(sources, Source{IR: lower.Lower(tree, path), Root: root})
			}
			var got []string
			for _, unit := range Units(sources) {
				var paths []string
				for _, s := range unit {
					paths = append(paths, s.IR.Path)
				}
				got = append(got, strings.Join(paths, " "))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestUnitsFindTheSame: in its unit an import means the same file as among all.
func TestUnitsFindTheSame(t *testing.T) {
	texts := map[string]string{
		"a/main.py": "import util, lib.x\nfrom . import near\nfrom pkg import deep\nfrom pkg.deep import f as g\n", "a/util.py": "", "a/near.py": "import util",
		"a/pkg/__init__.py": "from .deep import f", "a/pkg/deep.py": "import util, config", "b/main.py": "import util, config, pkg.deep",
		"b/util.py": "import lib.y", "b/config.py": "", "lib/x.py": "from lib.y import z", "lib/y.py": "", "lib/pkg/deep.py": "", "c/pkg/deep.py": "import pkg.deep, main",
		"c/main.py": "from main import x", "d/util/__init__.py": "", "d/util/main.py": "import util, main", "config.py": "import main, util",
	}
	var all []Source
	for path, text := range texts {
		tree, err := syntax.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		root, _, _ := strings.Cut(path, "/")
		if root == path {
			root = ""
		}
		all = append(all, Source{IR: lower.Lower(tree, path), Root: root})
	}
	meant := func(sources []Source) map[string]string {
		out := map[string]string{}
		p := New(sources, nil)
		for _, m := range p.Modules {
			for i := range m.Imports {
				imp := &m.Imports[i]
				if t := p.Find(m, imp); t != nil {
					out[m.Path+" "+imp.Module+"."+imp.Symbol] = t.Path
				}
			}
		}
		return out
	}
	units := Units(all)
	if len(units) < 2 {
		t.Fatal("all of it is one unit")
	}
	want := meant(all)
	n := 0
	for _, u := range units {
		for k, got := range meant(u) {
			n++
			if got != want[k] {
				t.Errorf("%s means %s in its unit, %s among all", k, got, want[k])
			}
		}
	}
	if n != len(want) {
		t.Errorf("%d imports are found in units, %d among all", n, len(want))
	}
}
