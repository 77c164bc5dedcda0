package cli

import (
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/internal/audit"
	"github.com/toctou-lint/toctou/report"
	"github.com/toctou-lint/toctou/report/render"
)

func TestLocation(t *testing.T) {
	for arg, want := range map[string]struct {
		file string
		line int
		ok   bool
	}{
		"a.py:12":         {"a.py", 12, true},
		"a.py:12:5":       {"a.py", 12, true},
		"C:/src/a.py:3":   {"C:/src/a.py", 3, true},
		"C:/src/a.py:3:9": {"C:/src/a.py", 3, true},
		"checkthenact":    {},
		"a.py:":           {},
		"a.py:0":          {},
		"a.py:x":          {},
		":7":              {},
	} {
		if file, line, ok := location(arg); file != want.file || line != want.line || ok != want.ok {
			t.Errorf("location(%q) = %q, %d, %t", arg, file, line, ok)
		}
	}
}

func TestExplanation(t *testing.T) {
	latent := report.WindowLatent
	au := &report.Audit{
		Findings: []report.Finding{{
			Rule: "checkthenact", File: "m.py", Line: 20, Column: 1, Severity: report.Low, Confidence: report.Likely,
			Window: &latent, Message: "`self._x` may have changed",
			Steps:    []report.Step{{Kind: report.StepCheck, File: "m.py", Line: 18, Column: 1, Label: "asked"}},
			Scenario: []report.Turn{{Actor: "A", Text: "asks", State: "x is None"}},
		}, {
			Rule: "checkthenact", File: "m.py", Line: 40, Column: 1, Severity: report.High, Confidence: report.Sure,
			Message: "`self._y` may have changed", Suppressed: &report.Suppression{Reason: "one caller", File: "m.py", Line: 39},
		}},
		Negatives: []report.Negative{{File: "m.py", Line: 60, EndLine: 64, Function: "C.get", Place: "self._z", Reason: "nothing suspends between 60 and 64"}},
		Tasks:     []report.TaskUse{{File: "m.py", Line: 70, Target: "run()", Verdict: "tracked", Keeper: "self._tasks"}},
		Locks:     []report.LockUse{{File: "m.py", Line: 80, Name: "C._lock", Kind: "asyncio.Lock", Holders: 2, Suspending: 1}},
		Unparsed:  []report.Skipped{{File: "other.py", Reason: "too large"}},
	}
	for name, tt := range map[string]struct {
		file string
		line int
		want []string
	}{
		"act":        {"m.py", 20, []string{"low[checkthenact]: `self._x` may have changed", "Not shown by check: low severity, medium confidence, latent window", "1. A: asks → x is None"}},
		"check":      {"m.py", 18, []string{"low[checkthenact]"}},
		"suppressed": {"m.py", 40, []string{"high[checkthenact]", "Suppressed at m.py:39: one caller"}},
		"negative":   {"m.py", 62, []string{"m.py:60-64: nothing is reported about `self._z` in C.get:\n  nothing suspends between 60 and 64"}},
		"task":       {"m.py", 70, []string{"the task that runs run() is tracked; kept by self._tasks"}},
		"lock":       {"m.py", 80, []string{"`C._lock` (asyncio.Lock): 2 sections hold it, 1 of them may suspend"}},
		"nothing":    {"m.py", 50, []string{"m.py:50: nothing is reported", "The nearest that there is to say in this file: checkthenact at line 40."}},
		"elsewhere":  {"n.py", 1, []string{"n.py:1: nothing is reported"}},
		"skipped":    {"other.py", 3, []string{"other.py: not analysed, or only in part: too large"}},
	} {
		var b strings.Builder
		e := explanation{audit: au, display: audit.Display{Severity: report.Low, Confidence: report.Likely}, file: tt.file, line: tt.line}
		if err := e.write(&b, render.Options{}); err != nil {
			t.Fatal(err)
		}
		for _, want := range tt.want {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: %q is missing in\n%s", name, want, b.String())
			}
		}
	}
}
