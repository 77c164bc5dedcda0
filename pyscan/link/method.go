package link

import (
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
)

// method calls a method that is not the project's.
func (f *frame) method(callee *value, c *coroutine) *value {
	recv, name := callee.recv, callee.method
	c.text = callee.text
	c.recvd = recv
	if recv == nil {
		return f.unknownCall(callee, c)
	}
	recv.reading = false
	if recv.typ != nil && recv.typ.Class == nil && recv.typ.Name != "" {
		if m, ok := f.l.p.Tables.OwnCall(recv.typ.Name + "." + name); ok {
			return f.said(m, recv.typ.Name+"."+name, c)
		}
	}
	if v, ok := f.storeCall(recv, name, c); ok {
		return v
	}
	switch recv.kind() {
	case models.Lock, models.Semaphore, models.Condition:
		return f.lockMethod(recv, name, c)
	case models.Event:
		return f.eventMethod(recv, name, c)
	case models.Future, models.TaskHandle, models.Thread:
		return f.futureMethod(recv, name, c)
	case models.TaskGroup, models.Jobs:
		return f.groupMethod(recv, name, c)
	case models.Loop:
		return f.loopMethod(name, c)
	case models.Executor:
		if name == "submit" && len(c.args) > 0 {
			f.handsOver(c.args[0], c)
			f.runsInThread(c.args[0], c, false, true)
		}
		f.escape(c)
		return f.put(value{typ: f.l.named("concurrent.futures.Future")})
	case models.Queue:
		if name == "get" || name == "put" || name == "join" {
			return f.queueWait(recv, name, c)
		}
	}
	if v, ok := f.stackMethod(recv, name, c); ok {
		return v
	}
	if m, ok := f.containerMethod(recv, name, c); ok {
		return f.onContainer(recv, name, m, c)
	}
	if len(recv.tasks) > 0 && recv.typ == nil || recv.more().super == nil && f.looksTask(recv, name) {
		return f.futureMethod(recv, name, c)
	}
	if v, ok := f.looksLock(recv, name, c); ok {
		return v
	}
	return f.unknownMethod(callee, c)
}

// unknownMethod calls a method of something that is not known, or of a library's object.
func (f *frame) unknownMethod(callee *value, c *coroutine) *value {
	recv, name := callee.recv, callee.method
	switch name {
	case "create_task":
		if looksLoop(recv) || recv.typ == nil && recv.kind() == models.Object {
			lm, _ := models.Lookup("asyncio.create_task")
			lm.Owned = !looksLoop(recv) // somebody's own helper, or a task group
			if len(c.args) > 0 {
				return f.spawn(c, c.args[0], lm)
			}
		}
	case "start_soon":
		return f.groupMethod(recv, name, c)
	case "add_task", "add_job", "spawn", "start_task", "create_background_task", "async_create_task":
		if len(c.args) > 0 && (c.args[0].coro != nil || len(c.args[0].fns) > 0) {
			return f.groupMethod(recv, name, c)
		}
	case "add_get", "add_post", "add_put", "add_patch", "add_delete", "add_route", "add_api_route", "add_websocket_route", "add_api_websocket_route", "add_url_rule", "add_websocket_rule":
		c.every(func(v *value) { f.handler(v, c) })
	case "run_in_executor":
		return f.loopMethod(name, c)
	case "call_soon", "call_later", "call_at", "call_soon_threadsafe":
		if looksLoop(recv) {
			return f.loopMethod(name, c)
		}
	case "run_until_complete":
		if len(c.args) > 0 {
			return f.runLoop(c.args[0], c)
		}
	}
	f.escape(c)
	v := f.put(value{coro: c, text: callee.text, also: append(f.varsOf(c), f.vars(recv)...)})
	v.typ = recv.typ.MethodResult(name)
	c.kind, c.must = coroUnknown, flow.May
	if f.l.makesResource(name) && !recv.container() {
		v.class, c.wr = flow.ValueResource, flow.ValueResource
	}
	v.row = recv.row
	if recv.kind() == models.Immutable {
		v.class = flow.ValuePlain
		v.typ = recv.typ
		if recv.typ.Name != "str" || name == "split" {
			v.typ = nil
		}
		v.id, v.hasID = f.compound("."+name, append([]*value{recv}, c.args...)...)
	}
	if !v.hasID && recv.hasID && models.Converts(name) && slices.Contains(f.unique, recv.id.Root) {
		v.id, v.hasID = f.compound("."+name, recv)
	}
	v.v = f.derive(v)
	v.also = nil
	return v
}

func looksLoop(v *value) bool {
	n := lastName(v.text)
	return v.kind() == models.Loop || n == "loop" || n == "_loop" || strings.HasSuffix(n, "_loop") || n == "event_loop" || strings.HasSuffix(v.text, "_loop()")
}

func (f *frame) looksTask(v *value, name string) bool {
	switch name {
	case "add_done_callback", "remove_done_callback", "cancelled", "set_result", "set_exception":
		return true
	case "cancel", "done":
		return v.typ == nil
	}
	return false
}

// containerMethod finds the effect of a method on a container, or on something that may be one.
func (f *frame) containerMethod(recv *value, name string, c *coroutine) (models.Method, bool) {
	if recv.typ != nil && recv.typ.Class != nil && recv.typ.Lib() == nil && !recv.typ.Class.Opaque() {
		return models.Method{}, false
	}
	kind := recv.kind()
	if kind == models.Immutable {
		return models.Method{}, false
	}
	if kind == models.Object {
		if recv.typ.Known() && recv.typ.Class == nil || f.isAwaited(c) {
			return models.Method{}, false // a client's method by the same name
		}
		if recv.typ == nil && recv.at != nil && (f.l.p.Keyed[lastName(recv.at.Path)] || recv.elem && strings.HasPrefix(recv.at.Field, appField)) {
			kind = models.Dict
		} else if name == "pop" && len(c.args) == 0 {
			kind = models.List
		}
	}
	return models.ContainerMethod(kind, name)
}

// isAwaited says whether the result of the call is awaited where it is made.
func (f *frame) isAwaited(c *coroutine) bool {
	if f.awaits == nil {
		f.awaits = f.l.stacks.flags.make(f.f.Temps + 1)
		awaitedTemps(f.f, f.awaits)
	}
	return f.awaits[c.in.Dst]
}

func (f *frame) onContainer(recv *value, name string, m models.Method, c *coroutine) *value {
	box := recv
	if recv.iter != nil && recv.live {
		box = recv.iter
	}
	arg := func(i int) *value {
		if i >= 0 && i < len(c.args) {
			return c.args[i]
		}
		return nil
	}
	p := f.contents(box)
	val := arg(m.Value)
	if p == nil {
		return f.onOwn(box, name, m, val, c)
	}
	if box.typ == nil || box.container() {
		p.Kind = flow.Container
	}
	if name == "update" && f.putAll(box, c) {
		return f.value()
	}
	key := flow.KeyID(0)
	if m.Key >= 0 {
		key = f.keyOf(arg(m.Key))
		if box.kind() == models.List && name == "pop" {
			key = 0
		}
	}
	out := f.put(value{class: flow.ValueUnknown})
	var d flow.VarID
	changes := f.l.changes(p)
	if m.Check && changes {
		flags := flow.Flags(0)
		d = f.check(p, m.Ask, key, c.pos, flags)
	}
	if m.Act {
		flags := flow.Flags(0)
		if m.Atomic && (val == nil || val.written() != flow.ValueResource && val.written() != flow.ValueTask) {
			flags |= flow.FlagAtomic // what is made and then not needed is lost only if it must be closed
		}
		if m.Needs && (m.Spare < 0 || len(c.args)+len(c.named) <= m.Spare) {
			if !f.excused("KeyError", "IndexError", "LookupError", "ValueError", "QueueEmpty", "QueueFull") {
				flags |= flow.FlagNeeds
			} else if d != 0 {
				f.answers(d, "KeyError", "IndexError", "LookupError")
			}
		}
		if m.Effect == flow.EffectDel || m.Effect == flow.EffectClear || m.Effect == flow.EffectShrink {
			f.evict(box, c.pos)
			if m.Read && m.Key >= 0 && flags&flow.FlagNeeds == 0 && !c.in.Last {
				flags |= flow.FlagTaken
			}
		}
		src := val
		if m.Effect == flow.EffectDel || m.Effect == flow.EffectShrink || m.Effect == flow.EffectClear {
			src = nil
		}
		if !m.Atomic || src == nil {
			f.act(p, m.Effect, key, src, flags, c.pos, "."+name)
		} else {
			n := f.like(src)
			n.v, n.also = 0, f.vars(src)
			f.act(p, m.Effect, key, n, flags, c.pos, "."+name)
		}
		if val != nil {
			e := f.elemPlace(f.put(value{at: p, elem: true, key: key, typ: val.typ}))
			if e != nil {
				if strings.HasPrefix(p.Type, "weak") {
					e.Type = p.Type
				}
				f.taskUse(val, useStored, e.Field, e)
				f.noteLock(e, val, c.pos)
			}
			if val.konst == "" && (val.fresh || val.at == nil) && val.kind() != models.Immutable && len(val.fns) == 0 && val.items == nil && !m.Read {
				val.at, val.elem, val.key, val.whole, val.fresh = p, true, key, box, false
			}
			if val.items != nil && val.fresh && (name == "extend" || name == "update") {
				f.taskUse(val, useStored, p.Field, p)
			}
		}
		for _, a := range c.args {
			if a != val {
				f.taskUse(a, useRead, p.Field, p)
			}
		}
	}
	switch {
	case m.Read:
		out = f.element(box, key, d)
		if m.Effect == flow.EffectDel || m.Effect == flow.EffectShrink {
			// Taken out: it belongs to whoever took it.
			out.edit().taken = f.elemPlace(out)
			out.at, out.elem = nil, false
			out.items = box.items
			out.also = f.vars(out.items) // nothing is computed from the container: whatever it is by now lacks this
			out.tasks = []*task{{field: p.Field + "[]"}}
			if d == 0 && changes {
				out.v = 0
			}
		}
		if name == "setdefault" && val != nil && val.class == flow.ValueUnknown && out.typ == nil {
			out.typ = val.typ
		}
		if name == "setdefault" && val != nil && (val.kind() == models.Lock || val.kind() == models.Semaphore) {
			out.typ = val.typ
		}
		if name == "get" && len(c.args) > 1 && c.args[1].konst != "None" {
			out.also = append(out.also, f.vars(c.args[1])...)
			if out.typ == nil {
				out.typ = c.args[1].typ
			}
			// `d.get(k, 0)`: a missing entry is not None.
			out = f.put(value{typ: out.typ, v: f.derive(out), at: out.at, elem: out.elem, key: out.key, whole: out.whole})
		}
	case m.View:
		out = f.put(value{typ: f.viewType(box.typ, name), iter: box, live: true, method: name, at: box.at, text: box.text + "." + name + "()", also: f.vars(box)})
		out.at = nil
	case m.Copy:
		out = f.snapshot(box, p, c)
	case m.Check:
		out.v = d
		if name == "full" {
			out.v = f.derive(out) // that there is room is no more than that
		}
		if name == "index" {
			out.edit().spot = d
			f.answers(d, "ValueError")
		}
	}
	return out
}

// putAll is d.update({key: value, …}), which is an assignment for every entry.
func (f *frame) putAll(box *value, c *coroutine) bool {
	if box.kind() != models.Dict || c.in.Op != ir.Call || len(c.in.Args) != 1 || c.in.Args[0].Name != "" {
		return false
	}
	callee, entries := f.f.Def(c.in.A), f.f.Def(c.in.Args[0].T)
	if callee == nil || callee.Op != ir.GetAttr || entries == nil || entries.Op != ir.Build || entries.Name != "dict" || entries.A != 0 ||
		len(entries.Args) == 0 || slices.ContainsFunc(entries.Args, func(a ir.Arg) bool { return a.Star != 0 }) {
		return false
	}
	for i := 0; i+1 < len(entries.Args); i += 2 {
		f.setItem(&ir.Instr{Op: ir.SetItem, A: callee.A, B: entries.Args[i].T, Pos: c.in.Pos, End: c.in.End, More: &ir.More{C: entries.Args[i+1].T}})
	}
	return true
}

// onOwn is a method on a container that nobody else has.
func (f *frame) onOwn(box *value, name string, m models.Method, val *value, c *coroutine) *value {
	if m.Act && val != nil {
		if (name == "extend" || name == "update") && val.items != nil {
			val = val.items
		}
		f.inside(box, val)
	}
	if m.Act && f.silentBox(box) {
		if p := f.base(box); p != nil && val != nil {
			e := f.elemPlace(f.put(value{at: p, elem: true, typ: val.typ}))
			f.taskUse(val, useStored, e.Field, e)
			f.noteLock(e, val, c.pos)
		}
	}
	switch {
	case m.Read:
		v := f.element(box, flow.KeyAny, 0)
		if len(box.tasks) > 0 {
			v.tasks = box.tasks
		}
		return v
	case m.View:
		return f.put(value{typ: f.viewType(box.typ, name), iter: box, live: true, method: name, items: box.items, tasks: box.tasks, fields: box.fields, also: f.vars(box)})
	case m.Copy:
		return f.put(value{typ: box.typ, items: box.items, tasks: box.tasks, fields: box.fields, fresh: true, also: f.vars(box)})
	}
	return f.put(value{also: append(f.vars(box), f.varsOf(c)...)})
}

func (f *frame) silentBox(box *value) bool { return box.at != nil }

func dedupe(list []flow.VarID) []flow.VarID {
	slices.Sort(list)
	return slices.Compact(list)
}
