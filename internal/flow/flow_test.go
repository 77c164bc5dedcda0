package flow

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const texts = "../../testdata/flow"

// describe puts a window into the words of a `# want` line.
func describe(f *Func, res *Result, w *Window) string {
	at := func(r Ref) Pos { return f.Blocks[r.Block].Events[r.Index].Pos }
	var uses []string
	for i, n := range []string{"control", "data", "need"} {
		if w.Use&(1<<i) != 0 {
			uses = append(uses, n)
		}
	}
	s := fmt.Sprintf("%s %s check@%d", []string{"", "open", "latent", "covered"}[w.State], strings.Join(uses, "+"), at(w.Check))
	if w.Crossed {
		s += fmt.Sprintf(" expiry@%d", at(w.Expiry))
	}
	s += fmt.Sprintf(" act@%d", at(w.Act))
	if w.Fact != FactAny {
		s += " fact=" + factNames[w.Fact]
	}
	if w.Rechecked {
		s += fmt.Sprintf(" rechecked=%d", at(w.First))
	}
	for _, l := range w.Cover {
		s += " cover=" + word(res.Locks[l].Path)
	}
	if w.Deferred {
		s += " deferred"
	}
	return s
}

func TestTexts(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(texts, "*.flow"))
	if len(files) == 0 {
		t.Fatalf("no .flow files in %s", texts)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".flow")
		t.Run(name, func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			f, err := Parse(bytes.NewReader(src))
			if err != nil {
				t.Fatal(err)
			}
			var want, got []string
			for line := range strings.Lines(string(src)) {
				if w, ok := strings.CutPrefix(line, "# want "); ok {
					want = append(want, strings.TrimSpace(w))
				}
			}
			res := Analyze(f)
			open := false
			for i := range res.Windows {
				got = append(got, describe(f, res, &res.Windows[i]))
				open = open || res.Windows[i].State == Open
			}
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(want, got) {
				t.Errorf("windows:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
			}
			if bad := strings.HasSuffix(name, "_bad"); bad != open {
				t.Errorf("the name says bad=%v, an open window is found: %v", bad, open)
			}
			if res.Partial != "" {
				t.Errorf("partial: %s", res.Partial)
			}
			var one, two bytes.Buffer
			if err := Print(&one, f, nil); err != nil {
				t.Fatal(err)
			}
			again, err := Parse(bytes.NewReader(one.Bytes()))
			if err != nil {
				t.Fatalf("%v in what Print wrote:\n%s", err, one.String())
			}
			_ = Print(&two, again, nil)
			if one.String() != two.String() {
				t.Errorf("Print and Parse do not agree:\n%s\n%s", one.String(), two.String())
			}
		})
	}
}
