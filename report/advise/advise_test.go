package advise

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/internal/rules"
	"github.com/toctou-lint/toctou/report"
)

func finding(rule string, sev report.Severity, file, group string, n int) report.Finding {
	return report.Finding{
		Rule: rule, Severity: sev, File: file, Function: fmt.Sprintf("f%d", n), Place: fmt.Sprintf("self.p%d", n),
		Consequence: "duplicate-execution", Group: group, Fingerprint: fmt.Sprintf("%s-%d", rule, n), Fix: fmt.Sprintf("fix %d", n),
	}
}

func TestRecommend(t *testing.T) {
	hushed := finding("checkthenact", report.Critical, "z.py", "", 9)
	hushed.Suppressed = &report.Suppression{Reason: "known"}
	a := &report.Audit{Findings: []report.Finding{
		finding("untrackedtask", report.Medium, "b.py", "", 1),
		finding("checkthenact", report.Critical, "a.py", "g", 2),
		finding("checkthenact", report.Critical, "a.py", "g", 3),
		hushed,
		finding("checkthenact", report.Critical, "c.py", "", 4),
		finding("untrackedtask", report.Medium, "a.py", "", 5),
	}}
	want := []report.Recommendation{
		{
			Priority: 1, Severity: report.Critical, Title: "Close 2 windows between check and act (`a.py`)", Action: byRule["checkthenact"].action, Effort: "40 minutes", Files: []string{"a.py"},
			Tests:    []string{"`test_f2_concurrent_calls_start_one_task`: call `f2` twice at once for one key; one task is started", "`test_f3_concurrent_calls_start_one_task`: call `f3` twice at once for one key; one task is started"},
			Findings: []string{"checkthenact-2", "checkthenact-3"},
		},
		{
			Priority: 1, Severity: report.Critical, Title: "Close the window on `self.p4`", Action: "fix 4", Effort: "30 minutes", Files: []string{"c.py"},
			Tests: []string{"`test_f4_concurrent_calls_start_one_task`: call `f4` twice at once for one key; one task is started"}, Findings: []string{"checkthenact-4"},
		},
		{
			Priority: 2, Severity: report.Medium, Title: "Keep and end 2 tasks that nobody tracks", Action: byRule["untrackedtask"].action, Effort: "20 minutes", Files: []string{"a.py", "b.py"},
			Tests:    []string{"`test_f1_concurrent_calls_start_one_task`: call `f1` twice at once for one key; one task is started", "`test_f5_concurrent_calls_start_one_task`: call `f5` twice at once for one key; one task is started"},
			Findings: []string{"untrackedtask-1", "untrackedtask-5"},
		},
	}
	if got := Recommend(a); !reflect.DeepEqual(got, want) {
		t.Errorf("got:\n%+v\nwant:\n%+v", got, want)
	}
}

func TestRecommendStaysShort(t *testing.T) {
	a := &report.Audit{}
	for i := range 5000 {
		a.Findings = append(a.Findings, finding("lostupdate", report.High, fmt.Sprintf("f%d.py", i), "", i))
	}
	got := Recommend(a)
	if len(got) != single+1 {
		t.Errorf("%d recommendations for 5000 findings of one rule, want %d", len(got), single+1)
	}
	settled := 0
	for _, r := range got {
		settled += len(r.Findings)
	}
	if settled != 5000 {
		t.Errorf("recommendations settle %d of 5000 findings", settled)
	}
}

func TestTitlesTakeTheirArguments(t *testing.T) {
	for rule, k := range byRule {
		if strings.Count(k.one, "%s") != 1 || strings.Count(k.many, "%d") != 1 || k.action == "" || k.minutes <= 0 {
			t.Errorf("%s: incomplete: %+v", rule, k)
		}
	}
	for c, p := range byConsequence {
		if strings.Count(p.text, "%s") != 1 || p.name == "" {
			t.Errorf("%s: %+v needs a name, and the function once", c, p)
		}
	}
}

func TestTestsHaveNames(t *testing.T) {
	for _, c := range []struct{ language, function, want string }{
		{"python", "JobManagementService._queue_job", "test_queue_job_concurrent_calls_start_one_task"},
		{"python", "C.f.<locals>.cleanup", "test_cleanup_concurrent_calls_start_one_task"},
		{"python", "C.f.<locals>.<lambda>", "test_lambda_concurrent_calls_start_one_task"},
		{"python", "", "test_py_concurrent_calls_start_one_task"},
		{"go", "Seam.CompareAndSet (func literal)", "TestCompareAndSetConcurrentCallsStartOneTask"},
		{"go", "`", "TestPackageConcurrentCallsStartOneTask"},
	} {
		got := test(&report.Finding{Language: c.language, Function: c.function, File: "a.py", Consequence: "duplicate-execution"})
		if !strings.HasPrefix(got, "`"+c.want+"`: ") {
			t.Errorf("%s: got %s, want %s", c.function, got, c.want)
		}
	}
}

func TestEveryRuleHasAdvice(t *testing.T) {
	for _, name := range rules.Names() {
		if _, ok := byRule[name]; !ok {
			t.Errorf("%s has no line in byRule", name)
		}
	}
}

// TestEffortIsDocumented holds the table of efforts in the documentation to the one here.
func TestEffortIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/audit.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(doc), "| rule | minutes |\n|---|---|\n")
	if !ok {
		t.Fatal("docs/audit.md has no table of efforts")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	want := map[string]int{"any other": anyRule.minutes}
	for rule, k := range byRule {
		want["`"+rule+"`"] = k.minutes
	}
	got := make(map[string]int)
	for row := range strings.SplitSeq(table, "\n") {
		cells := strings.Split(strings.Trim(row, "| "), " | ")
		var minutes int
		if _, err := fmt.Sscan(cells[len(cells)-1], &minutes); err != nil {
			t.Fatalf("row %q: %v", row, err)
		}
		got[cells[0]] = minutes
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("docs/audit.md says %v, the table is %v", got, want)
	}
}

// In Go nothing suspends, names keep their capitals, and what the race detector finds is its to test.
func TestGoHasWordsOfItsOwn(t *testing.T) {
	for _, tt := range []struct{ rule, consequence, function, want string }{
		{"checkthenact", "crash", "Cache.evictURL", "`TestEvictURLSurvivesAConcurrentRemoval`: remove the entry while `Cache.evictURL` is between check and act; it neither fails nor panics"},
		{"checkthenact", "duplicate-execution", "Pool.Get (func literal)", "`TestGetConcurrentCallsStartOneTask`: call `Pool.Get (func literal)` twice at once for one key; one goroutine is started"},
		{"unevenguard", "stale-value", "Server.Addr", "`TestAddrHasNoDataRace`: call `Server.Addr` beside the functions that hold the lock, under `go test -race`; it reports nothing"},
	} {
		f := report.Finding{Language: "go", Rule: tt.rule, Consequence: tt.consequence, Function: tt.function, File: "a.go"}
		if got := test(&f); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
		if got := action(&f); strings.Contains(got, "suspen") {
			t.Errorf("%s: %s", tt.rule, got)
		}
	}
}
