package render

import "strings"

// mdText escapes text for running Markdown. Simple `code spans` stay, since messages use them for
// names; everything else that Markdown or HTML could act on is escaped. The result is one line.
func mdText(s string) string { return mdEscape(s, true) }

// mdInline is mdText for text that does not start a line.
func mdInline(s string) string { return mdEscape(s, false) }

func mdEscape(s string, starts bool) string {
	s = strings.TrimSpace(visible(s))
	var b strings.Builder
	for i := 0; i < len(s); {
		if n := codeSpan(s, i); n > 0 {
			b.WriteString(s[i : i+n])
			i += n
			continue
		}
		if n := identifier(s, i); n > 0 {
			b.WriteString("`" + s[i:i+n] + "`")
			i += n
			continue
		}
		c := s[i]
		switch {
		case c == '&':
			b.WriteString("&amp;")
		case c == '<':
			b.WriteString("&lt;")
		case c == '>':
			b.WriteString("&gt;")
		case strings.IndexByte("\\`*_[]|~!#@$", c) >= 0,
			c == ':' && strings.HasPrefix(s[i:], "://"),
			c == '.' && i >= 3 && strings.EqualFold(s[i-3:i], "www"),
			starts && i == 0 && strings.IndexByte("-+=", c) >= 0,
			starts && (c == '.' || c == ')') && i > 0 && i < 10 && strings.Trim(s[:i], "0123456789") == "":
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
		i++
	}
	return b.String()
}

// identifier is the length of a name at s[i:] that is set as code because an underscore in it would
// have to be escaped, 0 if there is none: self._lock, JobService._running[job.id].
func identifier(s string, i int) int {
	if !wordByte(s[i]) || i > 0 && (wordByte(s[i-1]) || strings.IndexByte("./@:\\`", s[i-1]) >= 0) {
		return 0
	}
	n, underscore := 0, false
	for n < len(s)-i {
		c := s[i+n]
		if c == '.' && i+n+1 < len(s) && wordByte(s[i+n+1]) || wordByte(c) {
			underscore = underscore || c == '_'
			n++
			continue
		}
		if c == '[' {
			if end := strings.IndexByte(s[i+n:], ']'); end > 1 && strings.IndexFunc(s[i+n+1:i+n+end], func(r rune) bool { return !wordRune(r) && r != '.' }) < 0 {
				n += end + 1
				continue
			}
		}
		break
	}
	if !underscore || i+n < len(s) && (s[i+n] == '`' || s[i+n] >= 0x80) {
		return 0
	}
	return n
}

func wordByte(c byte) bool { return wordRune(rune(c)) }

func wordRune(r rune) bool {
	return r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

// codeSpan is the length of a code span at s[i:] that is delimited by single backticks, 0 if there is none.
func codeSpan(s string, i int) int {
	if s[i] != '`' || i > 0 && s[i-1] == '`' || i+1 < len(s) && s[i+1] == '`' {
		return 0
	}
	end := strings.IndexByte(s[i+1:], '`')
	if end <= 0 {
		return 0
	}
	n := end + 2
	if i+n < len(s) && s[i+n] == '`' || strings.Contains(s[i:i+n], "|") {
		return 0 // a bar would break a table
	}
	return n
}

// mdCode is s as a code span that nothing in s can end.
func mdCode(s string) string {
	s = visible(s)
	if s == "" {
		return ""
	}
	fence := strings.Repeat("`", longestRun(s)+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || strings.TrimSpace(s) != s {
		s = " " + s + " "
	}
	return fence + s + fence
}

// mdCell is mdCode for a table, where a bar ends the cell even in code: text with a bar is escaped instead.
func mdCell(s string) string {
	if strings.Contains(s, "|") {
		return mdInline(s)
	}
	return mdCode(s)
}

// mdFence is a fence that no line of the code can close.
func mdFence(lines []string) string {
	n := 2
	for _, l := range lines {
		n = max(n, longestRun(l))
	}
	return strings.Repeat("`", n+1)
}

// longestRun is the length of the longest run of backticks.
func longestRun(s string) int {
	most, run := 0, 0
	for i := range len(s) {
		if s[i] == '`' {
			run++
			most = max(most, run)
		} else {
			run = 0
		}
	}
	return most
}

// mdInfo is the language word after a fence, or nothing.
func mdInfo(language string) string {
	for _, r := range language {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return ""
		}
	}
	return language
}
