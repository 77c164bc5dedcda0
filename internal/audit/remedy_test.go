package audit

import (
	"slices"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/internal/fix"
)

// edit is the edit that replaces the one occurrence of a text.
func edit(t *testing.T, src, old, text string) fix.Edit {
	t.Helper()
	at := strings.Index(src, old)
	if at < 0 || strings.Count(src, old) != 1 {
		t.Fatalf("%q occurs %d times", old, strings.Count(src, old))
	}
	return fix.Edit{Start: at, End: at + len(old), New: text}
}

// A fix is shown by what it changes: the lines around it, the function it is in, and nothing of
// what lies between two changes.
func TestExcerpt(t *testing.T) {
	src := `import logging
import sys


class Client:
    def __init__(self):
        self.a = 1
        self.b = 2
        self.conn = None
        self.c = 3
        self.d = 4
        self.e = 5

    def other(self):
        return self.a

    async def get(self):
        """The connection."""
        self.asked = True
        self.when = now()
        if self.conn is None:
            self.conn = await dial()
        return self.conn
`
	edits := []fix.Edit{
		{Start: 0, End: 0, New: "import asyncio\n"},
		edit(t, src, "        self.conn = None\n", "        self.conn = None\n        self.lock = asyncio.Lock()\n"),
		edit(t, src, "        if self.conn is None:\n            self.conn = await dial()\n",
			"        async with self.lock:\n            if self.conn is None:\n                self.conn = await dial()\n"),
	}
	edits = append(edits, edits[1]) // asked for by two fixes, made once
	after, err := fix.Apply([]byte(src), edits)
	if err != nil {
		t.Fatal(err)
	}
	const want = `import asyncio
...
    def __init__(self):
        ...
        self.b = 2
        self.conn = None
        self.lock = asyncio.Lock()
        self.c = 3
        self.d = 4
...
    async def get(self):
        ...
        self.asked = True
        self.when = now()
        async with self.lock:
            if self.conn is None:
                self.conn = await dial()
        return self.conn
`
	line, code, _ := excerpt([]byte(src), after, edits)
	if line != 1 || code != want {
		t.Errorf("from line %d:\n%s\nwant from line 1:\n%s", line, code, want)
	}
}

// TestAddedLines: the lines that a change adds are marked, and not those that it only moves in.
func TestAddedLines(t *testing.T) {
	const src = "async def get():\n    if conn is None:\n        conn = await dial()\n    return conn\n"
	const after = "async def get():\n    async with lock:\n        if conn is None:\n            conn = await dial()\n            seen = 1\n    return conn\n"
	edits := []fix.Edit{edit(t, src, "    if conn is None:\n        conn = await dial()\n", "    async with lock:\n        if conn is None:\n            conn = await dial()\n            seen = 1\n")}
	_, code, added := excerpt([]byte(src), []byte(after), edits)
	if code != after || !slices.Equal(added, []int{2, 5}) {
		t.Errorf("added %v of\n%s", added, code)
	}
}

// Of a long body that was only moved in, its beginning and its end are shown.
func TestExcerptOfLongBody(t *testing.T) {
	var old, moved strings.Builder
	for i := range 40 {
		line := "    step(" + strings.Repeat("x", i) + ")\n"
		old.WriteString(line)
		moved.WriteString("    " + line)
	}
	src := "async def f():\n" + old.String()
	edits := []fix.Edit{edit(t, src, old.String(), "    async with lock:\n"+moved.String())}
	after, err := fix.Apply([]byte(src), edits)
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := excerpt([]byte(src), after, edits)
	if n := strings.Count(code, "\n"); n > 12 || !strings.Contains(code, "\n        ...\n") || !strings.HasSuffix(code, strings.Repeat("x", 39)+")\n") {
		t.Errorf("%d lines:\n%s", n, code)
	}
}
