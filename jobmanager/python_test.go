package jobmanager_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestPythonTwin runs the tests of the asyncio twin. They need nothing but Python, at least 3.11.
func TestPythonTwin(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("the tests in jobmanager/python are skipped: there is no python3 on the PATH")
	}
	const recent = "import sys; sys.exit(sys.version_info < (3, 11))"
	if err := exec.CommandContext(t.Context(), python, "-c", recent).Run(); err != nil {
		t.Skip("the tests in jobmanager/python are skipped: python3 is older than 3.11")
	}
	cmd := exec.CommandContext(t.Context(), python, "-W", "error", "-m", "unittest", "discover", "-v", "-s", "tests")
	cmd.Dir = "python"
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("\n%s", out)
	if !regexp.MustCompile(`(?m)^Ran [1-9]\d+ tests`).Match(out) {
		t.Error("no tests were run")
	}
}

// TestTwinsHaveTheSameTests keeps the two languages together: what the audit asks for is tested in both, by one name.
func TestTwinsHaveTheSameTests(t *testing.T) {
	goTests := definitions(t, "*_test.go", regexp.MustCompile(`(?m)^func Test(\w+)\(t \*testing\.T\)`))
	pythonTests := definitions(t, "python/tests/*.py", regexp.MustCompile(`(?m)^ +(?:async )?def test_(\w+)\(self`))
	for name := range strings.FieldsSeq(`
		concurrent_job_creation_same_id concurrent_job_cancellation no_duplicate_tasks learning_task_error_handling
		graceful_shutdown_waits_for_tasks concurrent_job_creation job_processing_with_concurrent_status_checks
		shutdown_with_running_jobs queue_goes_by_priority_then_age scheduled_job_waits_for_its_time
		timeout_fails_the_job result_that_comes_with_the_timeout_counts retry_up_to_the_limit cancel
		clean_up_removes_old_ends_only bad_handlers_fail_their_job_only crashed_jobs_are_run_again
		lost_lease_stops_the_handler cancel_reaches_another_process renewed_lease_is_not_reclaimed
		reservation_ends_by_identity kill_nine`) {
		plain := strings.ReplaceAll(name, "_", "")
		if !goTests[plain] || !pythonTests[plain] {
			t.Errorf("test_%s: in Go %v, in Python %v", name, goTests[plain], pythonTests[plain])
		}
	}
}

// definitions returns the names of the tests in some files, in lower case and without underscores.
func definitions(t *testing.T, glob string, test *regexp.Regexp) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(glob)
	if err != nil {
		t.Fatal(err)
	}
	names := make(map[string]bool)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range test.FindAllSubmatch(text, -1) {
			names[strings.ToLower(strings.ReplaceAll(string(match[1]), "_", ""))] = true
		}
	}
	return names
}
