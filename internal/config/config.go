// Package config reads toctou.yml, or [tool.toctou] in pyproject.toml: what a project wants from
// the tool.
//
// The file is found from the scanned path upwards to the root of the repository and is read
// strictly: an unknown key is an error that names the line and the nearest key that exists. The
// package only reads and checks; it never writes, never looks elsewhere, and decides nothing
// about findings.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"github.com/toctou-lint/toctou/report"
)

// FileNames are the names under which a configuration is found, the first one wins.
var FileNames = []string{"toctou.yml", "toctou.yaml", ".toctou.yml"}

// maxSize bounds a configuration file; a larger one is not one.
const maxSize = 1 << 20

// Config is one configuration. The zero value of a field means that it is not set; see Defaults.
type Config struct {
	Title       string              `yaml:"title,omitempty" doc:"title of the audit"`
	Author      string              `yaml:"author,omitempty" doc:"who signs the audit"`
	Document    string              `yaml:"document-version,omitempty" doc:"version of the audit as a document"`
	Related     []string            `yaml:"related,omitempty" doc:"documents that the audit refers to"`
	Services    []Service           `yaml:"services,omitempty" doc:"the deployable parts; detected if not given"`
	Concurrency string              `yaml:"concurrency,omitempty" doc:"model of concurrency in Python" enum:"asyncio,preemptive"`
	Latent      string              `yaml:"latent,omitempty" doc:"how latent windows are rated" enum:"lowered,as-open,hidden"`
	Python      string              `yaml:"python,omitempty" doc:"version of Python that the code runs on: which facts of its library hold"`
	Thresholds  Thresholds          `yaml:"thresholds,omitempty" doc:"what check shows and what fails"`
	Exclude     []string            `yaml:"exclude,omitempty" doc:"globs of files and folders that are passed over, relative to this file"`
	Select      []string            `yaml:"select,omitempty" doc:"the only rules that run" enum:"@rules"`
	Ignore      []string            `yaml:"ignore,omitempty" doc:"rules that do not run" enum:"@rules"`
	Rules       map[string]RuleConf `yaml:"rules,omitempty" doc:"settings of single rules" enum:"@rules"`
	Overrides   []Override          `yaml:"overrides,omitempty" doc:"settings for parts of the tree"`
	Models      Models              `yaml:"models,omitempty" doc:"what libraries and helpers mean that the tool does not know"`

	// Dir is the folder of the file that it was read from, File its path; "" for the defaults.
	Dir  string `yaml:"-"`
	File string `yaml:"-"`
}

// Thresholds say what is shown and what makes `check` fail.
type Thresholds struct {
	Severity   string `yaml:"severity,omitempty" doc:"check shows findings of at least this severity" enum:"critical,high,medium,low,info"`
	Confidence string `yaml:"confidence,omitempty" doc:"check shows, and fails on, findings of at least this confidence" enum:"high,medium,low"`
	FailOn     string `yaml:"fail-on,omitempty" doc:"exit code 1 from this severity on" enum:"critical,high,medium,low,info,never"`
}

// Service is one deployable part. In the file it may be just its folder, as a glob.
type Service struct {
	Name string `yaml:"name,omitempty" doc:"name in the audit; the folder's name if not given"`
	Dir  string `yaml:"dir" doc:"folder, relative to this file; a glob stands for every folder that it matches"`
}

// RuleConf are the settings of one rule.
type RuleConf struct {
	Severity string `yaml:"severity,omitempty" doc:"severity of every finding of the rule" enum:"critical,high,medium,low,info"`
}

// Override changes settings for the files that match Paths. Later ones win.
type Override struct {
	Paths  []string            `yaml:"paths" doc:"globs, relative to this file"`
	Ignore []string            `yaml:"ignore,omitempty" doc:"rules that report nothing there" enum:"@rules"`
	Rules  map[string]RuleConf `yaml:"rules,omitempty" doc:"settings of single rules there" enum:"@rules"`
}

// Models are facts about libraries and about the project's own helpers, in the form of the tool's
// tables. Names are dotted: that of an import, or any end of the full name of a function or class
// of the project (Tasks.keep).
type Models struct {
	EntryPoints map[string]Entry `yaml:"entry-points,omitempty" doc:"Python decorators and base classes, and how a framework calls what they mark"`
	Trackers    []string         `yaml:"trackers,omitempty" doc:"functions that keep the task they are given, or start, and see its error"`
	Locks       []string         `yaml:"locks,omitempty" doc:"patterns of Python names that are locks, where the type is not known: *_gate"`
	Stores      []string         `yaml:"stores,omitempty" doc:"patterns of Python names of stores, whose get and update load and write records: *_gateway"`
	Calls       map[string]Call  `yaml:"calls,omitempty" doc:"Python functions"`
	Types       map[string]Type  `yaml:"types,omitempty" doc:"Python classes"`
}

// Entry is how a framework calls a function: route and listener at the same time as itself, job on
// a schedule, start once.
type Entry string

// entries are the values of Entry.
const entries = "route,listener,job,start"

// Call is what a function does.
type Call struct {
	Role     string `yaml:"role,omitempty" doc:"what it does with its argument" enum:"spawn,keep,gather,wait-all,wait-for,in-thread,run,partial,copy,passes,suppress,time-limit"`
	Arg      int    `yaml:"arg,omitempty" doc:"which argument, from 0"`
	Suspends string `yaml:"suspends,omitempty" doc:"whether awaiting it lets others run" enum:"never,may,must"`
	Factory  bool   `yaml:"factory,omitempty" doc:"the argument is an async function, not a coroutine"`
	Owned    bool   `yaml:"owned,omitempty" doc:"it keeps the task and sees its error"`
	Type     string `yaml:"type,omitempty" doc:"type of the result"`
	Value    string `yaml:"value,omitempty" doc:"what the result is" enum:"resource,task,plain"`
}

// Type is what the instances of a class are.
type Type struct {
	Kind       string `yaml:"kind,omitempty" doc:"what it is to concurrency" enum:"lock,semaphore,condition,event,future,task,queue,task-group,executor,resource,dict,list,set,immutable"`
	Thread     bool   `yaml:"thread,omitempty" doc:"of a lock: it excludes threads"`
	Reentrant  bool   `yaml:"reentrant,omitempty" doc:"of a lock: its holder may take it again"`
	Checkpoint bool   `yaml:"checkpoint,omitempty" doc:"of a lock: acquiring it suspends even when it is free"`
	Single     bool   `yaml:"single,omitempty" doc:"one task at a time uses it"`
	Store      bool   `yaml:"store,omitempty" doc:"its calls load and write records"`
}

// UnmarshalYAML accepts a folder in place of a mapping.
func (s *Service) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		s.Dir = node.Value
		return nil
	}
	type plain Service
	return node.Decode((*plain)(s))
}

// Defaults fills what is not set.
func (c *Config) Defaults() *Config {
	c.Concurrency = cmp.Or(c.Concurrency, "asyncio")
	c.Latent = cmp.Or(c.Latent, "lowered")
	c.Thresholds.Severity = cmp.Or(c.Thresholds.Severity, string(report.Low))
	c.Thresholds.Confidence = cmp.Or(c.Thresholds.Confidence, string(report.Likely))
	c.Thresholds.FailOn = cmp.Or(c.Thresholds.FailOn, string(report.Medium))
	return c
}

// Load reads the configuration in force for the folder dir: the nearest file upwards, up to and
// including the root of the repository around dir. Outside any repository only dir is looked
// at. Without a file the result is the defaults.
func Load(dir string) (*Config, error) {
	file, err := Find(dir)
	if err != nil {
		return nil, err
	}
	if file == "" {
		return (&Config{}).Defaults(), nil
	}
	return LoadFile(file)
}

// Find returns the file that Load reads, or "".
func Find(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	top, ok := RepositoryRoot(dir)
	if !ok {
		top = dir
	}
	for {
		for _, name := range FileNames {
			file := filepath.Join(dir, name)
			if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
				return file, nil
			}
		}
		if file := filepath.Join(dir, pyprojectName); speaks(file) {
			return file, nil
		}
		parent := filepath.Dir(dir)
		if dir == top || parent == dir {
			return "", nil
		}
		dir = parent
	}
}

// pyprojectName is the file whose table [tool.toctou] serves where there is no toctou.yml.
const pyprojectName = "pyproject.toml"

// speaks reports whether a pyproject.toml says something to toctou, even if it is mistaken.
func speaks(file string) bool {
	data, err := readFile(file)
	if err != nil {
		return false
	}
	c, err := FromPyproject(data)
	return c != nil || err != nil
}

// ProjectRoot returns the folder that a file in dir belongs to: that of the configuration in
// force, else the root of the repository, else dir.
func ProjectRoot(dir string) string {
	if file, err := Find(dir); err == nil && file != "" {
		return filepath.Dir(file)
	}
	if root, ok := RepositoryRoot(dir); ok {
		return root
	}
	return dir
}

// RepositoryRoot returns the nearest folder upwards that holds a .git.
func RepositoryRoot(dir string) (root string, ok bool) {
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir, true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", false
		}
		dir = parent
	}
}

// LoadFile reads one file and fills the defaults.
func LoadFile(file string) (*Config, error) {
	data, err := readFile(file)
	if err != nil {
		return nil, err
	}
	parse := Parse
	if filepath.Base(file) == pyprojectName {
		parse = FromPyproject
	}
	c, err := parse(data)
	if err != nil {
		return nil, &FileError{File: file, Err: err}
	}
	if c == nil {
		return nil, fmt.Errorf("%s has no table [tool.toctou]", file)
	}
	if c.File, err = filepath.Abs(file); err != nil {
		return nil, err
	}
	c.Dir = filepath.Dir(c.File)
	return c.Defaults(), nil
}

func readFile(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", file)
	}
	if info.Size() > maxSize {
		return nil, fmt.Errorf("%s is larger than %d bytes, which no configuration is", file, maxSize)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	return data, nil
}

// FileError is a configuration file that cannot be used.
type FileError struct {
	File string
	Err  error
}

func (e *FileError) Error() string {
	if p, ok := errors.AsType[*Problem](e.Err); ok && p.Line > 0 {
		return fmt.Sprintf("%s:%d: %s", e.File, p.Line, p.Text)
	}
	return e.File + ": " + e.Err.Error()
}

func (e *FileError) Unwrap() error { return e.Err }
