// Package rules holds what toctou reports: one Markdown page per rule, embedded.
//
// The page is the registration, the documentation, the text of `toctou explain`, the help of
// SARIF, and the test, all the same file; see page.go for its form. The package imports the
// standard library only, analyses nothing and judges nothing.
package rules

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
)

//go:embed *.md
var pages embed.FS

// Topic says what a rule is about; it orders the list of rules.
type Topic string

// The topics, in the order in which they are listed.
const (
	Windows Topic = "windows" // state that changes between check and act
	Tasks   Topic = "tasks"   // tasks and goroutines that nobody tracks
	Locks   Topic = "locks"   // locks that do not do what they seem to
	Notices Topic = "notices" // directives of the user that no longer hold
)

var topics = []Topic{Windows, Tasks, Locks, Notices}

// Rule is one rule and its page.
type Rule struct {
	Name         string    `json:"name"`
	Title        string    `json:"title"` // one line, without a full stop
	Topic        Topic     `json:"topic"`
	Languages    []string  `json:"languages"`    // "python", "go"
	Consequences []string  `json:"consequences"` // what can happen, worst first
	Severity     string    `json:"severity"`     // of the worst consequence
	CWE          []int     `json:"cwe,omitempty"`
	Since        string    `json:"since"`          // the version that brought it
	Order        int       `json:"-"`              // within its topic
	Summary      string    `json:"summary"`        // the first paragraph: one sentence
	Page         string    `json:"page,omitempty"` // the whole page in Markdown, without front matter
	Examples     []Example `json:"-"`              // its code blocks that claim a verdict
}

// Example is a fenced code block of a page that claims a verdict, and so is a test.
type Example struct {
	Language string // "python", "go"
	Verdict  Verdict
	Code     string
	Line     int // where its first line stands in the page's file
}

// Verdict is what an example claims.
type Verdict string

// The verdicts.
const (
	Bad  Verdict = "bad"  // reported, exactly at the lines marked `BAD: rule`
	Good Verdict = "good" // not reported
	Gap  Verdict = "gap"  // known to be wrong: see the text around it
)

var all = sync.OnceValue(func() []Rule {
	list, err := load(pages)
	if err != nil {
		panic(err) // the pages are compiled in, and a test reads them
	}
	return list
})

// All returns the rules by topic. The slice is the caller's.
func All() []Rule { return slices.Clone(all()) }

// Names returns the names of all rules, sorted.
func Names() []string {
	var names []string
	for _, r := range all() {
		names = append(names, r.Name)
	}
	slices.Sort(names)
	return names
}

// Get returns the rule called name.
func Get(name string) (Rule, bool) {
	i := slices.IndexFunc(all(), func(r Rule) bool { return r.Name == name })
	if i < 0 {
		return Rule{}, false
	}
	return all()[i], true
}

// URL is the address of the rule's page.
func (r Rule) URL() string {
	return "https://github.com/toctou-lint/toctou/blob/main/internal/rules/" + r.Name + ".md"
}

// Section returns the text under the second-level heading title, without it; "" if there is none.
func (r Rule) Section(title string) string {
	var out []string
	in, fenced := false, false
	for line := range strings.Lines(r.Page) {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		if !fenced && strings.HasPrefix(line, "## ") {
			in = strings.TrimSpace(line[3:]) == title
			continue
		}
		if in {
			out = append(out, line)
		}
	}
	return strings.TrimSpace(strings.Join(out, ""))
}

func load(fsys fs.FS) ([]Rule, error) {
	files, err := fs.Glob(fsys, "*.md")
	if err != nil {
		return nil, err
	}
	var list []Rule
	for _, file := range files {
		data, err := fs.ReadFile(fsys, file)
		if err != nil {
			return nil, err
		}
		rule, err := parse(string(data))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if file != rule.Name+".md" {
			return nil, fmt.Errorf("%s: holds the page of rule %q; the file must be called %s.md", file, rule.Name, rule.Name)
		}
		list = append(list, rule)
	}
	slices.SortStableFunc(list, func(a, b Rule) int {
		return cmp.Or(
			cmp.Compare(slices.Index(topics, a.Topic), slices.Index(topics, b.Topic)),
			cmp.Compare(a.Order, b.Order),
			strings.Compare(a.Name, b.Name))
	})
	return list, nil
}
