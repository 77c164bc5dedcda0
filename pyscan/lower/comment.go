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
	var order []int
	stack := []int{0}
	for i := range l.t.Comments {
		c := &l.t.Comments[i]
		text := l.src[c.Start:c.End]
		if !speaks(l.lowered(text)) {
			continue
		}
		if order == nil {
			order = l.bySource()
		}
		line := l.src[:c.Start]
		line = line[bytes.LastIndexByte(line, '\n')+1:]
		code := bytes.TrimSpace(line)
		at := c.Start
		if len(code) > 0 {
			at -= uint32(len(line) - len(bytes.TrimRight(line, " \t\f"))) // a function ends with its last code
			at--
		}
		for len(order) > 0 && l.mod.Funcs[order[0]].Start <= at {
			stack = append(stack, order[0])
			order = order[1:]
		}
		for len(stack) > 1 && l.mod.Funcs[stack[len(stack)-1]].End <= at {
			stack = stack[:len(stack)-1]
		}
		l.mod.Comments = append(l.mod.Comments, ir.Comment{
			Span: ir.Span{Start: c.Start, End: c.End},
			Text: string(text),
			Own:  len(code) == 0,
			Func: stack[len(stack)-1],
		})
	}
	slices.SortStableFunc(l.mod.Comments, func(a, b ir.Comment) int { return cmp.Compare(a.Start, b.Start) })
}

// bySource lists the functions in the order in which they begin.
func (l *lowerer) bySource() []int {
	order := make([]int, len(l.mod.Funcs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(l.mod.Funcs[a].Start, l.mod.Funcs[b].Start) })
	return order
}

// lowered is the text with ASCII capitals made small, until the next one is.
func (l *lowerer) lowered(text []byte) []byte {
	l.small = append(l.small[:0], text...)
	for i, c := range l.small {
		if 'A' <= c && c <= 'Z' {
			l.small[i] = c | 0x20
		}
	}
	return l.small
}

// contract keeps the lines of a docstring that state a lock contract.
func (f *fn) contract(doc syntax.ID) {
	text := f.t.Text(doc)
	if !mayContract(text) || !contract(f.lowered(text)) {
		return
	}
	at := f.nodes[doc].Start
	for line := range bytes.Lines(text) {
		if contract(f.lowered(line)) {
			f.mod.Comments = append(f.mod.Comments, ir.Comment{
				Span: ir.Span{Start: at, End: at + uint32(len(bytes.TrimRight(line, "\r\n")))},
				Text: string(bytes.TrimSpace(line)), Own: true, Func: f.index,
			})
		}
		at += uint32(len(line))
	}
}
