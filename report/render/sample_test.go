package render

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file under testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	test, _, _ := strings.Cut(t.Name(), "/")
	refresh := "go test ./report/render -run '^" + test + "$' -update"
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v\nto write it: %s", err, refresh)
	}
	if got != string(want) {
		t.Errorf("%s differs:\n%s\nif the change is meant: %s", file, firstDifference(string(want), got), refresh)
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		var a, b string
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			b = g[i]
		}
		if a != b || i >= len(w) || i >= len(g) {
			return fmt.Sprintf("line %d\nwant: %s\ngot:  %s", i+1, a, b)
		}
	}
	return "nothing"
}

func must(t *testing.T, r Renderer, a *report.Audit, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := r(&b, a, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// builder makes audits by hand.
type builder struct{ *report.Audit }

func newAudit() builder {
	return builder{&report.Audit{
		Schema: report.Schema, Tool: report.Tool{Name: "toctou", Version: "1.0.0"}, Date: "2025-10-10", Root: "platform",
		Languages: []string{"python"}, Policy: report.Policy{Latent: "lowered", Concurrency: "asyncio"},
		Counts: map[string]int{}, Excerpts: map[string]string{},
	}}
}

// source stores lines of a file, the first one having number from.
func (b builder) source(file string, from int, text string) {
	for i, l := range strings.Split(strings.Trim(text, "\n"), "\n") {
		b.Excerpts[report.ExcerptKey(file, from+i)] = l
	}
}

// add appends a finding and returns it for more.
func (b builder) add(f report.Finding) *report.Finding {
	b.Findings = append(b.Findings, f)
	return &b.Findings[len(b.Findings)-1]
}

// step finds text in a stored line and marks it.
func (b builder) step(kind, file string, line int, text, label string) report.Step {
	col := strings.Index(b.Excerpts[report.ExcerptKey(file, line)], text) + 1
	if col == 0 {
		panic("no " + text + " in line")
	}
	return report.Step{Kind: kind, File: file, Line: line, Column: col, EndLine: line, EndColumn: col + len(text), Label: label}
}

const poolFile = "services/metadata/database.py"

// pool is the audit of the drawing in the design: one open window in one file.
func pool() *report.Audit {
	b := newAudit()
	b.Files = 1
	b.source(poolFile, 36, "    if _pool is None:")
	b.source(poolFile, 45, "        _pool = await asyncpg.create_pool(dsn)")
	b.add(report.Finding{
		Rule: "checkthenact", Language: "python", Window: new("open"), Severity: "high", Confidence: "high",
		Consequence: "duplicate-resource", File: poolFile, Line: 45, Column: 9, EndLine: 45, EndColumn: 14,
		Function: "get_database_pool", Place: "_pool", Message: "`_pool` may have changed since it was checked",
		Steps: []report.Step{
			b.step("check", poolFile, 36, "_pool is None", "answer obtained here"),
			b.step("expiry", poolFile, 45, "await", "expires here: other tasks run during this await"),
			b.step("act", poolFile, 45, "_pool", "acted on here, not checked again"),
			{Kind: "writer", File: poolFile, Line: 71, Column: 9, Label: "written here"},
		},
		Notes: []string{
			"two callers both pass line 36; the second pool replaces the first, which is never closed",
			"`close_database_pool` also writes `_pool` (line 71)",
		},
		Fix:         "hold one asyncio.Lock from 36 to 45, or re-check after the await",
		Fingerprint: "f1",
	})
	return b.Audit
}

const (
	jobsFile     = "services/course-generator/course_generator/application/services/job_management_service.py"
	syllabusFile = "services/course-generator/ai/generators/syllabus_generator.py"
)

// platform is an audit with something in every section.
func platform() *report.Audit {
	b := newAudit()
	b.Title, b.Files = "Backend Race Condition Audit - Course Creator Platform", 377
	b.Frameworks = []string{"fastapi", "asyncpg"}
	b.Policy.Latent = "as-open"
	b.Counts = map[string]int{"files": 377, "analysed": 120, "prefiltered": 257, "functions": 1410}
	b.Services = []report.Service{
		{Name: "analytics", Dir: "services/analytics", Files: 30},
		{Name: "course-generator", Dir: "services/course-generator", Files: 48},
		{Name: "metadata", Dir: "services/metadata", Files: 12},
	}
	b.source(jobsFile, 123, `
        # Cancel running task if exists
        # (see _queue_job)
        if job_id in self._running_jobs:
            task = self._running_jobs[job_id]
            task.cancel()
            del self._running_jobs[job_id]
`)
	b.source(jobsFile, 250, "\n"+`    async def _queue_job(self, job: GenerationJob) -> None:
        """Queue a job for processing"""
        if job.id in self._running_jobs:
            return  # Job already running

        # Create processing task
        task = asyncio.create_task(self._process_job(job))
        self._running_jobs[job.id] = task
`)
	b.source(syllabusFile, 150, `
        if self.rag_enabled:
            import asyncio
            asyncio.create_task(self._learn_from_successful_generation(
                course_info, validated_syllabus, rag_context_used
            ))
`)
	queue := b.add(report.Finding{
		Rule: "checkthenact", Language: "python", Window: new("latent"), Severity: "critical", Confidence: "high",
		Consequence: "duplicate-execution", File: jobsFile, Line: 257, Column: 9, EndLine: 257, EndColumn: 35,
		Function: "JobManagementService._queue_job", Place: "self._running_jobs[job.id]",
		Message: "`self._running_jobs[job.id]` may have changed since it was checked",
		Steps: []report.Step{
			b.step("check", jobsFile, 252, "job.id in self._running_jobs", "answer obtained here"),
			b.step("act", jobsFile, 257, "self._running_jobs[job.id]", "acted on here, not checked again"),
		},
		Notes: []string{"nothing suspends between 252 and 257"},
		Scenario: []report.Turn{
			{Actor: "A", Text: "checks `job.id in self._running_jobs`", State: "absent", File: jobsFile, Line: 252},
			{Actor: "B", Text: "checks `job.id in self._running_jobs`", State: "absent", File: jobsFile, Line: 252},
			{Actor: "A", Text: "stores its task", State: "A's task is tracked", File: jobsFile, Line: 257},
			{Actor: "B", Text: "stores its task", State: "B's task replaces A's, which still runs", File: jobsFile, Line: 257},
		},
		Impact:    []string{"one job runs twice", "the first task can no longer be cancelled"},
		RootCause: "no lock covers 252 to 257",
		Fix:       "hold one asyncio.Lock from 252 to 257",
		Remedy: &report.Remedy{
			Title: "Hold `self._jobs_lock` from check to store", File: jobsFile, Line: 250,
			Code: "async def _queue_job(self, job: GenerationJob) -> None:\n    async with self._jobs_lock:\n        if job.id in self._running_jobs:\n            return\n",
			Edits: []report.Edit{
				{File: jobsFile, Line: 252, Column: 1, EndLine: 252, EndColumn: 1, NewText: "        async with self._jobs_lock:\n"},
				{File: jobsFile, Line: 252, Column: 9, EndLine: 252, EndColumn: 9, NewText: "    "},
			},
			Why: []string{"only one task is in the section at a time"},
		},
		Group: "g1", Fingerprint: "q1",
	})
	cancel := *queue
	cancel.Severity, cancel.Consequence, cancel.Line, cancel.Column = "medium", "crash", 128, 13
	cancel.EndLine, cancel.EndColumn = 128, 43
	cancel.Function, cancel.Message, cancel.Fingerprint = "JobManagementService.cancel_job", "`self._running_jobs[job_id]` may be gone when it is deleted", "q2"
	cancel.Steps = []report.Step{
		b.step("check", jobsFile, 125, "job_id in self._running_jobs", "answer obtained here"),
		b.step("act", jobsFile, 128, "del self._running_jobs[job_id]", "needs the answer here"),
	}
	cancel.Notes, cancel.Scenario, cancel.RootCause, cancel.Remedy = []string{"nothing suspends between 125 and 128"}, nil, "", nil
	cancel.Impact = []string{"KeyError when another task deleted it first"}
	b.add(cancel)
	b.Findings = append(b.Findings, pool().Findings...)
	maps.Copy(b.Excerpts, pool().Excerpts)
	b.add(report.Finding{
		Rule: "untrackedtask", Language: "python", Severity: "medium", Confidence: "high", Consequence: "lost-task",
		File: syllabusFile, Line: 152, Column: 13, EndLine: 152, EndColumn: 32, Function: "SyllabusGenerator.generate",
		Message: "nobody keeps the task that runs `_learn_from_successful_generation`",
		Steps:   []report.Step{b.step("spawn", syllabusFile, 152, "asyncio.create_task", "started here, its handle is dropped")},
		Notes:   []string{"its exception is never seen", "it is cut off at shutdown"},
		Fix:     "keep the task in a set and discard it in a done callback", Fingerprint: "u1",
	})
	b.add(report.Finding{
		Rule: "uselesslock", Language: "python", Severity: "low", Confidence: "high", Consequence: "stale-value",
		File: poolFile, Line: 20, Column: 1, Function: "", Message: "no holder of `_lock` suspends", Fingerprint: "l1",
	})
	hushed := pool().Findings[0]
	hushed.Fingerprint, hushed.Suppressed = "s1", &report.Suppression{Reason: "called once at startup", File: poolFile, Line: 44}
	b.add(hushed)
	b.Tasks = []report.TaskUse{
		{File: syllabusFile, Line: 152, Function: "SyllabusGenerator.generate", Target: "_learn_from_successful_generation", Verdict: "untracked", Rule: "untrackedtask"},
		{File: jobsFile, Line: 256, Function: "JobManagementService._queue_job", Target: "_process_job", Keeper: "self._running_jobs",
			Observer: "_on_job_completed", Drain: "cancel_job", Verdict: "tracked"},
	}
	b.Locks = []report.LockUse{{Name: "_lock", Kind: "asyncio.Lock", File: poolFile, Line: 20, Guards: []string{"_pool"}, Holders: 2, Suspending: 0}}
	b.Patterns = []report.FilePattern{
		{File: jobsFile, Patterns: map[string]int{"await": 31, "create_task": 1}, Worst: "critical", Findings: 2},
		{File: syllabusFile, Patterns: map[string]int{"await": 12, "create_task": 1}, Worst: "medium", Findings: 1},
		{File: "services/analytics/service.py", Patterns: map[string]int{"gather": 2}},
	}
	b.Negatives = []report.Negative{{File: poolFile, Line: 90, Function: "reset", Place: "_pool", Reason: "re-checked under `_lock` at 92"}}
	b.Database = &[]report.DatabaseUse{{File: poolFile, Line: 45, Function: "get_database_pool", Kind: "pool", Detail: "asyncpg pool, no explicit transactions"}}
	b.Scopes = []report.Scope{{Language: "python", Files: 377, Analysed: true}, {Language: "javascript", Files: 112}}
	b.Advice = []report.Recommendation{{
		Priority: 1, Title: "Make check and store of `self._running_jobs` one section", Action: "Hold one asyncio.Lock in `JobManagementService`",
		Files: []string{jobsFile}, Effort: "30 minutes", Tests: []string{"two concurrent requests for one job start one task"}, Findings: []string{"q1", "q2"},
	}}
	b.Commands = []string{"toctou audit services --format json"}
	b.Author, b.Version, b.Related = "Platform team", "1.0", []string{"docs/RACE_CONDITION_AUDIT.md"}
	b.Unparsed = []report.Skipped{{File: "services/analytics/broken.py", Reason: "syntax error at line 3"}}
	b.Partial = []report.Partial{{File: "services/analytics/huge.py", Line: 10, Function: "generated", Reason: "more than 100000 events"}}
	return b.Audit
}

var ruleInfo = map[string]RuleInfo{
	"checkthenact": {Name: "checkthenact", Title: "Check then act", Summary: "An expired answer is acted on.",
		Help: "# checkthenact\n\nAn expired answer is acted on.\n", URL: "https://toctou-lint.github.io/rules/checkthenact", CWE: []int{367, 362}},
	"untrackedtask": {Name: "untrackedtask", Title: "Untracked task", Summary: "A task that nobody keeps.",
		Help: "# untrackedtask\n\nA task that nobody keeps.\n", URL: "https://toctou-lint.github.io/rules/untrackedtask", CWE: []int{772}},
}
