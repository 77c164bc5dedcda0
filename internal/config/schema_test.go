package config

import (
	"bytes"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	data, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(SchemaID, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(SchemaID)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The schema and the strict reader agree: what one takes the other takes.
func TestSchemaAgreesWithParse(t *testing.T) {
	s := schema(t)
	for text, want := range map[string]bool{
		"title: x":                               true,
		"services: [a, {name: b, dir: c}]":       true,
		"services: [{name: b}]":                  false,
		"latent: sometimes":                      false,
		"nosuch: 1":                              false,
		"thresholds: {fail-on: never}":           true,
		"thresholds: {failon: never}":            false,
		"ignore: [checkthenact]":                 true,
		"ignore: [nosuchrule]":                   false,
		"rules: {checkthenact: {severity: low}}": true,
		"rules: {nosuchrule: {severity: low}}":   false,
		"overrides: [{ignore: [checkthenact]}]":  false,
		"exclude: x":                             false,
	} {
		var v any
		if err := yaml.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(v); (err == nil) != want {
			t.Errorf("schema on %q: %v", text, err)
		}
		if _, err := Parse([]byte(text)); (err == nil) != want {
			t.Errorf("Parse(%q): %v", text, err)
		}
	}
}

func TestTemplateIsAConfiguration(t *testing.T) {
	text := string(Template())
	if c, err := Parse([]byte(text)); err != nil || !reflect.DeepEqual(c, &Config{}) {
		t.Errorf("as written: %+v, %v; want a configuration that sets nothing", c, err)
	}
	// Uncommented, every key is set.
	settings := regexp.MustCompile(`(?m)^# ((?:[a-z-]+|  [a-z-]+|  - [a-z]+|    [a-z]+): ?.*)$`)
	var lines []string
	for line := range strings.Lines(text) {
		if m := settings.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil && isExample(m[1]) {
			lines = append(lines, m[1])
		}
	}
	c, err := Parse([]byte(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatalf("uncommented: %v\n%s", err, strings.Join(lines, "\n"))
	}
	for f := range reflect.TypeFor[Config]().Fields() {
		if tag := f.Tag.Get("yaml"); tag != "-" && reflect.ValueOf(*c).FieldByIndex(f.Index).IsZero() {
			t.Errorf("the template does not show %s", tag)
		}
	}
}

func isExample(line string) bool {
	for _, e := range examples {
		for l := range strings.Lines(e) {
			if strings.TrimRight(l, "\n") == line {
				return true
			}
		}
	}
	return false
}

func TestYAMLReadsBack(t *testing.T) {
	c, err := Parse([]byte("title: x\nservices: [a]\nthresholds: {fail-on: high}\noverrides: [{paths: [t], ignore: [checkthenact]}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	c.Defaults()
	data, err := c.YAML()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse(data)
	if err != nil || !reflect.DeepEqual(c, again) {
		t.Errorf("read back: %+v, %v\n%s", again, err, data)
	}
}

// The schema that editors fetch is generated.
func TestGeneratedSchemaIsCurrent(t *testing.T) {
	want, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	const file = "../../docs/schema/config-1.json"
	got, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is stale; refresh it with: go run ./cmd/toctou config schema > docs/schema/config-1.json", file)
	}
}
