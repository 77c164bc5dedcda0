package render

import (
	"html"
	"html/template"
	"strings"
)

// longestHighlighted is the length of a line from which an excerpt is shown plain: nobody reads such
// lines.
const longestHighlighted = 500

// mostHighlighted is how many lines of a page have colours; further ones are plain. The gravest
// findings come first.
const mostHighlighted = 20_000

// highlighter counts the lines that have colours.
type highlighter struct{ lines int }

// escaped marks HTML whose every part was escaped by the caller, who built it from tags of its own.
func escaped(s string) template.HTML {
	return template.HTML(s) //nolint:gosec // see the comment: it is the one place where this is done
}

// htmlLines are lines of escaped HTML.
type htmlLines []template.HTML

// parts highlights the stretches between gaps each by itself: what is left out may have ended a string.
func (h *highlighter) parts(language string, lines []string, gap func(int) bool) htmlLines {
	var out htmlLines
	start := 0
	for i, l := range lines {
		if gap(i) {
			out = append(append(out, h.highlight(language, lines[start:i])...), escaped(html.EscapeString(l)))
			start = i + 1
		}
	}
	return append(out, h.highlight(language, lines[start:])...)
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
func (h *highlighter) highlight(language string, lines []string) htmlLines {
	out := make(htmlLines, len(lines))
	shown := make([]string, len(lines))
	long := false
	for i, l := range lines {
		shown[i] = strings.TrimRight(lay(l).all(), " ")
		long = long || len(l) > longestHighlighted
		out[i] = escaped(html.EscapeString(shown[i]))
	}
	if long || h.lines > mostHighlighted {
		return out
	}
	text, n := strings.Join(shown, "\n"), 0
	if language == "python" && inString(shown) {
		text, n = `"""`+"\n"+text, -1 // a line that is not shown
	}
	toks := tokens(language, text)
	if toks == nil {
		return out
	}
	h.lines += len(lines)
	var b strings.Builder
	for _, t := range toks {
		for i, part := range strings.Split(t.text, "\n") {
			if i > 0 {
				if n >= 0 && n < len(out) {
					out[n] = escaped(b.String())
				}
				n++
				b.Reset()
			}
			switch {
			case part == "":
			case t.class == "":
				b.WriteString(html.EscapeString(part))
			default:
				b.WriteString(`<span class="` + t.class + `">` + html.EscapeString(part) + `</span>`)
			}
		}
	}
	if n < len(out) {
		out[n] = escaped(b.String())
	}
	return out
}
