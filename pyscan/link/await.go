package link

import (
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// awaitedTemps notes the temps that an await takes.
func awaitedTemps(f *project.Func, out []bool) {
	for b := range f.Blocks {
		for i := range f.Blocks[b].Instrs {
			switch in := &f.Blocks[b].Instrs[i]; in.Op {
			case ir.Await, ir.AEnter, ir.AIter:
				out[in.A] = true
			}
		}
	}
}

// await runs what the value stands for, here and now.
func (f *frame) await(v *value, pos flow.Pos, in *ir.Instr) *value {
	f.awaitTasks(v)
	f.joined(v, pos)
	c := v.coro
	if c == nil {
		if v.items != nil && v.items.coro != nil {
			c = v.items.coro
		} else {
			return f.awaitOpaque(v, pos)
		}
	}
	f.closes(c)
	f.handsOn(c, pos)
	switch c.kind {
	case coroProject:
		if c.in == nil {
			c.in = in
		}
		out := f.runAt(c, true, pos)
		if c.rec = f.projectRecord(c); c.rec != nil {
			return f.recorded(c, out, pos)
		}
		if c.recv != nil && len(c.fns) > 0 && models.StoreMethod(c.fns[0].Name) == models.Commit {
			f.commits(c.recv.text + ".")
		}
		return out
	case coroLibrary:
		switch {
		case c.must == flow.Never:
		case c.sleeps:
			f.yieldFor(pos, c.must, c.text, flow.FlagSignal)
		default:
			f.yield(pos, c.must, c.text)
		}
		return f.put(value{typ: v.typ, v: f.derive(f.put(value{also: f.varsOf(c)})), class: c.wr, text: v.text, coro: nil, row: v.row})
	case coroGather:
		return f.gather(c, pos)
	case coroWaitFor:
		out := f.put(value{typ: v.typ})
		for _, p := range c.parts {
			if p == nil {
				continue
			}
			f.awaitTasks(p)
			if c.limit && p.coro == nil {
				f.limited(p, pos)
			}
			if !c.inPlace {
				f.yield(pos, flow.May, c.text)
			}
			if p.coro != nil || p.at != nil || p.typ != nil {
				limits := f.env.limits
				if c.shield {
					f.env.limits = 0
				}
				r := f.await(p, pos, in)
				f.env.limits = limits
				out = r
				if out.typ == nil {
					out.typ = v.typ
				}
			}
		}
		return out
	case coroThread:
		f.yield(pos, flow.Must, c.text)
		out := f.put(value{also: f.varsOf(c)})
		if len(c.fns) > 0 {
			out = f.runAt(c, false, pos)
		}
		return out
	case coroEnter:
		return f.stackEnter(c, ir.AEnter)
	case coroAcquire:
		f.acquire(c.recvd, pos)
		return f.put(value{konst: "True"})
	case coroCondWait:
		f.condWait(c, pos, in)
		return f.put(value{class: flow.ValuePlain})
	case coroEventWait:
		f.signal(pos, c.text)
		if p := f.contents(c.recvd); p != nil {
			p.Kind = flow.Signal
			f.check(p, flow.AskValue, 0, pos, flow.FlagTested)
		}
		return f.put(value{class: flow.ValuePlain})
	}
	if c.rec != nil {
		return f.recordCall(c, pos)
	}
	f.yield(pos, flow.May, c.text)
	out := f.put(value{typ: v.typ, class: c.wr, text: v.text, row: v.row})
	if t := f.awaited(v); t != v.typ {
		out.typ = t
	}
	srcs := f.put(value{v: v.v, also: v.also})
	if srcs.v == 0 && len(srcs.also) == 0 {
		srcs.also = f.varsOf(c)
	}
	out.v = f.derive(srcs)
	if out.class == flow.ValueUnknown {
		out.class = typeValue(out.typ, true)
		if out.class == flow.ValueObject && out.typ.Class != nil && out.typ.Class.Abstract && !out.typ.Class.Has("close") {
			out.class = flow.ValueUnknown
		}
	}
	return out
}

// awaitOpaque awaits a future, a task or something that is not known.
func (f *frame) awaitOpaque(v *value, pos flow.Pos) *value {
	if f.env.limits > 0 {
		f.limited(v, pos)
	}
	if v.kind() == models.Future {
		f.signal(pos, v.text)
	} else {
		f.yield(pos, flow.May, v.text)
	}
	out := f.put(value{typ: f.awaited(v), class: v.class})
	if out.class == flow.ValueTask {
		out.class = flow.ValueUnknown
	}
	out.v = f.derive(v)
	f.paramRun(v)
	return out
}

// gather runs the parts at the same time: each may be suspended while others run.
func (f *frame) gather(c *coroutine, pos flow.Pos) *value {
	if len(c.parts) == 0 {
		return f.value()
	}
	f.yield(pos, flow.Must, c.text)
	if c.first {
		return f.split(c.parts)
	}
	out := f.put(value{typ: project.List, fresh: true, class: flow.ValueObject})
	var results []*value
	for _, p := range c.parts {
		if !c.waitOnly {
			f.awaitTasks(p)
		}
		for _, one := range []*value{p, p.items} {
			if one == nil || one.coro == nil {
				continue
			}
			f.many(one, pos, p.items == one)
			if one.coro.kind == coroProject {
				co := *one.coro
				f.shares(&co, p.items == one)
				f.gathers = true
				results = append(results, f.runAt(&co, true, pos))
				f.gathers = false
			}
		}
		results = append(results, f.put(value{also: f.vars(p)}))
	}
	out.v = f.derive(results...)
	for _, r := range results {
		if r.typ != nil || len(r.tasks) > 0 {
			out.items = f.l.merge(f, out.items, r, 0)
		}
	}
	return out
}

// run1 runs the functions of a call where the call stands.
func (f *frame) run1(c *coroutine, await bool) *value { return f.runAt(c, await, c.pos) }

// runAt expands the summaries of the functions that a call may mean: one after the other stands
// on a branch of its own.
func (f *frame) runAt(c *coroutine, await bool, pos flow.Pos) *value {
	fns := f.alternatives(c.fns)
	var out *value
	if f.expands > maxExpands {
		f.b.Func().Partial = "more calls in one function than are followed"
		f.yield(pos, flow.May, c.text)
		return f.value()
	}
	if len(fns) == 1 {
		out = f.expand(fns[0], c, await, false, pos)
	} else {
		result := f.b.Var("")
		from, after := f.b.Current(), f.b.Block()
		for _, g := range fns {
			arm := f.b.Block()
			f.b.Edge(from, flow.Edge{To: arm})
			f.b.At(arm)
			f.flows = append(f.flows, arm)
			v := f.expand(g, c, await, false, pos)
			f.let(result, v)
			f.b.Edge(f.b.Current(), flow.Edge{To: after})
			if out == nil {
				out = v
			} else {
				out = f.l.merge(f, out, v, result)
			}
		}
		f.b.At(after)
		f.flows = append(f.flows, after)
		n := f.like(out)
		n.v, n.also = result, nil
		out = n
	}
	if out.typ == nil && len(fns) > 0 {
		out.typ = fns[0].Result()
	}
	return out
}

// bind matches the arguments of a call with the parameters of g.
func (f *frame) bind(g *project.Func, c *coroutine) []*value {
	out := f.l.stacks.ptrs.make(len(g.Params))
	at := 0
	if g.Method() && (c.recv != nil) {
		if len(out) > 0 {
			out[0] = c.recv
			at = 1
		}
	}
	for _, a := range c.args {
		if at >= len(out) || g.Params[at].Star > 0 || g.Params[at].KwOnly {
			break
		}
		out[at] = a
		at++
	}
	for k := range c.named {
		for i := range g.Params {
			if g.Params[i].Name == c.named[k].name && g.Params[i].Star == 0 {
				out[i] = c.named[k].v
			}
		}
	}
	// The rest goes to *args.
	for i := range g.Params {
		if g.Params[i].Star == 1 && out[i] == nil {
			rest := c.args[min(len(c.args), max(0, i-boolInt(g.Method() && c.recv != nil))):]
			v := f.put(value{typ: project.Tuple})
			for _, a := range slices.Concat(rest, c.parts) {
				one := a
				if a.items != nil {
					one = a.items
				}
				v.items = f.l.merge(f, v.items, f.like(one), 0)
				v.tasks = append(v.tasks, a.tasks...)
				v.fields = union(v.fields, f.fieldsOf(a))
			}
			out[i] = v
		}
	}
	return out
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// expand emits what a call of g does.
func (f *frame) expand(g *project.Func, c *coroutine, await, spawned bool, pos flow.Pos) *value {
	args := f.bind(g, c)
	sum := f.l.summary(g)
	f.expands += len(sum.Acts) + len(sum.Answers) + 2
	f.site(g, args, pos, spawned)
	f.calls = append(f.calls, g)
	below := f.l.stacks.args.top
	call := flow.Call{Pos: pos, Args: f.flowArgs(args), Await: await, Spawned: spawned, AtOnce: spawned && f.eager}
	if !spawned {
		call.Result = f.b.Var("")
	}
	async := g.Async()
	if async && !await && !spawned && f.outside {
		call.Await = true // asyncio.run
	}
	if !spawned && sum.Suspends != flow.Never && (async || await) {
		f.waits = append(f.waits, waiting{call: g, held: f.heldNow()})
		f.env.open = nil
	}
	f.hasExit(&call)
	before := f.b.Current()
	f.b.Expand(sum, call)
	if f.b.Current() != before {
		f.flows = append(f.flows, f.b.Current())
	}
	f.paramUses(g, args, pos)
	if spawned {
		return f.value()
	}
	out := f.result(g, args, call, pos)
	if out.row == nil && out.fresh && g.Kind&ir.Async == 0 {
		out.row = rowAmong(args)
	}
	// What the callee computes from its arguments is computed from what they are; where it gives an
	// answer, that says more, but for what it has read from a container that was handed to it.
	given := guarded(sum)
	srcs := f.srcs[:0]
	for i, a := range args {
		if a != nil && (i > 0 || !g.Method()) && (!given || a.elem && a.container()) {
			srcs = a.addVars(srcs)
		}
	}
	if extra := f.computed(srcs); extra != 0 {
		out.also = append(out.also, extra)
	}
	f.lockCalls(sum, args)
	f.l.stacks.args.shrink(below, false)
	return out
}

// hasExit sends the exceptions of a call to the nearest handler that takes everything.
func (f *frame) hasExit(call *flow.Call) {
	for _, e := range f.exits {
		if len(e.Names) == 0 || slices.Contains(e.Names, "Exception") || slices.Contains(e.Names, "BaseException") {
			call.Raise, call.HasExit = f.starts[e.To], true
			return
		}
	}
	for _, e := range f.exits {
		call.Raise, call.HasExit = f.starts[e.To], true
	}
}

func guarded(s *flow.Summary) bool {
	for i := range s.Answers {
		if s.Answers[i].Via == flow.ViaResult {
			return true
		}
	}
	return false
}

// result is the value that a call gives.
func (f *frame) result(g *project.Func, args []*value, call flow.Call, pos flow.Pos) *value {
	out := f.put(value{typ: g.Result(), text: g.Name + "()"})
	if g.Kind&ir.Generator == 0 {
		out.v = call.Result
	}
	if sh := f.l.fn(g).ret; sh != nil && g.Kind&ir.Generator == 0 {
		f.fromShape(out, sh, g, args, call, pos)
	}
	if out.class == flow.ValueUnknown && out.typ != nil {
		out.class = typeValue(out.typ, out.fresh)
		if out.class == flow.ValueObject && out.typ.Class != nil && out.typ.Class.Abstract {
			out.class = flow.ValueUnknown
		}
	}
	if out.class == flow.ValueUnknown && f.l.makesResource(g.Name) {
		out.class = flow.ValueResource
	}
	return out
}
