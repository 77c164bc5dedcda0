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

// task is one creation of a task, or what stands for the task that a parameter may be.
type task struct {
	param   int // 1 + parameter index; such a task only collects what the function does with it
	field   string
	pos     flow.Pos
	call    flow.Pos // the call whose result it is
	fn      *fn
	kind    string
	target  string
	targets []*project.Func
	via     flow.Pos // where a helper creates it

	keep      keepKind
	keeper    string
	place     string
	places    []string
	stored    bool
	weak      bool
	awaited   bool
	cancelled bool
	returned  bool
	passed    bool
	inside    string
	dropped   bool
	observed  string
	drained   string
	callbacks []flow.Pos
	discards  []flow.Pos
}

type keepKind uint8

const (
	keepOpen keepKind = iota
	keepOwner
)

// use is what a function does with a task or coroutine that it is handed.
type use struct {
	task
	spawned *task // it starts a task for the coroutine
	run     bool  // it awaits or calls it
}

type useKind uint8

const (
	useStored useKind = iota
	useInside
	useAwaited
	useCancelled
	useObserved
	useReturned
	usePassed
	useCallback
	useRead
	useTaken
	useWaited // waited for, but its exception is not looked at
)

// fieldInfo is what the program does with the tasks kept in one place.
type fieldInfo struct {
	awaited   string // who awaits them
	cancelled string
	observed  string
	drained   bool // by a function whose name says that it ends things
}

func (l *linker) field(field string) *fieldInfo {
	field = strings.TrimSuffix(field, "[]")
	k := l.fields[field]
	if k == nil {
		k = &fieldInfo{}
		if field != "" {
			l.fields[field] = k
		}
	}
	return k
}

// made says whether it was created here, or by a helper for us.
func (t *task) made() bool { return t.param == 0 && t.field == "" }

// kept says whether somebody else than the caller already has the task.
func (t *task) kept() bool { return t.keep == keepOwner || t.stored && !t.weak || t.awaited }

func (f *frame) newTask(c *coroutine, kind string, a *value) *task {
	t := &task{pos: c.pos, call: c.pos, fn: f.fn, kind: kind}
	t.aim(a)
	f.tasks = append(f.tasks, t)
	return t
}

// aim says what runs in the task.
func (t *task) aim(a *value) {
	if a == nil {
		return
	}
	t.target = a.text
	if a.coro != nil {
		if a.coro.kind == coroProject {
			for _, g := range a.coro.fns {
				t.targets = append(t.targets, g)
				t.target = name(g)
			}
		} else if a.coro.text != "" {
			t.target = a.coro.text
		}
	}
}

// returnedTask is the task that a helper made and handed to us.
func (f *frame) returnedTask(t *task, pos flow.Pos, args []*value) *task {
	n := &task{pos: pos, call: pos, fn: f.fn, kind: t.kind, via: t.pos, target: t.target, targets: t.targets, observed: t.observed}
	if t.via != 0 {
		n.via = t.via
	}
	n.callbacks, n.discards = t.callbacks, t.discards
	for _, a := range args {
		if a != nil && a.coro != nil {
			n.aim(a)
		}
	}
	f.tasks = append(f.tasks, n)
	return n
}

// fieldOf is the place that a value's tasks are kept in, or "".
func (f *frame) fieldOf(v *value) string {
	for range 4 {
		if v == nil {
			return ""
		}
		if v.at != nil && v.at.Field != "" {
			return v.at.Field
		}
		v = v.iter
	}
	return ""
}

// fieldsOf are the places that hold the tasks that the value is or holds.
func (f *frame) fieldsOf(v *value) []string {
	if v == nil {
		return nil
	}
	out := v.fields
	if field := f.fieldOf(v); field != "" {
		out = union(out, []string{field})
	}
	if v.items != nil {
		out = union(out, v.items.fields)
		if field := f.fieldOf(v.items); field != "" {
			out = union(out, []string{field})
		}
	}
	return out
}

// taskUse notes what is done with the tasks that a value is or holds.
func (f *frame) taskUse(v *value, kind useKind, where string, p *flow.Place) {
	if v == nil {
		return
	}
	who := name(f.f)
	switch kind {
	case useAwaited, useCancelled, useObserved, useWaited:
		for _, field := range f.fieldsOf(v) {
			f.fieldUse(field, kind, who)
		}
	case useReturned, usePassed, useInside, useStored:
		if kind == usePassed {
			f.fieldUses(v, kind)
		}
		if c := classOf(v); c != nil && v.fresh {
			f.l.escaped[c] = true
		}
	}
	for _, t := range v.tasks {
		if t.field != "" {
			f.fieldUse(t.field, kind, who)
			continue
		}
		if t.param > 0 {
			u := f.params[t.param-1]
			if u == nil {
				u = &use{}
				u.fn = f.fn
				f.params[t.param-1] = u
			}
			u.note(kind, who, where, p)
			continue
		}
		t.note(kind, who, where, p)
	}
}

// fieldUses notes what a function that is handed the tasks of a shared place does with them.
func (f *frame) fieldUses(v *value, kind useKind) {
	if kind == usePassed {
		if v.kind() != models.TaskHandle && v.typ.Elem().Kind() != models.TaskHandle {
			return
		}
		kind = useAwaited // not known what it does; it has them to wait for them or end them
	}
	for _, field := range f.fieldsOf(v) {
		f.fieldUse(field, kind, name(f.f))
	}
}

func (t *task) note(kind useKind, who, where string, p *flow.Place) {
	switch kind {
	case useStored:
		if p == nil {
			return
		}
		if strings.Contains(p.Type, "weak") {
			t.weak = true
		}
		t.stored, t.place, t.keeper = true, strings.TrimSuffix(p.Field, "[]"), p.Path
		t.places = union(t.places, []string{t.place})
	case useInside:
		t.inside = where
	case useAwaited:
		t.awaited, t.observed, t.drained = true, cmp.Or(t.observed, who), cmp.Or(t.drained, who)
	case useWaited:
		t.awaited, t.drained = true, cmp.Or(t.drained, who)
	case useCancelled:
		t.cancelled, t.drained = true, cmp.Or(t.drained, who)
	case useObserved:
		t.observed = cmp.Or(t.observed, who)
	case useReturned:
		t.returned = true
	case usePassed:
		t.passed, t.keeper = true, cmp.Or(t.keeper, where)
	}
}

func (f *frame) fieldUse(field string, kind useKind, who string) {
	k := f.l.field(field)
	ends := models.Shutdown(f.f.Name)
	switch kind {
	case useAwaited:
		if k.awaited == "" || ends {
			k.awaited = who
		}
		k.observed = cmp.Or(k.observed, who)
		k.drained = k.drained || ends
	case useWaited:
		if k.cancelled == "" {
			k.cancelled = who
		}
	case useCancelled:
		if k.cancelled == "" || ends {
			k.cancelled = who
		}
		k.drained = k.drained || ends
	case useObserved:
		k.observed = who
	}
}

func (f *frame) taskUseField(p *flow.Place, kind useKind, pos flow.Pos) {}

// awaitTasks notes that the tasks that a value is or holds are awaited.
func (f *frame) awaitTasks(v *value) {
	kind := useAwaited
	if v.coro != nil && v.coro.waitOnly {
		kind = useWaited
	}
	f.taskUse(v, kind, "", nil)
	if v.items != nil {
		f.taskUse(v.items, kind, "", nil)
	}
	if v.coro != nil && v.coro.kind != coroProject {
		for _, p := range v.coro.parts {
			if p != nil && p != v {
				f.taskUse(p, kind, "", nil)
				if p.items != nil {
					f.taskUse(p.items, kind, "", nil)
				}
			}
		}
	}
}

// captureTasks notes which of our tasks a closure gets.
func (f *frame) captureTasks(g *project.Func) {
	for b := range g.Blocks {
		for i := range g.Blocks[b].Instrs {
			in := &g.Blocks[b].Instrs[i]
			if in.Op != ir.Load {
				continue
			}
			if ix, ok := f.locals[in.Name]; ok && g.Owner(in.Name) == f.f {
				if v := f.env.vals[ix]; v != nil {
					f.taskUse(v, usePassed, g.Name, nil)
					f.shareLock(v)
				}
			}
		}
	}
}

// paramUses applies what a callee does with its parameters to the tasks and coroutines passed.
func (f *frame) paramUses(g *project.Func, args []*value, pos flow.Pos) {
	for i, u := range f.l.fn(g).params {
		if i >= len(args) || args[i] == nil {
			continue
		}
		a := args[i]
		if u.spawned != nil {
			u.spawned.aim(a)
			f.start(a, pos)
		}
		if u.run && a.coro != nil && a.coro.kind == coroProject {
			f.runAt(a.coro, true, pos)
		}
		if c := classOf(a); c != nil && a.fresh && (u.stored || u.passed || u.returned || u.inside != "") {
			f.l.escaped[c] = true
		}
		for kind, done := range map[useKind]bool{useAwaited: u.awaited, useCancelled: u.cancelled, useObserved: u.observed != "", usePassed: u.passed} {
			if done {
				f.fieldUses(a, kind)
			}
		}
		for _, t := range a.tasks {
			if t.param > 0 {
				o := f.params[t.param-1]
				if o == nil {
					o = &use{}
					f.params[t.param-1] = o
				}
				if o.spawned == nil {
					o.spawned = u.spawned
				}
				o.run = o.run || u.run
				o.take(&u.task)
				continue
			}
			t.take(&u.task)
		}
	}
	for _, a := range args {
		if a != nil {
			f.shareLock(a)
		}
	}
}

// take adds what a callee did with the task.
func (t *task) take(u *task) {
	if u.stored {
		t.stored, t.place, t.keeper = true, u.place, u.keeper
		t.places = union(t.places, u.places)
	}
	t.awaited = t.awaited || u.awaited
	t.cancelled = t.cancelled || u.cancelled
	t.passed = t.passed || u.passed
	t.observed, t.drained = cmp.Or(t.observed, u.observed), cmp.Or(t.drained, u.drained)
	t.callbacks, t.discards = append(t.callbacks, u.callbacks...), append(t.discards, u.discards...)
	if t.inside == "" {
		t.inside = u.inside
	}
}

// paramSpawn notes that the coroutine of a new task is one of our parameters.
func (f *frame) paramSpawn(a *value, t *task) {
	for _, p := range a.tasks {
		if p.param > 0 {
			u := f.params[p.param-1]
			if u == nil {
				u = &use{}
				f.params[p.param-1] = u
			}
			u.spawned = t
		}
	}
	if a.coro != nil && a.coro.kind == coroUnknown && a.coro.in != nil {
		if v := f.need(a.coro.in.A); len(v.tasks) > 0 {
			f.paramSpawn(&value{tasks: v.tasks}, t)
		}
	}
}

// paramRun notes that a parameter is called or awaited here.
func (f *frame) paramRun(v *value) {
	for _, p := range v.tasks {
		if p.param > 0 && v.coro == nil {
			u := f.params[p.param-1]
			if u == nil {
				u = &use{}
				f.params[p.param-1] = u
			}
			u.run = true
		}
	}
}

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
	if len(cb.fns) == 0 && cb.method == "" && !cb.isLib {
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

// handlesAll says whether somebody sees every exception of the body: every await stands in a try
// whose handler takes Exception, and either ends it or does something before it raises again.
func handlesAll(f *project.Func) bool {
	if f.Kind&ir.Async == 0 {
		return false
	}
	found := false
	for _, b := range reach(f, 0) {
		if !suspends(&f.Blocks[b]) {
			continue
		}
		found = true
		if !slices.ContainsFunc(f.Blocks[b].Succs, func(e ir.Edge) bool { return catches(f, &e) }) {
			return false
		}
	}
	return found
}

func suspends(b *ir.Block) bool {
	return b.Async || slices.ContainsFunc(b.Instrs, func(in ir.Instr) bool { return in.Op == ir.Await || in.Op == ir.AEnter })
}

// catches says whether an edge leads to a handler for all exceptions that does not just pass
// them on.
func catches(f *project.Func, e *ir.Edge) bool {
	if e.Kind != ir.Except || len(e.Names) > 0 && !slices.Contains(e.Names, "Exception") && !slices.Contains(e.Names, "BaseException") {
		return false
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
	return handler && (!raises || acts) || !handler && !raises
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
	v := verdict.Task{Pos: t.pos, Func: fn.index, Target: t.target, Observed: t.observed != "", Observer: t.observed, Drained: t.drained != "", Drain: t.drained}
	if t.via != 0 {
		v.Related = append(v.Related, t.via)
	}
	v.Related = append(append(v.Related, t.callbacks...), t.discards...)
	catches := len(t.targets) > 0
	for _, g := range t.targets {
		catches = catches && (l.fn(g).catches || l.watched(g))
		v.Related = append(v.Related, l.pos(g, g.NamePos))
	}
	if catches {
		v.Observed, v.Observer = true, "its own body"
	}
	switch {
	case t.keep == keepOwner:
		v.Keep, v.Keeper, v.Observed, v.Drained, v.Owner = verdict.KeepOwner, t.keeper, true, true, true
	case t.stored && !t.weak:
		v.Keep, v.Keeper, v.Field = verdict.KeepStored, t.keeper, t.place
		for _, place := range t.places {
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
	case t.returned && !t.dropped:
		v.Keep = verdict.KeepReturned
	case t.passed:
		v.Keep, v.Keeper = verdict.KeepPassed, t.keeper
	default:
		v.Keep = verdict.KeepLost
		v.Why, v.Short = l.lostHow(t), l.short(t)
	}
	if t.kind != "task" && v.Keep != verdict.KeepLost {
		return v, false
	}
	if t.kind == "shield" && len(t.targets) == 0 {
		return v, false
	}
	return v, true
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
	case t.dropped:
		return "the result of the call is dropped"
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
