package render

import (
	"strings"
	"testing"
)

// marked writes the tokens of a text as class(text), plain text as it is.
func marked(toks []token) string {
	var b strings.Builder
	for _, t := range toks {
		if t.class == "" {
			b.WriteString(t.text)
		} else {
			b.WriteString(t.class + "(" + t.text + ")")
		}
	}
	return b.String()
}

func TestTokens(t *testing.T) {
	for _, c := range []struct{ language, text, want string }{
		{"python", "x = 1_000 # a note\ny", "x = tn(1_000) tc(# a note)\ny"},
		{"python", "async def poll(self):", "tk(async) tk(def) tf(poll)(tb(self)):"},
		{"python", "class Job(Base): pass", "tk(class) tf(Job)(Base): tk(pass)"},
		{"python", "@app.get('/x')\nasync def f(): ...", "tf(@app.get)(ts('/x'))\ntk(async) tk(def) tf(f)(): ..."},
		{"python", "a @ b", "a @ b"},
		{"python", "x.set(1).id", "x.set(tn(1)).id"},
		{"python", `rb'\'' + "a\"b"`, `ts(rb'\'') + ts("a\"b")`},
		{"python", "'open\nif x", "ts('open)\ntk(if) x"},
		{"python", "'''two\nlines''' or 1e-5", "ts('''two\nlines''') or tn(1e-5)"},
		{"python", `f"{{}} {len(d[k])!r:>{w}} {x"`, `ts(f"{{}} {)tb(len)(d[k])!r:>{w}ts(} {)xts(")`},
		{"python", "match x:\n    case 1:\nmatch = re.match(x)", "tk(match) x:\n    tk(case) tn(1):\nmatch = re.match(x)"},
		{"python", "naïve_if = None", "naïve_if = tk(None)"},
		{"python", `"""never closed`, `ts("""never closed)`},
		{"python", `x = "\`, `x = ts("\)`},
		{"go", "func (s *S) get(k string) int { // why", "tk(func) (s *S) tf(get)(k tk(string)) tk(int) { tc(// why)"},
		{"go", "m := make(map[string]bool, len(x))", "m := tb(make)(tk(map)[tk(string)]tk(bool), tb(len)(x))"},
		{"go", "go func() { <-c }()", "tk(go) tk(func)() { <-c }()"},
		{"go", "x := `raw\n\\` + \"q\\\"\" + string('\\'')", "x := ts(`raw\n\\`) + ts(\"q\\\"\") + tb(string)(ts('\\''))"},
		{"go", "/* two\nlines */ 0x1F .5 1.5e+3i", "tc(/* two\nlines */) tn(0x1F) tn(.5) tn(1.5e+3i)"},
		{"go", "/* open", "tc(/* open)"},
		{"go", "return nil, errors.New(x)", "tk(return) tk(nil), errors.tf(New)(x)"},
	} {
		toks := tokens(c.language, c.text)
		if got := marked(toks); got != c.want {
			t.Errorf("%s: %q\n got %q\nwant %q", c.language, c.text, got, c.want)
		}
	}
	if tokens("no-language", "if") != nil {
		t.Error("an unknown language has tokens")
	}
}

// FuzzTokens: the tokens of any text make it up again, and none is empty. What is shown is valid UTF-8.
func FuzzTokens(f *testing.F) {
	for _, s := range []string{"f'{x!r:{w}}'", "f\"{", "'''", "`", "/*", "\\", "@", "1e", "f'{'", "f'''{'a'}\n'''", "\xff\"\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "?")
		for _, language := range []string{"python", "go"} {
			var all strings.Builder
			for _, tok := range tokens(language, text) {
				if tok.text == "" {
					t.Errorf("%s: an empty token in %q", language, text)
				}
				all.WriteString(tok.text)
			}
			if all.String() != text {
				t.Errorf("%s: %q became %q", language, text, all.String())
			}
		}
	})
}
