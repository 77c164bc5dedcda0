package config

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// FromPyproject reads the table [tool.toctou] of a pyproject.toml as strictly as toctou.yml. The
// result is nil if there is no such table.
func FromPyproject(data []byte) (*Config, error) {
	if !bytes.Contains(data, []byte("toctou")) {
		return nil, nil
	}
	p := &tomlParser{src: string(data), line: 1}
	root, err := p.document()
	if err != nil {
		return nil, err
	}
	table := lookup(lookup(root, "tool"), "toctou")
	if table == nil {
		return nil, nil
	}
	return fromNode(table)
}

// tomlParser turns TOML into nodes of the YAML package, which carry lines, so that both kinds
// of files are checked by the same code. It takes every valid file; of an invalid one it may
// take more than TOML allows.
type tomlParser struct {
	src   string
	pos   int
	line  int
	depth int
}

const maxTomlDepth = 100

func (p *tomlParser) fail(format string, args ...any) error {
	return &Problem{Line: p.line, Text: fmt.Sprintf(format, args...)}
}

func (p *tomlParser) node(kind yaml.Kind, tag, value string) *yaml.Node {
	return &yaml.Node{Kind: kind, Tag: tag, Value: value, Line: p.line}
}

func (p *tomlParser) document() (*yaml.Node, error) {
	root := p.node(yaml.MappingNode, "!!map", "")
	table := root
	for {
		p.blank(true)
		switch {
		case p.pos >= len(p.src):
			return root, nil
		case p.peek("[["):
			p.pos += 2
			keys, err := p.keys("]]")
			if err != nil {
				return nil, err
			}
			list, err := p.at(root, keys, yaml.SequenceNode)
			if err != nil {
				return nil, err
			}
			table = p.node(yaml.MappingNode, "!!map", "")
			list.Content = append(list.Content, table)
		case p.peek("["):
			p.pos++
			keys, err := p.keys("]")
			if err != nil {
				return nil, err
			}
			if table, err = p.at(root, keys, yaml.MappingNode); err != nil {
				return nil, err
			}
		default:
			if err := p.pair(table); err != nil {
				return nil, err
			}
		}
		p.blank(false)
		if p.pos < len(p.src) && p.src[p.pos] != '\n' {
			return nil, p.fail("unexpected %q", p.rest())
		}
	}
}

// pair reads `key = value` into table.
func (p *tomlParser) pair(table *yaml.Node) error {
	keys, err := p.keys("=")
	if err != nil {
		return err
	}
	parent, err := p.at(table, keys[:len(keys)-1], yaml.MappingNode)
	if err != nil {
		return err
	}
	last := keys[len(keys)-1]
	if lookup(parent, last.Value) != nil {
		return p.fail("key %q is set twice", last.Value)
	}
	p.blank(false)
	value, err := p.value()
	if err != nil {
		return err
	}
	parent.Content = append(parent.Content, last, value)
	return nil
}

// keys reads a dotted key up to and including stop.
func (p *tomlParser) keys(stop string) ([]*yaml.Node, error) {
	var out []*yaml.Node
	for {
		p.blank(false)
		start := p.pos
		key := p.node(yaml.ScalarNode, "!!str", "")
		if p.peek(`"`) || p.peek("'") {
			text, err := p.text()
			if err != nil {
				return nil, err
			}
			key.Value = text
		} else {
			for p.pos < len(p.src) && isBare(p.src[p.pos]) {
				p.pos++
			}
			if key.Value = p.src[start:p.pos]; key.Value == "" {
				return nil, p.fail("a key is missing before %q", p.rest())
			}
		}
		out = append(out, key)
		p.blank(false)
		switch {
		case p.peek(stop):
			p.pos += len(stop)
			return out, nil
		case p.peek(".") && len(out) < maxTomlDepth:
			p.pos++
		default:
			return nil, p.fail("expected %q, not %q", stop, p.rest())
		}
	}
}

// at walks from table along keys and makes what is missing; the last one is of the given kind.
// Of an array of tables it takes the last.
func (p *tomlParser) at(table *yaml.Node, keys []*yaml.Node, kind yaml.Kind) (*yaml.Node, error) {
	for i, k := range keys {
		want := yaml.MappingNode
		if i == len(keys)-1 {
			want = kind
		}
		next := lookup(table, k.Value)
		if next == nil {
			next = &yaml.Node{Kind: want, Line: k.Line, Tag: map[yaml.Kind]string{yaml.MappingNode: "!!map", yaml.SequenceNode: "!!seq"}[want]}
			table.Content = append(table.Content, k, next)
		}
		if next.Kind == yaml.SequenceNode && want == yaml.MappingNode && len(next.Content) > 0 {
			next = next.Content[len(next.Content)-1]
		}
		if next.Kind != want {
			return nil, p.fail("%q is used as a table, but is none", k.Value)
		}
		table = next
	}
	return table, nil
}

func (p *tomlParser) value() (*yaml.Node, error) {
	if p.depth++; p.depth > maxTomlDepth {
		return nil, p.fail("nested too deeply")
	}
	defer func() { p.depth-- }()
	switch {
	case p.peek(`"`), p.peek("'"):
		n := p.node(yaml.ScalarNode, "!!str", "")
		text, err := p.text()
		n.Value = text
		return n, err
	case p.peek("["):
		p.pos++
		return p.array()
	case p.peek("{"):
		p.pos++
		return p.inline()
	}
	start := p.pos
	for p.pos < len(p.src) && strings.IndexByte(",]}#\r\n", p.src[p.pos]) < 0 {
		p.pos++
	}
	text := strings.TrimSpace(p.src[start:p.pos])
	if text == "" {
		return nil, p.fail("a value is missing")
	}
	tag := "!!str" // numbers and dates: no setting has such a value, and strings say what was written
	if text == "true" || text == "false" {
		tag = "!!bool"
	}
	return p.node(yaml.ScalarNode, tag, text), nil
}

func (p *tomlParser) array() (*yaml.Node, error) {
	n := p.node(yaml.SequenceNode, "!!seq", "")
	for {
		p.blank(true)
		if p.peek("]") {
			p.pos++
			return n, nil
		}
		item, err := p.value()
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, item)
		p.blank(true)
		if p.peek(",") {
			p.pos++
		} else if !p.peek("]") {
			return nil, p.fail("expected , or ] in an array, not %q", p.rest())
		}
	}
}

func (p *tomlParser) inline() (*yaml.Node, error) {
	n := p.node(yaml.MappingNode, "!!map", "")
	for {
		p.blank(true)
		if p.peek("}") {
			p.pos++
			return n, nil
		}
		if err := p.pair(n); err != nil {
			return nil, err
		}
		p.blank(true)
		if p.peek(",") {
			p.pos++
		} else if !p.peek("}") {
			return nil, p.fail("expected , or } in an inline table, not %q", p.rest())
		}
	}
}

// text reads a string of any of the four kinds.
func (p *tomlParser) text() (string, error) {
	quote := p.src[p.pos : p.pos+1]
	long := strings.Repeat(quote, 3)
	if !p.peek(long) {
		return p.quoted(quote, false)
	}
	text, err := p.quoted(long, true)
	if err == nil {
		text = strings.TrimPrefix(strings.TrimPrefix(text, "\r"), "\n")
	}
	return text, err
}

func (p *tomlParser) quoted(quote string, lines bool) (string, error) {
	p.pos += len(quote)
	var b strings.Builder
	for p.pos < len(p.src) {
		c := p.src[p.pos]
		switch {
		case p.peek(quote):
			p.pos += len(quote)
			for lines && p.pos < len(p.src) && p.src[p.pos] == quote[0] { // up to two quotes may end the text
				b.WriteByte(quote[0])
				p.pos++
			}
			return b.String(), nil
		case c == '\n' && !lines:
			return "", p.fail("a string does not end on its line")
		case c == '\\' && quote[0] == '"':
			if err := p.escape(&b); err != nil {
				return "", err
			}
			continue
		case c == '\n':
			p.line++
		}
		b.WriteByte(c)
		p.pos++
	}
	return "", p.fail("a string does not end")
}

var tomlEscapes = map[byte]string{'b': "\b", 't': "\t", 'n': "\n", 'f': "\f", 'r': "\r", 'e': "\x1b", '"': `"`, '\\': `\`}

func (p *tomlParser) escape(b *strings.Builder) error {
	p.pos++
	if p.pos >= len(p.src) {
		return p.fail("a string does not end")
	}
	c := p.src[p.pos]
	p.pos++
	if text, ok := tomlEscapes[c]; ok {
		b.WriteString(text)
		return nil
	}
	if digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]; digits > 0 {
		if p.pos+digits > len(p.src) {
			return p.fail("a string does not end")
		}
		code, err := strconv.ParseUint(p.src[p.pos:p.pos+digits], 16, 32)
		if err != nil || !utf8.ValidRune(rune(code)) {
			return p.fail("\\%c%s is no character", c, p.src[p.pos:p.pos+digits])
		}
		p.pos += digits
		b.WriteRune(rune(code))
		return nil
	}
	if strings.IndexByte(" \t\r\n", c) >= 0 { // a line that goes on
		p.pos--
		for p.pos < len(p.src) && strings.IndexByte(" \t\r\n", p.src[p.pos]) >= 0 {
			if p.src[p.pos] == '\n' {
				p.line++
			}
			p.pos++
		}
		return nil
	}
	return p.fail("unknown escape \\%c", c)
}

// blank passes over spaces and comments, and over line ends if lines is set.
func (p *tomlParser) blank(lines bool) {
	for p.pos < len(p.src) {
		switch c := p.src[p.pos]; {
		case c == ' ' || c == '\t' || c == '\r':
			p.pos++
		case c == '\n' && lines:
			p.line++
			p.pos++
		case c == '#':
			end := strings.IndexByte(p.src[p.pos:], '\n')
			if end < 0 {
				end = len(p.src) - p.pos
			}
			p.pos += end
		case strings.HasPrefix(p.src[p.pos:], "\ufeff") && p.pos == 0:
			p.pos += len("\ufeff")
		default:
			return
		}
	}
}

func (p *tomlParser) peek(s string) bool { return strings.HasPrefix(p.src[p.pos:], s) }

// rest is the beginning of what follows on the line, for messages.
func (p *tomlParser) rest() string {
	text, _, _ := strings.Cut(p.src[p.pos:], "\n")
	if len(text) > 20 {
		text = text[:20]
	}
	return strings.TrimSpace(text)
}

func isBare(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// lookup returns the value of a key, nil if it is not there.
func lookup(table *yaml.Node, key string) *yaml.Node {
	if table == nil || table.Kind != yaml.MappingNode {
		return nil
	}
	for pair := range slices.Chunk(table.Content, 2) {
		if pair[0].Value == key {
			return pair[1]
		}
	}
	return nil
}
