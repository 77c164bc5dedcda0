package render

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a stretch of source text and the class that shows it, "" for plain text.
type token struct{ class, text string }

// Classes of tokens, as the style sheet names them.
const (
	classComment = "tc"
	classString  = "ts"
	classNumber  = "tn"
	classKeyword = "tk"
	className    = "tf" // of a function, class or decorator
	classBuiltin = "tb"
)

// tokens cuts text into tokens that make it up again, whatever it is. It returns nil for a language that
// it does not know.
func tokens(language, text string) []token {
	l := &lexer{text: text, python: language == "python"}
	if !l.python && language != "go" {
		return nil
	}
	l.run("")
	l.plain(len(text))
	return l.out
}

// lexer goes through a text once. What it does not know is plain.
type lexer struct {
	text   string
	python bool
	at     int
	done   int    // what is before it is in out
	before string // the word before, if only blanks are between
	out    []token
}

// plain lets the text before end out that is not out yet.
func (l *lexer) plain(end int) {
	if end > l.done {
		l.out = append(l.out, token{"", l.text[l.done:end]})
		l.done = end
	}
}

// emit lets the next n bytes out.
func (l *lexer) emit(class string, n int) {
	end := min(l.at+n, len(l.text))
	if class != "" && end > l.at {
		l.plain(l.at)
		l.out = append(l.out, token{class, l.text[l.at:end]})
		l.done = end
	}
	l.at = end
}

func (l *lexer) rest() string { return l.text[l.at:] }

// run goes on to the end of the text, or to the brace that closes an expression in a string, which ends
// with quote.
func (l *lexer) run(quote string) {
	depth := 0
	for l.at < len(l.text) {
		rest := l.rest()
		c := rest[0]
		switch {
		case quote != "" && (strings.HasPrefix(rest, quote) || c == '\n' && len(quote) == 1):
			return // the string ends before the expression: it is half a string
		case quote != "" && c == '{':
			depth++
			l.emit("", 1)
		case quote != "" && c == '}':
			if depth == 0 {
				return
			}
			depth--
			l.emit("", 1)
		case c == ' ' || c == '\t':
			l.emit("", 1)
			continue // the word before stays
		case l.python && c == '#', !l.python && strings.HasPrefix(rest, "//"):
			l.emit(classComment, lineEnd(rest))
		case !l.python && strings.HasPrefix(rest, "/*"):
			l.emit(classComment, through(rest, 2, "*/"))
		case l.python && c == '@' && l.first():
			n := 1
			for n < len(rest) && (nameByte(rest[n]) || rest[n] == '.') {
				n++
			}
			l.emit(className, n)
		case '0' <= c && c <= '9', c == '.' && len(rest) > 1 && '0' <= rest[1] && rest[1] <= '9':
			l.emit(classNumber, numberEnd(rest))
		case c == '"' || c == '\'' || !l.python && c == '`':
			l.quoted("")
		case nameByte(c):
			l.word()
			continue
		default:
			l.emit("", 1)
		}
		l.before = ""
		if c == '.' {
			l.before = "."
		}
	}
}

// first says whether nothing but blanks is before on the line.
func (l *lexer) first() bool {
	line := l.text[strings.LastIndexByte(l.text[:l.at], '\n')+1 : l.at]
	return strings.TrimLeft(line, " \t") == ""
}

// quoted lets a string out, with the prefix that says how it is read.
func (l *lexer) quoted(prefix string) {
	rest := l.rest()[len(prefix):]
	quote := rest[:1]
	if l.python && (strings.HasPrefix(rest, `"""`) || strings.HasPrefix(rest, "'''")) {
		quote = rest[:3]
	}
	formatted := strings.ContainsAny(prefix, "fFtT")
	n := len(prefix) + len(quote)
	for {
		rest = l.rest()
		switch {
		case n >= len(rest), rest[n] == '\n' && len(quote) == 1 && quote != "`":
			l.emit(classString, n)
			return
		case strings.HasPrefix(rest[n:], quote):
			l.emit(classString, n+len(quote))
			return
		case rest[n] == '\\' && quote != "`":
			n += 2
		case formatted && strings.HasPrefix(rest[n:], "{{"):
			n += 2
		case formatted && rest[n] == '{':
			l.emit(classString, n+1)
			l.before = ""
			l.run(quote)
			l.plain(l.at)
			n = 0
		default:
			n++
		}
	}
}

// word lets a word out.
func (l *lexer) word() {
	rest := l.rest()
	n := 1
	for n < len(rest) && nameByte(rest[n]) {
		n++
	}
	word := rest[:n]
	class, after := "", strings.TrimLeft(rest[n:], " \t")
	switch {
	case l.python && n <= 2 && n < len(rest) && (rest[n] == '"' || rest[n] == '\'') && strings.Trim(word, "rRbBuUfFtT") == "":
		l.quoted(word)
		l.before = ""
		return
	case l.python:
		class = l.pythonClass(word, after)
	default:
		class = goClass(word, after)
	}
	l.emit(class, n)
	l.before = word
}

func (l *lexer) pythonClass(word, after string) string {
	switch {
	case l.before == "def", l.before == "class":
		return className
	case l.before == ".":
		return ""
	case pythonKeywords[word]:
		return classKeyword
	case word == "match", word == "case":
		if l.first() && after != "" && !strings.ContainsAny(after[:1], "=.,)]:(") {
			return classKeyword
		}
	case pythonBuiltins[word]:
		return classBuiltin
	}
	return ""
}

func goClass(word, after string) string {
	called := strings.HasPrefix(after, "(")
	switch {
	case goKeywords[word]:
		return classKeyword
	case called && (goTypes[word] || goBuiltins[word]):
		return classBuiltin
	case goTypes[word]:
		return classKeyword
	case called:
		return className
	}
	return ""
}

// nameByte says whether a byte can be part of a name. So can those of letters beyond ASCII.
func nameByte(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c >= utf8.RuneSelf
}

func lineEnd(s string) int {
	if n := strings.IndexByte(s, '\n'); n >= 0 {
		return n
	}
	return len(s)
}

// through is the end of the next mark from a place on, or of the text.
func through(s string, from int, mark string) int {
	if n := strings.Index(s[from:], mark); n >= 0 {
		return from + n + len(mark)
	}
	return len(s)
}

// numberEnd is the end of the number that a text begins with: letters and dots belong to it, and a sign
// behind an exponent.
func numberEnd(s string) int {
	hex := strings.HasPrefix(s, "0x") || strings.HasPrefix(s, "0X")
	n := 0
	for n < len(s) {
		c := s[n]
		sign := (c == '+' || c == '-') && n > 0 && !hex && unicode.ToLower(rune(s[n-1])) == 'e'
		if !sign && c != '.' && (!nameByte(c) || c >= utf8.RuneSelf) {
			break
		}
		n++
	}
	return n
}

func wordSet(list string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		out[w] = true
	}
	return out
}

var (
	pythonKeywords = wordSet(`as assert async await break class continue def del elif else except False finally for from global if import
		lambda None nonlocal pass raise return True try while with yield`)
	pythonBuiltins = wordSet(`__import__ abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod cls
		compile complex delattr dict dir divmod Ellipsis enumerate eval exec filter float format frozenset getattr globals hasattr hash help hex
		id input int isinstance issubclass iter len list locals map max memoryview min next NotImplemented object oct open ord pow print
		property range repr reversed round self set setattr slice sorted staticmethod str sum super tuple type vars zip`)
	goKeywords = wordSet(`break case chan const continue default defer else fallthrough false for func go goto if import interface iota
		map nil package range return select struct switch true type var`)
	goTypes = wordSet(`any bool byte complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune string uint uint8 uint16
		uint32 uint64 uintptr`)
	goBuiltins = wordSet(`append cap clear close complex copy delete imag len make max min new panic print println real recover`)
)
