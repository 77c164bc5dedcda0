package link

import (
	"cmp"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// task is one creation of a task, or what stands for the task that a parameter may be.
type task struct {
	param   int // 1 + parameter index; such a task only stands for that, see useOfParam
	field   string
	pos     flow.Pos
	call    flow.Pos // the call whose result it is
	fn      *fn
	kind    string
	target  string
	targets []*project.Func
	outer   int      // how many of them run in the task itself; the others run inside those; 0: not known
	via     flow.Pos // where a helper creates it

	keep      keepKind
	records   []*project.Class // of the objects that hold it in the places where it is stored
	dropped   bool
	looped    bool // one is started in every round of a loop
	collected bool // and all of them are collected, before anybody waits for one
	eager     bool // it runs at once, up to its first suspension
	perhaps   bool // a helper gives it back, or something else that is no task
	handsOver bool // what runs in it only starts something in a group of tasks
	outrun    bool // somebody waits for the first of several that this is one of
	block     int  // IR block that starts it
	usage
}

// usage is what is done with a task.
type usage struct {
	keeper    string
	place     string
	places    []string
	inside    string
	observed  string
	drained   string
	callbacks []flow.Pos
	discards  []flow.Pos
	stored    bool
	weak      bool
	awaited   bool
	cancelled bool
	returned  bool
	passed    bool
}

type keepKind uint8

const (
	keepOpen keepKind = iota
	keepOwner
)

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

// paramTask stands for the task that parameter i may be, whichever function has it.
func (l *linker) paramTask(i int) []*task {
	for len(l.params) <= i {
		l.params = append(l.params, &task{param: len(l.params) + 1})
	}
	return l.params[i : i+1 : i+1]
}

func (f *frame) newTask(c *coroutine, kind string, a *value) *task {
	t := &task{pos: c.pos, call: c.pos, fn: f.fn, kind: kind, looped: f.loops[f.block], block: f.block}
	if own := f.f; own.Said != nil && (own.Said.Owned || own.Said.Role == models.Keep) {
		t.keep, t.keeper = keepOwner, own.Name // the project vouches for it
	}
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
	n := &task{pos: pos, call: pos, fn: f.fn, kind: t.kind, via: t.pos, target: t.target, targets: t.targets}
	n.observed = t.observed
	if t.via != 0 {
		n.via = t.via
	}
	n.callbacks, n.discards, n.outer, n.perhaps = t.callbacks, t.discards, len(t.targets), t.perhaps
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
	if kind == useStored && p != nil && len(v.more().thread) > 0 {
		f.l.threadsAt[p.Field] = append(f.l.threadsAt[p.Field], v.rare.thread...)
	}
	switch kind {
	case useAwaited, useCancelled, useObserved, useWaited:
		for _, field := range f.fieldsOf(v) {
			f.fieldUse(field, kind, who)
		}
	case useReturned, usePassed, useInside, useStored:
		if kind == usePassed {
			f.fieldUses(v, kind)
		}
		c := classOf(v)
		if c != nil && v.fresh {
			f.l.escaped[c] = true
			f.settles(c, kind, p)
		}
		if c != nil && kind == useStored && v.kind() != models.TaskHandle {
			for _, t := range v.tasks {
				if t.param == 0 {
					t.records = append(t.records, c)
				}
			}
		}
	}
	if losers := v.more().losers; losers != nil && (kind == useReturned || kind == usePassed) {
		losers.note(kind, who, where, p) // whoever gets it goes over the tasks as they complete
	}
	for _, t := range v.tasks {
		if t.field != "" {
			f.fieldUse(t.field, kind, who)
			continue
		}
		if t.param > 0 {
			f.useOfParam(t.param-1).note(kind, who, where, p)
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

func (t *usage) note(kind useKind, who, where string, p *flow.Place) {
	switch kind {
	case useStored:
		if p == nil {
			return
		}
		if strings.Contains(p.Type, "weak") {
			t.weak = true
		}
		t.stored, t.place, t.keeper = true, strings.TrimSuffix(p.Field, "[]"), keeper(p.Path)
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

// keeper names a collection of tasks, or the element where the key is more than the task itself.
func keeper(path string) string {
	if at, ok := strings.CutSuffix(path, "]"); ok {
		if i := strings.LastIndexByte(at, '['); i >= 0 && (strings.HasSuffix(at, "create_task") || strings.HasSuffix(at, "ensure_future")) {
			return at[:i]
		}
	}
	return path
}

func (f *frame) fieldUse(field string, kind useKind, who string) {
	if kind == useCancelled && field != "" {
		f.cancels = union(f.cancels, []string{strings.TrimSuffix(field, "[]")})
	}
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

// captureTasks notes which of our tasks a closure gets.
func (f *frame) captureTasks(g *project.Func) {
	for b := range g.Blocks {
		for i := range g.Blocks[b].Instrs {
			in := &g.Blocks[b].Instrs[i]
			if in.Op != ir.Load {
				continue
			}
			if ix, ok := f.local(in.Name); ok && g.Owner(in.Name) == f.f {
				if v := f.env.vals[ix]; v != nil {
					f.taskUse(v, usePassed, g.Name, nil)
					f.shareLock(v)
				}
			}
		}
	}
}
