package suppress

import "strings"

// Statements and blocks of comments that are longer than this are not followed to their end.
const maxStatement = 60

// cover returns the first and last line of the statement that a directive speaks of.
func cover(lines []string, d Directive) (from, to int) {
	if d.Line < 1 || d.Line > len(lines) {
		return d.Line, d.Line
	}
	sign := "#"
	if strings.HasPrefix(d.Text, "//") {
		sign = "//"
	}
	if !d.Own {
		return start(lines, d.Line, sign), d.Line
	}
	line := d.Line + 1
	for line <= len(lines) && line <= d.Line+maxStatement && strings.HasPrefix(strings.TrimSpace(lines[line-1]), sign) {
		line++
	}
	to, _ = end(lines, line, sign)
	return line, to
}

// start returns the first line of the statement that ends on line: the nearest line above whose
// open brackets are all closed there.
func start(lines []string, line int, sign string) int {
	if _, depth := end(lines, line, sign); depth >= 0 {
		return line
	}
	for s := line - 1; s >= 1 && s > line-maxStatement; s-- {
		if e, depth := end(lines, s, sign); e == line && depth == 0 {
			return s
		}
	}
	return line
}

// end returns the last line of the statement that starts on line, and how many more brackets it
// opens than it closes. Brackets in strings and comments do not count.
func end(lines []string, line int, sign string) (last, depth int) {
	quote := ""
	for n := line; n <= len(lines) && n < line+maxStatement; n++ {
		text := lines[n-1]
		if len(text) > maxLine {
			text = text[:maxLine]
		}
		for i := 0; i < len(text); i++ {
			rest := text[i:]
			switch {
			case quote != "":
				if strings.HasPrefix(rest, quote) {
					i += len(quote) - 1
					quote = ""
				} else if text[i] == '\\' && quote != "`" {
					i++
				}
			case strings.HasPrefix(rest, sign):
				i = len(text)
			case strings.HasPrefix(rest, `"""`), strings.HasPrefix(rest, "'''"):
				if sign == "#" {
					quote = rest[:3]
					i += 2
				}
			case text[i] == '"', text[i] == '\'', text[i] == '`' && sign == "//":
				quote = text[i : i+1]
			case strings.IndexByte("([{", text[i]) >= 0:
				depth++
			case strings.IndexByte(")]}", text[i]) >= 0:
				if depth--; depth < 0 {
					return n, depth
				}
			}
		}
		if len(quote) == 1 && quote != "`" {
			quote = "" // a string on one line ends with it
		}
		if depth == 0 && quote == "" && !strings.HasSuffix(text, `\`) {
			return n, depth
		}
		if sign == "//" && depth > 0 && strings.HasSuffix(strings.TrimSpace(text), "{") {
			return n, 0 // a block begins: the directive is about its head
		}
	}
	return line, 0
}

// maxLine bounds what is read of one line.
const maxLine = 10_000

// Split cuts a text into lines at \n, \r\n and lone \r.
func Split(src []byte) []string {
	text := strings.ReplaceAll(string(src), "\r\n", "\n")
	return strings.Split(strings.ReplaceAll(text, "\r", "\n"), "\n")
}
