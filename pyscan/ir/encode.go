package ir

import (
	"encoding/binary"
	"errors"
)

// Format is the version of the encoding. It changes with the types of this package and with what
// package lower makes of a file: what was encoded under another version is worthless.
const Format = 1

// Encode appends m in a compact form that Decode reads.
func (m *Module) Encode(to []byte) []byte {
	e := encoder{out: to, known: map[string]uint64{}}
	e.str(m.Path)
	e.int(m.Size)
	e.len(len(m.Lines))
	last := uint32(0)
	for _, l := range m.Lines {
		e.delta(l, &last)
	}
	each(&e, m.Imports, func(i *Import) {
		e.str(i.Name)
		e.str(i.Module)
		e.str(i.Symbol)
		e.int(i.Level)
		e.int(i.Func)
		e.uint(uint64(i.Pos))
	})
	each(&e, m.Classes, e.class)
	each(&e, m.Funcs, e.fn)
	each(&e, m.Comments, func(c *Comment) {
		e.span(c.Span)
		e.str(c.Text)
		e.flags(c.Own)
		e.int(c.Func)
	})
	each(&e, m.Damaged, func(s *Span) { e.span(*s) })
	return e.out
}

type encoder struct {
	out   []byte
	known map[string]uint64 // strings written before, by number
	pos   uint32            // last position of an instruction
}

func each[T any](e *encoder, list []T, one func(*T)) {
	e.len(len(list))
	for i := range list {
		one(&list[i])
	}
}

func (e *encoder) uint(v uint64) { e.out = binary.AppendUvarint(e.out, v) }
func (e *encoder) int(v int)     { e.out = binary.AppendVarint(e.out, int64(v)) }
func (e *encoder) len(n int)     { e.uint(uint64(n)) }

// delta writes v as the distance from last.
func (e *encoder) delta(v uint32, last *uint32) {
	e.int(int(v) - int(*last))
	*last = v
}

// str writes a string once and its number from then on.
func (e *encoder) str(s string) {
	if s == "" {
		e.uint(0)
		return
	}
	if n, ok := e.known[s]; ok {
		e.uint(n)
		return
	}
	e.uint(1)
	e.known[s] = uint64(len(e.known)) + 2
	e.len(len(s))
	e.out = append(e.out, s...)
}

func (e *encoder) strs(list []string) {
	e.len(len(list))
	for _, s := range list {
		e.str(s)
	}
}

func (e *encoder) ints(list []int) {
	e.len(len(list))
	for _, n := range list {
		e.int(n)
	}
}

func (e *encoder) flags(set ...bool) {
	var v uint64
	for i, s := range set {
		if s {
			v |= 1 << i
		}
	}
	e.uint(v)
}

func (e *encoder) span(s Span) {
	e.uint(uint64(s.Start))
	e.int(int(s.End) - int(s.Start))
}

func (e *encoder) typ(t *TypeExpr) {
	e.str(t.Name)
	e.str(t.Text)
	e.flags(t.Call)
	e.types(t.Args)
}

func (e *encoder) types(list []TypeExpr) { each(e, list, e.typ) }

func (e *encoder) class(c *Class) {
	e.str(c.Name)
	e.str(c.Qual)
	e.types(c.Bases)
	e.types(c.Decorators)
	e.int(c.Parent)
	e.int(c.Outer)
	e.int(c.Body)
	e.ints(c.Methods)
	e.span(c.Span)
	e.uint(uint64(c.NamePos))
}

func (e *encoder) fn(f *Func) {
	e.str(f.Name)
	e.str(f.Qual)
	e.uint(uint64(f.Kind))
	e.int(f.Parent)
	e.int(f.Class)
	each(e, f.Params, func(p *Param) {
		e.str(p.Name)
		e.typ(&p.Type)
		e.int(int(p.Star))
		e.flags(p.KwOnly, p.Default)
	})
	e.typ(&f.Returns)
	e.types(f.Decorators)
	e.strs(f.Locals)
	e.strs(f.Globals)
	e.strs(f.Nonlocals)
	e.int(f.Temps)
	e.str(f.Doc)
	e.span(f.Span)
	e.uint(uint64(f.NamePos))
	e.str(f.Cut)
	// Sums first: who reads makes one piece of memory for all blocks.
	instrs, edges, args := 0, 0, 0
	for i := range f.Blocks {
		instrs += len(f.Blocks[i].Instrs)
		edges += len(f.Blocks[i].Succs)
		for k := range f.Blocks[i].Instrs {
			args += len(f.Blocks[i].Instrs[k].Args)
		}
	}
	e.len(instrs)
	e.len(edges)
	e.len(args)
	e.pos = f.Start
	each(e, f.Blocks, e.block)
}

func (e *encoder) block(b *Block) {
	each(e, b.Instrs, e.instr)
	e.int(int(b.Cond))
	e.int(int(b.Elem))
	e.flags(b.Async)
	e.uint(uint64(b.Pos))
	e.uint(uint64(b.End))
	e.int(int(b.Return))
	e.uint(uint64(b.Exit))
	each(e, b.Succs, func(s *Edge) {
		e.int(int(s.To))
		e.uint(uint64(s.Kind))
		e.strs(s.Names)
	})
}

// What an instruction has besides operation, destination and position.
const (
	hasA = 1 << iota
	hasB
	hasC
	hasName
	hasIndex
	hasFunc
	hasArgs
	hasType
	isAug
	isLast
)

func (e *encoder) instr(in *Instr) {
	var has uint64
	for i, set := range [...]bool{in.A != 0, in.B != 0, in.C != 0, in.Name != "", in.Index != 0, in.Func != 0, len(in.Args) > 0, in.Type != nil, in.Aug, in.Last} {
		if set {
			has |= 1 << i
		}
	}
	e.out = append(e.out, byte(in.Op))
	e.uint(has)
	e.int(int(in.Dst))
	if has&hasA != 0 {
		e.int(int(in.A))
	}
	if has&hasB != 0 {
		e.int(int(in.B))
	}
	if has&hasC != 0 {
		e.int(int(in.C))
	}
	if has&hasName != 0 {
		e.str(in.Name)
	}
	if has&hasIndex != 0 {
		e.int(int(in.Index))
	}
	if has&hasFunc != 0 {
		e.int(int(in.Func))
	}
	if has&hasArgs != 0 {
		each(e, in.Args, func(a *Arg) {
			e.str(a.Name)
			e.int(int(a.T))
			e.int(int(a.Star))
		})
	}
	if has&hasType != 0 {
		e.typ(in.Type)
	}
	e.delta(in.Pos, &e.pos)
	e.int(int(in.End) - int(in.Pos))
}

// ErrEncoding is what Decode says of bytes that Encode did not write.
var ErrEncoding = errors.New("not an encoded module")
