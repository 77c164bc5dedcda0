package audit

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/internal/fix/pyparse"
	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/pyscan/pyfix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
	"github.com/toctou-lint/toctou/report"
)

// Whatever is proposed, each fix by itself and any that fit together leave Python behind; they lose
// no comment, change no signature, and repeat what lies outside of their edits byte by byte.
func TestAnyFixes(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 11))
	var changes []fix.Change
	proposed := 0
	for _, dir := range []string{"../../testdata/python/shapes", "../../testdata/course-creator", "../../testdata/course-creator-fixed"} {
		cfg, err := config.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Latent = verdict.LatentAsOpen
		a, err := Run(t.Context(), Request{Paths: []string{dir}, Config: cfg})
		if err != nil {
			t.Fatal(err)
		}
		files := map[string][]report.Finding{}
		for _, f := range a.Findings {
			files[f.File] = append(files[f.File], f)
		}
		for file, findings := range files {
			text, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				t.Fatal(err)
			}
			for _, plain := range []bool{false, true} {
				fixes := proposePython(text, findings, pyfix.Options{Latent: true, Plain: plain})
				proposed += len(fixes)
				for i := range fixes {
					changes = combine(t, changes, file, text, fixes[i:i+1])
				}
				for range 3 {
					rng.Shuffle(len(fixes), func(i, k int) { fixes[i], fixes[k] = fixes[k], fixes[i] })
					changes = combine(t, changes, file, text, fixes[:rng.IntN(len(fixes)+1)])
				}
			}
		}
	}
	for i, err := range pyparse.Parses(t.Context(), changes) {
		if err != nil {
			t.Errorf("%s: %v\n%s", changes[i].File, err, changes[i].After)
		}
	}
	if proposed < 200 || len(changes) < 200 {
		t.Errorf("%d proposals, %d changes: too few to say anything", proposed, len(changes))
	}
}

// combine makes the edits of fixes, checks what they leave, and adds the change.
func combine(t *testing.T, changes []fix.Change, file string, text []byte, fixes []fix.Fix) []fix.Change {
	t.Helper()
	var edits []fix.Edit
	for _, f := range fixes {
		edits = append(edits, f.Edits...)
	}
	after, err := fix.Apply(text, edits)
	if err != nil || bytes.Equal(after, text) {
		return changes
	}
	marked := make([]fix.Edit, len(edits))
	for i, e := range edits {
		marked[i] = fix.Edit{Start: e.Start, End: e.End, Late: e.Late}
	}
	outside, err := fix.Apply(text, marked)
	if err != nil {
		t.Fatal(err)
	}
	if !subsequence(outside, after) {
		t.Errorf("%s: what lies outside of the edits has changed", file)
	}
	before, now := signs(t, text), signs(t, after)
	for sign, n := range before {
		if now[sign] < n {
			t.Errorf("%s: %q is lost", file, sign)
		}
	}
	return append(changes, fix.Change{File: file, Before: text, After: after})
}

func subsequence(part, whole []byte) bool {
	for _, c := range part {
		i := bytes.IndexByte(whole, c)
		if i < 0 {
			return false
		}
		whole = whole[i+1:]
	}
	return true
}

// signs are the comments and the heads of the functions of a file.
func signs(t *testing.T, text []byte) map[string]int {
	t.Helper()
	tree, err := syntax.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, c := range tree.Comments {
		out[string(tree.Src[c.Start:c.End])]++
	}
	for n := range tree.Nodes {
		id := syntax.ID(n)
		if tree.Kind(id) == syntax.FunctionDefinition {
			head := tree.Src[tree.Nodes[id].Start:tree.Nodes[tree.ChildByField(id, syntax.FieldBody)].Start]
			out[strings.Join(strings.Fields(string(head)), " ")]++
		}
	}
	return out
}
