package audit

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/report"
)

// remedy is a fix in the form of a report: its edits by line and column, and the code after it.
func remedy(f *fix.Fix, text []byte) *report.Remedy {
	r := &report.Remedy{Title: f.Title, File: f.File, Why: f.Why}
	r.Edits = located(f.File, text, f.Edits)
	if after, err := fix.Apply(text, f.Edits); err == nil {
		r.Line, r.Code, r.Added = excerpt(text, after, f.Edits)
	}
	for _, o := range f.Others {
		r.Edits = append(r.Edits, located(o.File, o.Text, o.Edits)...)
		after, err := fix.Apply(o.Text, o.Edits)
		if err != nil {
			continue
		}
		_, code, added := excerpt(o.Text, after, o.Edits)
		r.Code += "\n# " + o.File + "\n"
		head := strings.Count(r.Code, "\n")
		r.Code += code
		for _, n := range added {
			r.Added = append(r.Added, head+n)
		}
	}
	return r
}

// located are edits by line and column.
func located(file string, text []byte, edits []fix.Edit) (out []report.Edit) {
	for _, e := range edits {
		line, col := position(text, e.Start)
		endLine, endCol := position(text, e.End)
		out = append(out, report.Edit{File: file, Line: line, Column: col, EndLine: endLine, EndColumn: endCol, NewText: e.Text()})
	}
	return out
}

func position(text []byte, at int) (line, column int) {
	head := text[:at]
	return 1 + bytes.Count(head, []byte("\n")), at - bytes.LastIndexByte(head, '\n')
}

const (
	around = 2  // lines shown around a change
	shown  = 4  // lines shown at either end of a long run that was only moved in
	long   = 12 // lines from which such a run is long
)

// lines from first up to, but without, end; the first is 0.
type lines struct{ first, end int }

// hunk is a change with the lines around it, up to the next empty one.
type hunk struct {
	lines
	change int // the first line of the change itself
}

// excerpt is what edits make of a text, as code to read at one look: the changed lines with few
// around them, the head of the function that they are in, and dots for all else. line is the
// number of the first one, added are the lines of the code that are new, counted from 1.
func excerpt(text, after []byte, edits []fix.Edit) (line int, code string, added []int) {
	all := strings.SplitAfter(strings.ReplaceAll(string(after), "\r\n", "\n"), "\n")
	if all[len(all)-1] == "" {
		all = all[:len(all)-1]
	}
	fresh := freshLines(text, after, edits)
	show := make([]bool, len(all))
	for _, h := range hunks(text, after, all, edits) {
		if head := header(all, h.change); head >= 0 {
			show[head] = true
		}
		for i := h.first; i < h.end; i++ {
			show[i] = true
		}
		for _, run := range movedIn(h.lines, fresh) {
			for i := run.first + shown; i < run.end-shown; i++ {
				show[i] = false
			}
		}
	}
	var b strings.Builder
	last, n := -1, 0
	for i, s := range show {
		if !s {
			continue
		}
		if last >= 0 && i > last+1 && !blank(all[last+1:i]) {
			b.WriteString(gap(all, last, i) + "...\n")
			n++
		} else if last >= 0 && i > last+1 {
			b.WriteString("\n")
			n++
		}
		n++
		if fresh[i] {
			added = append(added, n)
		}
		b.WriteString(strings.TrimSuffix(all[i], "\n") + "\n")
		last = i
		line = cmp.Or(line, i+1)
	}
	return line, b.String(), added
}

// freshLines are the lines of the new text, counted from 0, that edits have written and that were
// not there before, but for their indentation.
func freshLines(text, after []byte, edits []fix.Edit) map[int]bool {
	sorted := slices.Clone(edits)
	slices.SortStableFunc(sorted, func(a, b fix.Edit) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End)) })
	out := map[int]bool{}
	shift := 0
	for i, e := range sorted {
		if i > 0 && sorted[i-1] == e {
			continue // Apply makes it once
		}
		old := map[string]int{}
		_, gone := spanned(text, e.Start, e.End)
		for _, l := range gone {
			old[strings.TrimSpace(l)]++
		}
		first, made := spanned(after, e.Start+shift, e.Start+shift+len(e.Text()))
		for k, l := range made {
			if l = strings.TrimSpace(l); l == "" {
				continue
			}
			if old[l]--; old[l] < 0 {
				out[first+k] = true
			}
		}
		shift += len(e.Text()) - (e.End - e.Start)
	}
	return out
}

// spanned are the whole lines that a stretch of a text touches, and the number of the first, from 0.
func spanned(text []byte, start, end int) (first int, all []string) {
	from := bytes.LastIndexByte(text[:start], '\n') + 1
	to := len(text)
	if i := bytes.IndexByte(text[end:], '\n'); i >= 0 {
		to = end + i
	}
	return bytes.Count(text[:from], []byte("\n")), strings.Split(string(text[from:to]), "\n")
}

// hunks are the lines of the new text that edits have made, with those around them.
func hunks(text, after []byte, all []string, edits []fix.Edit) []hunk {
	sorted := slices.Clone(edits)
	slices.SortStableFunc(sorted, func(a, b fix.Edit) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End)) })
	var out []hunk
	shift := 0
	for i, e := range sorted {
		if i > 0 && sorted[i-1] == e {
			continue // Apply makes it once
		}
		gone, made := string(text[e.Start:e.End]), e.Text()
		skip := commonLines(gone, made)
		start, end := e.Start+shift+skip, e.Start+shift+len(made)
		shift += len(made) - len(gone)
		h := hunk{lines: lines{bytes.Count(after[:start], []byte("\n")), 1 + bytes.Count(after[:max(start, end-1)], []byte("\n"))}}
		h.end = min(h.end, len(all))
		for ; h.first < h.end && blank(all[h.first:h.first+1]); h.first++ {
		}
		for ; h.first < h.end && blank(all[h.end-1:h.end]); h.end-- {
		}
		h.change = h.first
		if h.first < h.end && !imports(all[h.first:h.end]) {
			for i := 0; i < around && h.first > 0 && !blank(all[h.first-1:h.first]); i++ {
				h.first--
			}
			for i := 0; i < around && h.end < len(all) && !blank(all[h.end:h.end+1]); i++ {
				h.end++
			}
		}
		if h.first < h.end {
			out = append(out, h)
		}
	}
	return out
}

// commonLines is the length of the whole lines that two texts begin with.
func commonLines(a, b string) (n int) {
	for {
		i := strings.IndexByte(a[n:], '\n')
		if i < 0 || !strings.HasPrefix(b[n:], a[n:n+i+1]) {
			return n
		}
		n += i + 1
	}
}

func imports(list []string) bool {
	return !slices.ContainsFunc(list, func(l string) bool {
		return !strings.HasPrefix(l, "import ") && !strings.HasPrefix(l, "from ") && strings.TrimSpace(l) != ""
	})
}

func blank(list []string) bool {
	return !slices.ContainsFunc(list, func(l string) bool { return strings.TrimSpace(l) != "" })
}

// gap is the indentation of the dots between two lines that are shown: within a function that of
// the later one, between functions none.
func gap(all []string, last, next int) string {
	in := len(margin(all[next]))
	for i := last; i < next; i++ {
		if strings.TrimSpace(all[i]) != "" && len(margin(all[i])) < in && i > last {
			return ""
		}
	}
	if head := strings.TrimSpace(all[next]); strings.HasPrefix(head, "def ") || strings.HasPrefix(head, "async def ") {
		return ""
	}
	return margin(all[next])
}

func margin(l string) string { return l[:len(l)-len(strings.TrimLeft(l, " \t"))] }

// header is the line that begins the function around a line, if it is one line; else -1.
func header(all []string, at int) int {
	inner := len(margin(all[at]))
	for i := at - 1; i >= 0 && inner > 0; i-- {
		l := strings.TrimSpace(all[i])
		if l == "" || len(margin(all[i])) >= inner {
			continue
		}
		inner = len(margin(all[i]))
		if strings.HasPrefix(l, "def ") || strings.HasPrefix(l, "async def ") {
			if strings.HasSuffix(l, ":") {
				return i
			}
			break
		}
	}
	return -1
}

// movedIn are the long runs of a hunk whose lines were there before, but for their indentation.
func movedIn(h lines, fresh map[int]bool) (out []lines) {
	for i := h.first; i < h.end; i++ {
		run := lines{i, i}
		for run.end < h.end && !fresh[run.end] {
			run.end++
		}
		if run.end-run.first > long {
			out = append(out, run)
		}
		i = max(i, run.end)
	}
	return out
}
