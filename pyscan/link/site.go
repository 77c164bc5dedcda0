package link

import (
	"cmp"
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// site finds the file and lines of a position.
func (l *linker) site(pos flow.Pos) verdict.Site {
	i, ok := slices.BinarySearch(l.base, pos)
	if !ok {
		i--
	}
	if i < 0 {
		return verdict.Site{}
	}
	m := l.p.Modules[i]
	start := uint32(pos - l.base[i])
	s := verdict.Site{File: m.Path}
	s.Line, s.Col = lineOf(m.Lines, start)
	s.EndLine, s.EndCol = lineOf(m.Lines, max(start, endOf(m, start)))
	return s
}

func lineOf(lines []uint32, offset uint32) (line, col int) {
	i, ok := slices.BinarySearch(lines, offset)
	if !ok {
		i--
	}
	if i < 0 {
		return 1, int(offset) + 1
	}
	return i + 1, int(offset-lines[i]) + 1
}

// endOf finds where the operation that starts at an offset ends: the longest one that ends on the
// same line (`self._pool is None`, not `self`), else the shortest.
func endOf(m *project.Module, start uint32) uint32 {
	for _, f := range m.Funcs {
		if f.NamePos == start && covers(f, start) {
			return start + uint32(len(f.Name))
		}
	}
	short, long := uint32(0), uint32(0)
	line, _ := lineOf(m.Lines, start)
	for _, f := range m.Funcs {
		if !covers(f, start) {
			continue
		}
		for b := range f.Blocks {
			for i := range f.Blocks[b].Instrs {
				in := &f.Blocks[b].Instrs[i]
				if in.Pos != start || in.End <= start {
					continue
				}
				if short == 0 || in.End < short {
					short = in.End
				}
				if last, _ := lineOf(m.Lines, in.End); last == line {
					long = max(long, in.End)
				}
			}
		}
	}
	return cmp.Or(long, short)
}

// covers says whether an offset is in the text of a function.
func covers(f *project.Func, offset uint32) bool {
	return offset >= f.Start && (offset < f.End || f.Kind&ir.ModuleBody != 0)
}

// until is the last line of the with block that starts at a position, 0 if none does.
func (l *linker) until(pos flow.Pos) int {
	i, ok := slices.BinarySearch(l.base, pos)
	if !ok {
		i--
	}
	if i < 0 {
		return 0
	}
	m := l.p.Modules[i]
	start, end := uint32(pos-l.base[i]), uint32(0)
	for _, f := range m.Funcs {
		if !covers(f, start) {
			continue
		}
		for b := range f.Blocks {
			for k := range f.Blocks[b].Instrs {
				if in := &f.Blocks[b].Instrs[k]; (in.Op == ir.Enter || in.Op == ir.AEnter) && in.Pos == start {
					end = max(end, in.End)
				}
			}
		}
	}
	if end == 0 {
		return 0
	}
	line, _ := lineOf(m.Lines, end-1)
	return line
}
