package audit

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/internal/walk"
	"github.com/toctou-lint/toctou/report"
)

// unseen are limits of the analysis that hold for every audit, or for those of one language or
// model. The documentation has them all.
var unseen = []struct {
	language, model, text string
}{
	{"", "", "Other processes and machines are not seen: two workers of one service share no lock and no reservation; where a store is involved, only `stalerecord` looks across."},
	{"", "", "Code that was not scanned, such as dependencies, has unknown effects; unknown effects invent no writer."},
	{"", "", "Two access paths to one object are two places, unless the assignment between them is in the same function or a resolved constructor."},
	{walk.Python, "", "Attributes named at run time (`getattr`, `setattr`, `__dict__`) are neither checks nor acts."},
	{walk.Python, "asyncio", "One event loop is assumed, except for functions that the code hands to a thread."},
	{walk.Python, "preemptive", "Every section without a lock is taken to be open, as with several loops or threads."},
	{walk.Go, "", "What reaches state through `reflect` or `unsafe` is neither check nor act."},
	{walk.Go, "", "A plain read beside a plain write, with no check and no act, is left to `go test -race`."},
	{walk.Go, "", "Deadlocks and lock order are out of scope."},
	{walk.Python, "", "Deadlocks and lock order are out of scope, but for a thread lock held across an await."},
}

// limits are what the analysis of this audit does not see.
func limits(a *report.Audit) []string {
	var out []string
	for _, l := range unseen {
		if (l.language == "" || slices.Contains(a.Languages, l.language)) && (l.model == "" || l.model == a.Policy.Concurrency) {
			out = append(out, l.text)
		}
	}
	return out
}

// settings are the lines of the configuration in force that change what is found.
func settings(cfg *config.Config) []string {
	c := *cfg
	c.Title, c.Author, c.Document, c.Related, c.Services, c.Thresholds = "", "", "", nil, nil, config.Thresholds{}
	text, err := yaml.Marshal(&c)
	if err != nil {
		return nil // it was read from YAML: it can be written
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}
