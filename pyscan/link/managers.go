package link

import (
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
)

// enter follows `with v` and `async with v`.
func (f *frame) enter(in *ir.Instr) *value {
	v := f.need(in.A)
	pos := f.pos(in.Pos)
	async := in.Op == ir.AEnter
	v.reading = false
	if does := v.does(); does != nil && (does.Role == models.TimeLimit || does.Role == models.Suppress) {
		if does.Limits {
			f.env.limits++
		}
		f.env.mutes = append(slices.Clip(f.env.mutes), v.more().mutes...)
		return v
	}
	if async {
		f.noThread(v)
	}
	if _, t, ok := f.lockOf(v); ok || t != nil && t.Kind == models.Semaphore {
		if ok || async {
			f.takes(v, pos)
			f.acquire(v, pos)
		}
		return v
	}
	if v.kind() == models.TaskGroup {
		return v
	}
	if v.isStack() {
		return f.put(value{typ: v.typ, text: v.text, fresh: v.fresh, at: v.at})
	}
	if c := v.coro; c != nil && c.kind == coroProject && len(c.fns) > 0 && c.fns[0].Manager {
		return f.enterManager(c, pos)
	}
	if k := classOf(v); k != nil && !v.typ.Meta {
		name := "__enter__"
		if async {
			name = "__aenter__"
		}
		if m := k.Method(name); m != nil {
			out := f.runAt(&coroutine{kind: coroProject, fns: k.Targets(name), recv: v, pos: pos, in: in}, async, pos)
			if out.typ == nil || out.typ.Class == k {
				if out.at == nil {
					out.at = v.at
				}
				out.typ = v.typ
			}
			return out
		}
	}
	if async {
		if v.coro != nil && v.coro.kind == coroProject {
			r := f.await(v, pos, in)
			return r
		}
		if v.coro != nil && v.coro.rec != nil {
			return f.recordCall(v.coro, pos)
		}
		f.yield(pos, flow.May, v.text)
	}
	out := f.put(value{typ: v.typ, text: v.text, class: v.class, fresh: v.fresh, row: v.row})
	if v.at != nil {
		out = v
	}
	out.also = f.vars(v)
	out.v = 0
	return out
}

// noThread corrects the type of a lock that `async with` takes: it cannot be a thread's, whatever its
// declaration says besides.
func (f *frame) noThread(v *value) {
	if v.typ != nil && strings.HasPrefix(v.typ.Name, "threading.") {
		v.typ = v.typ.Renamed("asyncio." + strings.TrimPrefix(strings.TrimPrefix(v.typ.Name, "threading."), "R"))
	}
}

// enterManager runs the first half of a context manager function.
func (f *frame) enterManager(c *coroutine, pos flow.Pos) *value {
	g := c.fns[0]
	f.l.summary(g)
	fn := f.l.fn(g)
	out := f.put(value{typ: g.Result()})
	if fn.enter == nil {
		f.yield(pos, flow.May, g.Name)
		return out
	}
	args := f.bind(g, c)
	call := flow.Call{Pos: pos, Args: f.flowArgs(args), Await: true, Result: f.b.Var("")}
	f.hasExit(&call)
	f.site(g, args, pos, false)
	f.calls = append(f.calls, g)
	if fn.enter.Suspends != flow.Never {
		f.waits = append(f.waits, waiting{call: g, held: f.heldNow()})
	}
	f.b.Expand(fn.enter, call)
	f.flows = append(f.flows, f.b.Current())
	f.lockCalls(fn.enter, args)
	if fn.gives != nil {
		f.fromShape(out, fn.gives, g, args, call, pos)
	}
	return out
}

// exit follows the end of a with statement.
func (f *frame) exit(in *ir.Instr) {
	v := f.need(in.A)
	pos := f.pos(in.Pos)
	async := in.Op == ir.AExit
	if does := v.does(); does != nil && (does.Role == models.TimeLimit || does.Role == models.Suppress) {
		if does.Limits {
			f.env.limits = max(0, f.env.limits-1)
		}
		f.env.mutes = f.env.mutes[:max(0, len(f.env.mutes)-len(v.more().mutes))]
		return
	}
	if _, t, ok := f.lockOf(v); ok {
		f.release(v, pos)
		return
	} else if t != nil && t.Kind == models.Semaphore {
		return
	}
	if v.kind() == models.TaskGroup {
		if v.published && async {
			f.yield(pos, flow.Must, v.text)
		}
		return
	}
	if v.isStack() {
		if async {
			f.yield(pos, flow.May, v.text)
		}
		for _, in := range slices.Backward(f.entered) {
			in.Pos = uint32(pos - f.pos(0))
			f.exit(&in)
		}
		return
	}
	if c := v.coro; c != nil && c.kind == coroProject && len(c.fns) > 0 && c.fns[0].Manager {
		g := c.fns[0]
		fn := f.l.fn(g)
		if fn.exit == nil {
			f.yield(pos, flow.May, g.Name)
			return
		}
		args := f.bind(g, c)
		call := flow.Call{Pos: pos, Args: f.flowArgs(args), Await: true}
		if fn.exit.Suspends != flow.Never {
			f.waits = append(f.waits, waiting{call: g, held: f.heldNow()})
		}
		f.b.Expand(fn.exit, call)
		f.flows = append(f.flows, f.b.Current())
		f.lockCalls(fn.exit, args)
		return
	}
	if k := classOf(v); k != nil && !v.typ.Meta {
		name := "__exit__"
		if async {
			name = "__aexit__"
		}
		if m := k.Method(name); m != nil {
			f.runAt(&coroutine{kind: coroProject, fns: k.Targets(name), recv: v, pos: pos, in: in}, async, pos)
			return
		}
	}
	if async {
		f.yield(pos, flow.May, v.text)
	}
	if session, ok := strings.CutSuffix(v.text, ".begin"); ok {
		f.commits(session)
	}
}

// isStack says whether the value is an exit stack: a context manager that leaves what was entered
// through it.
func (v *value) isStack() bool {
	return v.typ != nil && (v.typ.Name == "contextlib.ExitStack" || v.typ.Name == "contextlib.AsyncExitStack")
}

// stackMethod is a call on an exit stack that this function leaves itself.
func (f *frame) stackMethod(recv *value, name string, c *coroutine) (*value, bool) {
	if !recv.isStack() || recv.at != nil || c.in == nil || len(c.args) == 0 || len(c.parts) > 0 {
		return nil, false
	}
	switch name {
	case "enter_context":
		return f.stackEnter(c, ir.Enter), true
	case "enter_async_context":
		c.kind = coroEnter
		return f.put(value{coro: c, typ: c.args[0].typ}), true
	}
	return nil, false
}

func (f *frame) stackEnter(c *coroutine, op ir.Op) *value {
	in := ir.Instr{Op: op, A: c.in.Args[0].T, Pos: c.in.Pos, End: c.in.End, More: ir.None}
	out := f.enter(&in)
	in.Op++ // Enter, Exit; AEnter, AExit
	f.entered = append(f.entered, in)
	return out
}
