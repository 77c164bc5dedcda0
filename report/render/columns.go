package render

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/width"

	"github.com/toctou-lint/toctou/report"
)

const tabStop = 4

// laid is a source line as a terminal shows it, cell by cell.
type laid struct {
	cells []cell
	at    []int // byte offset in the source → column; one entry more than there are bytes
	width int
}

// cell is one piece of text and the columns it takes: 0 for a combining mark, 2 for a wide character.
type cell struct {
	text string
	wide int
}

// lay expands tabs, makes the invisible visible and measures every character.
func lay(src string) laid {
	l := laid{at: make([]int, 0, len(src)+1)}
	for i := 0; i < len(src); {
		r, n := utf8.DecodeRuneInString(src[i:])
		raw := src[i : i+n]
		var c cell
		if r == '\t' {
			w := tabStop - l.width%tabStop
			c = cell{strings.Repeat(" ", w), w}
		} else {
			c.text = show(r, raw)
			if strings.HasSuffix(src[:i+n], pipelineMark) {
				c.text = `\u005b`
			}
			if c.text == raw {
				c.wide = runeWidth(r)
			} else {
				c.wide = utf8.RuneCountInString(c.text)
			}
		}
		for range n {
			l.at = append(l.at, l.width)
		}
		l.cells = append(l.cells, c)
		l.width += c.wide
		i += n
	}
	l.at = append(l.at, l.width)
	return l
}

// column returns the column of a 1-based byte column, the line's end if it lies beyond.
func (l laid) column(byteCol int) int {
	return l.at[min(max(byteCol-1, 0), len(l.at)-1)]
}

// slice returns the text between two columns, with … where something was cut off.
func (l laid) slice(from, to int) string {
	var b strings.Builder
	col := 0
	for _, c := range l.cells {
		end := col + c.wide
		switch {
		case col >= from && end <= to:
			b.WriteString(c.text)
		case col < to && end > from: // half of a wide character or a tab
			b.WriteString(strings.Repeat(" ", min(end, to)-max(col, from)))
		}
		col = end
	}
	return b.String()
}

// runeWidth is the number of columns of a printable rune.
func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me), r >= 0x1160 && r <= 0x11ff: // marks; Hangul vowels and finals
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// utf16Column converts a byte column to UTF-16 code units, as far as the source line is stored.
func utf16Column(a *report.Audit, file string, line, column int) int {
	src, ok := a.Excerpts[report.ExcerptKey(file, line)]
	if !ok || column < 1 {
		return max(column, 1)
	}
	n := 1
	for i, r := range src {
		if i >= column-1 {
			return n
		}
		n += utf16.RuneLen(r)
	}
	return n
}

// textWidth is the number of columns of a text that is already visible.
func textWidth(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}
