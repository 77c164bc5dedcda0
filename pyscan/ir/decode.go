package ir

import "encoding/binary"

// Decode reads what Encode wrote. Bytes that are cut short or damaged give an error, or a module
// that differs: who stores them must recognise damage.
func Decode(from []byte) (*Module, error) {
	d := decoder{in: from, known: make([]string, 2, 64)}
	m := &Module{Path: d.str(), Size: d.int()}
	last := uint32(0)
	m.Lines = list(&d, func(l *uint32) { *l = d.delta(&last) })
	m.Imports = list(&d, func(i *Import) {
		*i = Import{Name: d.str(), Module: d.str(), Symbol: d.str(), Level: d.int(), Func: d.int(), Pos: d.uint32()}
	})
	m.Classes = list(&d, d.class)
	m.Funcs = list(&d, d.fn)
	m.Comments = list(&d, func(c *Comment) {
		*c = Comment{Span: d.span(), Text: d.str(), Own: d.flag(0), Func: d.int()}
	})
	m.Damaged = list(&d, func(s *Span) { *s = d.span() })
	if d.bad || len(d.in) > 0 {
		return nil, ErrEncoding
	}
	return m, nil
}

type decoder struct {
	in    []byte
	bad   bool
	known []string
	pos   uint32
	depth int    // of the type at work
	bits  uint64 // of the last flags

	instrs []Instr // what is left of the function's memory
	edges  []Edge
	args   []Arg
	more   []More
}

func (d *decoder) fail() { d.bad, d.in = true, nil }

func (d *decoder) uint() uint64 {
	v, n := binary.Uvarint(d.in)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.in = d.in[n:]
	return v
}

func (d *decoder) int() int {
	v, n := binary.Varint(d.in)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.in = d.in[n:]
	return int(v)
}

func (d *decoder) uint32() uint32 { return uint32(d.uint()) }
func (d *decoder) temp() Temp     { return Temp(d.int()) }

// len is a number of things, each of which takes a byte at least.
func (d *decoder) len() int {
	n := d.uint()
	if n > uint64(len(d.in)) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) delta(last *uint32) uint32 {
	*last = uint32(int(*last) + d.int())
	return *last
}

func (d *decoder) str() string {
	switch n := d.uint(); {
	case n == 0:
		return ""
	case n == 1:
		size := d.len()
		s := string(d.in[:size])
		d.in = d.in[size:]
		d.known = append(d.known, s)
		return s
	case n < uint64(len(d.known)):
		return d.known[n]
	}
	d.fail()
	return ""
}

// flag is bit i of the flags; bit 0 reads them.
func (d *decoder) flag(i int) bool {
	if i == 0 {
		d.bits = d.uint()
	}
	return d.bits>>i&1 != 0
}

func (d *decoder) span() Span {
	start := d.uint32()
	return Span{start, uint32(int(start) + d.int())}
}

func list[T any](d *decoder, one func(*T)) []T {
	n := d.len()
	if n == 0 {
		return nil
	}
	out := make([]T, n)
	for i := range out {
		if d.bad {
			break
		}
		one(&out[i])
	}
	return out
}

// part takes n elements from the memory that all lists of a function share.
func part[T any](d *decoder, memory *[]T, n int) []T {
	if n > len(*memory) {
		d.fail()
	}
	if n == 0 || d.bad {
		return nil
	}
	out := (*memory)[:n:n]
	*memory = (*memory)[n:]
	return out
}

func (d *decoder) strs() []string    { return list(d, func(s *string) { *s = d.str() }) }
func (d *decoder) types() []TypeExpr { return list(d, func(t *TypeExpr) { *t = d.typ() }) }

// maxNesting bounds how deep the arguments of a type may nest.
const maxNesting = 10_000

func (d *decoder) typ() TypeExpr {
	t := TypeExpr{Name: d.str(), Text: d.str(), Call: d.flag(0)}
	if d.depth++; d.depth > maxNesting {
		d.fail()
		return t
	}
	t.Args = d.types()
	d.depth--
	return t
}

func (d *decoder) class(c *Class) {
	*c = Class{Name: d.str(), Qual: d.str(), Bases: d.types(), Decorators: d.types(), Parent: d.int(), Outer: d.int(), Body: d.int()}
	c.Methods = list(d, func(n *int) { *n = d.int() })
	c.Span, c.NamePos = d.span(), d.uint32()
}

func (d *decoder) fn(f *Func) {
	*f = Func{Name: d.str(), Qual: d.str(), Kind: FuncKind(d.uint()), Parent: d.int(), Class: d.int()}
	f.Params = list(d, func(p *Param) {
		*p = Param{Name: d.str(), Type: d.typ(), Star: int8(d.int()), KwOnly: d.flag(0), Default: d.flag(1)}
	})
	f.Returns, f.Decorators = d.typ(), d.types()
	f.Locals, f.Globals, f.Nonlocals = d.strs(), d.strs(), d.strs()
	f.Temps, f.Doc, f.Span, f.NamePos, f.Cut = d.int(), d.str(), d.span(), d.uint32(), d.str()
	d.instrs, d.edges, d.args = make([]Instr, d.len()), make([]Edge, d.len()), make([]Arg, d.len())
	d.pos = f.Start
	f.Blocks = list(d, d.block)
}

func (d *decoder) block(b *Block) {
	b.Instrs = part(d, &d.instrs, d.len())
	for i := range b.Instrs {
		if d.bad {
			return
		}
		d.instr(&b.Instrs[i])
	}
	b.Cond, b.Elem, b.Async, b.Pos, b.End = d.temp(), d.temp(), d.flag(0), d.uint32(), d.uint32()
	b.Return, b.Exit = d.temp(), ExitKind(d.uint())
	b.Succs = part(d, &d.edges, d.len())
	for i := range b.Succs {
		if d.bad {
			return
		}
		b.Succs[i] = Edge{To: int32(d.int()), Kind: EdgeKind(d.uint()), Names: d.strs()}
	}
}

func (d *decoder) one() *More {
	if len(d.more) == 0 {
		d.more = make([]More, 64)
	}
	m := &d.more[0]
	d.more = d.more[1:]
	return m
}

func (d *decoder) instr(in *Instr) {
	if len(d.in) == 0 {
		d.fail()
		return
	}
	in.Op, d.in = Op(d.in[0]), d.in[1:]
	has := d.uint()
	in.More = None
	if has&(hasC|hasIndex|hasFunc|hasArgs|hasType) != 0 {
		in.More = d.one()
	}
	in.Dst = d.temp()
	if has&hasA != 0 {
		in.A = d.temp()
	}
	if has&hasB != 0 {
		in.B = d.temp()
	}
	if has&hasC != 0 {
		in.C = d.temp()
	}
	if has&hasName != 0 {
		in.Name = d.str()
	}
	if has&hasIndex != 0 {
		in.Index = int32(d.int())
	}
	if has&hasFunc != 0 {
		in.Func = int32(d.int())
	}
	if has&hasArgs != 0 {
		in.Args = part(d, &d.args, d.len())
		for i := range in.Args {
			in.Args[i] = Arg{Name: d.str(), T: d.temp(), Star: int8(d.int())}
		}
	}
	if has&hasType != 0 {
		t := d.typ()
		in.Type = &t
	}
	in.Aug, in.Last = has&isAug != 0, has&isLast != 0
	in.Pos = d.delta(&d.pos)
	in.End = uint32(int(in.Pos) + d.int())
}
