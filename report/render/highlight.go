package render

import (
	"html"
	"html/template"
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
)

// longestHighlighted is the length of a line from which an excerpt is shown plain: lexers work by
// regular expressions, and nobody reads such lines.
const longestHighlighted = 500

// mostHighlighted is how many lines of a page have colours; further ones are plain. Lexing takes
// most of the time of a page, and the gravest findings come first.
const mostHighlighted = 20_000

// lexerCache holds the lexers of the languages that have come up, and the lines they have read.
type lexerCache struct {
	byName map[string]chroma.Lexer
	lines  int
}

func newLexers() *lexerCache { return &lexerCache{byName: make(map[string]chroma.Lexer)} }

func (c *lexerCache) get(language string) chroma.Lexer {
	l, ok := c.byName[language]
	if !ok {
		if l = lexers.Get(language); l != nil {
			l = chroma.Coalesce(l)
		}
		c.byName[language] = l
	}
	return l
}

// escaped marks HTML whose every part was escaped by the caller, who built it from tags of its own.
func escaped(s string) template.HTML {
	return template.HTML(s) //nolint:gosec // see the comment: it is the one place where this is done
}

// htmlLines are lines of escaped HTML.
type htmlLines []template.HTML

// parts highlights the stretches between gaps each by itself: what is left out may have ended a string.
func (c *lexerCache) parts(language string, lines []string, gap func(int) bool) htmlLines {
	var out htmlLines
	start := 0
	for i, l := range lines {
		if gap(i) {
			out = append(append(out, c.highlight(language, lines[start:i])...), escaped(html.EscapeString(l)))
			start = i + 1
		}
	}
	return append(out, c.highlight(language, lines[start:])...)
}

// inString says whether the lines seem to begin inside a string over several lines: the first
// triple quote closes one.
func inString(lines []string) bool {
	for i, l := range lines {
		l = strings.TrimSpace(l)
		for _, quote := range []string{`"""`, "'''"} {
			at := strings.Index(l, quote)
			if at < 0 {
				continue
			}
			rest := l[at+len(quote):]
			if strings.Contains(rest, quote) {
				return false // opened and closed on one line
			}
			if l == quote {
				return i == 0 || !strings.HasSuffix(strings.TrimSpace(lines[i-1]), ":")
			}
			return at > 0 && rest == "" && !strings.ContainsAny(l[at-1:at], "=( fFrRbB")
		}
	}
	return false
}

// highlight returns the lines as escaped HTML with their tokens marked, as many as it was given.
func (c *lexerCache) highlight(language string, lines []string) htmlLines {
	out := make(htmlLines, len(lines))
	shown := make([]string, len(lines))
	long := false
	for i, l := range lines {
		shown[i] = strings.TrimRight(lay(l).all(), " ")
		long = long || len(l) > longestHighlighted
		out[i] = escaped(html.EscapeString(shown[i]))
	}
	lexer := c.get(language)
	if lexer == nil || long || c.lines > mostHighlighted {
		return out
	}
	c.lines += len(lines)
	text, n := strings.Join(shown, "\n"), 0
	if language == "python" && inString(shown) {
		text, n = `"""`+"\n"+text, -1 // a line that is not shown
	}
	tokens, err := lexer.Tokenise(nil, text)
	if err != nil {
		return out
	}
	var b strings.Builder
	for t := tokens(); t != chroma.EOF; t = tokens() {
		class := tokenClass(t.Type)
		for i, part := range strings.Split(t.Value, "\n") {
			if i > 0 {
				if n >= 0 && n < len(out) {
					out[n] = escaped(b.String())
				}
				n++
				b.Reset()
			}
			switch {
			case part == "":
			case class == "":
				b.WriteString(html.EscapeString(part))
			default:
				b.WriteString(`<span class="` + class + `">` + html.EscapeString(part) + `</span>`)
			}
		}
	}
	if n < len(out) {
		out[n] = escaped(b.String())
	}
	return out
}

// tokenClass is the style of a kind of token, "" for plain text.
func tokenClass(t chroma.TokenType) string {
	switch {
	case t.InCategory(chroma.Comment):
		return "tc"
	case t.InSubCategory(chroma.LiteralString):
		return "ts"
	case t.InSubCategory(chroma.LiteralNumber):
		return "tn"
	case t.InCategory(chroma.Keyword):
		return "tk"
	case t == chroma.NameFunction, t == chroma.NameClass, t == chroma.NameDecorator:
		return "tf"
	case t == chroma.NameBuiltin, t == chroma.NameBuiltinPseudo:
		return "tb"
	}
	return ""
}
