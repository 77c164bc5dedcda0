package analyzers_test

import (
	"fmt"
	"go/types"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/toctou-lint/toctou/analyzers"
	"github.com/toctou-lint/toctou/analyzers/internal/lower"
	"github.com/toctou-lint/toctou/analyzers/vettool"
)

// TestMain lets the test binary serve as the tool of go vet.
func TestMain(m *testing.M) {
	if vettool.Wanted(os.Args[1:]) {
		vettool.Main()
	}
	os.Exit(m.Run())
}

// factsModule is the module of two packages in which one knows the other by facts alone.
func factsModule(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("testdata", "facts"))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestFacts compares the fact of each function of the library with the comment beside it. A
// function without a comment must have none.
func TestFacts(t *testing.T) {
	analysistest.Run(t, factsModule(t), lower.Analyzer, "example.com/facts/lib")
}

// TestFactsOfDependencies: the facts of a package are the same whether it is judged or not. Otherwise
// what is found in its importers would depend on what the go command was asked for before.
func TestFactsOfDependencies(t *testing.T) {
	encoded := func(factsOnly bool) map[string]string {
		lower.FactsOnly = factsOnly
		defer func() { lower.FactsOnly = false }()
		out := map[string]string{}
		for _, dir := range []string{factsModule(t), analysistest.TestData()} {
			pkg := "example.com/facts/lib"
			if dir == analysistest.TestData() {
				pkg = "field_bad"
			}
			for _, res := range analysistest.Run(quiet{}, dir, lower.Analyzer, pkg) {
				for obj, facts := range res.Facts {
					for _, f := range facts {
						g, ok := f.(*lower.Fact)
						if !ok {
							out[fmt.Sprintf("%T", f)] = fmt.Sprint(f)
							continue
						}
						data, err := g.GobEncode()
						if err != nil {
							t.Fatal(err)
						}
						out[obj.String()] = string(data)
					}
				}
			}
		}
		return out
	}
	judged, facts := encoded(false), encoded(true)
	if len(facts) < 10 || !maps.Equal(judged, facts) {
		t.Errorf("%d facts of judged packages, %d of dependencies, or others", len(judged), len(facts))
	}
}

// quiet hears nothing of what a fixture wants: that is for other tests.
type quiet struct{}

func (quiet) Errorf(string, ...any) {}

// wanted are the findings that the comments of the using package name, as "line rule".
func wanted(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(factsModule(t), "use", "use.go"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for i, line := range strings.Split(string(text), "\n") {
		if _, rule, ok := strings.Cut(line, "// want "); ok {
			out = append(out, fmt.Sprintf("%d %s", i+1, rule))
		}
	}
	slices.Sort(out)
	if len(out) < 3 {
		t.Fatalf("only %d findings are wanted", len(out))
	}
	return out
}

// TestFactsAfterEncoding analyses the two packages with every fact encoded and decoded on its way
// from one to the other, and object positions forgotten, as separate compilation does.
func TestFactsAfterEncoding(t *testing.T) {
	dir := factsModule(t)
	pkgs, err := packages.Load(&packages.Config{Dir: dir, Mode: packages.LoadAllSyntax | packages.NeedModule}, "./...")
	if err != nil || packages.PrintErrors(pkgs) > 0 {
		t.Fatalf("cannot load the module: %v", err)
	}
	graph, err := checker.Analyze(analyzers.All, pkgs, &checker.Options{SanityCheck: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for act := range graph.All() {
		if act.Err != nil {
			t.Fatal(act.Err)
		}
		for _, d := range act.Diagnostics {
			got = append(got, fmt.Sprintf("%d %s", act.Package.Fset.Position(d.Pos).Line, act.Analyzer.Name))
		}
	}
	slices.Sort(got)
	if want := wanted(t); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestFactsOfVet does the same with go vet: each package is analysed in a process of its own.
func TestFactsOfVet(t *testing.T) {
	vetUsers(t, factsModule(t), "mod", "./...")
}

// vetUsers runs go vet with this program over packages of a module, and compares what it finds in use.go with
// what is wanted there. It returns all that go vet prints.
func vetUsers(t *testing.T, dir, mod string, patterns ...string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", append([]string{"vet", "-vettool=" + self}, patterns...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod="+mod, "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Fatal("go vet reports nothing")
	}
	var got []string
	for _, m := range regexp.MustCompile(`(?m)^\S*use\.go:(\d+):\d+: .*\[(\w+)\]$`).FindAllStringSubmatch(string(out), -1) {
		got = append(got, m[1]+" "+m[2])
	}
	slices.Sort(got)
	if want := wanted(t); !slices.Equal(got, want) {
		t.Errorf("%v: got %v, want %v, from\n%s", patterns, got, want, out)
	}
	return string(out)
}

// TestFactsWhenJudgedAgain judges each package a second time, from the pass of another analyzer, as
// the verification of fixes does: it has to know the same facts.
func TestFactsWhenJudgedAgain(t *testing.T) {
	dir := factsModule(t)
	pkgs, err := packages.Load(&packages.Config{Dir: dir, Mode: packages.LoadAllSyntax | packages.NeedModule}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	again := &analysis.Analyzer{
		Name: "again", Doc: "judge a package again", Requires: []*analysis.Analyzer{lower.Analyzer},
		Run: func(pass *analysis.Pass) (any, error) {
			res := pass.ResultOf[lower.Analyzer].(*lower.Result)
			first := res.Output().Findings
			if len(first) == 0 {
				return nil, nil
			}
			inner := *pass
			inner.ExportObjectFact = func(types.Object, analysis.Fact) {}
			second, err := res.Judge(&inner)
			if err != nil {
				return nil, err
			}
			if len(first) != len(second) {
				return nil, fmt.Errorf("%s: %d findings, judged again %d", pass.Pkg.Path(), len(first), len(second))
			}
			found += len(first)
			return nil, nil
		},
	}
	graph, err := checker.Analyze([]*analysis.Analyzer{again}, pkgs, &checker.Options{Sequential: true})
	if err != nil {
		t.Fatal(err)
	}
	for act := range graph.All() {
		if act.Err != nil {
			t.Error(act.Err)
		}
	}
	if want := wanted(t); found < len(want) {
		t.Errorf("%d findings, want at least %d", found, len(want))
	}
}
