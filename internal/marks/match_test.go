package marks

import (
	"fmt"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/report"
)

func TestMatch(t *testing.T) {
	at := func(line int, rule string) report.Finding { return finding(rule, "f.py", line) }
	stepping := func(f report.Finding, lines ...int) report.Finding {
		for _, n := range lines {
			f.Steps = append(f.Steps, report.Step{Line: n, File: f.File})
		}
		return f
	}
	soft := func(f report.Finding) report.Finding { f.Window = new(report.WindowLatent); return f }
	rated := func(f report.Finding, s report.Severity, c report.Confidence) report.Finding {
		f.Severity, f.Confidence = s, c
		return f
	}
	silenced := func(f report.Finding) report.Finding { f.Suppressed = &report.Suppression{}; return f }

	// Lines 1–9 carry no mark but those that a test sets.
	tests := []struct {
		name     string
		marks    map[int]string
		findings []report.Finding
		opt      Options
		want     string // hits missed alarms closed open mild unreported repeats tolerated
	}{
		{"hit", map[int]string{4: "BAD: lostupdate"}, []report.Finding{at(4, "lostupdate")}, Options{}, "1 0 0 0 0 0 0 0 0"},
		{"one line off", map[int]string{4: "BAD: lostupdate"}, []report.Finding{at(5, "lostupdate")}, Options{}, "1 0 0 0 0 0 0 0 0"},
		{"two lines off", map[int]string{4: "BAD: lostupdate"}, []report.Finding{at(6, "lostupdate")}, Options{}, "0 1 1 0 0 0 0 0 0"},
		{"through a step", map[int]string{4: "BAD: lostupdate"}, []report.Finding{stepping(at(9, "lostupdate"), 2, 4)}, Options{}, "1 0 0 0 0 0 0 0 0"},
		{"a step beside it", map[int]string{4: "BAD: lostupdate"}, []report.Finding{stepping(at(9, "lostupdate"), 5)}, Options{}, "0 1 1 0 0 0 0 0 0"},
		{"other rule", map[int]string{4: "BAD: lostupdate"}, []report.Finding{at(4, "uselesslock")}, Options{}, "0 1 1 0 0 0 0 0 0"},
		{"alternative", map[int]string{4: "BAD: lostupdate|uselesslock"}, []report.Finding{at(4, "uselesslock")}, Options{}, "1 0 0 0 0 0 0 0 0"},
		{"other file", map[int]string{4: "BAD: lostupdate"}, []report.Finding{finding("lostupdate", "g.py", 4)}, Options{}, "0 1 1 0 0 0 0 0 0"},
		{"silent", map[int]string{4: "BAD: lostupdate"}, nil, Options{}, "0 1 0 0 0 0 0 0 0"},
		{"group", map[int]string{2: "BAD: lostupdate @g", 8: "BAD: lostupdate @g"}, []report.Finding{at(8, "lostupdate")}, Options{}, "1 0 0 0 0 0 0 0 0"},
		{"group, twice", map[int]string{2: "BAD: lostupdate @g", 8: "BAD: lostupdate @g"},
			[]report.Finding{at(2, "lostupdate"), at(8, "lostupdate")}, Options{}, "1 0 0 0 0 0 0 1 0"},
		{"nearest first", map[int]string{4: "BAD: lostupdate", 5: "BAD: lostupdate"},
			[]report.Finding{at(5, "lostupdate"), at(4, "lostupdate")}, Options{}, "2 0 0 0 0 0 0 0 0"},
		{"suppressed", map[int]string{4: "BAD: lostupdate"}, []report.Finding{silenced(at(4, "lostupdate")), silenced(at(9, "lostupdate"))}, Options{}, "0 1 0 0 0 0 0 0 0"},
		{"maybe", map[int]string{4: "MAYBE: lostupdate"}, []report.Finding{at(4, "lostupdate")}, Options{}, "0 0 0 0 0 0 0 0 1"},
		{"maybe, silent", map[int]string{4: "MAYBE: lostupdate"}, nil, Options{}, "0 0 0 0 0 0 0 0 0"},
		{"gap open", map[int]string{4: "GAP: lostupdate"}, nil, Options{}, "0 0 0 0 1 0 0 0 0"},
		{"gap closed", map[int]string{4: "GAP: lostupdate"}, []report.Finding{at(4, "lostupdate")}, Options{}, "0 0 0 1 0 0 0 0 0"},
		{"low as low", map[int]string{4: "LOW: lostupdate"}, []report.Finding{rated(at(4, "lostupdate"), report.Low, report.Sure)}, Options{}, "0 0 0 0 0 1 0 0 0"},
		{"low as doubtful", map[int]string{4: "LOW: lostupdate"}, []report.Finding{rated(at(4, "lostupdate"), report.High, report.Doubtful)}, Options{Shown: Shown}, "0 0 0 0 0 1 0 0 0"},
		{"low as high", map[int]string{4: "LOW: lostupdate"}, []report.Finding{at(4, "lostupdate")}, Options{}, "0 0 1 0 0 0 1 0 0"},
		{"low, silent", map[int]string{4: "LOW: lostupdate"}, nil, Options{}, "0 0 0 0 0 0 1 0 0"},
		{"latent", map[int]string{4: "LATENT: lostupdate"}, []report.Finding{soft(at(4, "lostupdate"))}, Options{StrictLatent: true}, "0 0 0 0 0 1 0 0 0"},
		{"latent as open", map[int]string{4: "LATENT: lostupdate"}, []report.Finding{at(4, "lostupdate")}, Options{}, "0 0 1 0 0 0 1 0 0"},
		{"bad as latent", map[int]string{4: "BAD: lostupdate"}, []report.Finding{soft(at(4, "lostupdate"))}, Options{}, "0 1 0 0 0 0 0 0 0"},
		{"unmarked latent", nil, []report.Finding{soft(at(4, "lostupdate"))}, Options{}, "0 0 0 0 0 0 0 0 0"},
		{"unmarked latent, strict", nil, []report.Finding{soft(at(4, "lostupdate"))}, Options{StrictLatent: true}, "0 0 1 0 0 0 0 0 0"},
		{"unmarked doubtful", nil, []report.Finding{rated(at(4, "lostupdate"), report.High, report.Doubtful)}, Options{Shown: Shown}, "0 0 0 0 0 0 0 0 0"},
		{"bad as doubtful", map[int]string{4: "BAD: lostupdate"}, []report.Finding{rated(at(4, "lostupdate"), report.High, report.Doubtful)}, Options{Shown: Shown}, "0 1 0 0 0 0 0 0 0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var src strings.Builder
			for n := 1; n <= 9; n++ {
				src.WriteString("x")
				if m, ok := tt.marks[n]; ok {
					src.WriteString("  # " + m)
				}
				src.WriteString("\n")
			}
			list, err := Parse("f.py", []byte(src.String()))
			if err != nil {
				t.Fatal(err)
			}
			r := Match(list, tt.findings, tt.opt)
			got := fmt.Sprint(len(r.Hits), len(r.Misses), len(r.FalseAlarms), len(r.ClosedGaps), len(r.OpenGaps),
				len(r.Mild), len(r.Unreported), len(r.Repeats), len(r.Tolerated))
			if got != tt.want {
				t.Errorf("hits missed alarms closed open mild unreported repeats tolerated:\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestTable(t *testing.T) {
	list, err := Parse("f.py", []byte("a  # BAD: lostupdate\nb\nc\nd  # BAD: checkthenact\ne\nf\ng  # GAP: uselesslock\n"))
	if err != nil {
		t.Fatal(err)
	}
	r := Match(list, []report.Finding{finding("lostupdate", "f.py", 1), finding("lostupdate", "f.py", 2), finding("uselesslock", "f.py", 4), finding("uselesslock", "f.py", 7)}, Options{})
	_, all := r.Counts()
	if all != (Count{Hits: 1, Misses: 1, FalseAlarms: 1}) || all.Precision() != 0.5 || all.Recall() != 0.5 {
		t.Errorf("counts = %+v", all)
	}
	var b strings.Builder
	if err := r.WriteTable(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"lostupdate               1       0      0       1.00    1.00",
		"checkthenact             0       1      0       1.00    0.00",
		"all                      1       1      1       0.50    0.50",
		"f.py:4 checkthenact  [reported there: uselesslock]",
		"f.py:4 uselesslock (open, severity high, confidence medium)  [marked BAD: f.py:4 checkthenact]",
		"further findings of a defect already counted: 1\n  f.py:2 lostupdate",
		"closed gaps: make the mark BAD: 1\n  f.py:7 uselesslock",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("table lacks %q:\n%s", want, b.String())
		}
	}
}
