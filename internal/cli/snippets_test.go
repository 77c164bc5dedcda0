package cli

import (
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/toctou-lint/toctou/internal/config"
)

// Every command line that our documents and CI files show is one that the program takes.

// invocation finds the program in a shell line; what follows are its arguments.
var invocation = regexp.MustCompile(`(?:^|[\s;&|(])(?:go run \./cmd/toctou|"\$toctou"|\$GOPATH/bin/toctou|toctou)((?:[ \t]+[^\s|;&>#)]+)*)`)

// shellFence finds fenced blocks of shell and their text.
var shellFence = regexp.MustCompile("(?ms)^```(?:sh|bash|console)\n(.*?)^```$")

// commandLines returns the argument lists of the invocations in a text of shell.
func commandLines(shell string) [][]string {
	var out [][]string
	for line := range strings.Lines(shell) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "$ ")
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "go build") {
			continue
		}
		for _, m := range invocation.FindAllStringSubmatch(line, -1) {
			args := strings.Fields(m[1])
			for i, a := range args {
				args[i] = strings.Trim(a, `"'`)
			}
			out = append(out, args)
		}
	}
	return out
}

func checkArgs(t *testing.T, where string, args []string) {
	t.Helper()
	if len(args) == 0 || slices.Contains(args, "...") {
		return
	}
	a := &app{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard}
	root := a.root()
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpFlag()
	cmd, rest, err := root.Find(args)
	if err == nil {
		cmd.InitDefaultHelpFlag()
		err = cmd.ParseFlags(rest)
	}
	if err != nil {
		t.Errorf("%s: `toctou %s`: %v", where, strings.Join(args, " "), err)
	}
}

func TestDocumentedCommands(t *testing.T) {
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, file := range append(files, "../../README.md", "../../CONTRIBUTING.md") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range shellFence.FindAllStringSubmatch(string(data), -1) {
			for _, args := range commandLines(m[1]) {
				count++
				checkArgs(t, file, args)
			}
		}
	}
	if count < 3 {
		t.Errorf("only %d commands found: the test looks in the wrong place", count)
	}
}

// TestIntegrationFiles checks what the CI files run and that the names they refer to exist.
func TestIntegrationFiles(t *testing.T) {
	var action struct {
		Inputs  map[string]any
		Outputs map[string]struct{ Value string }
		Runs    struct {
			Steps []struct {
				ID, Run, If string
				Env         map[string]string
			}
		}
	}
	var hooks []struct{ ID, Entry, Language string }
	var gitlab map[string]struct{ Script []string }
	readYAML(t, "../../action.yml", &action)
	readYAML(t, "../../.pre-commit-hooks.yaml", &hooks)
	readYAML(t, "../../templates/toctou.gitlab-ci.yml", &gitlab)

	input := regexp.MustCompile(`inputs\.([a-z-]+)`)
	output := regexp.MustCompile(`steps\.run\.outputs\.([a-z]+)`)
	var script strings.Builder
	var refers string
	for _, s := range action.Runs.Steps {
		script.WriteString(s.Run + "\n")
		refers += s.If + "\n"
		for _, v := range s.Env {
			refers += v + "\n"
		}
	}
	for _, o := range action.Outputs {
		refers += o.Value + "\n"
	}
	for _, m := range input.FindAllStringSubmatch(refers, -1) {
		if _, ok := action.Inputs[m[1]]; !ok {
			t.Errorf("action.yml refers to input %s, which it does not have", m[1])
		}
	}
	for _, m := range output.FindAllStringSubmatch(refers, -1) {
		if !strings.Contains(script.String(), `echo "`+m[1]+`=`) {
			t.Errorf("action.yml refers to output %s, which no step sets", m[1])
		}
	}
	commands := map[string][][]string{"action.yml": commandLines(script.String())}
	for _, h := range hooks {
		commands["hook "+h.ID] = commandLines(h.Entry)
	}
	commands["GitLab template"] = commandLines(strings.Join(gitlab["toctou"].Script, "\n"))
	for where, list := range commands {
		if len(list) == 0 {
			t.Errorf("%s runs no toctou", where)
		}
		for _, args := range list {
			checkArgs(t, where, args)
		}
	}
}

func readYAML(t *testing.T, file string, into any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// fencesOf finds fenced blocks of a language.
func fencesOf(doc, language string) []string {
	var out []string
	for _, m := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(doc, -1) {
		out = append(out, m[1])
	}
	return out
}

// The configurations of the manual are valid; the first in YAML and the one in TOML say the same.
func TestDocumentedConfiguration(t *testing.T) {
	data, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	yamls, tomls := fencesOf(string(data), "yaml"), fencesOf(string(data), "toml")
	if len(yamls) != 2 || len(tomls) != 1 {
		t.Fatalf("%d blocks in YAML, %d in TOML", len(yamls), len(tomls))
	}
	if c, err := config.Parse([]byte(yamls[1])); err != nil || len(c.Models.Types) == 0 {
		t.Errorf("the models: %v, %v", c, err)
	}
	fromYAML, err := config.Parse([]byte(yamls[0]))
	if err != nil {
		t.Fatal(err)
	}
	fromTOML, err := config.FromPyproject([]byte(tomls[0]))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(fromYAML, fromTOML) {
		t.Errorf("YAML %+v\nTOML %+v", fromYAML, fromTOML)
	}
	for _, f := range config.Fields(reflect.TypeFor[config.Config]()) {
		if !strings.Contains(string(data), "`"+f.Key) {
			t.Errorf("docs/configuration.md does not mention %s", f.Key)
		}
	}
}

// The CI snippets of the manual refer to files and hooks that exist.
func TestDocumentedIntegrations(t *testing.T) {
	data, err := os.ReadFile("../../docs/ci.md")
	if err != nil {
		t.Fatal(err)
	}
	var action struct{ Inputs map[string]any }
	var hooks []struct{ ID string }
	readYAML(t, "../../action.yml", &action)
	readYAML(t, "../../.pre-commit-hooks.yaml", &hooks)
	for _, text := range fencesOf(string(data), "yaml") {
		var doc struct {
			Jobs map[string]struct {
				Steps []struct {
					Uses string
					With map[string]string
				}
			}
			Include []struct{ Remote string }
			Repos   []struct{ Hooks []struct{ ID string } }
		}
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
			t.Errorf("%v in\n%s", err, text)
		}
		for _, job := range doc.Jobs {
			for _, s := range job.Steps {
				for name := range s.With {
					if _, ok := action.Inputs[name]; strings.HasPrefix(s.Uses, "toctou-lint/toctou@") && !ok {
						t.Errorf("the action has no input %s", name)
					}
				}
			}
		}
		for _, i := range doc.Include {
			_, file, _ := strings.Cut(i.Remote, "/main/")
			if _, err := os.Stat("../../" + file); err != nil {
				t.Errorf("%s: %v", i.Remote, err)
			}
		}
		for _, r := range doc.Repos {
			for _, h := range r.Hooks {
				if !slices.ContainsFunc(hooks, func(k struct{ ID string }) bool { return k.ID == h.ID }) {
					t.Errorf("there is no hook %s", h.ID)
				}
			}
		}
	}
}
