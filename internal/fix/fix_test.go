package fix

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/report"
)

func TestApply(t *testing.T) {
	src := []byte("0123456789")
	for _, c := range []struct {
		name  string
		edits []Edit
		want  string
	}{
		{"nothing", nil, "0123456789"},
		{"any order", []Edit{{Start: 8, End: 9, New: "x"}, {Start: 0, End: 1, New: "y"}}, "y1234567x9"},
		{"equal edits count once", []Edit{{Start: 3, End: 3, New: "lock;"}, {Start: 5, End: 6, New: ""}, {Start: 3, End: 3, New: "lock;"}}, "012lock;346789"},
		{"insertions keep their order", []Edit{{Start: 3, End: 3, New: "a"}, {Start: 3, End: 3, New: "b"}}, "012ab3456789"},
		{"an insertion before what is replaced", []Edit{{Start: 3, End: 5, New: "X"}, {Start: 3, End: 3, New: "a"}}, "012aX56789"},
		{"sorted insertions are one block", []Edit{{Start: 3, End: 3, New: "b", Sorted: true, Lead: "<", Tail: ">"}, {Start: 3, End: 3, New: "x"}, {Start: 3, End: 3, New: "a", Sorted: true, Lead: "<", Tail: ">"}, {Start: 3, End: 3, New: "b", Sorted: true, Lead: "<", Tail: ">"}}, "012<ab>x3456789"},
		{"late insertions come last", []Edit{{Start: 3, End: 3, New: "a", Late: true}, {Start: 3, End: 3, New: "b"}}, "012ba3456789"},
		{"adjacent", []Edit{{Start: 2, End: 4, New: "X"}, {Start: 4, End: 6, New: "Y"}}, "01XY6789"},
		{"at the end", []Edit{{Start: 10, End: 10, New: "!"}}, "0123456789!"},
	} {
		got, err := Apply(src, c.edits)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %q, %v, want %q", c.name, got, err, c.want)
		}
	}
	for _, edits := range [][]Edit{{{Start: 2, End: 5, New: "a"}, {Start: 4, End: 6, New: "b"}}, {{Start: 2, End: 5, New: "a"}, {Start: 3, End: 3, New: "b"}}, {{Start: 5, End: 4, New: ""}}, {{Start: 0, End: 11, New: ""}}, {{Start: -1, End: 0, New: ""}}} {
		if got, err := Apply(src, edits); !errors.Is(err, ErrOverlap) {
			t.Errorf("%v: %q, %v, want ErrOverlap", edits, got, err)
		}
	}
	if string(src) != "0123456789" {
		t.Error("Apply changed its argument")
	}
}

// Whatever the edits: what lies outside of them is the same before and after.
func TestApplyTouchesNothingElse(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		src := make([]byte, rng.IntN(40))
		for i := range src {
			src[i] = byte('a' + rng.IntN(26))
		}
		var edits []Edit
		for range rng.IntN(4) {
			start := rng.IntN(len(src) + 1)
			edits = append(edits, Edit{Start: start, End: start + rng.IntN(len(src)-start+1), New: strings.Repeat("#", rng.IntN(3))})
		}
		out, err := Apply(src, edits)
		if err != nil {
			continue
		}
		var kept []byte
		for i, c := range src {
			if !slices.ContainsFunc(edits, func(e Edit) bool { return e.Start <= i && i < e.End }) {
				kept = append(kept, c)
			}
		}
		if got := bytes.ReplaceAll(out, []byte("#"), nil); !bytes.Equal(got, kept) {
			t.Fatalf("%q with %v is %q: outside of the edits %q, want %q", src, edits, out, got, kept)
		}
	}
}

func TestDiffNumbersLines(t *testing.T) {
	old := strings.Repeat("a\n", 5) + strings.Repeat("same\n", 20) + strings.Repeat("b\n", 5)
	changed := "new\nnew\n" + strings.Repeat("a\n", 4) + strings.Repeat("same\n", 20) + "new\n" + strings.Repeat("b\n", 5)
	got := Diff("x.py", []byte(old), []byte(changed))
	for _, want := range []string{"--- a/x.py\n+++ b/x.py\n", "@@ -23,6 +24,7 @@"} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %q in\n%s", want, got)
		}
	}
	if got := Diff("x.py", []byte(old), []byte(old)); got != "" {
		t.Errorf("the diff of equal texts is %q", got)
	}
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "real.py"), filepath.Join(dir, "link.py")
	if err := os.WriteFile(target, []byte("old"), 0o754); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(target, 0o754); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real.py", link); err != nil {
		t.Skip(err)
	}
	if err := Write(link, []byte("old"), []byte("new")); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(target); string(got) != "new" {
		t.Errorf("the file reads %q", got)
	}
	if info, _ := os.Lstat(link); info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link was replaced by a file")
	}
	if info, _ := os.Stat(target); info.Mode().Perm() != 0o754 {
		t.Errorf("the mode is %v", info.Mode())
	}
	if err := Write(target, []byte("old"), []byte("newer")); !errors.Is(err, ErrChanged) {
		t.Errorf("writing over a changed file: %v", err)
	}
	if got, _ := os.ReadFile(target); string(got) != "new" {
		t.Errorf("the changed file now reads %q", got)
	}
	if list, _ := os.ReadDir(dir); len(list) != 2 {
		t.Errorf("files left behind: %v", list)
	}
}

func TestClean(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git")
	}
	dir := t.TempDir()
	t.Setenv("GIT_CEILING_DIRECTORIES", dir)
	file := filepath.Join(dir, "repo", "a.py")
	if err := os.Mkdir(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git := func(args ...string) {
		cmd := exec.Command("git", append([]string{"-c", "user.name=x", "-c", "user.email=x@example.org"}, args...)...)
		cmd.Dir = filepath.Dir(file)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	want := func(what string, dirty bool) {
		t.Helper()
		if err := Clean(context.Background(), file); errors.Is(err, ErrDirty) != dirty || err != nil && !dirty {
			t.Errorf("%s: %v, want dirty %v", what, err, dirty)
		}
	}
	write("1")
	want("no repository", false)
	git("init", "-q")
	want("not tracked", true)
	git("add", ".")
	git("commit", "-qm", "x")
	want("committed", false)
	write("2")
	want("modified", true)
	git("add", ".")
	want("staged", true)
}

// words is a language whose findings are the words "bad…" of a text, and whose fix turns them into
// "good".
func words(text []byte) (out []report.Finding) {
	for at, word := range fields(string(text)) {
		if strings.HasPrefix(word, "bad") {
			out = append(out, report.Finding{Rule: word, File: "f", Line: 1, Column: at + 1, Fingerprint: word})
		}
	}
	slices.SortFunc(out, func(a, b report.Finding) int { return a.Column - b.Column })
	return out
}

func fields(text string) map[int]string {
	out, at := map[int]string{}, 0
	for word := range strings.SplitSeq(text, " ") {
		out[at] = word
		at += len(word) + 1
	}
	return out
}

func session(text string, with func(word string) string) *Session {
	return &Session{
		Read: func(string) ([]byte, error) { return []byte(text), nil },
		Scan: func(_ context.Context, changed map[string][]byte) ([]report.Finding, error) {
			if t, ok := changed["f"]; ok {
				return words(t), nil
			}
			return words([]byte(text)), nil
		},
		Propose: func(_ string, text []byte, findings []report.Finding, _ int) (out []Fix) {
			for _, f := range findings {
				fx := Fix{Fingerprint: f.Fingerprint, Rule: f.Rule, File: f.File, Line: 1, Title: "fix " + f.Rule}
				if n := with(f.Rule); n == "" {
					fx.Reason = "no way"
				} else {
					fx.Edits = []Edit{{Start: f.Column - 1, End: f.Column - 1 + len(f.Rule), New: n}}
				}
				out = append(out, fx)
			}
			return out
		},
		Parses: func(_ context.Context, changes []Change) []error {
			out := make([]error, len(changes))
			for i, c := range changes {
				if bytes.Contains(c.After, []byte("(")) {
					out[i] = errors.New("open parenthesis")
				}
			}
			return out
		},
		Wanted: func(*report.Finding) bool { return true },
	}
}

func TestSession(t *testing.T) {
	cure := map[string]string{
		"bad1": "good", "bad2": "good", "bad3": "", "bad4": "bad4 still", "bad5": "bad6", "bad7": "(",
	}
	text := "x bad1 bad2 bad3 bad4 bad5 bad7 y"
	s := session(text, func(w string) string { return cure[w] })
	out, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Changes) != 1 || string(out.Changes[0].After) != "x good good bad3 bad4 bad5 bad7 y" || string(out.Changes[0].Before) != text {
		t.Errorf("changes: %q", out.Changes)
	}
	why := map[string]string{}
	for _, r := range out.Results {
		why[r.Fix.Rule] = r.Why
		if r.Applied != (r.Why == "") {
			t.Errorf("%s: applied %v, but %q", r.Fix.Rule, r.Applied, r.Why)
		}
	}
	for rule, part := range map[string]string{"bad1": "", "bad2": "", "bad3": "no way", "bad4": "would still be there", "bad5": "another finding would come up: bad6", "bad7": "does not parse: open"} {
		if got, ok := why[rule]; !ok || !strings.Contains(got, part) || part == "" && got != "" {
			t.Errorf("%s: %q, want %q", rule, got, part)
		}
	}
	// A second run changes nothing.
	again, err := session(string(out.Changes[0].After), func(w string) string { return cure[w] }).Run(context.Background())
	if err != nil || len(again.Changes) != 0 {
		t.Errorf("the second run changes %q, %v", again.Changes, err)
	}
}

func TestSessionTogether(t *testing.T) {
	// Either fix alone brings a new finding; both together do not.
	s := session("bad1 bad2", func(string) string { return "good" })
	s.Scan = func(_ context.Context, changed map[string][]byte) ([]report.Finding, error) {
		text := []byte("bad1 bad2")
		if c, ok := changed["f"]; ok {
			text = c
		}
		out := words(text)
		if len(out) == 1 {
			out = append(out, report.Finding{Rule: "uneven", File: "f", Fingerprint: "u", Column: 1})
		}
		return out, nil
	}
	out, err := s.Run(context.Background())
	if err != nil || len(out.Changes) != 1 || string(out.Changes[0].After) != "good good" {
		t.Errorf("%q, %v", out.Changes, err)
	}
}

// One of many fixes brings up a finding in a file that none of them is about: it alone is withheld,
// and few scans are needed to find it.
func TestSessionFarAway(t *testing.T) {
	const files = 16
	var all []report.Finding
	for i := range files {
		all = append(all, report.Finding{Rule: "bad", File: fmt.Sprintf("f%02d", i), Fingerprint: fmt.Sprint(i), Line: 1})
	}
	scans := 0
	s := &Session{
		Read:   func(string) ([]byte, error) { return []byte("bad"), nil },
		Found:  all,
		Parses: func(_ context.Context, changes []Change) []error { return make([]error, len(changes)) },
		Wanted: func(f *report.Finding) bool { return f.Rule == "bad" },
		Scan: func(_ context.Context, changed map[string][]byte) (out []report.Finding, _ error) {
			scans++
			for _, f := range all {
				if changed[f.File] == nil {
					out = append(out, f)
				}
			}
			if changed["f05"] != nil {
				out = append(out, report.Finding{Rule: "worse", File: "elsewhere", Fingerprint: "w"})
			}
			return out, nil
		},
		Propose: func(file string, _ []byte, findings []report.Finding, _ int) []Fix {
			return []Fix{{Fingerprint: findings[0].Fingerprint, Rule: "bad", File: file, Title: "fix it", Edits: []Edit{{Start: 0, End: 3, New: "good"}}}}
		},
	}
	out, err := s.Run(context.Background())
	if err != nil || len(out.Changes) != files-1 {
		t.Fatalf("%d files changed, %v", len(out.Changes), err)
	}
	for _, r := range out.Results {
		if r.Applied == (r.Fix.File == "f05") {
			t.Errorf("%s: applied %v, %s", r.Fix.File, r.Applied, r.Why)
		}
	}
	if scans > 12 {
		t.Errorf("%d scans", scans)
	}
	s.Scans = 4
	if out, err = s.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	unchecked := 0
	for _, r := range out.Results {
		if r.Applied && r.Fix.File == "f05" {
			t.Error("with four scans, f05 is changed")
		}
		if strings.Contains(r.Why, "not checked") {
			unchecked++
		}
	}
	if unchecked == 0 || unchecked == files {
		t.Errorf("with four scans, %d of %d are said not to have been checked", unchecked, files)
	}
}

func TestSessionUnsafe(t *testing.T) {
	s := session("bad1", func(string) string { return "good" })
	propose := s.Propose
	s.Propose = func(file string, text []byte, findings []report.Finding, attempt int) []Fix {
		out := propose(file, text, findings, attempt)
		for i := range out {
			out[i].Unsafe = true
		}
		return out
	}
	out, _ := s.Run(context.Background())
	if len(out.Changes) != 0 || !strings.Contains(out.Results[0].Why, "--unsafe") {
		t.Errorf("without Unsafe: %+v", out)
	}
	s.Unsafe = true
	if out, _ = s.Run(context.Background()); len(out.Changes) != 1 {
		t.Errorf("with Unsafe: %+v", out)
	}
}

// A bound on the scans bounds what is tried: what was not checked is withheld and said to be, and what
// is returned was checked all the same.
func TestSessionBound(t *testing.T) {
	cure := func(w string) string {
		return map[string]string{"bad1": "good", "bad2": "worse bad9", "bad3": "good"}[w]
	}
	for bound := 1; bound < 8; bound++ {
		s := session("bad1 bad2 bad3", cure)
		s.Found, s.Scans = words([]byte("bad1 bad2 bad3")), bound
		scans, scan := 0, s.Scan
		s.Scan = func(ctx context.Context, changed map[string][]byte) ([]report.Finding, error) {
			scans++
			return scan(ctx, changed)
		}
		out, err := s.Run(context.Background())
		if err != nil || scans > bound {
			t.Fatalf("bound %d: %d scans, %v", bound, scans, err)
		}
		unchecked := 0
		for _, r := range out.Results {
			if strings.Contains(r.Why, "not checked") {
				unchecked++
			}
		}
		switch {
		case bound == 1 && len(out.Changes) > 0:
			t.Errorf("one scan: %q", out.Changes)
		case len(out.Changes) > 0 && bytes.Contains(out.Changes[0].After, []byte("bad9")):
			t.Errorf("bound %d: %q was not checked", bound, out.Changes[0].After)
		case bound == 7 && (len(out.Changes) != 1 || string(out.Changes[0].After) != "good bad2 good" || unchecked > 0):
			t.Errorf("seven scans: %q, %d not checked", out.Changes, unchecked)
		}
	}
}

// A fix that needs a change in another file is made with it or not at all; two that need the same one
// make it once; one whose other file has changed since waits for the next round.
func TestSessionOthers(t *testing.T) {
	texts := map[string]string{"a": "bad1 bad2", "b": "store"}
	s := &Session{
		Read: func(file string) ([]byte, error) { return []byte(texts[file]), nil },
		Scan: func(_ context.Context, changed map[string][]byte) (out []report.Finding, _ error) {
			text := texts["a"]
			if c, ok := changed["a"]; ok {
				text = string(c)
			}
			for _, f := range words([]byte(text)) {
				f.File = "a"
				out = append(out, f)
			}
			return out, nil
		},
		Parses: func(_ context.Context, changes []Change) []error {
			out := make([]error, len(changes))
			for i, c := range changes {
				if strings.Contains(string(c.After), "(") {
					out[i] = errors.New("open parenthesis")
				}
			}
			return out
		},
		Wanted: func(*report.Finding) bool { return true },
	}
	propose := func(add string, stale bool) {
		s.Propose = func(file string, _ []byte, findings []report.Finding, _ int) (out []Fix) {
			for _, f := range findings {
				now, _ := s.Text("b")
				o := Other{File: "b", Text: now}
				if !bytes.HasSuffix(now, []byte(add)) {
					o.Edits = []Edit{{Start: len(now), End: len(now), New: add}}
				}
				if stale {
					o.Text = []byte("earlier")
				}
				out = append(out, Fix{Fingerprint: f.Fingerprint, Rule: f.Rule, File: file, Title: "fix", Edits: []Edit{{Start: f.Column - 1, End: f.Column + 3, New: "good"}}, Others: []Other{o}})
			}
			return out
		}
	}
	propose(" twice", false)
	out, err := s.Run(t.Context())
	if err != nil || len(out.Changes) != 2 || string(out.Changes[0].After) != "good good" || string(out.Changes[1].After) != "store twice" {
		t.Errorf("%q, %v", out.Changes, err)
	}
	for add, stale := range map[string]bool{" (": false, " more": true} {
		propose(add, stale)
		if out, err = s.Run(t.Context()); err != nil || len(out.Changes) != 0 {
			t.Errorf("%q: %q, %v", add, out.Changes, err)
		}
	}
}
