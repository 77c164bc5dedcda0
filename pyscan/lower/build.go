package lower

import (
	"slices"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// fn lowers one function after the other; everything in it is scratch.
type fn struct {
	*lowerer
	index   int
	out     ir.Func
	instrs  []ir.Instr // of all blocks: a block is written in one go
	blocks  []block
	cur     int // block being written, -1 after one that has been left
	temps   ir.Temp
	depth   int
	copied  int // what was lowered on ways out; see afford
	groups  int // with statements so far
	comps   int // comprehensions so far
	frames  []frame
	exc     []ir.Edge // where an exception goes from here, innermost handler first
	renames []rename
	filter  *filter         // the condition of a comprehension at work
	bound   []string        // the locals
	locals  map[string]bool // the same if there are more than a few
	argv    []ir.Arg        // stack of arguments under construction
	formal  []ir.Param      // parameters under construction, as a stack
	order   []int32
	number  []int32 // of blocks
	kept    *kept   // for the next file
}

type block struct {
	first, last int // range of fn.instrs
	cond, elem  ir.Temp
	ret         ir.Temp
	succ        [2]ir.Edge
	succs       int
	preds       int
	exc         []ir.Edge
	exit        ir.ExitKind
	async       bool
	raises      bool
	pos, end    uint32
}

type frameKind uint8

const (
	loopFrame frameKind = iota
	handlersFrame
	finallyFrame
	withFrame
)

// frame is a statement that control passes through on its way out.
type frame struct {
	kind            frameKind
	outer           []ir.Edge // fn.exc outside
	onBreak, onNext int       // loop
	body            syntax.ID // finally
	exit            ir.Instr  // with
}

func (f *fn) newBlock() int {
	f.blocks = append(f.blocks, block{})
	return len(f.blocks) - 1
}

// start begins to write block b.
func (f *fn) start(b int) {
	f.cur = b
	f.blocks[b].first, f.blocks[b].last = len(f.instrs), len(f.instrs)
	f.blocks[b].exc = f.exc
}

// resume goes on at b if anything leads there.
func (f *fn) resume(b int) {
	if f.blocks[b].preds > 0 {
		f.start(b)
	} else {
		f.cur = -1
	}
}

// here makes sure that there is a block to write to; code that nothing reaches gets one too, for
// the names that it binds, and loses it in finish.
func (f *fn) here() *block {
	if f.cur < 0 {
		f.start(f.newBlock())
	}
	return &f.blocks[f.cur]
}

func (f *fn) edge(to int, kind ir.EdgeKind) {
	b := f.here()
	b.succ[b.succs] = ir.Edge{To: int32(to), Kind: kind}
	b.succs++
	f.blocks[to].preds++
}

func (f *fn) seal() {
	f.blocks[f.cur].last = len(f.instrs)
	f.cur = -1
}

func (f *fn) jump(to int) {
	if f.cur >= 0 {
		f.edge(to, ir.Jump)
		f.seal()
	}
}

// split begins a new block: what an exception does from here on is different.
func (f *fn) split() {
	if f.cur < 0 {
		return
	}
	if b := &f.blocks[f.cur]; b.first == len(f.instrs) {
		b.exc = f.exc
		return
	}
	next := f.newBlock()
	f.jump(next)
	f.start(next)
}

func (f *fn) branch(n syntax.ID, v ir.Temp, yes, no int) {
	b := f.here()
	f.filter.note(v, yes, no)
	b.cond, b.pos, b.end = v, f.nodes[n].Start, f.nodes[n].End
	f.edge(yes, ir.True)
	f.edge(no, ir.False)
	f.seal()
}

// next writes the head of a loop over iterator it and returns the element.
func (f *fn) next(n syntax.ID, it ir.Temp, async bool, body, done int) ir.Temp {
	b := f.here()
	f.temps++
	b.cond, b.elem, b.async, b.pos, b.end = it, f.temps, async, f.nodes[n].Start, f.nodes[n].End
	elem := f.temps
	f.edge(body, ir.Next)
	f.edge(done, ir.Done)
	f.seal()
	return elem
}

func (f *fn) leave(n syntax.ID, v ir.Temp) {
	b := f.here()
	b.exit, b.ret = ir.Returns, v
	b.pos, b.end = f.nodes[n].Start, f.nodes[n].End
	f.seal()
}

// raise ends the block with an exception.
func (f *fn) raise(n syntax.ID) {
	if f.cur < 0 {
		return
	}
	b := f.here()
	b.raises = true
	b.pos, b.end = f.nodes[n].Start, f.nodes[n].End
	if !catchesAll(b.exc) {
		b.exit = ir.Raises
	}
	f.seal()
}

func catchesAll(exc []ir.Edge) bool {
	return len(exc) > 0 && catchAll(exc[len(exc)-1].Names)
}

func catchAll(names []string) bool {
	return len(names) == 0 || slices.Contains(names, "BaseException")
}

func (f *fn) emit(n syntax.ID, in ir.Instr) *ir.Instr {
	f.here()
	in.Pos, in.End = f.nodes[n].Start, f.nodes[n].End
	if in.More == nil {
		in.More = ir.None
	}
	f.instrs = append(f.instrs, in)
	return &f.instrs[len(f.instrs)-1]
}

// more keeps what an instruction has besides.
func (f *fn) more(m ir.More) *ir.More {
	if m.C == 0 && m.Index == 0 && m.Func == 0 && len(m.Args) == 0 && m.Type == nil {
		return ir.None
	}
	p := f.mores.one()
	*p = m
	return p
}

// given keeps the arguments of an instruction.
func (f *fn) given(args []ir.Arg) *ir.More { return f.more(ir.More{Args: f.args.keep(args)}) }

// value emits in with a new destination.
func (f *fn) value(n syntax.ID, in ir.Instr) ir.Temp {
	f.temps++
	in.Dst = f.temps
	f.emit(n, in)
	return in.Dst
}

func (f *fn) push(fr frame, exc []ir.Edge) {
	fr.outer = f.exc
	f.frames = append(f.frames, fr)
	f.exc = exc
}

func (f *fn) pop() {
	f.exc = f.frames[len(f.frames)-1].outer
	f.frames = f.frames[:len(f.frames)-1]
}

// unwind writes what runs when control leaves the frames from depth on, innermost first.
func (f *fn) unwind(depth int) {
	if len(f.frames) == depth || f.cur < 0 {
		return
	}
	frames, exc := f.frames, f.exc
	for i := len(frames) - 1; i >= depth; i-- {
		fr := &frames[i]
		f.frames, f.exc = frames[:i:i], fr.outer // what is pushed now must not overwrite frames
		switch fr.kind {
		case finallyFrame:
			f.split()
			f.finally(fr.body)
		case withFrame:
			if f.afford(1) {
				f.split()
				f.here()
				f.instrs = append(f.instrs, fr.exit)
			}
		}
	}
	f.frames, f.exc = frames, exc
}

// finally writes one more copy of a finally body.
func (f *fn) finally(body syntax.ID) {
	if f.afford(int(f.nodes[body].Next - body)) {
		f.block(body)
	}
}

// afford reports whether size more nodes may be lowered on ways out: their number can grow
// exponentially with nesting.
func (f *fn) afford(size int) bool {
	first := f.copied == 0
	f.copied += size
	f.lowerer.copied += size
	if first || f.copied <= maxCopied && f.lowerer.copied <= maxFile {
		return true
	}
	f.cut("too many ways out through finally and with")
	return false
}

func (f *fn) cut(why string) {
	if f.out.Cut == "" {
		f.out.Cut = why
	}
}

// through follows jumps past blocks that hold nothing.
func (f *fn) through(b int32) int32 {
	for range 16 { // empty blocks may form a loop
		at := &f.blocks[b]
		if at.first != at.last || at.succs != 1 || at.succ[0].Kind != ir.Jump || at.succ[0].To == b {
			break
		}
		b = at.succ[0].To
	}
	return b
}

// finish drops what is unreachable and moves the function out of scratch memory.
func (f *fn) finish() {
	f.order = f.order[:0]
	f.number = slices.Grow(f.number[:0], len(f.blocks))[:len(f.blocks)]
	number := f.number
	clear(number)
	visit := func(b int32) {
		if number[b] == 0 {
			f.order = append(f.order, b)
			number[b] = int32(len(f.order))
		}
	}
	visit(0)
	for i := range f.blocks {
		b := &f.blocks[i]
		for e := range b.succs {
			b.succ[e].To = f.through(b.succ[e].To)
		}
	}
	edges, instrs := 0, 0
	for i := 0; i < len(f.order); i++ { //nolint:intrange // visiting adds to the order
		b := &f.blocks[f.order[i]]
		if b.first == b.last && !b.raises && b.elem == 0 {
			b.exc = nil // nothing in it can raise
		}
		for _, e := range b.succ[:b.succs] {
			visit(e.To)
		}
		for _, e := range b.exc {
			visit(e.To)
		}
		edges += b.succs + len(b.exc)
		instrs += b.last - b.first
	}
	// Blocks were made in about the order of the source: keep it.
	slices.Sort(f.order)
	for i, b := range f.order {
		number[b] = int32(i)
	}
	f.out.Blocks = f.kept.blocks.take(len(f.order))[:len(f.order)]
	code := f.kept.instrs.take(instrs)
	succs := f.kept.edges.take(edges)
	for i, from := range f.order {
		b := &f.blocks[from]
		c, s := len(code), len(succs)
		code = append(code, f.instrs[b.first:b.last]...)
		for _, e := range b.succ[:b.succs] {
			e.To = number[e.To]
			succs = append(succs, e)
		}
		for _, e := range b.exc {
			e.To = number[e.To]
			succs = append(succs, e)
		}
		f.out.Blocks[i] = ir.Block{
			Cond: b.cond, Elem: b.elem, Async: b.async, Pos: b.pos, End: b.end, Return: b.ret, Exit: b.exit,
			Instrs: code[c:len(code):len(code)], Succs: succs[s:len(succs):len(succs)],
		}
	}
	f.out.Temps = int(f.temps)
	f.mod.Funcs[f.index] = f.out
}
