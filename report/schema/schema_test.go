package schema

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/toctou-lint/toctou/report"
)

var update = flag.Bool("update", false, "write the schema anew")

const (
	source  = "../report.go"
	file    = "audit-1.json"
	refresh = "go test ./report/schema -run TestGeneratedSchema -update"
)

func TestGeneratedSchema(t *testing.T) {
	want := generate(t)
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(JSON, want) {
		t.Errorf("%s does not say what %s says; refresh it: %s", file, source, refresh)
	}
}

// TestSchemaDecides makes sure that the schema accepts audits and refuses what is none.
func TestSchemaDecides(t *testing.T) {
	s := compile(t)
	stored := "../render/testdata/platform.json"
	good, err := os.ReadFile(stored)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(instance(t, good)); err != nil {
		t.Errorf("%s: %v", stored, err)
	}
	for name, change := range map[string]func(map[string]any){
		"another schema":   func(a map[string]any) { a["schema"] = "https://example.org/" },
		"no findings":      func(a map[string]any) { delete(a, "findings") },
		"unknown severity": func(a map[string]any) { finding(a)["severity"] = "terrible" },
		"unknown window":   func(a map[string]any) { finding(a)["window"] = "ajar" },
		"line as text":     func(a map[string]any) { finding(a)["line"] = "12" },
		"negative line":    func(a map[string]any) { finding(a)["line"] = -1 },
	} {
		bad := instance(t, good).(map[string]any)
		change(bad)
		if s.Validate(bad) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func finding(a map[string]any) map[string]any {
	return a["findings"].([]any)[0].(map[string]any)
}

func instance(t *testing.T, b []byte) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func compile(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	if err := c.AddResource(report.Schema, instance(t, JSON)); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(report.Schema)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// common describes keys that mean the same everywhere and need no comment at each.
var common = map[string]string{
	"file":      "path, relative to the root of the audit",
	"line":      "1-based line",
	"endLine":   "1-based last line",
	"column":    "1-based column, in bytes",
	"endColumn": "1-based column after the last byte",
	"function":  "the function around it, empty at module level",
}

// enums are string fields whose values are the constants with a prefix.
var enums = map[string]string{"Step.Kind": "Step", "Finding.Window": "Window"}

// object is a JSON object that keeps the order of its keys.
type object []pair

type pair struct {
	key   string
	value any
}

func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, p := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		v, err := json.Marshal(p.value)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%q:%s", p.key, v)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// generator reads the Go source of the data model.
type generator struct {
	t      *testing.T
	typed  map[string][]string // named string type → its constants' values
	consts []pair              // constant name → value
	types  object              // schemas of the struct types
}

func generate(t *testing.T) []byte {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), source, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	g := &generator{t: t, typed: make(map[string][]string)}
	for _, d := range f.Decls {
		if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.CONST {
			g.constants(d)
		}
	}
	var root object
	for _, d := range f.Decls {
		d, ok := d.(*ast.GenDecl)
		if !ok || d.Tok != token.TYPE {
			continue
		}
		spec := d.Specs[0].(*ast.TypeSpec)
		st, ok := spec.Type.(*ast.StructType)
		if !ok {
			continue
		}
		s := g.structure(spec.Name.Name, d.Doc.Text(), st)
		if spec.Name.Name == "Audit" {
			root = s
		} else {
			g.types = append(g.types, pair{spec.Name.Name, s})
		}
	}
	root = append(object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"$id", report.Schema},
		{"title", "toctou audit"},
	}, root...)
	root = append(root, pair{"$defs", g.types})
	b, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		t.Fatal(err)
	}
	out.WriteByte('\n')
	return out.Bytes()
}

func (g *generator) constants(d *ast.GenDecl) {
	for _, s := range d.Specs {
		s := s.(*ast.ValueSpec)
		lit, ok := s.Values[0].(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			continue
		}
		value, err := strconv.Unquote(lit.Value)
		if err != nil {
			g.t.Fatal(err)
		}
		g.consts = append(g.consts, pair{s.Names[0].Name, value})
		if id, ok := s.Type.(*ast.Ident); ok {
			g.typed[id.Name] = append(g.typed[id.Name], value)
		}
	}
}

// structure is the schema of a struct. Other keys are allowed: adding one does not change the version.
func (g *generator) structure(name, doc string, st *ast.StructType) object {
	var properties object
	required := []string{}
	for _, f := range st.Fields.List {
		tag, err := strconv.Unquote(f.Tag.Value)
		if err != nil {
			g.t.Fatal(err)
		}
		key, options, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(tag, `json:"`), `"`), ",")
		text := strings.TrimSpace(f.Comment.Text())
		if text == "" {
			text = common[key]
		}
		if text == "" {
			g.t.Errorf("%s: %s.%s needs a comment that says what it holds", source, name, f.Names[0].Name)
		}
		p := append(object{{"description", strings.Join(strings.Fields(text), " ")}}, g.kind(name+"."+f.Names[0].Name, f.Type)...)
		if name == "Audit" && key == "schema" {
			p = append(p, pair{"const", report.Schema})
		}
		properties = append(properties, pair{key, p})
		if options != "omitempty" {
			required = append(required, key)
		}
	}
	return object{
		{"description", strings.Join(strings.Fields(doc), " ")},
		{"type", "object"},
		{"properties", properties},
		{"required", required},
	}
}

// kind is the schema of a Go type.
func (g *generator) kind(field string, e ast.Expr) object {
	switch e := e.(type) {
	case *ast.StarExpr:
		inner := g.kind(field, e.X)
		if prefix, ok := enums[field]; ok {
			return object{{"enum", append(g.prefixed(prefix), nil)}}
		}
		return inner // absent when nil
	case *ast.ArrayType:
		return object{{"type", "array"}, {"items", g.kind(field, e.Elt)}}
	case *ast.MapType:
		return object{{"type", "object"}, {"additionalProperties", g.kind(field, e.Value)}}
	case *ast.Ident:
		switch e.Name {
		case "string":
			if prefix, ok := enums[field]; ok {
				return object{{"enum", g.prefixed(prefix)}}
			}
			return object{{"type", "string"}}
		case "int":
			return object{{"type", "integer"}, {"minimum", 0}}
		case "bool":
			return object{{"type", "boolean"}}
		}
		if values, ok := g.typed[e.Name]; ok {
			return object{{"enum", values}}
		}
		return object{{"$ref", "#/$defs/" + e.Name}}
	}
	g.t.Fatalf("%s: %s has a type that the schema cannot say: %T", source, field, e)
	return nil
}

func (g *generator) prefixed(prefix string) []any {
	var values []any
	for _, c := range g.consts {
		if strings.HasPrefix(c.key, prefix) {
			values = append(values, c.value)
		}
	}
	return values
}
