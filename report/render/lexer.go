package render

import (
	"strings"
	"sync"

	"github.com/alecthomas/chroma/v2"
)

// token is a stretch of source text and the class that shows it, "" for plain text.
type token struct{ class, text string }

// lexers are made when an excerpt asks for them, from rules of our own: chroma's collection reads a few
// hundred grammars when a program starts, and go vet starts this one for each package.
var lexers = map[string]func() chroma.Lexer{
	"python": sync.OnceValue(func() chroma.Lexer { return lexerOf("Python", pythonRules) }),
	"go":     sync.OnceValue(func() chroma.Lexer { return lexerOf("Go", goRules) }),
}

func lexerOf(name string, rules func() chroma.Rules) chroma.Lexer {
	return chroma.Coalesce(chroma.MustNewLexer(&chroma.Config{Name: name}, rules))
}

// tokens cuts text into tokens that make it up again, whatever it is. It returns nil for a language that
// it does not know.
func tokens(language, text string) []token {
	lexer := lexers[language]
	if lexer == nil {
		return nil
	}
	next, err := lexer().Tokenise(&chroma.TokeniseOptions{State: "root"}, text)
	if err != nil {
		return nil
	}
	var out []token
	for t := next(); t != chroma.EOF; t = next() {
		out = append(out, token{tokenClass(t.Type), t.Value})
	}
	return out
}

// tokenClass is the style of a kind of token, as the style sheet names it; "" for plain text.
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
	case t == chroma.NameFunction:
		return "tf"
	case t == chroma.NameBuiltin:
		return "tb"
	}
	return ""
}

// wordRule is the pattern of a list of words.
func wordRule(list string) string { return chroma.Words(`\b`, `\b`, strings.Fields(list)...) }

const (
	numberRule = `0[xX][\da-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?[a-zA-Z]*`
	nameRule   = `[\p{L}_]\w*`
)

// plainly is a rule whose text has no class.
func plainly(pattern string) chroma.Rule { return chroma.Rule{Pattern: pattern, Type: chroma.Text} }

func pythonRules() chroma.Rules {
	keyword := wordRule(`as assert async await break class continue def del elif else except False finally for from global if import
		lambda None nonlocal pass raise return True try while with yield`)
	builtin := wordRule(`__import__ abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod cls compile
		complex delattr dict dir divmod Ellipsis enumerate eval exec filter float format frozenset getattr globals hasattr hash help hex id
		input int isinstance issubclass iter len list locals map max memoryview min next NotImplemented object oct open ord pow print
		property range repr reversed round self set setattr slice sorted staticmethod str sum super tuple type vars zip`)
	expression := []chroma.Rule{
		plainly(`\.[ \t]*` + nameRule),
		{Pattern: keyword, Type: chroma.Keyword},
		{Pattern: builtin, Type: chroma.NameBuiltin},
		plainly(nameRule),
		{Pattern: numberRule, Type: chroma.LiteralNumber},
		plainly(`[\s\S]`),
	}
	rules := chroma.Rules{}
	var strs []chroma.Rule
	// An expression in a string ends where the string does: it may be half a string.
	for _, quote := range []string{`"""`, "'''", `"`, `'`} {
		body, end := `(?:\\[\s\S]|(?!`+quote+`)[^\n\\])*`, `(?:`+quote+`|(?=\n)|\\?\z)`
		if len(quote) == 3 {
			body, end = `(?:\\[\s\S]|(?!`+quote+`)[^\\])*`, `(?:`+quote+`|\\?\z)`
		}
		formatted, inside := "formatted "+quote, "inside "+quote
		strs = append(strs,
			chroma.Rule{Pattern: `(?:[rRbB]{0,2}[fFtT][rR]?)` + quote, Type: chroma.LiteralString, Mutator: chroma.Push(formatted)},
			chroma.Rule{Pattern: `[rRbBuU]{0,2}` + quote + body + end, Type: chroma.LiteralString})
		rules[formatted] = []chroma.Rule{
			{Pattern: `\{\{`, Type: chroma.LiteralString},
			{Pattern: `\{`, Type: chroma.LiteralString, Mutator: chroma.Push(inside)},
			{Pattern: quote, Type: chroma.LiteralString, Mutator: chroma.Pop(1)},
			{Pattern: `\\[\s\S]|[^\n]`, Type: chroma.LiteralString},
			{Pattern: `\n`, Type: chroma.LiteralString},
		}
		stop := `(?=` + quote + `)`
		if len(quote) == 1 {
			rules[formatted][4] = chroma.Rule{Pattern: `(?=\n)`, Type: chroma.Text, Mutator: chroma.Pop(1)}
			stop = `(?=` + quote + `|\n)`
		}
		rules[inside] = []chroma.Rule{
			{Pattern: stop, Type: chroma.Text, Mutator: chroma.Pop(1)},
			{Pattern: `\}`, Type: chroma.LiteralString, Mutator: chroma.Pop(1)},
			{Pattern: `\{`, Type: chroma.Text, Mutator: chroma.Push("braces")},
			chroma.Include("value"),
		}
	}
	rules["braces"] = []chroma.Rule{
		{Pattern: `\}`, Type: chroma.Text, Mutator: chroma.Pop(1)},
		{Pattern: `\{`, Type: chroma.Text, Mutator: chroma.Push("braces")},
		chroma.Include("value"),
	}
	rules["value"] = append(strs, expression...)
	rules["root"] = []chroma.Rule{
		{Pattern: `#.*`, Type: chroma.Comment},
		{Pattern: `(?m)^([ \t]*)(@[\w.]+)`, Type: chroma.ByGroups(chroma.Text, chroma.NameFunction)},
		{Pattern: `(?m)^([ \t]*)(match|case)(?=[ \t]+[^\s=.,):(\]])`, Type: chroma.ByGroups(chroma.Text, chroma.Keyword)},
		{Pattern: `\b(def|class)([ \t]+)(\w+)`, Type: chroma.ByGroups(chroma.Keyword, chroma.Text, chroma.NameFunction)},
		chroma.Include("value"),
	}
	return rules
}

func goRules() chroma.Rules {
	called := `(?=[ \t]*\()`
	types := wordRule(`any bool byte complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune string uint uint8 uint16
		uint32 uint64 uintptr`)
	return chroma.Rules{"root": {
		{Pattern: `//.*|/\*[\s\S]*?(?:\*/|\z)`, Type: chroma.Comment},
		{Pattern: "`[^`]*(?:`|\\z)" + `|"(?:\\.|[^"\\\n])*(?:"|\\?\z|(?=\n))|'(?:\\.|[^'\\\n])*(?:'|\\?\z|(?=\n))`, Type: chroma.LiteralString},
		{Pattern: wordRule(`break case chan const continue default defer else fallthrough false for func go goto if import interface iota map nil
			package range return select struct switch true type var`), Type: chroma.Keyword},
		{Pattern: `(?:` + types + `|` + wordRule(`append cap clear close complex copy delete imag len make max min new panic print println real recover`) + `)` + called, Type: chroma.NameBuiltin},
		{Pattern: types, Type: chroma.Keyword},
		{Pattern: nameRule + called, Type: chroma.NameFunction},
		plainly(nameRule),
		{Pattern: numberRule, Type: chroma.LiteralNumber},
		plainly(`[\s\S]`),
	}}
}
