package lower

import (
	"bytes"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/pyscan/ir"
)

// parseType reduces the text of an annotation, base class or decorator to names. In an annotation
// a string is parsed as what it quotes; elsewhere it is kept as Text.
func parseType(text []byte, annotation bool) ir.TypeExpr {
	p := typeParser{text: string(text), quoted: annotation}
	return p.union(0)
}

const maxTypeDepth = 40

type typeParser struct {
	text   string
	i      int
	quoted bool // strings are annotations
}

func (p *typeParser) space() {
	for p.i < len(p.text) {
		switch p.text[p.i] {
		case ' ', '\t', '\r', '\n', '\f', '\\':
			p.i++
		case '#':
			for p.i < len(p.text) && p.text[p.i] != '\n' {
				p.i++
			}
		default:
			return
		}
	}
}

func (p *typeParser) peek() byte {
	p.space()
	if p.i < len(p.text) {
		return p.text[p.i]
	}
	return 0
}

func (p *typeParser) union(depth int) ir.TypeExpr {
	first := p.primary(depth)
	if p.peek() != '|' {
		return first
	}
	u := ir.TypeExpr{Name: "|", Args: flat(nil, first)}
	for p.peek() == '|' {
		p.i++
		u.Args = flat(u.Args, p.primary(depth))
	}
	return u
}

// flat appends e, or its members if it is a union itself.
func flat(args []ir.TypeExpr, e ir.TypeExpr) []ir.TypeExpr {
	if e.Name == "|" {
		return append(args, e.Args...)
	}
	return append(args, e)
}

func isWord(c byte) bool {
	return c == '_' || c >= 0x80 || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

func (p *typeParser) word() string {
	start := p.i
	for p.i < len(p.text) && isWord(p.text[p.i]) {
		p.i++
	}
	return p.text[start:p.i]
}

func (p *typeParser) primary(depth int) ir.TypeExpr {
	if depth > maxTypeDepth {
		p.i = len(p.text)
		return ir.TypeExpr{}
	}
	var e ir.TypeExpr
	switch c := p.peek(); {
	case c == '"' || c == '\'':
		return p.str(depth)
	case c == '[':
		e.Args = p.list(']', depth)
		return e
	case c == '(':
		e.Args = p.list(')', depth)
		if len(e.Args) == 1 {
			e = e.Args[0]
		} else {
			return e
		}
	case isWord(c):
		e.Name = p.word()
		if q := p.peek(); (q == '"' || q == '\'') && len(e.Name) <= 2 {
			return p.str(depth) // a prefixed string
		}
	case c == '*':
		p.i++
		return p.primary(depth + 1)
	default:
		p.skip()
		return e
	}
	for {
		switch p.peek() {
		case '.':
			p.i++
			p.space()
			if w := p.word(); e.Call || len(e.Args) > 0 || w == "" {
				e = ir.TypeExpr{}
			} else {
				e.Name += "." + w
			}
		case '[':
			quoted := p.quoted
			if last := e.Name[strings.LastIndexByte(e.Name, '.')+1:]; last == "Literal" {
				p.quoted = false
			}
			e.Args = p.list(']', depth)
			p.quoted = quoted
		case '(':
			quoted := p.quoted
			p.quoted = false
			e.Call = true
			e.Args = p.list(')', depth)
			p.quoted = quoted
		case '|', ',', ']', ')', 0:
			e.Name = strings.Clone(e.Name)
			return e
		default: // an operator, or damage: not a name
			p.skip()
			return ir.TypeExpr{}
		}
	}
}

// skip goes to the end of the current element.
func (p *typeParser) skip() {
	nested := 0
	for ; p.i < len(p.text); p.i++ {
		switch c := p.text[p.i]; c {
		case '(', '[', '{':
			nested++
		case ')', ']', '}':
			if nested == 0 {
				return
			}
			nested--
		case ',':
			if nested == 0 {
				return
			}
		case '"', '\'':
			p.quotedText()
			p.i--
		}
	}
}

// list reads elements up to the closing bracket.
func (p *typeParser) list(closing byte, depth int) (args []ir.TypeExpr) {
	p.i++
	for {
		switch p.peek() {
		case closing:
			p.i++
			return args
		case 0:
			return args
		case ',':
			p.i++
			continue
		case ')', ']', '}':
			p.i++ // does not match: damage
			continue
		}
		start := p.i
		if name, ok := p.keyword(); ok {
			// Keyword arguments: only strings are kept, under their keyword.
			if v := p.union(depth + 1); v.Text != "" && v.Name == "" {
				args = append(args, ir.TypeExpr{Name: name, Text: v.Text})
			}
		} else {
			args = append(args, p.union(depth+1))
		}
		if p.i == start {
			p.i++
		}
	}
}

// keyword reads `name =` if it comes next.
func (p *typeParser) keyword() (string, bool) {
	start := p.i
	name := p.word()
	if name != "" && p.peek() == '=' && p.i+1 < len(p.text) && p.text[p.i+1] != '=' {
		p.i++
		return strings.Clone(name), true
	}
	p.i = start
	return "", false
}

// quotedText reads a string literal and returns what is between the quotes.
func (p *typeParser) quotedText() string {
	q := p.text[p.i : p.i+1]
	if strings.HasPrefix(p.text[p.i:], strings.Repeat(q, 3)) {
		q = strings.Repeat(q, 3)
	}
	p.i += len(q)
	start := p.i
	for p.i < len(p.text) {
		switch {
		case p.text[p.i] == '\\':
			p.i += 2
		case strings.HasPrefix(p.text[p.i:], q):
			s := p.text[start:p.i]
			p.i += len(q)
			return s
		default:
			p.i++
		}
	}
	p.i = len(p.text)
	return p.text[min(start, len(p.text)):]
}

func (p *typeParser) str(depth int) ir.TypeExpr {
	var s strings.Builder
	s.WriteString(p.quotedText())
	for c := p.peek(); c == '"' || c == '\''; c = p.peek() {
		s.WriteString(p.quotedText())
	}
	if !p.quoted {
		if c := p.peek(); c != ',' && c != ')' && c != ']' && c != '|' && c != 0 {
			p.skip() // part of a larger expression
			return ir.TypeExpr{}
		}
		return ir.TypeExpr{Text: strings.Clone(s.String())}
	}
	inner := typeParser{text: s.String(), quoted: true}
	return inner.union(depth + 1)
}

// directives and contracts are what makes a comment worth keeping.
var (
	directives = [][]byte{[]byte("toctou:"), []byte("noqa")}
	contracts  = [][]byte{
		[]byte("caller must hold"), []byte("callers must hold"), []byte("caller holds"), []byte("lock held"),
		[]byte("lock is held"), []byte("holds the lock"), []byte("hold the lock"), []byte("holding the lock"),
		[]byte("under the lock"),
	}
)

func speaks(lower []byte) bool {
	return slices.ContainsFunc(directives, func(d []byte) bool { return bytes.Contains(lower, d) }) || mayContract(lower) && contract(lower)
}

// mayContract tells most texts without a contract by one look at them as they are.
func mayContract(text []byte) bool {
	for i := 3; i < len(text); i++ {
		if c := text[i] | 0x20; c == 'k' && text[i-1]|0x20 == 'c' && text[i-2]|0x20 == 'o' && text[i-3]|0x20 == 'l' ||
			c == 'd' && text[i-1]|0x20 == 'l' && text[i-2]|0x20 == 'o' && text[i-3]|0x20 == 'h' {
			return true
		}
	}
	return false
}

func contract(lower []byte) bool {
	return slices.ContainsFunc(contracts, func(c []byte) bool { return bytes.Contains(lower, c) })
}
