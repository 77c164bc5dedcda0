package link

import (
	"path"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// spawn starts a task for a coroutine.
func (f *frame) spawn(c *coroutine, a *value, m models.Callable) *value {
	out := f.put(value{typ: f.l.newly(m.Type), class: flow.ValueTask, fresh: true, text: c.text})
	if a == nil {
		for _, n := range []string{"coro", "coroutine", "func", "main"} {
			if v := c.named.get(n); v != nil {
				a = v
			}
		}
	}
	if a != nil && m.Factory && len(a.fns) > 0 && a.coro == nil {
		a = f.put(value{coro: &coroutine{kind: coroProject, fns: a.fns, recv: a.recv, args: c.args[min(len(c.args), m.Arg+1):], pos: c.pos, in: c.in}, fns: a.fns})
	}
	if a != nil && (a.coro == nil || a.coro.kind == coroGather) && c.text == "asyncio.ensure_future" && len(a.tasks) > 0 && !a.isCoroutine() {
		return a
	}
	t := f.newTask(c, "task", a)
	out.tasks = []*task{t}
	t.handsOver = len(t.targets) == 0 && len(c.in.Args) > m.Arg && f.fillsGroup(c.in.Args[m.Arg].T)
	if m.Owned {
		t.keep, t.keeper = keepOwner, c.text
	}
	if a != nil {
		if a.typ != nil {
			if u := f.awaited(a); u != nil {
				out.typ = &project.Type{Name: m.Type, Args: []*project.Type{u}, Fresh: true}
			}
		}
		t.eager = f.runsAtOnce(c, m.Eager)
		f.starting = t
		f.begin(t, a, c.pos)
		f.starting = nil
		f.paramSpawn(a, t)
	}
	return out
}

// fillsGroup says whether a coroutine is a call that only starts something in a group of tasks, directly or by way
// of a variable.
func (f *frame) fillsGroup(t ir.Temp) bool {
	call := f.f.Def(t)
	if call == nil || call.Op != ir.Call {
		return false
	}
	method := f.f.Def(call.A)
	if method == nil || method.Op != ir.GetAttr {
		return false
	}
	group := f.f.Def(method.A)
	return group != nil && models.HandsOver(group.Name, method.Name)
}

// isCoroutine says whether the value is declared to be a coroutine: it runs in no task yet.
func (v *value) isCoroutine() bool { return v.typ != nil && v.typ.Name == "typing.Coroutine" }

// keep hands a task, or a coroutine to run as one, to somebody who keeps it and sees its error.
func (f *frame) keep(c *coroutine, a *value, m models.Callable) *value {
	if a == nil || len(a.tasks) == 0 {
		m.Owned = true
		return f.spawn(c, a, m)
	}
	for _, t := range a.tasks {
		t.keep, t.keeper = keepOwner, c.text
	}
	return a
}

// runsAtOnce says whether a task that a call starts runs before the call returns, up to its first
// suspension: because the call says so, or because the loop's task factory is such a one. Code that asks
// for it has a version of Python that can, unless the configuration says otherwise.
func (f *frame) runsAtOnce(c *coroutine, since models.Version) bool {
	if f.l.p.Tables.Before(since) {
		return false
	}
	if v := c.named.get("eager_start"); v != nil {
		return v.konst == "True"
	}
	for dir := f.f.Module.Path; len(f.l.p.Eager) > 0 && dir != "." && dir != "/"; {
		if dir = path.Dir(dir); f.l.p.Eager[dir] {
			return true
		}
	}
	return false
}

// begin starts what a task runs.
func (f *frame) begin(t *task, a *value, pos flow.Pos) {
	was := f.eager
	f.eager = t.eager
	f.start(a, pos)
	f.eager = was
}

// start notes that a coroutine begins to run by itself.
func (f *frame) start(a *value, pos flow.Pos) {
	co := a.coro
	if co == nil && a.items != nil {
		co = a.items.coro
	}
	if co == nil {
		return
	}
	switch co.kind {
	case coroProject:
		f.shares(co, co != a.coro)
		for _, g := range f.alternatives(co.fns) {
			f.expand(g, co, false, true, pos)
			f.spawnEntry(g, co.recv, pos)
		}
	case coroGather, coroWaitFor:
		for _, p := range co.parts {
			if p != nil && p != a {
				f.start(p, pos)
				f.taskUse(p, useAwaited, "", nil)
			}
		}
	default:
		co.every(func(v *value) {
			if v.coro != nil && v.coro != co {
				f.start(v, pos)
			}
		})
	}
}

// shares notes that a task gets the receiver and the arguments of a call: an object that two have
// is nobody's own. each says that it is one call for every round of a loop.
func (f *frame) shares(co *coroutine, each bool) {
	one := func(v *value) {
		if v == nil || !v.fresh || v.at != nil {
			return
		}
		r := v.edit()
		r.users++
		if (each || f.loops[f.block]) && !v.born {
			r.users++
		}
		if r.users > 1 {
			if c := classOf(v); c != nil {
				f.settles(c, useStored, nil)
			}
			f.l.lose(v)
		}
	}
	one(co.recv)
	co.every(one)
	f.siblings(co)
}

// threadCall is asyncio.to_thread, run_in_executor and threading.Thread.
func (f *frame) threadCall(c *coroutine, m models.Callable) *value {
	var fun *value
	if m.Arg >= 0 && m.Arg < len(c.args) {
		fun = c.args[m.Arg]
		c.args = c.args[m.Arg+1:]
	}
	if v := c.named.get("target"); v != nil {
		fun = v
		if a := c.named.get("args"); a != nil && len(a.more().partial) > 0 {
			c.args = a.rare.partial
		}
	}
	f.handsOver(fun, c)
	if fun != nil {
		f.runsInThread(fun, c, m.Value == flow.ValueTask && !f.loops[f.block] && !f.forCaller(c.args), m.Value == flow.ValueTask)
	}
	if m.Value == flow.ValueTask {
		out := f.put(value{typ: f.l.newly(m.Type), class: flow.ValueTask, fresh: true, text: "threading.Thread"})
		if fun != nil {
			out.edit().thread = fun.fns
		}
		return out
	}
	c.kind, c.must = coroThread, flow.Must
	c.fns = nil
	if fun != nil && len(fun.fns) > 0 {
		c.fns, c.recv = fun.fns, fun.recv
		c.args = append(slices.Clone(fun.more().partial), c.args...)
	}
	out := f.put(value{coro: c, also: f.varsOf(c)})
	if len(c.fns) > 0 {
		out.typ = c.fns[0].Result()
	}
	return out
}

// forCaller says whether something is done with what the caller has passed, by a function that is not there
// to start the object: each call does it anew.
func (f *frame) forCaller(args []*value) bool {
	if f.f.Name == "__init__" || models.Starts(f.f.Name) || models.Startup(f.f.Name) {
		return false
	}
	params := f.b.Func().Params
	if f.f.Method() && len(params) > 0 {
		params = params[1:]
	}
	return slices.ContainsFunc(args, func(v *value) bool { return v != nil && v.hasID && slices.Contains(params, v.id.Root) })
}

// loopMethod is a call on the event loop.
func (f *frame) loopMethod(name string, c *coroutine) *value {
	switch name {
	case "create_task":
		m, _ := models.Lookup("asyncio.create_task")
		var a *value
		if len(c.args) > 0 {
			a = c.args[0]
		}
		return f.spawn(c, a, m)
	case "run_in_executor":
		m, _ := models.Lookup("asyncio.to_thread")
		if len(c.args) > 0 {
			c.args = c.args[1:]
		}
		var fun *value
		if len(c.args) > 0 {
			fun = c.args[0]
		}
		v := f.threadCall(c, m)
		t := f.newTask(c, "executor", nil)
		if fun != nil {
			t.target = fun.text
			t.targets = fun.fns
		}
		v.tasks = append(v.tasks, t)
		return v
	case "call_soon", "call_soon_threadsafe", "call_later", "call_at":
		at := 0
		if strings.HasSuffix(name, "later") || strings.HasSuffix(name, "_at") {
			at = 1
		}
		if at < len(c.args) {
			f.loopCallback(c.args[at], c, at+1)
		}
		return f.put(value{typ: f.l.named("asyncio.TimerHandle"), class: flow.ValueObject})
	case "run_until_complete":
		if len(c.args) > 0 {
			return f.runLoop(c.args[0], c)
		}
	case "create_future":
		return f.put(value{typ: f.l.newly("asyncio.Future"), fresh: true, class: flow.ValueObject, newAt: c.pos})
	case "add_signal_handler", "add_reader", "add_writer":
		if len(c.args) > 1 {
			f.loopCallback(c.args[1], c, 2)
		}
		f.callbacks(c)
		return f.value()
	case "create_connection", "create_server", "create_datagram_endpoint", "connect_read_pipe":
		c.kind, c.must, c.wr = coroLibrary, flow.Must, flow.ValueResource
		f.callbacks(c)
		return f.put(value{coro: c})
	case "time", "is_running", "is_closed":
		return f.put(value{class: flow.ValuePlain})
	}
	f.escape(c)
	return f.put(value{coro: c})
}

// loopCallback notes that the event loop calls cb some day, with the arguments from number rest on, and
// drops what it returns.
func (f *frame) loopCallback(cb *value, c *coroutine, rest int) {
	f.callbackEntry(cb, c)
	for _, g := range cb.fns {
		f.l.entry(g).drops = true
	}
	spawns := cb.does() != nil && cb.does().Role == models.Spawn || cb.method == "create_task" && cb.recv != nil && looksLoop(cb.recv)
	args := slices.Concat(cb.more().partial, c.args[min(rest, len(c.args)):])
	if spawns && len(args) > 0 {
		m, _ := models.Lookup("asyncio.create_task")
		f.spawn(c, args[0], m)
	}
}

// runLoop runs a coroutine to its end from outside a loop. In a plain function nobody waits: the
// loop runs for this alone.
func (f *frame) runLoop(a *value, c *coroutine) *value {
	f.runsOnce(a)
	was := f.outside
	f.outside = f.f.Kind&ir.Async == 0
	v := f.await(a, c.pos, c.in)
	f.outside = was
	return v
}

// groupMethod is a call on a task group, nursery, registry or job runner.
func (f *frame) groupMethod(recv *value, name string, c *coroutine) *value {
	switch name {
	case "create_task", "start_soon", "start", "spawn", "add_task", "add_job", "start_task", "create_background_task", "async_create_task":
		if len(c.args) == 0 {
			break
		}
		a := c.args[0]
		if a.coro == nil && len(a.fns) > 0 {
			a = f.put(value{coro: &coroutine{kind: coroProject, fns: a.fns, recv: a.recv, args: append(slices.Clone(a.more().partial), c.args[1:]...), pos: c.pos, in: c.in}, fns: a.fns})
		}
		if recv.kind() == models.Jobs && len(a.fns) > 0 && !a.fns[0].Async() {
			f.handsOver(a, c)
			f.runsInThread(a, c, false, true)
		}
		t := f.newTask(c, "task", a)
		t.keep, t.keeper = keepOwner, recv.text
		t.observed, t.drained = recv.text, recv.text
		if name == "create_task" {
			m, _ := models.Lookup("asyncio.create_task")
			t.eager = f.runsAtOnce(c, m.Eager)
		}
		f.begin(t, a, c.pos)
		if recv.kind() == models.TaskGroup {
			recv.published = true
		}
		out := f.put(value{typ: f.l.named("asyncio.Task"), class: flow.ValueTask, tasks: []*task{t}})
		if name == "start" {
			c.kind, c.must = coroLibrary, flow.May
			out.coro = c
		}
		return out
	}
	f.escape(c)
	return f.put(value{coro: c})
}
