package report

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func numbered(n int) []byte {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "line %d\r\n", i+1)
	}
	return []byte(b.String())
}

func TestAddExcerpts(t *testing.T) {
	a := &Audit{Findings: []Finding{{
		File: "near.py", Line: 20,
		Steps: []Step{
			{Kind: StepCheck, File: "near.py", Line: 10},
			{Kind: StepWriter, File: "near.py", Line: 90},
			{Kind: StepCheck, File: "other.py", Line: 1},
			{Kind: StepCheck, File: "gone.py", Line: 1},
		},
	}, {
		File: "far.py", Line: 500, Steps: []Step{{Kind: StepCheck, File: "far.py", Line: 100}},
	}}}
	reads := make(map[string]int)
	err := a.AddExcerpts(func(file string) ([]byte, error) {
		reads[file]++
		if file == "gone.py" {
			return nil, errors.New("no such file")
		}
		return numbered(600), nil
	})
	if err == nil || !strings.Contains(err.Error(), "gone.py") {
		t.Errorf("error %v does not name the file", err)
	}
	for file, n := range reads {
		if n != 1 {
			t.Errorf("%s read %d times", file, n)
		}
	}
	for _, c := range []struct {
		file   string
		line   int
		stored bool
	}{
		{"near.py", 7, false},
		{"near.py", 8, true},
		{"near.py", 15, true},
		{"near.py", 22, true},
		{"near.py", 23, false},
		{"near.py", 50, false},
		{"near.py", 90, true},
		{"other.py", 1, true},
		{"other.py", 3, true},
		{"other.py", 4, false},
		{"far.py", 100, true},
		{"far.py", 300, false},
		{"far.py", 502, true},
	} {
		got, ok := a.Excerpts[ExcerptKey(c.file, c.line)]
		if ok != c.stored {
			t.Errorf("%s:%d stored: %v, want %v", c.file, c.line, ok, c.stored)
		}
		if want := fmt.Sprintf("line %d", c.line); ok && got != want {
			t.Errorf("%s:%d is %q, want %q", c.file, c.line, got, want)
		}
	}
}

func TestExcerptsOfEndlessLinesAreCut(t *testing.T) {
	a := &Audit{Findings: []Finding{{File: "a.py", Line: 1}}}
	if err := a.AddExcerpts(func(string) ([]byte, error) { return []byte(strings.Repeat("x", 1<<20)), nil }); err != nil {
		t.Fatal(err)
	}
	if n := len(a.Excerpts["a.py:1"]); n != excerptWidth {
		t.Errorf("%d bytes kept, want %d", n, excerptWidth)
	}
}
