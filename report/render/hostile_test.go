package render

import (
	"reflect"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/report"
)

// attacks are texts that would act on a reader if a renderer let them through.
var attacks = []string{
	"\x1b[31mred\x1b]8;;http://evil.example\a",
	"\u009b31m \u202egnp.exe \u2066 \u200b \u2028",
	"\r\n\n# Injected heading\n\n- injected item",
	"```\n</code></pre>\n# Injected heading\n````",
	"<script>alert(1)</script><img src=x onerror=alert(1)>",
	"\"'><svg onload=alert(1)> javascript:alert(1)",
	"[link](javascript:alert(1)) ![image](http://evil.example/x.png)",
	"http://evil.example www.evil.example *bold* _italic_ ~~gone~~ | cell | `code",
	"`` ` ``` | `a|b` \\` \\| \\",
	"\n::error file=x::injected\n::set-output name=a::b%0A",
	"]]> <![CDATA[ &amp; &lt; --> <!-- \x00\x01\x7f \xff\xfe \ufffe",
	"1. one\n2) two\n+ three\n=== \n---\n> quote\n    code",
	"{{.Title}} {{template \"x\"}} ${alert(1)}",
}

// poison sets every text of an audit to s. Texts that renderers choose by, such as kinds, follow too.
func poison(a *report.Audit, s string) {
	excerpts := make(map[string]string)
	for i := range a.Findings {
		for _, st := range a.Findings[i].Steps {
			for n := st.Line - 2; n <= st.Line+2; n++ {
				excerpts[report.ExcerptKey(s, n)] = s
			}
		}
	}
	setStrings(reflect.ValueOf(a).Elem(), s)
	a.Excerpts = excerpts
}

func setStrings(v reflect.Value, s string) {
	switch v.Kind() {
	case reflect.String:
		if v.String() != "" {
			v.SetString(s)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			setStrings(v.Elem(), s)
		}
	case reflect.Struct:
		for _, f := range v.Fields() {
			setStrings(f, s)
		}
	case reflect.Slice:
		for i := range v.Len() {
			setStrings(v.Index(i), s)
		}
	case reflect.Map:
		if v.Len() > 0 && v.Type().Key().Kind() == reflect.String {
			m := reflect.MakeMap(v.Type())
			e := reflect.New(v.Type().Elem()).Elem()
			e.Set(v.MapIndex(v.MapKeys()[0]))
			if e.Kind() == reflect.String {
				e.SetString(s)
			}
			m.SetMapIndex(reflect.ValueOf(s), e)
			v.Set(m)
		}
	}
}

// hostile returns the platform audit with every text replaced, kinds kept or not.
func hostile(s string, keepKinds bool) *report.Audit {
	a := platform()
	model := platform()
	poison(a, s)
	if !keepKinds {
		return a
	}
	a.Schema, a.Languages = model.Schema, model.Languages
	for i := range a.Findings {
		f, m := &a.Findings[i], &model.Findings[i]
		f.Severity, f.Confidence, f.Window, f.Language, f.Group, f.Fingerprint = m.Severity, m.Confidence, m.Window, m.Language, m.Group, m.Fingerprint
		for j := range f.Steps {
			f.Steps[j].Kind = m.Steps[j].Kind
		}
	}
	return a
}

// eachAttack renders every attack with a renderer.
func eachAttack(t *testing.T, r Renderer, check func(t *testing.T, attack, got string)) {
	t.Helper()
	rules := map[string]RuleInfo{}
	for _, s := range attacks {
		rules[s] = RuleInfo{Name: s, Title: s, Summary: s, Help: s, URL: s, CWE: []int{367}}
	}
	for _, s := range attacks {
		for _, keep := range []bool{true, false} {
			check(t, s, must(t, r, hostile(s, keep), Options{Rules: rules}))
		}
	}
}

func noHidden(t *testing.T, attack, got string) {
	t.Helper()
	for i, r := range got {
		if r != '\n' && hidden(r) {
			t.Errorf("attack %q: raw %U in ...%q", attack, r, got[max(0, i-30):min(len(got), i+10)])
			return
		}
	}
}

func TestNoTerminalEscapes(t *testing.T) {
	for _, format := range Formats() {
		t.Run(format, func(t *testing.T) { eachAttack(t, renderers[format], noHidden) })
	}
}

// TestTextLinesStay: no text of the audit may begin a line of its own.
func TestTextLinesStay(t *testing.T) {
	calm := hostile("calm", true)
	for name, r := range map[string]Renderer{"text": Text, "lines": Lines} {
		want := strings.Count(must(t, r, calm, Options{}), "\n")
		for _, s := range attacks {
			if got := strings.Count(must(t, r, hostile(s, true), Options{}), "\n"); got != want {
				t.Errorf("%s: attack %q changes the number of lines from %d to %d", name, s, want, got)
			}
		}
	}
}

// markdownBlocks is the outline of a document: its headings' levels, items, fences and tables.
func markdownBlocks(text string) (outline []string, prose string) {
	var b strings.Builder
	fence := ""
	for line := range strings.SplitSeq(text, "\n") {
		trimmed := strings.TrimLeft(line, " ")
		run := len(trimmed) - len(strings.TrimLeft(trimmed, "`"))
		switch {
		case fence != "":
			if run >= len(fence) && strings.TrimSpace(trimmed[run:]) == "" {
				fence = ""
				outline = append(outline, "end")
			}
		case run >= 3 && !strings.Contains(trimmed[run:], "`"):
			fence = trimmed[:run]
			outline = append(outline, "fence")
		default:
			for _, start := range []string{"#", "-", "+", ">", "|", "=", "~", "*"} {
				if strings.HasPrefix(trimmed, start) && !strings.HasPrefix(trimmed, "**") {
					outline = append(outline, start)
				}
			}
			b.WriteString(line + "\n")
		}
	}
	return outline, b.String()
}

// withoutCode removes code spans as CommonMark delimits them.
func withoutCode(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			b.WriteString(s[i : i+2])
			i += 2
		case s[i] == '`':
			run := 0
			for i+run < len(s) && s[i+run] == '`' {
				run++
			}
			if n := closing(s[i+run:], run); n >= 0 {
				i += run + n + run
			} else {
				b.WriteString(s[i : i+run])
				i += run
			}
		default:
			b.WriteByte(s[i])
			i++
		}
	}
	return b.String()
}

// closing finds a run of exactly n backticks before the end of the paragraph.
func closing(s string, n int) int {
	for i := 0; i < len(s) && !strings.HasPrefix(s[i:], "\n\n"); {
		run := 0
		for i+run < len(s) && s[i+run] == '`' {
			run++
		}
		if run == n {
			return i
		}
		i += max(run, 1)
	}
	return -1
}

func TestMarkdownStaysInItsBlocks(t *testing.T) {
	rules := map[string]RuleInfo{}
	calm := must(t, Markdown, hostile("calm", true), Options{Rules: rules})
	want, _ := markdownBlocks(calm)
	for _, s := range attacks {
		got, prose := markdownBlocks(must(t, Markdown, hostile(s, true), Options{Rules: rules}))
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("attack %q changes the outline:\nwant %v\ngot  %v", s, want, got)
		}
		plain := withoutCode(prose)
		for _, bad := range []string{"<", "](", "![", "http://", "www.", "`"} {
			for i := range len(plain) {
				if strings.HasPrefix(plain[i:], bad) && (i == 0 || plain[i-1] != '\\') {
					t.Errorf("attack %q: unescaped %q in …%q", s, bad, plain[max(0, i-40):min(len(plain), i+40)])
					break
				}
			}
		}
	}
}

func TestTablesKeepTheirColumns(t *testing.T) {
	for _, s := range attacks {
		columns := 0
		for line := range strings.SplitSeq(must(t, Markdown, hostile(s, true), Options{}), "\n") {
			if !strings.HasPrefix(line, "|") {
				columns = 0
				continue
			}
			n := 0
			for i := 0; i < len(line); i++ {
				switch line[i] {
				case '\\':
					i++
				case '|':
					n++
				}
			}
			if columns == 0 {
				columns = n
			}
			if n != columns {
				t.Errorf("attack %q: %d bars instead of %d in %q", s, n, columns, line)
			}
		}
	}
}
