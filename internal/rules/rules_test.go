package rules

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestPagesAreComplete(t *testing.T) {
	list, err := load(pages)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		if r.Topic == Notices {
			continue
		}
		for _, lang := range r.Languages {
			verdicts := map[Verdict]bool{}
			for _, e := range r.Examples {
				if e.Language == lang {
					verdicts[e.Verdict] = true
				}
			}
			if !verdicts[Bad] || !verdicts[Good] {
				t.Errorf("%s: needs a bad and a good example in %s", r.Name, lang)
			}
		}
	}
}

func TestGet(t *testing.T) {
	r, ok := Get("checkthenact")
	if !ok || r.Severity != "critical" || len(r.CWE) != 2 || r.CWE[0] != 367 {
		t.Errorf("Get(checkthenact) = %+v, %t", r, ok)
	}
	if !strings.HasPrefix(r.Summary, "A branch tests shared state,") {
		t.Errorf("summary = %q", r.Summary)
	}
	if s := r.Section("When it is silent"); !strings.HasPrefix(s, "- The state is tested again") || strings.Contains(s, "##") {
		t.Errorf("section = %q", s)
	}
	if _, ok := Get("nosuchrule"); ok {
		t.Error("Get(nosuchrule) found something")
	}
}

func TestMalformedPages(t *testing.T) {
	const front = "---\ntitle: t\ntopic: notices\nlanguages: go\nseverity: low\nsince: 0.1\n---\n"
	tests := map[string]struct{ file, text, want string }{
		"no front matter": {"a.md", "# a\n", "no front matter"},
		"open ended":      {"a.md", "---\ntitle: t\n", "does not end"},
		"unknown key":     {"a.md", "---\ntitel: t\n---\n# a\n", `line 2: unknown key "titel"`},
		"no heading":      {"a.md", front + "text\n", "# NAME"},
		"no summary":      {"a.md", front + "# a\n", "summary is missing"},
		"wrong file name": {"a.md", front + "# b\n\nIt reports.\n", "must be called b.md"},
		"no topic":        {"a.md", strings.Replace(front, "notices", "x", 1) + "# a\n\nIt reports.\n", "topic"},
		"sections missing": {"a.md", strings.Replace(front, "topic: notices", "topic: locks\nconsequences: crash", 1) +
			"# a\n\nIt reports.\n\n## Go\n", `sections are ["Go"]`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := load(fstest.MapFS{tt.file: {Data: []byte(tt.text)}})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want one with %q", err, tt.want)
			}
		})
	}
}
