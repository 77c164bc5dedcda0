package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v3"

	"github.com/toctou-lint/toctou/internal/pattern"
	"github.com/toctou-lint/toctou/internal/rules"
)

// Problem is what is wrong with a configuration, and where.
type Problem struct {
	Line int
	Text string
}

func (p *Problem) Error() string {
	if p.Line == 0 {
		return p.Text
	}
	return fmt.Sprintf("line %d: %s", p.Line, p.Text)
}

func problem(node *yaml.Node, format string, args ...any) error {
	return &Problem{Line: node.Line, Text: fmt.Sprintf(format, args...)}
}

// Parse reads a configuration strictly. It fills no defaults.
func Parse(data []byte) (*Config, error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return &Config{}, nil
	} else if err != nil {
		return nil, yamlProblem(err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, &Problem{Text: "holds more than one YAML document; toctou reads one"}
	}
	return fromNode(doc.Content[0])
}

func fromNode(root *yaml.Node) (*Config, error) {
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return &Config{}, nil
	}
	if err := check(root, reflect.TypeFor[Config](), "", ""); err != nil {
		return nil, err
	}
	c := &Config{}
	if err := root.Decode(c); err != nil {
		return nil, yamlProblem(err)
	}
	return c, c.validate(root)
}

var yamlLine = pattern.New(`^(?:yaml: )?(?:unmarshal errors:\s*)?(?:yaml: )?line (\d+): `)

// yamlProblem takes the line out of an error of the YAML package.
func yamlProblem(err error) error {
	text := err.Error()
	if te, ok := errors.AsType[*yaml.TypeError](err); ok && len(te.Errors) > 0 {
		text = te.Errors[0]
	}
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, _ := strconv.Atoi(m[1])
		return &Problem{Line: line, Text: text[len(m[0]):]}
	}
	return &Problem{Text: strings.TrimPrefix(text, "yaml: ")}
}

// check compares the shape of node with the type that it will be decoded into: unknown keys,
// values outside an enumeration, and a scalar where there must be a list.
func check(node *yaml.Node, t reflect.Type, path, enum string) error {
	if node.Kind == yaml.AliasNode {
		return problem(node, "aliases are not supported; write the value out")
	}
	if t == reflect.TypeFor[Service]() && node.Kind == yaml.ScalarNode {
		return nil
	}
	if t == reflect.TypeFor[Entry]() {
		enum = entries
	}
	switch t.Kind() {
	case reflect.Struct:
		return checkStruct(node, t, path)
	case reflect.Map:
		if node.Kind != yaml.MappingNode {
			return problem(node, "%s must be a mapping", path)
		}
		for i := 0; i+1 < len(node.Content); i += 2 {
			key := node.Content[i]
			if err := checkEnum(key, path, enum); err != nil {
				return err
			}
			if err := check(node.Content[i+1], t.Elem(), path+"."+key.Value, ""); err != nil {
				return err
			}
		}
	case reflect.Slice:
		if node.Kind != yaml.SequenceNode {
			return problem(node, "%s must be a list", path)
		}
		for _, item := range node.Content {
			if err := check(item, t.Elem(), path, enum); err != nil {
				return err
			}
		}
	default:
		if node.Kind != yaml.ScalarNode {
			return problem(node, "%s must be a single value", path)
		}
		if enum != "" {
			return checkEnum(node, path, enum)
		}
	}
	return nil
}

func checkStruct(node *yaml.Node, t reflect.Type, path string) error {
	if node.Kind != yaml.MappingNode {
		if path == "" {
			return problem(node, "must be a mapping of settings such as `latent: lowered`")
		}
		return problem(node, "%s must be a mapping", path)
	}
	fields := Fields(t)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		f := slices.IndexFunc(fields, func(f Field) bool { return f.Key == key.Value })
		if f < 0 {
			var keys []string
			for _, f := range fields {
				keys = append(keys, f.Key)
			}
			within := ""
			if path != "" {
				within = " in " + path
			}
			return problem(key, "unknown key %q%s%s", key.Value, within, Suggest(key.Value, keys))
		}
		sub := strings.TrimPrefix(path+"."+key.Value, ".")
		if err := check(node.Content[i+1], fields[f].Type, sub, fields[f].Enum); err != nil {
			return err
		}
	}
	return nil
}

func checkEnum(node *yaml.Node, path, enum string) error {
	if enum == "" {
		return nil
	}
	values := EnumValues(enum)
	if slices.Contains(values, node.Value) {
		return nil
	}
	if enum == "@rules" {
		return problem(node, "unknown rule %q in %s%s", node.Value, path, Suggest(node.Value, values))
	}
	return problem(node, "%s: %q is none of %s", path, node.Value, strings.Join(values, ", "))
}

// Field is one key of a configuration struct.
type Field struct {
	Key, Doc, Enum string
	Type           reflect.Type
}

// Fields lists the keys of a configuration struct, in the order in which they are documented.
func Fields(t reflect.Type) []Field {
	var out []Field
	for f := range t.Fields() {
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if key != "" && key != "-" {
			out = append(out, Field{Key: key, Doc: f.Tag.Get("doc"), Enum: f.Tag.Get("enum"), Type: f.Type})
		}
	}
	return out
}

// EnumValues returns the values that an `enum` tag stands for.
func EnumValues(enum string) []string {
	if enum == "@rules" {
		return rules.Names()
	}
	return strings.Split(enum, ",")
}

// ValidGlob says whether a pattern of paths can be used.
func ValidGlob(glob string) bool { return doublestar.ValidatePattern(glob) }

var pythonVersion = pattern.New(`^3\.([5-9]|\d\d)$`) // async came with 3.5

// validate checks what the shape alone does not tell.
func (c *Config) validate(root *yaml.Node) error {
	if c.Python != "" && !pythonVersion.MatchString(c.Python) {
		return problem(valueOf(root, "python"), "python: %q is not a version such as \"3.12\" (quote it: 3.10 unquoted is the number 3.1)", c.Python)
	}
	for i, s := range c.Services {
		if s.Dir == "" {
			return problem(valueOf(root, "services"), "services: entry %d has no dir", i+1)
		}
		if !ValidGlob(s.Dir) {
			return problem(valueOf(root, "services"), "services: %q is not a valid glob", s.Dir)
		}
	}
	for _, g := range c.Exclude {
		if !ValidGlob(g) {
			return problem(valueOf(root, "exclude"), "exclude: %q is not a valid glob", g)
		}
	}
	for _, g := range slices.Concat(c.Models.Locks, c.Models.Stores) {
		if _, err := path.Match(g, ""); err != nil {
			return problem(valueOf(root, "models"), "models: %q is not a valid pattern", g)
		}
	}
	for i, o := range c.Overrides {
		if len(o.Paths) == 0 {
			return problem(valueOf(root, "overrides"), "overrides: entry %d has no paths", i+1)
		}
		for _, g := range o.Paths {
			if !ValidGlob(g) {
				return problem(valueOf(root, "overrides"), "overrides: %q is not a valid glob", g)
			}
		}
	}
	return nil
}

// valueOf returns the value of a top-level key, or root.
func valueOf(root *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == key {
			return root.Content[i+1]
		}
	}
	return root
}
