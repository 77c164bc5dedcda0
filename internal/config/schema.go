package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// SchemaID is the address of the JSON Schema of toctou.yml.
const SchemaID = "https://toctou-lint.github.io/schema/config-1.json"

// Schema returns the JSON Schema of toctou.yml, for editors.
func Schema() ([]byte, error) {
	top := schemaOf(reflect.TypeFor[Config](), "", "")
	top["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	top["$id"] = SchemaID
	top["title"] = "toctou configuration"
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(top)
	return buf.Bytes(), err
}

func schemaOf(t reflect.Type, doc, enum string) map[string]any {
	s := map[string]any{}
	if t == reflect.TypeFor[Entry]() {
		enum = entries
	}
	if doc != "" {
		s["description"] = doc
	}
	switch t.Kind() {
	case reflect.Struct:
		object(s, t)
		if t == reflect.TypeFor[Service]() {
			delete(s, "description")
			return map[string]any{"description": doc, "oneOf": []any{map[string]any{"type": "string"}, s}}
		}
	case reflect.Map:
		s["type"] = "object"
		s["additionalProperties"] = schemaOf(t.Elem(), "", "")
		if enum != "" {
			s["propertyNames"] = map[string]any{"enum": EnumValues(enum)}
		}
	case reflect.Slice:
		s["type"] = "array"
		s["items"] = schemaOf(t.Elem(), "", enum)
	case reflect.Bool:
		s["type"] = "boolean"
	case reflect.Int:
		s["type"], s["minimum"] = "integer", 0
	default:
		s["type"] = "string"
		if enum != "" {
			s["enum"] = EnumValues(enum)
		}
	}
	return s
}

func object(s map[string]any, t reflect.Type) {
	s["type"] = "object"
	s["additionalProperties"] = false
	properties := map[string]any{}
	var required []string
	for f := range t.Fields() {
		key, opts, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if key == "" || key == "-" {
			continue
		}
		properties[key] = schemaOf(f.Type, f.Tag.Get("doc"), f.Tag.Get("enum"))
		if opts != "omitempty" {
			required = append(required, key)
		}
	}
	s["properties"] = properties
	if required != nil {
		s["required"] = required
	}
}

// YAML writes the configuration as a file that says the same.
func (c *Config) YAML() ([]byte, error) {
	var buf bytes.Buffer
	enc := yaml.NewEncoder(&buf)
	enc.SetIndent(2)
	if err := enc.Encode(c); err != nil {
		return nil, err
	}
	err := enc.Close()
	return buf.Bytes(), err
}

// Template is a new toctou.yml: every setting with its default, commented out.
func Template() []byte {
	var b strings.Builder
	b.WriteString("# yaml-language-server: $schema=" + SchemaID + "\n")
	b.WriteString("# Settings of toctou; those that are commented out show the default or an example.\n")
	b.WriteString("# `toctou config show` prints what is in force.\n")
	for _, f := range Fields(reflect.TypeFor[Config]()) {
		fmt.Fprintf(&b, "\n# %s", f.Doc)
		if f.Enum != "" && f.Enum != "@rules" {
			fmt.Fprintf(&b, ": %s", strings.Join(EnumValues(f.Enum), ", "))
		}
		b.WriteString("\n")
		for line := range strings.Lines(examples[f.Key]) {
			b.WriteString("# " + line)
		}
		b.WriteString("\n")
	}
	return []byte(b.String())
}

// examples show each key; a test reads them all.
var examples = map[string]string{
	"title":            "title: Race condition audit of the shop",
	"author":           "author: Platform team",
	"related":          "related: [docs/locking.md]",
	"document-version": `document-version: "1.0"`,
	"services":         "services: [services/*]",
	"concurrency":      "concurrency: asyncio",
	"latent":           "latent: lowered",
	"python":           `python: "3.12"`,
	"thresholds":       "thresholds:\n  severity: low\n  confidence: medium\n  fail-on: medium",
	"exclude":          `exclude: ["**/migrations", "*_pb2.py"]`,
	"select":           "select: [checkthenact]",
	"ignore":           "ignore: [suppression]",
	"rules":            "rules:\n  checkthenact: {severity: high}",
	"overrides":        "overrides:\n  - paths: [tests]\n    ignore: [checkthenact]",
	"models":           "models:\n  trackers: [background.keep]\n  types: {acme.locks.Mutex: {kind: lock}}",
}
