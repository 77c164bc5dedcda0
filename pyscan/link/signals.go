package link

import (
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/models"
)

// queueWait is an awaited operation on a queue.
func (f *frame) queueWait(recv *value, name string, c *coroutine) *value {
	if name == "put" && len(c.args) > 0 {
		f.taskUse(c.args[0], usePassed, recv.text, nil)
	}
	if name == "get" && f.f.Method() && f.loops[f.block] && recv.at != nil && !recv.elem && recv.at.Root == flow.RootParam && recv.at.Param == 0 {
		f.fn.mailbox = true
	}
	c.kind, c.must = coroLibrary, flow.May
	if !f.isAwaited(c) && recv.typ != nil && strings.HasPrefix(recv.typ.Name, "queue.") {
		c.must = flow.Never
	}
	return f.put(value{coro: c, typ: recv.typ.MethodResult(name)})
}

// eventMethod is a call on an event.
func (f *frame) eventMethod(recv *value, name string, c *coroutine) *value {
	p := f.contents(recv)
	if p != nil {
		p.Kind = flow.Signal
	}
	switch name {
	case "wait":
		c.kind, c.must = coroEventWait, flow.May
		if recv.typ != nil && strings.HasPrefix(recv.typ.Name, "threading.") && !f.isAwaited(c) {
			return f.value()
		}
		return f.put(value{coro: c})
	case "is_set":
		if p != nil {
			return f.put(value{v: f.check(p, flow.AskValue, 0, c.pos, 0), class: flow.ValuePlain})
		}
	case "set":
		if p != nil {
			f.act(p, flow.EffectSet, 0, f.put(value{konst: "True"}), 0, c.pos, ".set")
		}
	case "clear":
		if p != nil {
			f.act(p, flow.EffectSet, 0, f.put(value{konst: "False"}), flow.FlagNeeds, c.pos, ".clear")
		}
	}
	return f.value()
}

// state is the place of the state of a future, apart from the place that holds the future.
func (f *frame) state(recv *value) *flow.Place {
	b := f.base(recv)
	if b == nil {
		b = recv.more().taken
	}
	if !f.visible(b) || recv.kind() == models.Thread {
		return nil
	}
	p := f.place(flow.Place{Path: b.Path + ".done()", Root: b.Root, Param: b.Param, Kind: flow.Signal, Type: recv.typ.Text()})
	if b.Field != "" {
		p.Field = b.Field + ".done()"
	} else if f.shared(b) {
		p.Field = f.f.Qual + "(" + b.Path + ").done()"
	}
	return p
}

// futureMethod is a call on a future, task or thread.
func (f *frame) futureMethod(recv *value, name string, c *coroutine) *value {
	p := f.state(recv)
	field := ""
	if b := f.base(recv); b != nil {
		field = b.Field
	}
	switch name {
	case "done", "cancelled", "is_alive":
		f.taskUse(recv, useRead, "", nil)
		out := f.put(value{also: f.vars(recv), class: flow.ValuePlain})
		if p != nil && recv.kind() != models.TaskHandle {
			out.v = f.check(p, flow.AskValue, 0, c.pos, 0)
		} else {
			out.v = f.derive(recv)
			out.also = nil
		}
		return out
	case "set_result", "set_exception":
		f.escape(c)
		if p != nil {
			flags := flow.FlagNeeds
			if f.excused("InvalidStateError") {
				flags = 0
			}
			if !f.b.Asked(f.b.Place(*p)) && recv.elem && flags != 0 {
				// Nobody has asked whether it is done: that it was there is what this relies on.
				f.act(recv.at, flow.EffectSignal, recv.key, f.put(value{konst: "True"}), flags, c.pos, "."+name)
				return f.value()
			}
			f.pending(p)
			f.act(p, flow.EffectSignal, 0, f.put(value{konst: "True"}), flags, c.pos, "."+name)
		}
		return f.value()
	case "cancel":
		f.taskUse(recv, useCancelled, field, nil)
		return f.value()
	case "add_done_callback":
		f.taskUse(recv, useCallback, "", nil)
		if len(c.args) > 0 {
			f.doneCallback(recv, c.args[0], c)
		}
		return f.value()
	case "remove_done_callback":
		if len(c.args) > 0 {
			for _, g := range c.args[0].fns {
				f.l.entry(g).taken = true
			}
		}
		return f.value()
	case "__await__":
		f.taskUse(recv, useAwaited, field, nil) // whoever awaits the object awaits the task
		return f.put(value{typ: recv.typ.Elem()})
	case "result":
		f.taskUse(recv, useAwaited, field, nil) // it must have ended
		return f.put(value{typ: recv.typ.Elem(), also: f.vars(recv)})
	case "exception":
		f.taskUse(recv, useObserved, field, nil)
		return f.put(value{typ: recv.typ.Elem(), also: f.vars(recv)})
	case "join":
		f.taskUse(recv, useAwaited, field, nil)
		f.joined(recv, c.pos)
		return f.value()
	case "start":
		return f.value()
	}
	f.escape(c)
	return f.put(value{also: f.vars(recv)})
}

// looksLock recognises a lock by its name where its type is not known.
func (f *frame) looksLock(recv *value, name string, c *coroutine) (*value, bool) {
	if name != "acquire" && name != "release" && name != "locked" || !f.l.p.Tables.LockName(lastName(recv.text)) {
		return nil, false
	}
	if k := classOf(recv); k != nil && k.Has(name) {
		return nil, false
	}
	return f.lockMethod(recv, name, c), true
}

// doneCallback notes what a callback on the end of a task does.
func (f *frame) doneCallback(recv, cb *value, c *coroutine) {
	u := callbackUse(f, cb)
	for _, g := range cb.fns {
		e := f.l.entry(g)
		e.done, e.drops = true, true
	}
	for _, t := range recv.tasks {
		by := &t.usage
		if t.param > 0 { // the caller's task: it learns what becomes of its argument
			by = &f.useOfParam(t.param - 1).usage
		}
		by.callbacks = append(by.callbacks, c.pos)
		if u.observes && by.observed == "" {
			by.observed = u.name
		}
		if u.discards {
			by.discards = append(by.discards, c.pos)
		}
	}
	own := slices.ContainsFunc(recv.tasks, func(t *task) bool { return t.made() })
	if b := f.base(recv); b != nil && u.observes && !own {
		f.l.field(b.Field).observed = u.name
	}
	f.callbackEntry(cb, c)
}
