package link

import (
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// iterator begins an iteration over v. Over a shared container that is a question about its
// contents, which every step relies on.
func (f *frame) iterator(v *value, pos flow.Pos, async bool) *value {
	v.reading = false
	out := f.put(value{typ: v.typ, items: v.items, tasks: v.tasks, text: v.text, newAt: pos, coro: v.coro})
	if r := v.more(); r.losers != nil || r.rest != nil {
		out.rare = &rare{losers: r.losers, rest: r.rest}
	}
	box, live, method := v, true, ""
	if v.iter != nil {
		box, live, method = v.iter, v.live, v.method
	} else if v.fresh && v.at == nil || v.elem && v.fresh {
		live = false
	}
	out.iter, out.live, out.method, out.also = box, live, method, f.vars(v)
	if k := classOf(box); k != nil && !box.typ.Meta {
		name := "__iter__"
		if async {
			name = "__aiter__"
		}
		if m := k.Method(name); m != nil && v.iter == nil {
			r := f.run1(&coroutine{kind: coroProject, fns: k.Targets(name), recv: box, pos: pos}, false)
			if m.Kind&ir.Generator == 0 && r.iter != nil {
				return f.iterator(r, pos, async)
			}
			if m.Kind&ir.Generator != 0 {
				out.coro = &coroutine{kind: coroProject, fns: k.Targets(name), recv: box, pos: pos}
			}
			out.iter, out.typ, out.live = nil, r.typ, false
			return out
		}
	}
	p := f.contents(box)
	if p == nil || !(box.container() || box.typ == nil) || box.kind() == models.Queue || box.kind() == models.Immutable {
		if p == nil || box.typ != nil {
			out.live = false
		}
		return out
	}
	if !live || !f.l.p.Hot[lastName(p.Path)] && !f.l.p.Hot[lastName(p.Field)] && p.Root != flow.RootParam {
		out.live = live && false
		return out
	}
	if box.typ == nil && !f.knownBox(p) {
		out.live = false
		return out
	}
	p.Kind = flow.Container
	asked := f.check(p, flow.AskIter, 0, pos, 0)
	out.edit().asked = asked
	out.also = append(out.also, asked)
	return out
}

// knownBox says whether something of an unknown type may be taken for a container: somebody
// changes its contents.
func (f *frame) knownBox(p *flow.Place) bool { return f.l.p.Hot[lastName(p.Path)] }

// iterate writes a step of a loop: the edge to its body.
func (f *frame) iterate(bl *ir.Block, next *ir.Edge) {
	it := f.need(bl.Cond)
	pos := f.pos(bl.Pos)
	env := f.clone(f.env)
	r := it.more()
	if (r.losers != nil || r.rest != nil) && !f.leftEarly() {
		if r.losers != nil {
			r.losers.awaited = true
		}
		f.taskUse(r.rest, useWaited, "", nil)
	} else if r.rest != nil {
		f.leaves(r.rest, false)
	}
	if bl.Async {
		f.asyncStep(it, pos)
	}
	box := it.iter
	p := f.contents(box)
	if it.more().asked != 0 && p != nil {
		f.b.Emit(flow.Event{
			Op: flow.OpAct, Effect: flow.EffectNone, Flags: flow.FlagNeeds | flow.FlagIter, Place: f.b.Place(*p),
			Srcs: []flow.VarID{it.rare.asked}, Pos: pos, Text: "next",
		})
	}
	head := f.b.Current()
	step := f.b.Block()
	f.b.Edge(head, flow.Edge{To: step})
	for i := range bl.Succs {
		if e := &bl.Succs[i]; e.Kind == ir.Done {
			f.b.Edge(head, flow.Edge{To: f.starts[e.To]})
		}
	}
	f.b.At(step)
	f.flows = append(f.flows, step)
	elem := f.step(it, p, pos, head)
	f.set(bl.Elem, elem)
	f.b.Edge(f.b.Current(), flow.Edge{To: f.starts[next.To]})
	f.into(int(next.To), env)
}

// leftEarly says whether the loop whose head is at work can be left before its end, other than
// by an exception.
func (f *frame) leftEarly() bool {
	head := int32(f.block)
	inside := map[int32]bool{head: true}
	for _, e := range f.f.Blocks[head].Succs {
		if e.Kind != ir.Next {
			continue
		}
		// Blocks of the body that lead back to the head are the loop.
		for _, b := range reach(f.f, e.To) {
			if b != head && slices.Contains(reach(f.f, b), head) {
				inside[b] = true
			}
		}
		if !inside[e.To] && slices.ContainsFunc(reach(f.f, e.To), func(b int32) bool { return f.f.Blocks[b].Exit == ir.Returns }) {
			return true // only an exception leads to another round
		}
	}
	for b := range inside {
		if b == head {
			continue
		}
		for _, e := range f.f.Blocks[b].Succs {
			if e.Kind != ir.Except && !inside[e.To] || e.Kind == ir.Except && !inside[e.To] && f.goesOn(e.To, head) {
				return true
			}
		}
	}
	return false
}

// goesOn says whether control gets from a handler to what comes after a loop, or out of the function,
// without another turn of the loop.
func (f *frame) goesOn(handler, head int32) bool {
	if b := &f.f.Blocks[handler]; !slices.ContainsFunc(b.Instrs, func(in ir.Instr) bool { return in.Op == ir.Catch }) {
		return false // a clean-up: it raises again
	}
	seen := map[int32]bool{head: true, handler: true}
	for work := []int32{handler}; len(work) > 0; work = work[1:] {
		b := &f.f.Blocks[work[0]]
		if b.Exit == ir.Returns {
			return true
		}
		for _, e := range b.Succs {
			if e.Kind != ir.Except && !seen[e.To] {
				seen[e.To] = true
				work = append(work, e.To)
			}
		}
	}
	return false
}

// asyncStep is the wait for the next element of an asynchronous iteration.
func (f *frame) asyncStep(it *value, pos flow.Pos) {
	if c := it.coro; c != nil && c.kind == coroProject && len(c.fns) > 0 && c.fns[0].AsyncGen() {
		g := c.fns[0]
		sum := f.l.summary(g)
		if sum.Suspends == flow.Never || onlyYields(f.l.fn(g)) {
			c.kind = coroProject
			args := f.bind(g, c)
			s := *sum
			s.Suspends = flow.Never
			f.b.Expand(&s, flow.Call{Pos: pos, Args: f.flowArgs(args)})
			f.flows = append(f.flows, f.b.Current())
			return
		}
		f.runAt(c, true, pos)
		return
	}
	if k := classOf(it); k != nil && !it.typ.Meta {
		if m := k.Method("__anext__"); m != nil {
			f.runAt(&coroutine{kind: coroProject, fns: k.Targets("__anext__"), recv: it, pos: pos}, true, pos)
			return
		}
	}
	f.yield(pos, flow.May, "async for")
}

// onlyYields says whether an asynchronous generator never awaits: its consumer does not suspend.
func onlyYields(fn *fn) bool {
	for b := range fn.f.Blocks {
		if fn.f.Blocks[b].Async {
			return false
		}
		for i := range fn.f.Blocks[b].Instrs {
			switch fn.f.Blocks[b].Instrs[i].Op {
			case ir.Await, ir.AEnter:
				return false
			}
		}
	}
	return true
}

// step is the element of one round, with what a loop knows of it: it is in the container.
func (f *frame) step(it *value, p *flow.Place, pos flow.Pos, head flow.BlockID) *value {
	box := it.iter
	v := f.b.Var("")
	f.b.Emit(flow.Event{Op: flow.OpLet, Dst: v})
	f.b.Emit(flow.Event{Op: flow.OpLet, Dst: v, Srcs: dedupe(f.vars(it))})
	own := f.put(value{v: v, id: flow.Key{Root: v}, hasID: true, tasks: it.tasks})
	if box == nil || box.typ != nil && !box.container() && box.kind() != models.Immutable && it.items == nil {
		own.typ = elemOf(it)
		if it.coro != nil && len(it.coro.fns) > 0 {
			if sh := f.l.fn(it.coro.fns[0]).gives; sh != nil {
				own.typ = sh.typ
			}
		}
		if it.items != nil {
			own = f.itemOf(it, v)
		}
		return own
	}
	if p == nil || !f.l.changes(p) {
		own = f.ownStep(it, own, v)
		f.collected(it, own, pos, head)
		return own
	}
	switch {
	case box.kind() == models.Dict && (it.method == "" || it.method == "keys"):
		own.typ, own.edit().of = keyType(box.typ), box
		f.member1(it, p, own, pos, head)
		return own
	case box.kind() == models.Dict && it.method == "items":
		key := f.put(value{v: v, id: flow.Key{Root: v}, hasID: true, typ: keyType(box.typ), rare: &rare{of: box}})
		d := f.member1(it, p, key, pos, head)
		val := f.element(box, f.keyOf(key), d)
		if len(box.tasks) > 0 {
			val.tasks = box.tasks
		}
		return f.tuple(v, nil, key, val)
	case it.method == "values":
		val := f.element(box, flow.KeyAny, v)
		val.id, val.hasID = own.id, true
		return val
	case it.method == "(enumerate)" && box.kind() == models.List && it.live:
		number := f.put(value{v: v, id: flow.Key{Root: v}, hasID: true, rare: &rare{index: box}})
		val := f.element(box, f.keyOf(number), f.check(p, flow.AskValue, f.keyOf(number), pos, 0))
		return f.tuple(v, nil, number, val)
	case strings.HasPrefix(it.method, "("):
		val := f.element(box, flow.KeyAny, v)
		return f.tuple(v, nil, f.put(value{v: v}), val)
	}
	val := f.element(box, flow.KeyAny, v)
	val.id, val.hasID = own.id, true
	if box.kind() == models.List || box.kind() == models.Set {
		val.edit().of = box
		val.also = append(val.also, f.member1(it, p, val, pos, head))
	}
	return val
}

// tuple is what a loop over pairs meets.
func (f *frame) tuple(v flow.VarID, tasks []*task, parts ...*value) *value {
	return f.put(value{typ: project.Tuple, v: v, tasks: tasks, rare: &rare{partial: parts}})
}

// member1 is the knowledge that the element of this round is in the container.
func (f *frame) member1(it *value, p *flow.Place, elem *value, pos flow.Pos, head flow.BlockID) flow.VarID {
	p.Kind = flow.Container
	d := f.check(p, flow.AskHas, f.keyOf(elem), pos, flow.FlagTested)
	if !it.live && !f.b.Func().Preempt {
		f.snapshotRound(head)
	}
	return d
}

// collected is the knowledge that a key, or member, that was collected from a container is there: for the step in
// which it was.
func (f *frame) collected(it, own *value, pos flow.Pos, head flow.BlockID) {
	key := own
	if pair := own.more().partial; len(pair) > 0 { // of the pairs of a table
		key = pair[0]
	}
	if key.more().of == nil && it.iter != nil && it.iter.items != nil && it.method == "items" && it.iter.more().keys != nil {
		key.edit().of = it.iter.more().keys
	}
	of := key.more().of
	if of == nil || !key.hasID || f.b.Func().Preempt {
		return
	}
	if p := f.contents(of); p != nil && f.l.changes(p) {
		p.Kind = flow.Container
		f.check(p, flow.AskHas, f.keyOf(key), pos, flow.FlagTested)
		f.snapshotRound(head)
	}
}

// someKey is one of the keys of a shared table, which is there now; nil if the value is no such table, nor an
// iterator over its keys.
func (f *frame) someKey(v *value, pos flow.Pos) *value {
	box := v
	if v.iter != nil {
		if box = v.iter; v.method != "" && v.method != "keys" {
			return nil
		}
	}
	p := f.contents(box)
	if p == nil || box.kind() != models.Dict || v.items != nil || !f.l.changes(p) {
		return nil
	}
	p.Kind = flow.Container
	at := f.b.Var("")
	f.b.Emit(flow.Event{Op: flow.OpLet, Dst: at})
	f.b.Emit(flow.Event{Op: flow.OpLet, Dst: at, Srcs: dedupe(f.vars(v))})
	key := f.put(value{v: at, id: flow.Key{Root: at}, hasID: true, typ: keyType(box.typ), rare: &rare{of: box}})
	f.check(p, flow.AskHas, f.keyOf(key), pos, flow.FlagTested)
	return key
}

func keyType(t *project.Type) *project.Type {
	if t != nil && len(t.Args) > 1 {
		return t.Args[0]
	}
	return nil
}

func elemOf(it *value) *project.Type {
	if it.typ == nil {
		return nil
	}
	return it.typ.Elem()
}

// ownStep is an element of something that nobody else changes.
func (f *frame) ownStep(it, own *value, v flow.VarID) *value {
	box := it.iter
	if it.items != nil {
		own = f.itemOf(it, v)
	} else if box.items != nil {
		own = f.itemOf(box, v)
	}
	own.fields = union(own.fields, box.fields)
	switch {
	case it.method == "items":
		val := f.element(box, flow.KeyAny, v)
		val.tasks = box.tasks
		return f.tuple(v, box.tasks, f.put(value{v: v, id: flow.Key{Root: v}, hasID: true, typ: keyType(box.typ)}), val)
	case it.method == "values":
		val := f.element(box, flow.KeyAny, v)
		if len(val.tasks) == 0 {
			val.tasks = box.tasks
		}
		return val
	case strings.HasPrefix(it.method, "(enumerate"):
		return f.tuple(v, own.tasks, f.put(value{v: v}), own)
	}
	if box.kind() == models.Dict {
		own.typ = keyType(box.typ)
	} else if own.typ == nil {
		own.typ = box.typ.Elem()
		if b := f.base(box); b != nil && box.kind() != models.Immutable {
			own.at, own.elem, own.key, own.whole = b, true, flow.KeyAny, box
		} else if b != nil {
			own.at, own.elem, own.key = b, true, flow.KeyAny
		}
	}
	return own
}

func (f *frame) itemOf(it *value, v flow.VarID) *value {
	n := f.like(it.items)
	n.v, n.also = v, nil
	n.id, n.hasID = flow.Key{Root: v}, true
	n.konst = ""
	if len(n.tasks) == 0 {
		n.tasks = it.tasks
	}
	return n
}
