package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/report"
)

var updateAudits = flag.Bool("update-audits", false, "rewrite the golden audits of the platform")

// platforms is the folder of the platforms, whatever the working directory is by then.
var platforms = func() string {
	dir, err := filepath.Abs("../../testdata")
	if err != nil {
		panic(err)
	}
	return dir
}()

// toctou runs the command line in the folder of the platforms and returns what it prints.
func toctou(t *testing.T, args ...string) []byte {
	t.Helper()
	t.Chdir(platforms)
	t.Setenv("SOURCE_DATE_EPOCH", "1760054400") // 2025-10-10, the date of the source document
	var stdout, stderr bytes.Buffer
	if code := Run(context.Background(), args, strings.NewReader(""), &stdout, &stderr); code != 0 {
		t.Fatalf("toctou %s: exit %d\n%s", strings.Join(args, " "), code, stderr.String())
	}
	return stdout.Bytes()
}

const refreshAudits = "go test ./internal/cli -run PlatformAudits -update-audits"

// TestPlatformAudits holds the audits of both platforms to the goldens: as JSON under the policy of
// the source document and under the default one, and in the other formats as rendered from that
// JSON. The fixed platform is rendered against the audit of the first.
func TestPlatformAudits(t *testing.T) {
	check := func(name string, run func(t *testing.T) []byte) {
		t.Run(name, func(t *testing.T) {
			got := run(t)
			golden := filepath.Join("audits", name)
			if *updateAudits {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("testdata/%s differs (%v); read the difference, then: %s", golden, err, refreshAudits)
			}
		})
	}
	for _, tree := range []string{"course-creator", "course-creator-fixed"} {
		check(tree+".as-open.json", func(t *testing.T) []byte {
			t.Helper()
			return toctou(t, "audit", tree, "--format=json", "--latent=as-open")
		})
		for format, ext := range map[string]string{
			"markdown": "md", "text": "txt", "lines": "lines.txt", "sarif": "sarif", "github": "github.txt", "gitlab": "gitlab.json", "junit": "junit.xml", "html": "html",
		} {
			args := []string{"render", "audits/" + tree + ".as-open.json", "--format=" + format}
			if tree == "course-creator-fixed" {
				args = append(args, "--baseline=audits/course-creator.as-open.json")
			}
			check(tree+".as-open."+ext, func(t *testing.T) []byte {
				t.Helper()
				return toctou(t, args...)
			})
		}
		check(tree+".lowered.json", func(t *testing.T) []byte {
			t.Helper()
			return toctou(t, "audit", tree, "--format=json", "--latent=lowered")
		})
		for format, ext := range map[string]string{"markdown": "md", "text": "txt"} {
			check(tree+".lowered."+ext, func(t *testing.T) []byte {
				t.Helper()
				return toctou(t, "render", "audits/"+tree+".lowered.json", "--format="+format)
			})
		}
	}
}

// TestFixesAndNewDefects: the audit of the fixed platform against that of the first tells exactly
// the fixes that the second contains, and the defects that they bring along.
func TestFixesAndNewDefects(t *testing.T) {
	text := string(toctou(t, "audit", "course-creator-fixed", "--no-fixes", "--baseline=audits/course-creator.as-open.json"))
	_, section, _ := strings.Cut(text, "\n## Fixes Applied\n")
	section, _, _ = strings.Cut(section, "\n---\n")
	const (
		jobs     = "services/course-generator/course_generator/application/services/job_management_service.py"
		syllabus = "services/course-generator/ai/generators/syllabus_generator.py"
	)
	want := []string{
		"Against the baseline of 2025-10-10: 3 fixed, 2 new, 15 unchanged.",
		"### Fix 1: `self._running_jobs[job.id]` is checked and acted on in two steps",
		"**Before**: `" + jobs + ":257` · 🔴 **CRITICAL** · `checkthenact`",
		"**Before**: `" + jobs + ":128` · 🟡 **MEDIUM** · `checkthenact`",
		"`self._jobs_lock` was added (asyncio.Lock, line 36): held in 4 sections, of which 0 may suspend.",
		"`JobManagementService.get_job_status` holds it at lines 106-110.",
		"`JobManagementService.cancel_job` holds it at lines 128-132.",
		"`JobManagementService._queue_job` holds it at lines 261-267.",
		"`JobManagementService._on_job_completed.<locals>.cleanup` holds it at lines 345-347.",
		"**Reported on this place now**:",
		"- 🟢 **LOW** `" + jobs + ":36` `self._jobs_lock` is never contended: none of its holders suspends (`uselesslock`)",
		"- 🟠 **HIGH** `" + jobs + ":179` `self._running_jobs[job.id]` may have changed since it was checked (`checkthenact`)",
		"- 🟠 **HIGH** `" + jobs + ":347` `self._running_jobs[job_id]` is removed without checking that it is still the same entry (`blindremoval`)",
		"### Fix 2: Nobody keeps the task that runs `SyllabusGenerator._learn_from_successful_generation`",
		"**Before**: `" + syllabus + ":152` · 🟡 **MEDIUM** · `untrackedtask`",
		"The task that runs `SyllabusGenerator._learn_from_successful_generation_safe` (line 155) is tracked: kept by `self._background_tasks`, " +
			"its error is seen by its own body, awaited or cancelled by `SyllabusGenerator.wait_for_background_tasks`.",
		"### New Since the Baseline",
		"- 🟢 **LOW** `" + jobs + ":36` `self._jobs_lock` is never contended: none of its holders suspends (`uselesslock`)",
		"- 🟢 **LOW** `" + jobs + ":349` nobody keeps the task that runs `JobManagementService._on_job_completed.<locals>.cleanup` (`untrackedtask`)",
	}
	var got []string
	code := false
	for line := range strings.Lines(section) {
		line = strings.TrimSpace(line)
		fence := strings.HasPrefix(line, "```")
		if line != "" && line != "**After**:" && !fence && !code {
			got = append(got, line)
		}
		code = code != fence
	}
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestBaselineOfAnotherKind: a baseline under another policy or model is refused, with what to do.
func TestBaselineOfAnotherKind(t *testing.T) {
	for flag, want := range map[string]string{
		"--latent=lowered":         "latent: lowered",
		"--concurrency=preemptive": "concurrency: preemptive",
	} {
		stored := filepath.Join(t.TempDir(), "audit.json")
		if err := os.WriteFile(stored, toctou(t, "audit", "course-creator", "--format=json", "--no-fixes", flag), 0o600); err != nil {
			t.Fatal(err)
		}
		var stdout, stderr bytes.Buffer
		code := Run(context.Background(), []string{"audit", "course-creator-fixed", "--no-fixes", "--baseline=" + stored}, strings.NewReader(""), &stdout, &stderr)
		if code != exitUsage || !strings.Contains(stderr.String(), want) || stdout.Len() > 0 {
			t.Errorf("%s: exit %d, %q", flag, code, stderr.String())
		}
	}
}

// planted is a row of a platform's README: what has to be found there, or must not be.
var planted = regexp.MustCompile("^\\| `([^`]+):(\\d+)` \\|(.*)$")

// TestPlatformGroundTruth compares the audit of each platform with the tables of its README:
// every defect planted is found with its rule, window and consequence; nothing else is.
func TestPlatformGroundTruth(t *testing.T) {
	for _, tree := range []string{"course-creator", "course-creator-fixed"} {
		t.Run(tree, func(t *testing.T) {
			var a report.Audit
			if err := json.Unmarshal(toctou(t, "audit", tree, "--format=json", "--no-fixes"), &a); err != nil {
				t.Fatal(err)
			}
			found := map[string]report.Finding{}
			for _, f := range a.Findings {
				found[f.File+":"+strconv.Itoa(f.Line)] = f
			}
			readme, err := os.ReadFile(filepath.Join(tree, "README.md"))
			if err != nil {
				t.Fatal(err)
			}
			defects, innocents, section := 0, 0, ""
			for line := range strings.Lines(string(readme)) {
				if strings.HasPrefix(line, "## ") {
					section = strings.ToLower(line)
				}
				m := planted.FindStringSubmatch(strings.TrimSpace(line))
				if m == nil {
					continue
				}
				at := m[1] + ":" + m[2]
				f, ok := found[at]
				if strings.Contains(section, "innocent") || strings.Contains(section, "gone") || strings.Contains(section, "no weight") {
					innocents++
					if ok {
						t.Errorf("%s is reported: %s", at, f.Message)
					}
					continue
				}
				defects++
				cell := strings.Split(m[3], "|")
				rule, window, consequence := strings.TrimSpace(cell[2]), strings.TrimSpace(cell[3]), strings.TrimSpace(cell[4])
				state := "–"
				if f.Window != nil {
					state = *f.Window
				}
				if !ok || f.Rule != rule || state != window || !strings.HasPrefix(consequence, f.Consequence) && !strings.HasPrefix(consequence, "–") {
					t.Errorf("%s: want %s, %s, %s; found %v: %s, %s, %s", at, rule, window, consequence, ok, f.Rule, state, f.Consequence)
				}
				delete(found, at)
			}
			if defects == 0 || innocents == 0 {
				t.Fatalf("the README has %d defects and %d innocents", defects, innocents)
			}
			for at, f := range found {
				t.Errorf("%s is reported and in no table: %s: %s", at, f.Rule, f.Message)
			}
		})
	}
}
