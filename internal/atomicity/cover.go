package atomicity

import (
	"strings"

	"github.com/toctou-lint/toctou/internal/suppress"
)

// cover returns the first and last line of the code that a directive speaks of; none: to < from.
func cover(lines []string, d suppress.Directive) (from, to int) {
	if d.Line < 1 || d.Line > len(lines) {
		return 1, 0
	}
	sign := "#"
	if strings.HasPrefix(d.Text, "//") {
		sign = "//"
	}
	at := func(n int) (text string, indent int) {
		text = strings.TrimRight(lines[n-1], " \t\f")
		return text, indentation(text)
	}
	from = d.Line + 1
	_, base := at(d.Line)
	if d.Own { // the base is that of the code below
		for from <= len(lines) {
			text, indent := at(from)
			if code := strings.TrimLeft(text, " \t\f"); code != "" && !strings.HasPrefix(code, sign) {
				base = indent
				break
			} else if code == "" {
				return from, from - 1
			}
			from++
		}
	}
	to = from - 1
	for n := from; n <= len(lines); n++ {
		text, indent := at(n)
		code := strings.TrimLeft(text, " \t\f")
		switch {
		case code == "":
			if d.Own && blankEnds(lines, n, base) {
				return from, to
			}
			continue
		case d.Own && indent < base, !d.Own && indent <= base:
			return from, to
		}
		to = n
	}
	return from, to
}

// blankEnds reports whether the code after the blank line n is no longer part of a deeper block.
func blankEnds(lines []string, n, base int) bool {
	for _, text := range lines[n:] {
		if strings.TrimSpace(text) != "" {
			return indentation(text) <= base
		}
	}
	return true
}

// indentation is the width of the leading white space, tabs to the next multiple of eight.
func indentation(text string) int {
	width := 0
	for _, c := range []byte(text) {
		switch c {
		case ' ':
			width++
		case '\t':
			width += 8 - width%8
		case '\f':
			width = 0
		default:
			return width
		}
	}
	return width
}
