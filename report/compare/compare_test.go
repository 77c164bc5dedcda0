package compare

import (
	"reflect"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/report"
)

func audit(findings ...report.Finding) *report.Audit {
	return &report.Audit{
		Schema: report.Schema, Languages: []string{"python"}, Findings: findings,
		Policy: report.Policy{Latent: "lowered", Concurrency: "asyncio"},
	}
}

func finding(mark string, line int) report.Finding {
	open := report.WindowOpen
	return report.Finding{Rule: "checkthenact", Language: "python", Window: &open, File: "a.py", Line: line, Function: "C.f", Place: "self.d", Fingerprint: mark}
}

func in(mark, function string) report.Finding {
	f := finding(mark, 1)
	f.Function = function
	return f
}

func silenced(f report.Finding) report.Finding {
	f.Suppressed = &report.Suppression{Reason: "known"}
	return f
}

func prints(list []*report.Finding) []string {
	out := []string{}
	for _, f := range list {
		out = append(out, f.Fingerprint)
	}
	return out
}

// outcome is a result as lists of fingerprints.
type outcome struct{ added, fixed, unchanged, suppressed, unknown []string }

func outcomeOf(r *Result) outcome {
	o := outcome{added: prints(r.Added), fixed: []string{}, unchanged: []string{}, suppressed: []string{}, unknown: prints(r.Unknown)}
	for _, f := range r.Fixed {
		o.fixed = append(o.fixed, f.Finding.Fingerprint)
	}
	for _, p := range r.Unchanged {
		o.unchanged = append(o.unchanged, p.New.Fingerprint)
	}
	for _, p := range r.Suppressed {
		o.suppressed = append(o.suppressed, p.New.Fingerprint)
	}
	return o
}

func TestCompare(t *testing.T) {
	none := []string{}
	goFinding := finding("g", 1)
	goFinding.Language = "go"
	for name, c := range map[string]struct {
		old, now *report.Audit
		change   func(old, now *report.Audit)
		want     outcome
	}{
		"moved lines are unchanged": {audit(finding("x", 10)), audit(finding("x", 99)), nil, outcome{none, none, []string{"x"}, none, none}},
		"new and fixed":             {audit(finding("x", 10)), audit(finding("y", 10)), nil, outcome{[]string{"y"}, []string{"x"}, none, none, none}},
		"two with one fingerprint, one fixed": {
			audit(finding("x", 1), finding("x", 2)), audit(finding("x", 1)), nil,
			outcome{none, []string{"x"}, []string{"x"}, none, none},
		},
		"moved into a nested function":     {audit(finding("x", 1)), audit(in("y", "C.f.<locals>.g")), nil, outcome{none, none, []string{"y"}, none, none}},
		"moved into another function":      {audit(finding("x", 1)), audit(in("y", "C.fg")), nil, outcome{[]string{"y"}, []string{"x"}, none, none, none}},
		"suppressing is not fixing":        {audit(finding("x", 1)), audit(silenced(finding("x", 1))), nil, outcome{none, none, none, []string{"x"}, none}},
		"no longer suppressed is new":      {audit(silenced(finding("x", 1))), audit(finding("x", 1)), nil, outcome{[]string{"x"}, none, none, none, none}},
		"a language that is not looked at": {audit(goFinding), audit(), nil, outcome{none, none, none, none, []string{"g"}}},
		"a file that does not parse now": {audit(finding("x", 1)), audit(), func(_, now *report.Audit) {
			now.Unparsed = []report.Skipped{{File: "a.py"}}
		}, outcome{none, none, none, none, []string{"x"}}},
		"a function that is cut off now": {audit(finding("x", 1)), audit(), func(_, now *report.Audit) {
			now.Partial = []report.Partial{{File: "a.py", Function: "C.f"}}
		}, outcome{none, none, none, none, []string{"x"}}},
		"another function is cut off now": {audit(finding("x", 1)), audit(), func(_, now *report.Audit) {
			now.Partial = []report.Partial{{File: "a.py", Function: "C.g"}}
		}, outcome{none, []string{"x"}, none, none, none}},
		"a service that is out of scope now": {audit(finding("x", 1)), audit(), func(old, _ *report.Audit) {
			old.Findings[0].File = "services/s/a.py"
			old.Services = []report.Service{{Dir: "services/s"}}
		}, outcome{none, none, none, none, []string{"x"}}},
	} {
		t.Run(name, func(t *testing.T) {
			if c.change != nil {
				c.change(c.old, c.now)
			}
			r, err := Compare(c.old, c.now)
			if err != nil {
				t.Fatal(err)
			}
			if got := outcomeOf(r); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			for i := range c.now.Findings {
				f := &c.now.Findings[i]
				if (r.State(f) == "") != (f.Suppressed != nil) {
					t.Errorf("state %q of %+v", r.State(f), f)
				}
			}
		})
	}
}

func TestFixesNameWhatProtects(t *testing.T) {
	task := finding("t", 5)
	task.Window, task.Function = nil, "C.start"
	old, now := audit(finding("x", 10), task), audit()
	old.Locks = []report.LockUse{{Name: "other", Kind: "asyncio.Lock", File: "a.py"}}
	section := report.Section{File: "a.py", Line: 10, EndLine: 14, Function: "C.f"}
	now.Locks = []report.LockUse{
		{Name: "self._lock", Kind: "asyncio.Lock", File: "a.py", Line: 3, Sections: []report.Section{section, {File: "a.py", Line: 30, EndLine: 31, Function: "C.g"}}},
	}
	kept := report.TaskUse{File: "a.py", Line: 6, Function: "C.start", Keeper: "self._tasks"}
	now.Tasks = []report.TaskUse{kept, {File: "a.py", Line: 7, Function: "C.start", Rule: "untrackedtask"}}
	safe := report.Negative{File: "a.py", Line: 12, Function: "C.f", Place: "self.d", Reason: "covered by self._lock"}
	now.Negatives = []report.Negative{safe, {File: "a.py", Line: 13, Function: "C.f", Place: "self.other"}}
	r, err := Compare(old, now)
	if err != nil {
		t.Fatal(err)
	}
	want := []Fix{
		{Finding: &old.Findings[0], Locks: []Protection{{Lock: now.Locks[0], Added: true, Sections: []report.Section{section}}}, Safe: []report.Negative{safe}},
		{Finding: &old.Findings[1], Tasks: []report.TaskUse{kept}},
	}
	if !reflect.DeepEqual(r.Fixed, want) {
		t.Errorf("got  %+v\nwant %+v", r.Fixed, want)
	}
	if len(r.Locks) != 1 || r.Locks[0].Name != "self._lock" || len(r.Lost) != 1 || r.Lost[0].Name != "other" {
		t.Errorf("locks added %v, lost %v", r.Locks, r.Lost)
	}
}

func TestCompareRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*report.Audit)
		want   string
	}{
		"other policy": {func(a *report.Audit) { a.Policy.Latent = "as-open" }, "latent: as-open"},
		"other model":  {func(a *report.Audit) { a.Policy.Concurrency = "preemptive" }, "concurrency: preemptive"},
		"other schema": {func(a *report.Audit) { a.Schema = "other" }, "write the baseline again"},
	} {
		old := audit()
		c.change(old)
		if _, err := Compare(old, audit()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
}
