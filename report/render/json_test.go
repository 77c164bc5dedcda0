package render

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/report"
)

func TestJSONGolden(t *testing.T) {
	golden(t, "platform.json", must(t, JSON, platform(), Options{}))
}

func TestJSONRoundTrip(t *testing.T) {
	for name, a := range map[string]*report.Audit{"pool": pool(), "platform": platform()} {
		text := must(t, JSON, a, Options{})
		back, err := Decode(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if again := must(t, JSON, back, Options{}); again != text {
			t.Errorf("%s: %s", name, firstDifference(text, again))
		}
		for _, format := range Formats() {
			if before, after := must(t, renderers[format], a, Options{Rules: ruleInfo}), must(t, renderers[format], back, Options{Rules: ruleInfo}); before != after {
				t.Errorf("%s: %s from the stored audit differs: %s", name, format, firstDifference(before, after))
			}
		}
	}
}

func TestJSONEqualsTheStandardEncoding(t *testing.T) {
	var ours, std any
	if err := json.Unmarshal([]byte(must(t, JSON, platform(), Options{})), &ours); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(platform())
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &std); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(ours, std) {
		t.Error("the streamed encoding means something else than encoding/json")
	}
}

func TestJSONHasEmptyListsNotNull(t *testing.T) {
	text := must(t, JSON, &report.Audit{Schema: report.Schema}, Options{})
	if strings.Contains(text, "null") {
		t.Errorf("null in:\n%s", text)
	}
	for _, key := range []string{"findings", "unparsed", "partial", "languages"} {
		if !strings.Contains(text, `"`+key+`": []`) {
			t.Errorf("no empty %s in:\n%s", key, text)
		}
	}
}

func TestJSONEscapesTerminalCodes(t *testing.T) {
	b := newAudit()
	const evil = "\x1b[31m\u009b31m\u202e\u007f\U000e0041"
	b.add(report.Finding{File: evil, Message: evil})
	text := must(t, JSON, b.Audit, Options{})
	for _, r := range text {
		if r != '\n' && hidden(r) {
			t.Fatalf("raw %U in the JSON", r)
		}
	}
	back, err := Decode(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if back.Findings[0].Message != evil {
		t.Errorf("message became %q", back.Findings[0].Message)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"not json":     {"# Audit", "toctou audit --format json"},
		"other schema": {`{"schema":"https://example.org/2"}`, "write it again"},
		"two values":   {`{"schema":"` + report.Schema + `"} {}`, "one audit at a time"},
		"cut off":      {`{"schema":"` + report.Schema + `",`, "not a JSON audit"},
	} {
		if _, err := Decode(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
}
