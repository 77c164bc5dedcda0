package hostile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

func inUTF16(text string, mark bool) string {
	var b strings.Builder
	if mark {
		b.WriteString("\xff\xfe")
	}
	for _, u := range utf16.Encode([]rune(text)) {
		b.WriteByte(byte(u))
		b.WriteByte(byte(u >> 8))
	}
	return b.String()
}

// TestContents: a file whose bytes are unusual is analysed, or listed with the reason, or both;
// the sound file beside it is analysed in any case.
func TestContents(t *testing.T) {
	at9 := []string{fmt.Sprintf("%d %s", soundLine, soundRule)}
	python2 := sound + "\n\ndef old(n):\n    print \"x\", n\n    exec \"y = 1\" in {}\n    raise ValueError, `n`\n    return 0777L <> 1\n"
	conflict := sound + "\n\n<<<<<<< HEAD\nLIMIT = 1\n=======\nLIMIT = 2\n>>>>>>> other\n"
	for name, tt := range map[string]struct {
		text   string
		found  []string
		reason string // "" if the file is analysed as a whole
	}{
		"empty":                        {"", nil, ""},
		"one line end":                 {"\n", nil, ""},
		"only a comment":               {"# nothing", nil, ""},
		"no line end":                  {strings.TrimSuffix(sound, "\n"), at9, ""},
		"byte order mark":              {"\xef\xbb\xbf" + sound, at9, ""},
		"only a byte order mark":       {"\xef\xbb\xbf", nil, ""},
		"Windows line ends":            {strings.ReplaceAll(sound, "\n", "\r\n"), at9, ""},
		"old Mac line ends":            {strings.ReplaceAll(sound, "\n", "\r"), at9, ""},
		"mixed line ends":              {strings.Replace(strings.Replace(sound, "\n", "\r\n", 3), "\r\n", "\r", 1), at9, ""},
		"tabs":                         {strings.ReplaceAll(sound, "    ", "\t"), at9, ""},
		"form feeds":                   {strings.Replace(sound, "\n\n\nasync", "\n\f\n\nasync", 1), at9, ""},
		"UTF-16":                       {inUTF16(sound, true), at9, ""},
		"UTF-16 without a mark":        {inUTF16(sound, false), nil, "NUL"},
		"NUL":                          {strings.Replace(sound, "None", "No\x00ne", 1), nil, "NUL"},
		"invalid UTF-8":                {strings.Replace(sound, "_pool = None", "_pool = None  # \xff\xfe\xc0", 1), at9, ""},
		"Latin-1, undeclared":          {strings.Replace(sound, "import asyncpg\n", "import asyncpg  # \xe9\n", 1), at9, ""},
		"unknown encoding":             {"# coding: klingon\n" + sound, nil, "encoding"},
		"Python 2":                     {python2, at9, ""},
		"conflict markers":             {conflict, at9, "syntax"},
		"half-written call":            {sound + "\n\nasync def half(self):\n    await self.send(\n", at9, "syntax"},
		"half-written block":           {sound + "\n\nasync def half(self):\n    if self.x is None:\n", at9, ""},
		"half-written string":          {sound + "\n\nTEXT = \"\"\"no end\n", at9, "syntax"},
		"not Python at all":            {"await " + strings.Repeat("}{)(;:@", 2000) + "\n", nil, "syntax"},
		"an archive":                   {"PK\x03\x04\x14\x00\x00\x00async" + strings.Repeat("\x00\xff", 500), nil, "NUL"},
		"escape sequences in a string": {strings.Replace(sound, "import asyncpg", "import asyncpg; T = '\x1b[31m\x07\u202e'", 1), at9, ""},
	} {
		t.Run(name, func(t *testing.T) {
			au := scan(t, tree(t, map[string]string{"hostile.py": tt.text}))
			if got := findings(au, "hostile.py"); !slices.Equal(got, tt.found) {
				t.Errorf("findings %q, want %q", got, tt.found)
			}
			if tt.reason != "" {
				wantReason(t, au, "hostile.py", tt.reason)
			} else if got := reasons(au, "hostile.py"); len(got) > 0 {
				t.Errorf("listed as not analysed: %q", got)
			}
			if au.Files != 2 {
				t.Errorf("%d files, want 2", au.Files)
			}
		})
	}
}

// TestContentsAreShownPlainly: what a file holds does not reach the terminal as a command.
func TestContentsAreShownPlainly(t *testing.T) {
	root := tree(t, map[string]string{
		"hostile.py": strings.ReplaceAll(sound, "(dsn):", "(dsn):  # \x1b]0;owned\x07\x1b[2J\u202e"),
		"strange.py": "await '\x1b[2J'\n)(\n",
	})
	for _, format := range []string{"text", "markdown", "json", "sarif", "github", "gitlab", "junit", "html"} {
		out := toctou(t, "audit", "--format", format, root)
		if out.code != 0 {
			t.Errorf("%s: exit code %d: %s", format, out.code, out.stderr)
		}
		if !strings.Contains(out.stdout, "sound.py") {
			t.Errorf("%s: the sound file is missing", format)
		}
		if i := strings.IndexAny(out.stdout+out.stderr, "\x1b\x07\u202e"); i >= 0 {
			t.Errorf("%s: a control character is written as it is", format)
		}
	}
}
