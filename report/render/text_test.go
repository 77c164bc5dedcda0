package render

import (
	"errors"
	"strings"
	"testing"

	"github.com/toctou-lint/toctou/report"
)

func TestTextIsTheDrawing(t *testing.T) {
	const want = "high[checkthenact]: `_pool` may have changed since it was checked\n" +
		"   ┌─ services/metadata/database.py:45:9 · in get_database_pool · open window\n" +
		" 36 │     if _pool is None:\n" +
		"    │        ------------- 1. answer obtained here\n" +
		" 45 │         _pool = await asyncpg.create_pool(dsn)\n" +
		"    │                 ----- 2. expires here: other tasks run during this await\n" +
		"    │         ^^^^^ 3. acted on here, not checked again\n" +
		"    = two callers both pass line 36; the second pool replaces the first, which is never closed (duplicate-resource)\n" +
		"    = `close_database_pool` also writes `_pool` (line 71)\n" +
		"    = fix: hold one asyncio.Lock from 36 to 45, or re-check after the await     confidence: high · toctou explain checkthenact\n" +
		"\n" +
		"1 finding in 1 file\n"
	if got := must(t, Text, pool(), Options{}); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestTextGolden(t *testing.T) {
	golden(t, "platform.txt", must(t, Text, platform(), Options{}))
	golden(t, "platform-narrow-color.txt", must(t, Text, platform(), Options{Color: true, Width: 80}))
}

func TestLines(t *testing.T) {
	const want = poolFile + ":45:9: high[checkthenact]: `_pool` may have changed since it was checked (open window, high confidence)\n"
	if got := must(t, Lines, pool(), Options{}); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	got := must(t, Lines, platform(), Options{})
	if n := strings.Count(got, "\n"); n != 5 {
		t.Errorf("%d lines for 5 findings that are not suppressed:\n%s", n, got)
	}
	if want := "_learn_from_successful_generation` (high confidence)\n"; !strings.Contains(got, want) {
		t.Errorf("a finding without a window must not name one:\n%s", got)
	}
}

func TestColourOnlyWhenTold(t *testing.T) {
	if strings.Contains(must(t, Text, platform(), Options{}), "\x1b") {
		t.Error("escape codes without Color")
	}
	plain := must(t, Text, platform(), Options{})
	coloured := must(t, Text, platform(), Options{Color: true})
	if stripped := stripANSI(coloured); stripped != plain {
		t.Errorf("colour changes the text: %s", firstDifference(plain, stripped))
	}
}

func stripANSI(s string) string {
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(s, "\x1b[")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		_, s, _ = strings.Cut(after, "m")
	}
}

func TestSummaryLine(t *testing.T) {
	b := newAudit()
	b.Files = 41
	for range 2 {
		b.add(report.Finding{File: "a.py", Line: 1, Column: 1})
	}
	b.add(report.Finding{File: "a.py", Line: 1, Column: 1, Suppressed: &report.Suppression{Reason: "r"}})
	for _, f := range []string{"x.py", "y.py", "z.py"} {
		b.Unparsed = append(b.Unparsed, report.Skipped{File: f, Reason: "too large"})
	}
	const want = "2 findings (1 suppressed with a reason) in 41 files, 3 files not parsed: x.py (too large), y.py (too large), z.py (too large)"
	if got := summary(b.Audit); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := summary(newAudit().Audit); got != "no findings in no files" {
		t.Errorf("empty audit: %q", got)
	}
}

// underline returns the text above the carets, cut by display columns.
func underline(t *testing.T, src, marked string) string {
	t.Helper()
	b := newAudit()
	b.source("a.py", 1, src)
	s := b.step("act", "a.py", 1, marked, "here")
	b.add(report.Finding{Rule: "r", File: "a.py", Line: 1, Column: s.Column, Steps: []report.Step{s}})
	lines := strings.Split(must(t, Text, b.Audit, Options{}), "\n")
	source, carets := lines[2], lines[3]
	from := textWidth(carets[:strings.Index(carets, "^")])
	to := from + strings.Count(carets, "^")
	return lay(source).slice(from, to)
}

func TestMarksAlign(t *testing.T) {
	for name, c := range map[string]struct{ src, marked string }{
		"tabs":           {"\t\tx = 1", "x"},
		"tab after text": {"ab\tx = 1", "x"},
		"wide":           {"s = '日本語'; x", "x"},
		"wide marked":    {"日本 = 1", "日本"},
		"combining":      {"s = 'e\u0301e\u0301'; target", "target"},
		"emoji":          {"s = '🙂'; target", "target"},
		"control":        {"s = '\x1b[31m'; target", "target"},
		"invalid":        {"s = '\xff\xfe'; target", "target"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := underline(t, c.src, c.marked); got != c.marked {
				t.Errorf("carets under %q, want %q", got, c.marked)
			}
		})
	}
}

func TestLongLinesAreCutAroundTheMark(t *testing.T) {
	src := strings.Repeat("a", 5000) + " target " + strings.Repeat("b", 5000)
	if got := underline(t, src, "target"); got != "target" {
		t.Errorf("carets under %q", got)
	}
}

func TestOneCaretPerFinding(t *testing.T) {
	text := must(t, Text, platform(), Options{})
	for i, f := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if i == 5 {
			break // the last line
		}
		runs := 0
		for line := range strings.SplitSeq(f, "\n") {
			if strings.Contains(line, "^") {
				runs++
			}
		}
		if runs != 1 {
			t.Errorf("%d lines with ^ in:\n%s", runs, f)
		}
	}
}

func TestStepsInAnotherFile(t *testing.T) {
	b := newAudit()
	b.source("a.py", 10, "if await store.has(k):")
	b.source("lib/store.py", 5, "    return k in self.d")
	act := b.step("act", "a.py", 10, "store", "acted on here")
	act.Function = "run"
	check := b.step("check", "lib/store.py", 5, "k in self.d", "answer obtained here")
	check.Function = "Store.has"
	b.add(report.Finding{Rule: "r", Severity: "low", File: "a.py", Line: 10, Column: act.Column, Function: "run", Steps: []report.Step{check, act}})
	const want = "" +
		"   ┌─ a.py:10:10 · in run\n" +
		" 10 │ if await store.has(k):\n" +
		"    │          ^^^^^ 2. acted on here\n" +
		"    ·\n" +
		"   ┌─ lib/store.py:5:12 · in Store.has\n" +
		"  5 │     return k in self.d\n" +
		"    │            ----------- 1. answer obtained here\n"
	if got := must(t, Text, b.Audit, Options{}); !strings.Contains(got, want) {
		t.Errorf("got:\n%s\nwant it to contain:\n%s", got, want)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteErrorsAreReturned(t *testing.T) {
	for _, f := range Formats() {
		if err := Render(full{}, f, platform(), Options{}); err == nil {
			t.Errorf("%s: no error from a writer that fails", f)
		}
	}
	if err := Render(full{}, "nonsense", platform(), Options{}); err == nil || !strings.Contains(err.Error(), "markdown") {
		t.Errorf("an unknown format must name the known ones: %v", err)
	}
}
