//go:build unix

package cli

import (
	"cmp"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// runner is a machine of a CI service: a folder of sources, and a go command that hands out this
// program instead of building one.
type runner struct {
	t    *testing.T
	dir  string
	env  []string
	bash string
}

func newRunner(t *testing.T) *runner {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := &runner{t: t, dir: t.TempDir(), bash: bash}
	r.write("bin/go", `#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in
  -o) ln -sf "$SELF" "$2" ;;
  install) mkdir -p "$GOPATH/bin" && ln -sf "$SELF" "$GOPATH/bin/toctou" ;;
  esac
  shift
done
`)
	r.write("src/pool.py", "_pool = None\n\n\nasync def get_pool(connect):\n    global _pool\n    if _pool is None:\n        _pool = await connect()\n    return _pool\n")
	r.env = append(os.Environ(), "SELF="+self, "PATH="+filepath.Join(r.dir, "bin")+":"+os.Getenv("PATH"), "TOCTOU_CACHE=off", "GITHUB_ACTIONS=")
	return r
}

func (r *runner) write(name, text string) {
	r.t.Helper()
	file := filepath.Join(r.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o700)); err != nil {
		r.t.Fatal(err)
	}
}

// read gives a file of the runner, "" if there is none.
func (r *runner) read(name string) string {
	text, err := os.ReadFile(filepath.Join(r.dir, name))
	if err != nil {
		return ""
	}
	return string(text)
}

// run runs a script as the service does and gives its exit code.
func (r *runner) run(script string, env ...string) int {
	r.t.Helper()
	cmd := exec.Command(r.bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
	cmd.Dir, cmd.Env = filepath.Join(r.dir, "src"), append(r.env, env...)
	out, err := cmd.CombinedOutput()
	if _, exit := errors.AsType[*exec.ExitError](err); err != nil && !exit {
		r.t.Fatal(err)
	}
	r.t.Logf("%s", out)
	return cmd.ProcessState.ExitCode()
}

// TestAction runs the script of the GitHub action.
func TestAction(t *testing.T) {
	var action struct {
		Inputs map[string]struct{ Default string }
		Runs   struct {
			Steps []struct {
				ID, Run string
				Env     map[string]string
			}
		}
	}
	readYAML(t, "../../action.yml", &action)
	for name, tt := range map[string]struct {
		inputs  map[string]string
		config  string
		code    string
		results bool
		summary bool
	}{
		"defaults":    {code: "1", results: true, summary: true},
		"never fails": {inputs: map[string]string{"fail-on": "never"}, code: "0", results: true, summary: true},
		"no summary":  {inputs: map[string]string{"summary": "false"}, code: "1", results: true},
		"baseline":    {inputs: map[string]string{"baseline": "known.json"}, code: "1", results: true, summary: true},
		"bad config":  {config: "latnet: hidden\n", code: "2"},
		"bad path":    {inputs: map[string]string{"path": "nosuch"}, code: "2"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRunner(t)
			if tt.config != "" {
				r.write("src/toctou.yml", tt.config)
			}
			if tt.inputs["baseline"] != "" {
				r.run("go build -o ../bin/toctou . && toctou audit . --format json -o known.json")
			}
			env := []string{
				"RUNNER_TEMP=" + filepath.Join(r.dir, "temp"), "GITHUB_OUTPUT=" + filepath.Join(r.dir, "output"), "GITHUB_STEP_SUMMARY=" + filepath.Join(r.dir, "summary.md"),
			}
			r.write("temp/readme", "")
			code := ""
			for _, s := range action.Runs.Steps {
				if s.Run == "" {
					continue
				}
				step := env
				for key, value := range s.Env {
					value = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(value, "${{"), "}}"))
					if input, ok := strings.CutPrefix(value, "inputs."); ok {
						value = cmp.Or(tt.inputs[input], action.Inputs[input].Default)
					} else if value == "steps.run.outputs.code" {
						value = code
					}
					step = append(step, key+"="+value)
				}
				got := r.run(s.Run, step...)
				if s.ID == "run" {
					if got != 0 {
						t.Fatalf("the step ends with %d", got)
					}
					_, code, _ = strings.Cut(r.read("output"), "code=")
					code = strings.TrimSpace(code)
				} else if strconv.Itoa(got) != tt.code {
					t.Errorf("the job ends with %d, want %s", got, tt.code)
				}
			}
			if code != tt.code {
				t.Errorf("code %q, want %s", code, tt.code)
			}
			sarif := r.read("temp/toctou.sarif")
			if tt.results != strings.Contains(sarif, `"ruleId": "checkthenact"`) {
				t.Errorf("results: %.300s", sarif)
			}
			if state := `"baselineState": "unchanged"`; tt.inputs["baseline"] != "" != strings.Contains(sarif, state) {
				t.Errorf("%s: %.300s", state, sarif)
			}
			if tt.summary != strings.Contains(r.read("summary.md"), "## Executive Summary") {
				t.Errorf("summary: %.300s", r.read("summary.md"))
			}
			if out := r.read("output"); !strings.Contains(out, "sarif=") || !strings.Contains(out, "audit=") {
				t.Errorf("outputs %q", out)
			}
		})
	}
}

// TestGitLabTemplate runs the script of the template.
func TestGitLabTemplate(t *testing.T) {
	var template map[string]struct {
		Variables    map[string]string
		BeforeScript []string `yaml:"before_script"`
		Script       []string
		Artifacts    struct{ Reports map[string]string }
	}
	readYAML(t, "../../templates/toctou.gitlab-ci.yml", &template)
	job := template["toctou"]
	r := newRunner(t)
	env := []string{"CI_PROJECT_DIR=" + filepath.Join(r.dir, "src"), "GOPATH=" + filepath.Join(r.dir, "src", ".go")}
	for k, v := range job.Variables {
		if k != "GOPATH" {
			env = append(env, k+"="+v)
		}
	}
	if code := r.run(strings.Join(append(job.BeforeScript, job.Script...), "\n"), env...); code != exitFindings {
		t.Errorf("the job ends with %d", code)
	}
	if text := r.read("src/" + job.Artifacts.Reports["codequality"]); !strings.Contains(text, "checkthenact") || strings.Contains(text, ".go/") {
		t.Errorf("report %q", text)
	}
}

// TestHooks runs the entries of the pre-commit hooks in a repository with something staged.
func TestHooks(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git")
	}
	var hooks []struct {
		ID, Entry, Language string
		PassFilenames       *bool `yaml:"pass_filenames"`
	}
	readYAML(t, "../../.pre-commit-hooks.yaml", &hooks)
	r := newRunner(t)
	if code := r.run("go build -o ../bin/toctou . && git init -q && git add . && git -c user.name=x -c user.email=x@example.org commit -qm one && echo 'x = 1' >new.py && git add new.py"); code != 0 {
		t.Fatal(code)
	}
	want := map[string]int{"toctou": exitClean, "toctou-all": exitFindings}
	for _, h := range hooks {
		if h.PassFilenames == nil || *h.PassFilenames || h.Language != "golang" {
			t.Errorf("hook %s: %+v", h.ID, h)
		}
		if code := r.run(h.Entry); code != want[h.ID] {
			t.Errorf("hook %s ends with %d, want %d", h.ID, code, want[h.ID])
		}
	}
	if code := r.run("echo '# edited' >>pool.py && sed -i.old 's/connect()/connect( )/' pool.py && git add . && " + hooks[0].Entry); code != exitFindings {
		t.Errorf("a changed window passes with %d", code)
	}
}
