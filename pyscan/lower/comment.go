package lower

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// comments keeps the comments that speak to us, with the innermost function around each.
func (l *lowerer) comments() {
	for i := range l.t.Comments {
		c := &l.t.Comments[i]
		text := l.src[c.Start:c.End]
		if !speaks(text) {
			continue
		}
		before := l.src[:c.Start]
		before = before[bytes.LastIndexByte(before, '\n')+1:]
		l.mod.Comments = append(l.mod.Comments, ir.Comment{
			Span: ir.Span{Start: c.Start, End: c.End},
			Text: string(text),
			Own:  len(bytes.TrimSpace(before)) == 0,
			Func: l.innermost(c.Start),
		})
	}
	slices.SortStableFunc(l.mod.Comments, func(a, b ir.Comment) int { return cmp.Compare(a.Start, b.Start) })
}

// contract keeps the lines of a docstring that state a lock contract.
func (f *fn) contract(doc syntax.ID) {
	text := f.t.Text(doc)
	if !contract(bytes.ToLower(text)) {
		return
	}
	at := f.nodes[doc].Start
	for line := range bytes.Lines(text) {
		if contract(bytes.ToLower(line)) {
			f.mod.Comments = append(f.mod.Comments, ir.Comment{
				Span: ir.Span{Start: at, End: at + uint32(len(bytes.TrimRight(line, "\r\n")))},
				Text: string(bytes.TrimSpace(line)), Own: true, Func: f.index,
			})
		}
		at += uint32(len(line))
	}
}

func (l *lowerer) innermost(at uint32) int {
	best := 0
	for i := range l.mod.Funcs {
		f := &l.mod.Funcs[i]
		if f.Kind&ir.ClassBody == 0 && f.Start <= at && at < f.End && f.End-f.Start <= l.mod.Funcs[best].End-l.mod.Funcs[best].Start {
			best = i
		}
	}
	return best
}
