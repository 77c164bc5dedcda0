package render

import (
	"maps"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/report"
	"github.com/toctou-lint/toctou/report/compare"
)

// repaired is platform() after the jobs got a lock and the learning task a keeper; the clean-up that
// came with the lock starts a task that nobody keeps.
func repaired() *report.Audit {
	b := newAudit()
	was := platform()
	b.Title, b.Files, b.Date, b.Policy, b.Services, b.Patterns = was.Title, 377, "2025-10-11", was.Policy, was.Services, was.Patterns
	b.source(jobsFile, 36, "        self._jobs_lock = asyncio.Lock()")
	b.source(jobsFile, 261, `        async with self._jobs_lock:
            if job.id in self._running_jobs:
                return  # Job already running
            task = asyncio.create_task(self._process_job(job))
            self._running_jobs[job.id] = task`)
	b.source(jobsFile, 128, `        async with self._jobs_lock:
            if job_id in self._running_jobs:
                del self._running_jobs[job_id]`)
	b.source(jobsFile, 349, "        asyncio.create_task(cleanup())")
	b.source(syllabusFile, 155, `            task = asyncio.create_task(
                self._learn_from_successful_generation_safe()
            )`)
	b.Locks = append([]report.LockUse{{
		Name: "self._jobs_lock", Kind: "asyncio.Lock", File: jobsFile, Line: 36, Guards: []string{"self._running_jobs"}, Holders: 2,
		Sections: []report.Section{
			{File: jobsFile, Line: 128, EndLine: 130, Function: "JobManagementService.cancel_job"},
			{File: jobsFile, Line: 261, EndLine: 265, Function: "JobManagementService._queue_job"},
		},
	}}, was.Locks...)
	b.Tasks = []report.TaskUse{{
		File: syllabusFile, Line: 155, Function: "SyllabusGenerator.generate", Target: "_learn_from_successful_generation_safe",
		Keeper: "self._background_tasks", Observer: "its own except clause", Drain: "wait_for_background_tasks", Verdict: "tracked",
	}}
	b.Negatives = []report.Negative{{
		File: jobsFile, Line: 265, Function: "JobManagementService._queue_job", Place: "self._running_jobs[job.id]", Reason: "`self._jobs_lock` covers 262 to 265",
	}}
	b.Findings = was.Findings[2:3] // the pool is still there
	maps.Copy(b.Excerpts, pool().Excerpts)
	b.add(report.Finding{
		Rule: "untrackedtask", Language: "python", Severity: "medium", Confidence: "high", Consequence: "lost-task", File: jobsFile, Line: 349, Column: 9,
		Function: "JobManagementService._on_job_completed", Message: "nobody keeps the task that runs `cleanup`",
		Steps: []report.Step{b.step("spawn", jobsFile, 349, "asyncio.create_task", "started here")}, Fingerprint: "c1",
	})
	silent := platform().Findings[4]
	silent.Suppressed = &report.Suppression{Reason: "kept for symmetry", File: poolFile, Line: 19}
	b.Findings = append(b.Findings, silent)
	return b.Audit
}

func TestFixesApplied(t *testing.T) {
	r, err := compare.Compare(platform(), repaired())
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Rules: ruleInfo, Baseline: r}
	text := must(t, Markdown, r.New, o)
	golden(t, "repaired.md", text)
	golden(t, "repaired.html", must(t, HTML, r.New, o))
	_, section, _ := strings.Cut(text, "## Fixes Applied")
	section, _, _ = strings.Cut(section, "\n## ")
	for _, want := range []string{
		"3 fixed, 1 new, 1 unchanged, 1 suppressed since.",
		"`self._jobs_lock` was added (asyncio.Lock, line 36): held in 2 sections, of which 0 may suspend.",
		"`JobManagementService._queue_job` holds it at lines 261-265.",
		"`JobManagementService.cancel_job` holds it at lines 128-130.",
		"Line 265: `self._jobs_lock` covers 262 to 265.",
		"kept by `self._background_tasks`, its error is seen by its own except clause, awaited or cancelled by `wait_for_background_tasks`",
		"261          async with self._jobs_lock:",
		"### New Since the Baseline\n\n- 🟡 **MEDIUM** `" + jobsFile + ":349`",
		"kept for symmetry",
	} {
		if !strings.Contains(section, want) {
			t.Errorf("no %q in:\n%s", want, section)
		}
	}
	if !strings.Contains(text, "**Status**: ✅ **ALL CRITICAL ISSUES FIXED**; 1 high and 1 medium") {
		t.Error("the status does not say that the critical issues are fixed")
	}
}

func TestNotLookedAtIsNotFixed(t *testing.T) {
	now := repaired()
	now.Unparsed = []report.Skipped{{File: jobsFile, Reason: "syntax error"}}
	r, err := compare.Compare(platform(), now)
	if err != nil {
		t.Fatal(err)
	}
	text := must(t, Markdown, now, Options{Baseline: r})
	if strings.Contains(text, "ALL CRITICAL ISSUES FIXED") {
		t.Error("a critical finding in a file that does not parse counts as fixed")
	}
	if !strings.Contains(text, "### Not Looked At Now") {
		t.Error("what was not looked at is not named")
	}
}
