package render

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// visible replaces everything that could act on a terminal or hide text from a reader by
// something that shows: control characters by their pictures (␛ for escape), format characters
// such as bidirectional overrides and invalid bytes by an escape. The result is one line.
func visible(s string) string {
	s = strings.ReplaceAll(s, pipelineMark, "##\\u005b")
	for i, r := range s {
		if hidden(r) || r == utf8.RuneError {
			return s[:i] + reveal(s[i:])
		}
	}
	return s
}

// pipelineMark begins a command anywhere in a line that a CI runner reads.
const pipelineMark = "##["

func reveal(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		b.WriteString(show(r, s[i:i+n]))
		i += n
	}
	return b.String()
}

// show returns the visible form of one rune, raw being its bytes.
func show(r rune, raw string) string {
	switch {
	case r == utf8.RuneError && len(raw) == 1:
		return fmt.Sprintf(`\x%02x`, raw[0])
	case !hidden(r):
		return raw
	case r < 0x20:
		return string(0x2400 + r) // control pictures
	case r == 0x7f:
		return "␡"
	case r > 0xffff:
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// hidden reports whether r acts instead of being seen.
func hidden(r rune) bool {
	if r < utf8.RuneSelf {
		return r < 0x20 || r == 0x7f
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co)
}
