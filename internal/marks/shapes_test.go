package marks

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/internal/rules"
)

const shapes = "../../testdata/python/shapes"

// TestShapeNamesCarryTheVerdict checks the fixtures, not the analyser: name and marks agree, and
// every mark names a rule that exists.
func TestShapeNamesCarryTheVerdict(t *testing.T) {
	list, err := Projects(os.DirFS(shapes), "*", ".py")
	if err != nil {
		t.Fatal(err)
	}
	known := rules.Names()
	name := regexp.MustCompile(`^[a-z]\d\d_[a-z0-9_]+_(bad|ok|low|latent|missed)$`)
	want := map[string]Kind{"bad": Bad, "low": Low, "latent": Latent, "missed": Gap}
	for _, p := range list {
		m := name.FindStringSubmatch(p.Title())
		if m == nil {
			t.Errorf("%s: the name has to be SHAPE_what_it_is_VERDICT, VERDICT being bad, ok, low, latent or missed", p.Name)
			continue
		}
		if m[1] == "ok" != p.Innocent() {
			t.Errorf("%s: innocent by its name: %t, by its marks: %t", p.Name, m[1] == "ok", p.Innocent())
		}
		if k, ok := want[m[1]]; ok && !slices.ContainsFunc(p.Marks, func(m Mark) bool { return m.Kind == k }) {
			t.Errorf("%s: no %s mark", p.Name, k)
		}
		for _, m := range p.Marks {
			for _, r := range m.Rules {
				if !slices.Contains(known, r) {
					t.Errorf("%s: unknown rule %q", m, r)
				}
			}
		}
	}
}

// TestEveryShapeHasAFixture counts the shapes of the catalogue: a letter for its chapter, a number.
func TestEveryShapeHasAFixture(t *testing.T) {
	chapters := map[string]int{"a": 30, "b": 22, "c": 4, "d": 19, "e": 5, "f": 3}
	list, err := Projects(os.DirFS(shapes), "*", ".py")
	if err != nil {
		t.Fatal(err)
	}
	for chapter, last := range chapters {
		for n := 1; n <= last; n++ {
			prefix := fmt.Sprintf("%s%02d_", chapter, n)
			if !slices.ContainsFunc(list, func(p Project) bool { return strings.HasPrefix(p.Name, prefix) }) {
				t.Errorf("no fixture %s…", prefix)
			}
		}
	}
}

// TestShapesCompile lets Python read the fixtures: one that is no Python tests nothing.
func TestShapesCompile(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed")
	}
	files, err := filepath.Glob(shapes + "/*.py")
	if err != nil {
		t.Fatal(err)
	}
	nested, err := filepath.Glob(shapes + "/*/*.py")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, nested...)
	// Fixtures named …_py312… use the syntax of Python 3.12.
	const program = `
import sys
if sys.version_info < (3, 11):
    sys.exit("too old")
for name in sys.argv[1:]:
    if sys.version_info >= (3, 12) or "_py312" not in name:
        compile(open(name, encoding="utf-8").read(), name, "exec")
`
	out, err := exec.Command(python, append([]string{"-c", program}, files...)...).CombinedOutput()
	if strings.Contains(string(out), "too old") {
		t.Skip("python3 is older than 3.11")
	}
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
