package render

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/toctou-lint/toctou/report"
	"github.com/toctou-lint/toctou/report/compare"
	"github.com/toctou-lint/toctou/report/schema"
)

func readAudit(t *testing.T, name string) *report.Audit {
	t.Helper()
	f, err := os.Open(filepath.Join(audits, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	a, err := Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// platformAudit is the golden audit of the fixed platform with its comparison.
func platformAudit(t *testing.T) (*report.Audit, Options) {
	t.Helper()
	old, now := readAudit(t, "course-creator.as-open.json"), readAudit(t, "course-creator-fixed.as-open.json")
	r, err := compare.Compare(old, now)
	if err != nil {
		t.Fatal(err)
	}
	return now, Options{Rules: ruleInfo, Baseline: r}
}

func readGolden(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(audits, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

var platformNames = []string{"course-creator.as-open", "course-creator-fixed.as-open"}

// TestPlatformJSONIsValid holds the audits of the platforms to our schema.
func TestPlatformJSONIsValid(t *testing.T) {
	parse := func(text []byte) any {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(report.Schema, parse(schema.JSON)); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(report.Schema)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range platformNames {
		if err := s.Validate(parse(readGolden(t, name+".json"))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPlatformSARIFIsValid holds the logs of the platforms to the official schema.
func TestPlatformSARIFIsValid(t *testing.T) {
	s, err := officialSchema()
	if err != nil {
		t.Skipf("the official schema cannot be had: %v", err)
	}
	for _, name := range platformNames {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(readGolden(t, name+".sarif")))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPlatformForCI: every finding is in the formats that CI systems read, once.
func TestPlatformForCI(t *testing.T) {
	for _, name := range platformNames {
		a := readAudit(t, name+".json")
		var issues []gitlabIssue
		if err := json.Unmarshal(readGolden(t, name+".gitlab.json"), &issues); err != nil {
			t.Fatal(err)
		}
		prints := map[string]bool{}
		for _, i := range issues {
			prints[i.Fingerprint] = true
			if i.Description == "" || i.Severity == "" || i.Location.Path == "" || i.Location.Lines.Begin == 0 {
				t.Errorf("%s: GitLab needs more than %+v", name, i)
			}
		}
		var suites struct {
			Failures int `xml:"failures,attr"`
		}
		if err := xml.Unmarshal(readGolden(t, name+".junit.xml"), &suites); err != nil {
			t.Fatal(err)
		}
		commands := 0
		for line := range strings.Lines(string(readGolden(t, name+".github.txt"))) {
			commands += b2i(command.MatchString(strings.TrimSuffix(line, "\n")))
		}
		if want := len(a.Findings); len(issues) != want || len(prints) != want || suites.Failures != want || commands != want {
			t.Errorf("%s: %d findings, GitLab %d (%d fingerprints), JUnit %d, GitHub %d", name, want, len(issues), len(prints), suites.Failures, commands)
		}
	}
}
