package pyfix

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
	"github.com/toctou-lint/toctou/report"
)

var update = flag.Bool("update", false, "rewrite what is expected in testdata/golden")

// A golden file is a txtar archive: findings in its comment, the file before, and either the file
// after or the reasons why there is no edit. Findings are blocks of `key value` lines; check, act
// and writer name a place by the text that begins there.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/golden/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			before := file0(t, ar, "before.py")
			findings := readFindings(t, string(ar.Comment), before)
			after, reasons := run(t, before, findings)
			if *update {
				ar.Files = ar.Files[:1]
				if !bytes.Equal(after, before) {
					ar.Files = append(ar.Files, txtar.File{Name: "after.py", Data: after})
				}
				if reasons != "" {
					ar.Files = append(ar.Files, txtar.File{Name: "reasons", Data: []byte(reasons)})
				}
				if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, ok := find(ar, "after.py")
			if !ok {
				want = before
			}
			if !bytes.Equal(after, want) {
				t.Errorf("the fix is not what is expected:\n%s", fix.Diff("x.py", want, after))
			}
			if wantReasons, _ := find(ar, "reasons"); string(wantReasons) != reasons {
				t.Errorf("reasons:\n%swant:\n%s", reasons, wantReasons)
			}
		})
	}
}

func find(ar *txtar.Archive, name string) ([]byte, bool) {
	for _, f := range ar.Files {
		if f.Name == name {
			return f.Data, true
		}
	}
	return nil, false
}

func file0(t *testing.T, ar *txtar.Archive, name string) []byte {
	t.Helper()
	data, ok := find(ar, name)
	if !ok {
		t.Fatalf("there is no %s", name)
	}
	return data
}

// run proposes fixes, applies all of them, and checks what holds for every fix.
func run(t *testing.T, src []byte, findings []report.Finding) (after []byte, reasons string) {
	t.Helper()
	tree, err := syntax.Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	var edits []fix.Edit
	for _, f := range Propose(tree, findings, Options{Latent: true}) {
		if f.Reason != "" {
			reasons += f.Rule + ": " + f.Reason + "\n"
		}
		if f.Unsafe {
			reasons += f.Rule + ": unsafe: " + f.Title + "\n"
		}
		if (len(f.Edits) == 0) != (f.Reason != "") {
			t.Errorf("%s: %d edits, reason %q: want one of both", f.Rule, len(f.Edits), f.Reason)
		}
		if f.Reason == "" && (f.Title == "" || len(f.Why) == 0) {
			t.Errorf("%s: the fix says neither what it does nor why it works", f.Rule)
		}
		edits = append(edits, f.Edits...)
	}
	after, err = fix.Apply(src, edits)
	if err != nil {
		t.Fatal(err)
	}
	sound(t, src, after)
	return after, reasons
}

// sound: the result parses, no comment is lost, and public functions are called as before.
func sound(t *testing.T, before, after []byte) {
	t.Helper()
	a, err := syntax.Parse(before)
	if err != nil {
		t.Fatal(err)
	}
	b, err := syntax.Parse(after)
	if err != nil {
		t.Fatal(err)
	}
	if d := b.Damaged(); len(d) > 0 {
		t.Errorf("the result does not parse:\n%s", after)
	}
	now := slices.DeleteFunc(signatures(b), func(s string) bool { return strings.Contains(s, "_if_unchanged(") }) // stands beside the one it is made of
	if x, y := signatures(a), now; !slices.Equal(x, y) {
		t.Errorf("public functions were %q, and are %q", x, y)
	}
	have := map[string]int{}
	for _, c := range b.Comments {
		have[string(b.Src[c.Start:c.End])]++
	}
	for _, c := range a.Comments {
		text := string(a.Src[c.Start:c.End])
		if have[text]--; have[text] < 0 {
			t.Errorf("the comment %q is lost", text)
		}
	}
}

// signatures are the heads of the public functions and methods of a file, from `async` or `def` to
// the colon, under the classes and functions that they stand in.
func signatures(tree *syntax.Tree) (out []string) {
	f := &file{t: tree}
	for n := range tree.Nodes {
		id := syntax.ID(n)
		if tree.Kind(id) != syntax.FunctionDefinition || strings.HasPrefix(f.name(id), "_") && !strings.HasPrefix(f.name(id), "__") {
			continue
		}
		path := ""
		for p := f.up(tree.Parent(id), syntax.ClassDefinition, syntax.FunctionDefinition); p != syntax.Nil; p = f.up(tree.Parent(p), syntax.ClassDefinition, syntax.FunctionDefinition) {
			path = f.name(p) + "." + path
		}
		end := f.start(id)
		for c := range tree.Named(id) {
			if c != f.body(id) {
				end = max(end, f.end(c))
			}
		}
		out = append(out, path+strings.TrimSpace(f.span(f.start(id), end)))
	}
	slices.Sort(out)
	return out
}

func TestSignatures(t *testing.T) {
	tree, err := syntax.Parse([]byte("class A:\n    async def f(self, x: int = 1) -> int:\n        pass\n\n    def _g(self): pass\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := signatures(tree); len(got) != 1 || got[0] != "A.async def f(self, x: int = 1) -> int" {
		t.Errorf("%q", got)
	}
}

// TestPythonParsesGolden asks Python itself about all results at once.
func TestPythonParsesGolden(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	files, err := filepath.Glob("testdata/golden/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for _, name := range files {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if after, ok := find(ar, "after.py"); ok {
			all = append(all, after)
		}
	}
	cmd := exec.Command(python, "-I", "-c", "import ast,sys\nfor x in sys.stdin.buffer.read().split(b'\\0'): ast.parse(x)")
	cmd.Stdin = bytes.NewReader(bytes.Join(all, []byte{0}))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("python does not parse a result: %s", out)
	}
}

// readFindings reads the blocks of a golden file.
func readFindings(t *testing.T, text string, src []byte) []report.Finding {
	t.Helper()
	var out []report.Finding
	for block := range strings.SplitSeq(text, "\n\n") {
		if strings.TrimSpace(block) == "" || strings.HasPrefix(block, "#") {
			continue
		}
		open := report.WindowOpen
		f := report.Finding{File: "x.py", Window: &open, Severity: report.High, Fingerprint: fmt.Sprint("f", len(out))}
		step := func(kind, at, label string) {
			line, col := locate(t, src, at)
			f.Steps = append(f.Steps, report.Step{Kind: kind, File: "x.py", Line: line, Column: col, Label: label})
			if kind == report.StepAct || kind == report.StepSpawn || f.Line == 0 {
				f.Line, f.Column = line, col
			}
		}
		for line := range strings.Lines(block) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
			switch key {
			case "rule":
				f.Rule = value
			case "place":
				f.Place = value
			case "consequence":
				f.Consequence = value
			case "note":
				f.Notes = append(f.Notes, value)
			case "check", "act", "writer", "spawn", "related":
				step(key, value, "")
			case "latent":
				latent := report.WindowLatent
				f.Window = &latent
			case "":
			default:
				t.Fatalf("unknown key %q", key)
			}
		}
		out = append(out, f)
	}
	return out
}

// locate finds the place where a text begins; `2@text` is its second occurrence.
func locate(t *testing.T, src []byte, text string) (line, col int) {
	t.Helper()
	n := 1
	if count, rest, ok := strings.Cut(text, "@"); ok && len(count) == 1 && count[0] >= '1' && count[0] <= '9' {
		n, text = int(count[0]-'0'), rest
	}
	at := 0
	for ; n > 0; n-- {
		i := bytes.Index(src[at:], []byte(text))
		if i < 0 {
			t.Fatalf("the source does not contain %q", text)
		}
		at += i + 1
	}
	at--
	return 1 + bytes.Count(src[:at], []byte("\n")), at - bytes.LastIndexByte(src[:at], '\n')
}
