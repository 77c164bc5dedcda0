package render

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/report"
	"github.com/toctou-lint/toctou/report/compare"
)

// figuresOf are all figures that an audit justifies: the numbers in it, the numbers in its texts, and
// how many there are of anything, altogether and by the words that describe it.
func figuresOf(t *testing.T, audits ...*report.Audit) map[int]bool {
	t.Helper()
	known := map[int]bool{}
	for _, a := range audits {
		b, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal(b, &v); err != nil {
			t.Fatal(err)
		}
		collect(v, known)
	}
	return known
}

var number = regexp.MustCompile(`\d+`)

func numbersIn(s string) []int {
	var list []int
	for _, d := range number.FindAllString(s, -1) {
		if n, err := strconv.Atoi(d); err == nil {
			list = append(list, n)
		}
	}
	return list
}

func collect(v any, known map[int]bool) {
	switch v := v.(type) {
	case float64:
		known[int(v)] = true
	case string:
		for _, n := range numbersIn(v) {
			known[n] = true
		}
	case map[string]any:
		for k, x := range v {
			collect(k, known)
			collect(x, known)
		}
	case []any:
		known[len(v)] = true
		by := map[string]int{}
		active := 0
		for _, x := range v {
			collect(x, known)
			if m, ok := x.(map[string]any); ok {
				if m["suppressed"] == nil {
					active++
				}
				for _, key := range []string{"severity", "window", "rule", "language"} {
					if s, ok := m[key].(string); ok && m["suppressed"] == nil {
						by[key+s]++
					}
				}
			}
		}
		known[active], known[len(v)-active] = true, true
		for _, n := range by {
			known[n] = true
		}
	}
}

// TestFiguresComeFromTheAudit: every number in the document is a number of the audit, a number in
// one of its texts, a count of something in it, or the number of a chapter, item or weakness.
func TestFiguresComeFromTheAudit(t *testing.T) {
	was, now := platform(), repaired()
	r, err := compare.Compare(was, now)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		audit *report.Audit
		all   []*report.Audit
		opt   Options
	}{
		"platform": {was, []*report.Audit{was}, Options{}},
		"repaired": {now, []*report.Audit{was, now}, Options{Baseline: r}},
	} {
		known := figuresOf(t, c.all...)
		for _, n := range []int{len(r.Fixed), len(r.Added), len(r.Unchanged), len(r.Suppressed), len(r.Unknown)} {
			known[n] = known[n] || c.opt.Baseline != nil
		}
		findings := map[int]bool{}
		for _, row := range newDossier(c.audit, c.opt).services() {
			findings[row.findings] = true
		}
		text := must(t, Markdown, c.audit, c.opt)
		for i, line := range strings.Split(text, "\n") {
			line = regexp.MustCompile(`^(\d+\. |#+ .*(Finding|Fix|Priority) \d+: |\| \d+ \| )`).ReplaceAllString(line, "")
			for _, n := range numbersIn(line) {
				if !known[n] && !(findings[n] && strings.Contains(line, "finding")) {
					t.Errorf("%s: line %d: where does %d come from? %s", name, i+1, n, line)
				}
			}
		}
	}
}
