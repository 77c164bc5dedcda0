package atomicity

import (
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/suppress"
	"github.com/toctou-lint/toctou/internal/verdict"
)

func directive(t *testing.T, src string) suppress.Directive {
	t.Helper()
	for i, line := range strings.Split(src, "\n") {
		at := strings.Index(line, "# toctou:")
		if at < 0 {
			at = strings.Index(line, "//toctou:")
		}
		if at < 0 {
			continue
		}
		d, ok := suppress.Parse(suppress.Comment{File: "f", Line: i + 1, Column: at + 1, Own: strings.TrimSpace(line[:at]) == "", Text: line[at:]})
		if !ok {
			t.Fatalf("no directive in %q", line)
		}
		return d
	}
	t.Fatal("no directive")
	return suppress.Directive{}
}

func TestCover(t *testing.T) {
	for name, tt := range map[string]struct {
		src      string
		from, to int
	}{
		"paragraph":       {"# toctou: atomic\na\nb\n\nc", 2, 3},
		"to the dedent":   {"  # toctou: atomic\n  a\n  b\nc", 2, 3},
		"compound":        {"# toctou: atomic\nif a:\n    b\n\n    c\nd\n\ne", 2, 6},
		"more comments":   {"# toctou: atomic\n# because\na\n\nb", 3, 3},
		"end of header":   {"if a:  # toctou: atomic\n    b\n\n    c\nd", 2, 4},
		"end of the file": {"# toctou: atomic\na", 2, 2},
		"nothing below":   {"# toctou: atomic\n\na", 2, 1},
		"no block":        {"a  # toctou: atomic\nb", 2, 1},
		"Go":              {"\t//toctou:atomic\n\tif a {\n\t\tb\n\t}\n\tc\n}", 2, 5},
	} {
		if from, to := cover(strings.Split(tt.src, "\n"), directive(t, tt.src)); from != tt.from || to != tt.to {
			t.Errorf("%s: %d-%d, want %d-%d", name, from, to, tt.from, tt.to)
		}
	}
}

// program has one function whose events stand on the lines that their positions give.
func program(t *testing.T, text string) *verdict.Program {
	t.Helper()
	f, err := flow.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return &verdict.Program{
		Language: "python",
		Funcs:    []verdict.Func{{Name: f.Name, Pos: 1, Flow: f}},
		Site: func(p flow.Pos) verdict.Site {
			return verdict.Site{File: "f", Line: int(p), Col: 5, EndLine: int(p), EndCol: 9}
		},
	}
}

func TestCheck(t *testing.T) {
	const src = "async def get():\n    # toctou: atomic\n    a\n    b\n\n    c\n"
	for name, tt := range map[string]struct {
		events string
		line   int
		want   string
	}{
		"kept":              {"yield \"await c()\" @6", 0, ""},
		"broken":            {"yield \"await b()\" @4", 4, "suspends: await b()"},
		"perhaps":           {"yield \"await b()\" : maybe @4", 4, "may suspend: await b()"},
		"the surer of two":  {"yield \"await a()\" : maybe @3\n  yield \"await b()\" @4", 4, "suspends: await b()"},
		"own lock":          {"acquire 1 @3\n  release 1 @4", 0, ""},
		"contended":         {"acquire 1 : contended @3\n  release 1 @4", 3, "may wait for `m`"},
		"somebody's lock":   {"acquire 1 @1\n  release 1 @4", 4, "releases `m`"},
		"released later on": {"acquire 1 @1\n  release 1 @6", 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := program(t, "func get\nlock m global field m task\nblock 0\n  "+tt.events+"\n")
			got := Check(p, []suppress.Comment{directive(t, src).Comment}, func(string) []byte { return []byte(src) })
			if tt.want == "" {
				if len(got) > 0 {
					t.Errorf("reported: %+v", got)
				}
				return
			}
			if len(got) != 1 || got[0].Line != tt.line || got[0].Message != "a block that is marked atomic "+tt.want || got[0].Fingerprint == "" {
				t.Errorf("got %+v, want %q in line %d", got, tt.want, tt.line)
			}
		})
	}
	empty := "a\n# toctou: atomic\n"
	got := Check(program(t, "func get\nblock 0\n"), []suppress.Comment{directive(t, empty).Comment}, func(string) []byte { return []byte(empty) })
	if len(got) != 1 || !strings.Contains(got[0].Message, "covers no code") {
		t.Errorf("a comment on nothing: %+v", got)
	}
}
