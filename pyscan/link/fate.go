package link

import (
	"cmp"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// callback is what a callback on the end of a task does.
type callback struct {
	observes bool
	discards bool
	name     string
}

func callbackUse(f *frame, cb *value) callback {
	var out callback
	if cb.method == "discard" || cb.method == "remove" || cb.method == "pop" {
		out.discards = true
		return out
	}
	for _, g := range cb.fns {
		seen := map[*project.Func]bool{}
		if f.l.observes(g, seen, 0) {
			out.observes, out.name = true, name(g)
		}
	}
	if len(cb.fns) == 0 && cb.method == "" && cb.does() == nil {
		out.observes, out.name = true, "callback" // not known: it may
	}
	return out
}

// observes says whether a callback looks at the exception of the task that it gets.
func (l *linker) observes(g *project.Func, seen map[*project.Func]bool, depth int) bool {
	if seen[g] || depth > 4 {
		return false
	}
	seen[g] = true
	for b := range g.Blocks {
		for i := range g.Blocks[b].Instrs {
			in := &g.Blocks[b].Instrs[i]
			switch in.Op {
			case ir.GetAttr:
				if in.Name == "exception" || in.Name == "result" {
					return true
				}
				if c := g.TempType(in.A); c != nil && c.Class != nil {
					if m := c.Class.Method(in.Name); m != nil && l.observes(m, seen, depth+1) {
						return true
					}
				}
			case ir.Load:
				if r := g.Ref(in.Name); r.Func != nil && l.observes(r.Func, seen, depth+1) {
					return true
				}
			}
		}
	}
	return false
}

// handlesAll is the function's answer to the question of that name.
func (fn *fn) handlesAll() bool {
	if fn.catches == 0 {
		fn.catches = 1
		if handlesAll(fn.f) {
			fn.catches = 2
		}
	}
	return fn.catches == 2
}

// handlesAll says whether somebody sees every exception of the body: every await stands in a try
// whose handler takes Exception, and either ends it or does something before it raises again.
func handlesAll(f *project.Func) bool {
	if f.Kind&ir.Async == 0 {
		return false
	}
	found := false
	var left []int32
	for _, b := range reach(f, 0) {
		switch caught := slices.ContainsFunc(f.Blocks[b].Succs, func(e ir.Edge) bool { return catches(f, &e) }); {
		case !suspends(&f.Blocks[b]):
		case caught:
			found = true
		case mayFail(f, &f.Blocks[b]):
			left = append(left, b)
		}
	}
	// What a `finally` awaits stands in several blocks; it is not what the task is there for.
	return found && !slices.ContainsFunc(left, func(b int32) bool { return !copied(f, b) })
}

// copied says whether a block is one of several copies of a clean-up.
func copied(f *project.Func, b int32) bool {
	if len(f.Blocks[b].Instrs) == 0 {
		return false
	}
	first := &f.Blocks[b].Instrs[0]
	for o := range f.Blocks {
		if int32(o) != b && slices.ContainsFunc(f.Blocks[o].Instrs, func(in ir.Instr) bool { return in.Op == first.Op && in.Pos == first.Pos }) {
			return true
		}
	}
	return false
}

func suspends(b *ir.Block) bool {
	return b.Async || slices.ContainsFunc(b.Instrs, func(in ir.Instr) bool { return in.Op == ir.Await || in.Op == ir.AEnter })
}

// mayFail says whether a block awaits something that may raise an exception other than cancellation.
func mayFail(f *project.Func, b *ir.Block) bool {
	return b.Async || slices.ContainsFunc(b.Instrs, func(in ir.Instr) bool {
		return in.Op == ir.Await && !harmless(f, in.A) || in.Op == ir.AEnter
	})
}

// harmless says whether what is awaited is a call that does nothing but wait: for a while, an event, or the
// next item of a queue.
func harmless(f *project.Func, t ir.Temp) bool {
	call := f.Def(t)
	if call == nil || call.Op != ir.Call {
		return false
	}
	callee := f.Def(call.A)
	switch {
	case callee == nil:
		return false
	case callee.Op == ir.Load || callee.Op == ir.GetAttr:
		return callee.Name == "sleep" || callee.Name == "checkpoint" || callee.Op == ir.GetAttr && len(call.Args) == 0 && (callee.Name == "wait" || callee.Name == "get")
	}
	return false
}

// catches says whether an edge leads to a handler for all exceptions that does not just pass
// them on.
func catches(f *project.Func, e *ir.Edge) bool { return catchesWithin(f, e, 8) }

// catchesWithin follows an edge through that many clean-ups (`finally`, the end of a `with`).
func catchesWithin(f *project.Func, e *ir.Edge, depth int) bool {
	if e.Kind != ir.Except || len(e.Names) > 0 && !slices.Contains(e.Names, "Exception") && !slices.Contains(e.Names, "BaseException") {
		return false
	}
	if suppresses(f, &f.Blocks[e.To]) {
		return true
	}
	handler, raises, acts := false, false, false
	for i, h := range reach(f, e.To) {
		b := &f.Blocks[h]
		for j := range b.Instrs {
			handler = handler || i == 0 && b.Instrs[j].Op == ir.Catch
			acts = acts || b.Instrs[j].Op == ir.Call
		}
		raises = raises || b.Exit == ir.Raises
	}
	if !handler && raises && depth > 0 {
		return slices.ContainsFunc(f.Blocks[e.To].Succs, func(next ir.Edge) bool { return catchesWithin(f, &next, depth-1) })
	}
	return handler && (!raises || acts) || !handler && !raises
}

// suppresses says whether a block leaves `with contextlib.suppress(Exception)`.
func suppresses(f *project.Func, b *ir.Block) bool {
	return slices.ContainsFunc(b.Instrs, func(in ir.Instr) bool {
		if in.Op != ir.Exit {
			return false
		}
		call := f.Def(in.A)
		if call == nil || call.Op != ir.Call {
			return false
		}
		callee := f.Def(call.A)
		return callee != nil && callee.Name == "suppress" && slices.ContainsFunc(call.Args, func(a ir.Arg) bool {
			class := f.Def(a.T)
			return class != nil && (class.Name == "Exception" || class.Name == "BaseException")
		})
	})
}

// watched says whether a decorator of f sees every exception of it.
func (l *linker) watched(f *project.Func) bool {
	if f.Parent == nil {
		return false
	}
	for i := range f.Decorators {
		d := f.Parent.Dotted(f.Decorators[i].Name).Func
		if d == nil {
			continue
		}
		for _, inner := range d.Module.Funcs {
			for p := inner.Parent; p != nil; p = p.Parent {
				if p == d && handlesAll(inner) {
					return true
				}
			}
		}
	}
	return false
}

// reach lists the blocks that control reaches from one without an exception.
func reach(f *project.Func, from int32) []int32 {
	if len(f.Blocks) == 0 {
		return nil
	}
	seen := make([]bool, len(f.Blocks))
	seen[from] = true
	out := []int32{from}
	for i := 0; i < len(out); i++ {
		for _, e := range f.Blocks[out[i]].Succs {
			if e.Kind != ir.Except && !seen[e.To] {
				seen[e.To] = true
				out = append(out, e.To)
			}
		}
	}
	return out
}

// judgeTasks says what becomes of every task of the program.
func (l *linker) judgeTasks(p *Program) {
	for _, row := range l.fns {
		for _, fn := range row {
			if fn.index < 0 {
				continue
			}
			for _, t := range fn.tasks {
				if v, ok := l.judgeTask(fn, t); ok {
					p.Tasks = append(p.Tasks, v)
				}
			}
		}
	}
	slices.SortStableFunc(p.Tasks, func(a, b verdict.Task) int { return cmp.Compare(a.Pos, b.Pos) })
}

func (l *linker) judgeTask(fn *fn, t *task) (verdict.Task, bool) {
	if t.kind == "executor" {
		return l.judgeThread(fn, t)
	}
	v := verdict.Task{Pos: t.pos, Func: fn.index, Target: t.target, Observed: t.observed != "", Observer: t.observed, Drained: t.drained != "", Drain: t.drained}
	if t.via != 0 {
		v.Related = append(v.Related, verdict.Related{Pos: t.via, Label: "through this call"})
	}
	for _, at := range t.callbacks {
		label := "its callback"
		if slices.Contains(t.discards, at) {
			label = "its callback, which only takes it out again"
		}
		v.Related = append(v.Related, verdict.Related{Pos: at, Label: label})
	}
	catches := len(t.targets) > 0
	for i, g := range t.targets {
		// What runs inside a wrapper that sees all exceptions fails into its arms.
		catches = catches && (t.outer > 0 && i >= t.outer || l.fn(g).handlesAll() || l.watched(g))
		v.Related = append(v.Related, verdict.Related{Pos: l.pos(g, g.NamePos), Label: "what it runs"})
		if at := l.fn(g).index; at >= 0 {
			v.Bodies = append(v.Bodies, at)
		}
	}
	if catches {
		v.Observed, v.Observer = true, "its own body"
	}
	switch {
	case t.keep == keepOwner:
		v.Keep, v.Keeper, v.Observed, v.Drained, v.Owner = verdict.KeepOwner, t.keeper, true, true, true
	case t.stored && !t.weak:
		v.Keep, v.Keeper, v.Field = verdict.KeepStored, t.keeper, t.place
		for _, place := range append(l.inRecords(t), t.places...) {
			k := l.field(place)
			// A task that is discarded when it ends is not there any more when the rest is awaited.
			if k.observed != "" && (len(t.discards) == 0 || k.observed != k.awaited) {
				v.Observed, v.Observer = true, k.observed
			}
			if k.awaited != "" || k.cancelled != "" {
				v.Drained, v.Drain = true, cmp.Or(k.awaited, k.cancelled)
			}
			v.Owner = v.Owner || l.hasShutdown(place)
		}
		if t.awaited {
			v.Observed, v.Drained = true, true
		}
	case t.awaited || t.cancelled:
		v.Keep, v.Observed, v.Drained = verdict.KeepAwaited, true, true
	case t.returned && !t.dropped && !(l.entries[fn.f] != nil && l.entries[fn.f].drops && len(fn.callers) == 0):
		v.Keep = verdict.KeepReturned
	case t.outrun && l.entries[fn.f] != nil && l.entries[fn.f].once:
		v.Keep, v.Observed, v.Drained = verdict.KeepAwaited, true, true // asyncio.run ends what is left
	case t.passed:
		v.Keep, v.Keeper = verdict.KeepPassed, t.keeper
	default:
		v.Keep = verdict.KeepLost
		v.Why, v.Short = l.lostHow(t), l.short(t)
		v.Brief = t.handsOver || t.perhaps
	}
	if t.kind != "task" && v.Keep != verdict.KeepLost {
		return v, false
	}
	if t.kind == "shield" && len(t.targets) == 0 {
		return v, false
	}
	return v, true
}

// inRecords lists the attributes of the objects that hold a task in the places where it is kept.
func (l *linker) inRecords(t *task) []string {
	var out []string
	for field := range l.fields {
		for _, c := range t.records {
			if strings.HasPrefix(field, c.Field("")) {
				out = append(out, field)
			}
		}
		for _, place := range t.places {
			if strings.HasPrefix(field, place+"[].") {
				out = append(out, field)
			}
		}
	}
	slices.Sort(out)
	return out
}

// judgeThread says what becomes of a call that an executor runs: it goes on whoever keeps its future,
// but only the future tells that it has failed.
func (l *linker) judgeThread(fn *fn, t *task) (verdict.Task, bool) {
	v := verdict.Task{Pos: t.pos, Func: fn.index, Target: t.target, Keep: verdict.KeepOwner, Keeper: "the executor", Owner: true, Drained: true}
	v.Why = "the future that tells of its failure is dropped"
	if !t.dropped || len(t.targets) == 0 {
		return v, false
	}
	for _, g := range t.targets {
		if !handlesCalls(g) {
			return v, true
		}
	}
	return v, false
}

// handlesCalls says whether a plain function handles all exceptions of what it calls, clean-ups aside.
func handlesCalls(f *project.Func) bool {
	return slices.ContainsFunc(reach(f, 0), func(b int32) bool {
		calls := slices.ContainsFunc(f.Blocks[b].Instrs, func(in ir.Instr) bool { return in.Op == ir.Call || in.Op == ir.Enter })
		return calls && slices.ContainsFunc(f.Blocks[b].Succs, func(e ir.Edge) bool { return catches(f, &e) })
	})
}

// short says whether the body waits for nothing but timers.
func (l *linker) short(t *task) bool {
	for _, g := range t.targets {
		built := l.fn(g).built
		if built == nil {
			return false
		}
		for b := range built.Blocks {
			for i := range built.Blocks[b].Events {
				if e := &built.Blocks[b].Events[i]; e.Op == flow.OpYield && !strings.HasSuffix(e.Text, ".sleep") {
					return false
				}
			}
		}
	}
	return len(t.targets) > 0
}

func (l *linker) lostHow(t *task) string {
	switch {
	case t.weak:
		return "it is kept by a weak reference only"
	case t.inside != "":
		return "it is put into `" + t.inside + "`, which ends with the function"
	case t.kind == "gather":
		return "nobody awaits what gather returns"
	case len(t.callbacks) > 0:
		return "a callback does not keep it"
	case t.outrun:
		return "only the first of several is waited for; the others run on"
	case t.dropped:
		return "the result of the call is dropped"
	case t.returned:
		return "the loop that calls `" + name(t.fn.f) + "` drops what it returns"
	}
	return "the variable that it is assigned to is never used"
}

// hasShutdown says whether the type or module that keeps the task has a way to end it.
func (l *linker) hasShutdown(field string) bool {
	dot := strings.LastIndexByte(field, '.')
	if dot < 0 {
		return false
	}
	owner := field[:dot]
	for _, m := range l.p.Modules {
		for _, c := range m.Classes {
			if c.Qual != owner {
				continue
			}
			for _, k := range append(c.Lineage(), c.Subs...) {
				for n := range k.Methods {
					if models.Shutdown(n) {
						return true
					}
				}
			}
			return false
		}
		if m.Qual == owner {
			for _, f := range m.Funcs {
				if f.Class == nil && models.Shutdown(f.Name) {
					return true
				}
			}
		}
	}
	return false
}
