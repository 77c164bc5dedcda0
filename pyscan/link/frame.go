package link

import (
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// mode says which part of a function is lowered. A context manager is a function that returns
// in the middle and goes on later: its halves are summarised apart from each other.
type mode uint8

const (
	whole mode = iota
	entering
	leaving
)

// frame lowers one function: one pass over its blocks in reverse postorder.
type frame struct {
	l    *linker
	fn   *fn
	f    *project.Func
	b    *flow.Builder
	mode mode
	mem  *memory

	temps    []*value
	locals   map[string]int
	stored   []int32      // per local: places where it is bound
	slots    []flow.VarID // per local that is bound more than once: its variable
	cells    []bool       // per local: shared with closures that assign it
	made     []bool       // per cell: bound before
	env      *env
	ins      []*env
	starts   []flow.BlockID
	loops    []bool // per block: inside a loop
	opened   []bool
	block    int // IR block at work
	joins    []join
	ended    bool      // the call at work never returns
	outside  bool      // what is awaited runs in a loop of its own, started from a plain function
	starting *task     // the task that is being started
	eager    bool      // and it runs at once, up to its first suspension
	exits    []ir.Edge // exception edges of the block at work
	flows    []flow.BlockID
	srcs     []flow.VarID // scratch
	cached   map[string]*value
	asks     []flow.Ref      // every question asked here, in order
	rows     []*record       // loaded from stores
	own      map[string]bool // places, shared with siblings, that this function has written
	rounds   []round         // of loops over copies
	closed   []closing       // by awaited calls
	silent   bool            // the receiver is being made: nobody else has it
	awaits   []bool          // per temp: an await takes it; nil: not asked yet
	expands  int
	lends    bool // the yield at work is a context manager's
	gathers  bool // the call at work is one of several that run at the same time

	ret     *shape
	gives   *shape
	sites   []callSite
	tasks   []*task
	threads []handOver
	waits   []waiting
	taken   []taken
	limits  []limited
	cancels []string
	asleep  []flow.Pos
	chosen  []flow.VarID // hold what the other side of a connection has chosen
	unique  []flow.VarID // hold what there has not been before
	itself  []flow.VarID // hold the task that runs
	entered []ir.Instr   // what exit stacks have entered
	params  []*use       // by parameter
	wraps   []callSite
	calls   []*project.Func
}

// env is what is known at one point.
type env struct {
	vals   []*value
	held   []flow.Lock
	open   []string // paths of the locks that were found free, and nobody has run since
	limits int      // time limits that hold here
	mutes  []string // classes of exceptions that are suppressed here
}

func newFrame(l *linker, fn *fn, m mode) *frame {
	mem := l.borrow()
	f := &mem.frame
	*f = frame{
		exits: f.exits[:0], flows: f.flows[:0], srcs: f.srcs[:0], asks: f.asks[:0], sites: f.sites[:0], waits: f.waits[:0], calls: f.calls[:0],
		l: l, fn: fn, f: fn.f, mode: m, mem: mem, b: flow.NewBuilder(name(fn.f), fn.preempt || l.opt.Preempt),
		locals: mem.locals, cached: mem.cached, params: l.uses.make(len(fn.f.Params)),
	}
	n := len(fn.f.Locals)
	f.temps = l.stacks.ptrs.make(fn.f.Temps + 1)
	f.stored, f.slots = sized(&mem.stored, n), sized(&mem.slots, n)
	f.cells, f.made = l.stacks.flags.make(n), l.stacks.flags.make(n)
	if n > fewLocals {
		for i, n := range fn.f.Locals {
			f.locals[n] = i
		}
	}
	if fn.cells {
		for i, n := range fn.f.Locals {
			f.cells[i] = l.cells[cellKey{fn.f, n}]
		}
	}
	f.silent = fn.f.Class != nil && (fn.f.Name == "__init__" || fn.f.Name == "__post_init__")
	return f
}

// fewLocals is how many names are found faster one by one.
const fewLocals = 32

// local is the number of a local variable.
func (f *frame) local(name string) (int, bool) {
	if len(f.f.Locals) > fewLocals {
		ix, ok := f.locals[name]
		return ix, ok
	}
	ix := slices.Index(f.f.Locals, name)
	return max(ix, 0), ix >= 0
}

func (f *frame) run() {
	f.env = f.l.stacks.envs.next()
	f.env.vals = f.l.stacks.ptrs.make(len(f.f.Locals))
	for i := range f.f.Params {
		f.param(i)
	}
	if f.f.Kind&ir.StubBody != 0 && f.f.Kind&ir.Async != 0 {
		f.yield(f.pos(f.f.NamePos), flow.May, f.f.Name)
		f.b.Emit(flow.Event{Op: flow.OpReturn, Pos: f.pos(f.f.NamePos)})
		return
	}
	if len(f.f.Blocks) == 0 {
		return
	}
	order, rpo := f.order()
	f.starts = sized(&f.mem.starts, len(f.f.Blocks))
	for i, b := range order {
		if i == 0 && f.mode != leaving {
			continue
		}
		f.starts[b] = f.b.Block()
	}
	f.ins = sized(&f.mem.ins, len(f.f.Blocks))
	f.ins[0] = f.env
	left := maxInstrs
	for _, b := range order {
		if f.ins[b] == nil {
			continue
		}
		if left -= len(f.f.Blocks[b].Instrs); left < 0 {
			f.b.Func().Partial = "more than 60,000 operations in one function"
			break
		}
		f.runBlock(int(b), rpo)
	}
}

// param binds parameter i.
func (f *frame) param(i int) {
	p := &f.f.Params[i]
	v := f.b.Param(p.Name)
	val := f.put(value{typ: f.f.ParamType(i), v: v, text: p.Name, id: flow.Key{Text: p.Name, Root: v}, hasID: true})
	if f.l.fn(f.f).params == nil {
		f.l.fn(f.f).params = f.params
	}
	val.tasks = f.l.paramTask(i)
	if i == 0 && f.f.Method() {
		val.v = 0 // what is computed from the receiver is computed from its parts
	}
	root := f.place(flow.Place{Path: p.Name, Root: flow.RootParam, Param: i, Type: val.typ.Text()})
	if val.container() {
		root.Kind = flow.Container
	}
	if t := val.typ.Lib(); t != nil && t.App {
		root.Root, root.Param, root.Field = flow.RootGlobal, 0, appField+f.f.Module.Root
	}
	if p.Star == 0 {
		val.at = root
	}
	if val.typ != nil && val.typ.Meta && val.typ.Class != nil {
		val.ref = f.refers(project.Ref{Class: val.typ.Class})
	}
	ix, ok := f.local(p.Name)
	if !ok {
		return
	}
	f.stored[ix]++
	if f.cells[ix] {
		f.made[ix] = true
	}
	f.env.vals[ix] = val
}

func (f *frame) pos(offset uint32) flow.Pos { return f.l.pos(f.f, offset) }

func (f *frame) runBlock(b int, rpo []int) {
	bl := &f.f.Blocks[b]
	f.block = b
	if f.env = f.ins[b]; f.opened[b] {
		f.env = f.clone(f.env) // what comes back is joined with what was known before
	}
	f.b.At(f.starts[b])
	f.flows = append(f.flows[:0], f.starts[b])
	if f.opened[b] {
		f.forget(b, rpo)
	}
	f.exits = f.exits[:0]
	for _, e := range bl.Succs {
		if e.Kind == ir.Except {
			f.exits = append(f.exits, e)
		}
	}
	before := f.env
	if len(f.exits) > 0 {
		before = f.clone(f.env)
	}
	f.ended = false
	for i := 0; i < len(bl.Instrs) && !f.ended; i++ {
		f.instr(&bl.Instrs[i])
	}
	if !f.ended {
		f.leave(bl)
	}
	for _, e := range f.exits {
		for _, from := range f.flows {
			f.b.Edge(from, flow.Edge{To: f.starts[e.To], Except: true})
		}
		f.into(int(e.To), before)
		f.into(int(e.To), f.env)
	}
}

// into joins the present state into the entry state of a block.
func (f *frame) into(to int, e *env) {
	in := f.ins[to]
	if in == nil {
		f.ins[to] = f.clone(e)
		return
	}
	for i, v := range e.vals {
		switch o := in.vals[i]; {
		case o == v || v == nil:
		case o == nil:
			in.vals[i] = v
		default:
			in.vals[i] = f.l.merge(f, o, v, f.slots[i])
		}
	}
	in.open = slices.DeleteFunc(slices.Clone(in.open), func(path string) bool { return !slices.Contains(e.open, path) })
	in.limits = min(in.limits, e.limits)
	in.mutes = in.mutes[:min(len(in.mutes), len(e.mutes))]
	in.held = slices.DeleteFunc(slices.Clone(in.held), func(l flow.Lock) bool {
		return !slices.ContainsFunc(e.held, func(o flow.Lock) bool { return o.Path == l.Path })
	})
}

// leave writes the edges of a block.
func (f *frame) leave(bl *ir.Block) {
	switch bl.Exit {
	case ir.Returns:
		f.returns(bl)
		return
	case ir.Raises:
		return
	}
	cond := f.ask(f.temp(bl.Cond), f.pos(bl.Pos))
	present := f.assertsPresence(bl, cond)
	for i := range bl.Succs {
		e := &bl.Succs[i]
		if e.Kind == ir.True && cond != nil && cond.ext() == "typing.TYPE_CHECKING" {
			continue // for type checkers only
		}
		switch e.Kind {
		case ir.Jump:
			f.b.Edge(f.b.Current(), flow.Edge{To: f.starts[e.To]})
			f.into(int(e.To), f.env)
		case ir.True, ir.False:
			tests := f.truth(cond, e.Kind == ir.True)
			if present {
				tests = nil
			}
			f.b.Edge(f.b.Current(), flow.Edge{To: f.starts[e.To], Tests: tests})
			out := f.env
			if cond != nil && cond.more().busy != "" && cond.idle == (e.Kind == ir.True) {
				out = f.clone(f.env)
				out.open = append(out.open, cond.rare.busy)
			}
			f.into(int(e.To), out)
		case ir.Done:
			f.into(int(e.To), f.env)
		case ir.Next:
			f.iterate(bl, e)
		}
	}
}

func (f *frame) returns(bl *ir.Block) {
	v := f.temp(bl.Return)
	e := flow.Event{Op: flow.OpReturn, Pos: f.pos(bl.Pos)}
	if f.mode == leaving || f.mode == entering {
		v = nil
	}
	if v != nil {
		if v.test != nil && v.v == 0 {
			v = f.bool(v)
		}
		e.Srcs = f.vars(v)
		e.Value = v.written()
		if v.konst == "" && len(e.Srcs) > 0 {
			e.Value = flow.ValueUnknown
		}
		f.taskUse(v, useReturned, "", nil)
	} else {
		e.Value = flow.ValueNone
	}
	if f.mode != entering {
		f.b.Emit(e)
		f.ret = f.joinShape(f.ret, v)
	}
}

func (f *frame) temp(t ir.Temp) *value {
	if t <= 0 || int(t) >= len(f.temps) {
		return nil
	}
	return f.temps[t]
}

// need is temp, but never nil.
func (f *frame) need(t ir.Temp) *value {
	if v := f.temp(t); v != nil {
		return v
	}
	return f.value()
}

func (f *frame) set(t ir.Temp, v *value) {
	if t > 0 && int(t) < len(f.temps) {
		f.temps[t] = v
	}
}
