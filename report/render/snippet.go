package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/report"
)

// mark is one label under a source line.
type mark struct {
	report.Step
	line    int
	number  int // place in the story, 0 if it has none
	primary bool
}

// snippet is the part of one file that a finding shows.
type snippet struct {
	file  string
	marks []mark // by line, then in the order of the story
}

// storyRank orders the steps that tell the story; others are shown without a number.
var storyRank = map[string]int{report.StepCheck: 1, report.StepExpiry: 2, report.StepSpawn: 3, report.StepAct: 4}

// marksOf returns the steps of a finding that are drawn, in the order of the story, exactly one
// of them primary. Writers are left out: the notes name them.
func marksOf(f *report.Finding) []mark {
	var marks []mark
	for _, s := range f.Steps {
		if s.Kind != report.StepWriter {
			marks = append(marks, mark{Step: s, line: s.Line})
		}
	}
	slices.SortStableFunc(marks, func(a, b mark) int {
		return cmp.Compare(storyOrder(a.Kind), storyOrder(b.Kind))
	})
	told := 0
	for _, m := range marks {
		if storyRank[m.Kind] > 0 {
			told++
		}
	}
	if told > 1 {
		for i := range marks {
			if storyRank[marks[i].Kind] > 0 {
				marks[i].number = i + 1
			}
		}
	}
	at := -1
	for i, m := range marks { // of several there, the last one told: the act, not what happens on the way to it
		if m.File == f.File && m.Line == f.Line && m.Column == f.Column && (at < 0 || storyRank[m.Kind] > 0) {
			at = i
		}
	}
	if at < 0 {
		marks = append(marks, mark{line: f.Line, Step: report.Step{
			File: f.File, Line: f.Line, Column: f.Column, EndLine: f.EndLine, EndColumn: f.EndColumn, Function: f.Function,
		}})
		at = len(marks) - 1
	}
	marks[at].primary = true
	return marks
}

func storyOrder(kind string) int {
	if r := storyRank[kind]; r > 0 {
		return r
	}
	return len(storyRank) + 1
}

// snippetsOf groups the marks by file, the finding's own file first.
func snippetsOf(f *report.Finding) []snippet {
	snippets := []snippet{{file: f.File}}
	for _, m := range marksOf(f) {
		i := slices.IndexFunc(snippets, func(s snippet) bool { return s.file == m.File })
		if i < 0 {
			i = len(snippets)
			snippets = append(snippets, snippet{file: m.File})
		}
		snippets[i].marks = append(snippets[i].marks, m)
	}
	for _, s := range snippets {
		slices.SortStableFunc(s.marks, func(a, b mark) int { return cmp.Compare(a.line, b.line) })
	}
	return snippets
}

func (t *texter) snippet(f *report.Finding, s snippet, digits int) {
	t.out.print(strings.Repeat(" ", digits+1), t.pal.paint(ansiBlue, "┌─"), " ")
	if s.file == f.File {
		t.out.print(visible(position(f.File, f.Line, f.Column)), " · ", inFunction(f.Function))
		if w := window(f); w != "" {
			t.out.print(" · ", w)
		}
	} else {
		m := s.marks[0]
		t.out.print(visible(position(m.File, m.Line, m.Column)), " · ", inFunction(m.Function))
	}
	t.out.print("\n")
	for i := 0; i < len(s.marks); {
		n := i + 1
		for n < len(s.marks) && s.marks[n].line == s.marks[i].line {
			n++
		}
		t.source(f, s.marks[i:n], digits)
		i = n
	}
}

func inFunction(name string) string {
	if name == "" {
		return "at module level"
	}
	return "in " + visible(name)
}

// longest is the number of columns of a source line that are shown; more is cut around the first mark.
const longest = 160

// source writes one line of source and the labels under it.
func (t *texter) source(f *report.Finding, marks []mark, digits int) {
	first := marks[0]
	src, known := t.audit.Excerpts[report.ExcerptKey(first.File, first.line)]
	number := t.pal.paint(ansiBlue, fmt.Sprintf(" %*d │", digits, first.line))
	if !known {
		t.out.print(number, t.pal.paint(ansiDim, " (source not stored)"), "\n")
		for _, m := range marks {
			t.label(f, m, digits, 0, 1)
		}
		return
	}
	line := lay(src)
	from := 0
	if line.width > longest {
		leftmost := line.width
		for _, m := range marks {
			leftmost = min(leftmost, line.column(m.Column))
		}
		from = max(0, min(leftmost-longest/4, line.width-longest))
	}
	shown := line.slice(from, from+longest)
	lead, tail := "", ""
	if from > 0 {
		lead = "… "
	}
	if line.width > from+longest {
		tail = " …"
	}
	t.out.print(strings.TrimRight(number+" "+lead+shown+tail, " "), "\n")
	for _, m := range marks {
		start := line.column(m.Column)
		end := line.width
		if m.EndLine <= m.line && m.EndColumn > 0 {
			end = line.column(m.EndColumn)
		}
		start = min(max(start-from, 0), longest)
		end = min(end-from, longest)
		t.label(f, m, digits, start+textWidth(lead), max(end-start, 1))
	}
}

// label draws one marker with its text: ^ for the primary place, - for the others.
func (t *texter) label(f *report.Finding, m mark, digits, column, length int) {
	sign, code := "-", ansiCyan
	if m.primary {
		sign, code = "^", t.pal.severity(f.Severity)
	}
	text := visible(m.Label)
	if m.number > 0 {
		text = fmt.Sprintf("%d. %s", m.number, text)
	}
	marker := strings.Repeat(sign, length)
	if text != "" {
		marker += " " + text
	}
	t.out.print(t.gutter(digits, "│"), " ", strings.Repeat(" ", column), t.pal.paint(code, marker), "\n")
}
