package link

import (
	"cmp"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// lockInfo is what is known of one lock of the program, by field.
type lockInfo struct {
	name    string
	kind    string
	pos     flow.Pos
	perCall bool
	evicted []flow.Pos
	unknown bool
	taken   int
}

// waiting is a point where a function may suspend, and the locks held there.
type waiting struct {
	held []flow.Lock
	call *project.Func // a call of it
	lock string        // the acquisition of that lock, by field
}

func (l *linker) lock(field string) *lockInfo {
	k := l.locks[field]
	if k == nil {
		k = &lockInfo{}
		l.locks[field] = k
	}
	return k
}

// noteLock notes that a lock was put in a place.
func (f *frame) noteLock(p *flow.Place, v *value, pos flow.Pos) {
	if p == nil || p.Field == "" || v == nil || v.typ == nil {
		return
	}
	switch v.kind() {
	case models.Lock, models.Condition:
	case models.Semaphore:
		if v.typ.Count != 1 {
			return
		}
	default:
		return
	}
	k := f.l.lock(p.Field)
	if v.newAt != 0 {
		pos = v.newAt
	}
	if k.pos == 0 || pos < k.pos {
		k.pos, k.kind, k.name = pos, v.typ.Name, p.Path
	}
}

// lockOf is the lock that the value is. ok is false if it is no lock that excludes anybody.
func (f *frame) lockOf(v *value) (lock flow.Lock, t *models.Type, ok bool) {
	if v == nil {
		return flow.Lock{}, nil, false
	}
	t = v.typ.Lib()
	switch {
	case t == nil:
		if names := f.l.p.Tables; !names.LockName(lastName(v.text)) && (v.at == nil || !names.LockName(lastName(v.at.Path))) {
			return flow.Lock{}, nil, false
		}
		if c := classOf(v); c != nil && !c.Opaque() {
			return flow.Lock{}, nil, false
		}
		t = &models.Type{Kind: models.Lock}
	case t.Kind == models.Semaphore && v.typ.Count != 1:
		return flow.Lock{}, t, false
	case t.Kind != models.Lock && t.Kind != models.Condition && t.Kind != models.Semaphore:
		return flow.Lock{}, nil, false
	}
	lock.Kind = flow.LockTask
	if t.Thread {
		lock.Kind = flow.LockThread
	}
	lock.Reentrant = t.Reentrant
	p := v.at
	switch {
	case p == nil || v.fresh:
		lock.Path, lock.Root, lock.Local = "new@"+itoa(int(v.newAt)), flow.RootLocal, v.newAt != 0
		lock.Field = lock.Path
		if v.newAt == 0 {
			lock.Path, lock.Field = v.text, ""
		}
		return lock, t, true
	case v.elem:
		lock.Path, lock.Key = p.Path+"[]", v.key
		if p.Field != "" {
			lock.Field = p.Field + "[]"
		}
	default:
		lock.Path, lock.Field = p.Path, p.Field
	}
	lock.Root, lock.Param = p.Root, p.Param
	if a := v.typ; a != nil && a.Alias != nil {
		dot := strings.LastIndexByte(lock.Path, '.')
		lock.Path, lock.Field = lock.Path[:dot+1]+a.Alias.Name, a.Alias.Field()
	}
	return lock, t, true
}

// heldNow are the locks held here, entry locks excluded.
func (f *frame) heldNow() []flow.Lock { return slices.Clone(f.env.held) }

// acquire takes a lock, or waits for something like it.
func (f *frame) acquire(v *value, pos flow.Pos) {
	lock, t, ok := f.lockOf(v)
	if !ok {
		if t == nil || !t.Thread {
			f.yield(pos, flow.May, v.text)
		}
		return
	}
	e := flow.Event{Op: flow.OpAcquire, Lock: f.b.Lock(lock), Pos: pos}
	if lock.Local {
		e.Flags |= flow.FlagNew
		k := f.l.lock("new@" + itoa(int(v.newAt)))
		k.perCall, k.pos, k.name, k.kind = true, v.newAt, "lock", v.typ.Text()
	}
	if lock.Field != "" && !lock.Local {
		k := f.l.lock(lock.Field)
		k.taken++
		if k.name == "" {
			k.name = lock.Path
		}
		if k.kind == "" {
			k.kind = v.typ.Text()
		}
	}
	free := slices.Contains(f.env.open, lock.Path) && !t.Checkpoint
	f.env.open = nil
	if lock.Kind == flow.LockTask && !free && !f.plain() && (t.Checkpoint || !lock.Local && !f.l.free[lock.Field]) {
		e.Flags |= flow.FlagContended
		f.waits = append(f.waits, waiting{held: f.heldNow(), lock: lock.Field})
		if t.Checkpoint || lock.Field == "" {
			f.waits = append(f.waits, waiting{held: f.heldNow()})
		}
	} else if lock.Kind == flow.LockTask && lock.Field != "" {
		f.waits = append(f.waits, waiting{held: f.heldNow(), lock: lock.Field})
	}
	f.b.Emit(e)
	f.env.held = append(slices.Clone(f.env.held), lock)
}

func (f *frame) release(v *value, pos flow.Pos) {
	lock, _, ok := f.lockOf(v)
	if !ok {
		return
	}
	f.b.Emit(flow.Event{Op: flow.OpRelease, Lock: f.b.Lock(lock), Pos: pos})
	f.drop(lock)
}

func (f *frame) drop(lock flow.Lock) {
	for i, v := range slices.Backward(f.env.held) {
		if v.Path == lock.Path && v.Key == lock.Key {
			f.env.held = slices.Delete(slices.Clone(f.env.held), i, i+1)
			return
		}
	}
}

// lockCalls follows the locks that a callee takes or gives back for its caller.
func (f *frame) lockCalls(sum *flow.Summary, args []*value) {
	for _, l := range sum.Releases {
		f.drop(f.outer(l, args))
	}
	for _, l := range sum.Acquires {
		f.env.held = append(slices.Clone(f.env.held), f.outer(l, args))
	}
}

// outer names a callee's lock as the caller does.
func (f *frame) outer(l flow.Lock, args []*value) flow.Lock {
	if l.Root == flow.RootParam && l.Param < len(args) {
		if p := f.base(args[l.Param]); p != nil {
			rest := ""
			if i := strings.IndexAny(l.Path, ".["); i >= 0 {
				rest = l.Path[i:]
			}
			l.Path, l.Root, l.Param = p.Path+rest, p.Root, p.Param
		}
	}
	return l
}

// lockMethod is a call on a lock.
func (f *frame) lockMethod(recv *value, name string, c *coroutine) *value {
	thread := recv.typ.Lib() != nil && recv.typ.Lib().Thread || recv.typ.Lib() == nil && !f.isAwaited(c) && f.f.Kind&ir.Async == 0
	c.recvd = recv
	switch name {
	case "acquire":
		if len(c.args)+len(c.named) == 0 && (thread || f.isAwaited(c)) {
			f.takes(recv, c.pos)
		}
		if thread || !f.isAwaited(c) && recv.typ.Lib() == nil {
			f.acquire(recv, c.pos)
			return f.put(value{konst: "True"})
		}
		c.kind = coroAcquire
		return f.put(value{coro: c, typ: nil})
	case "release":
		f.release(recv, c.pos)
		return f.value()
	case "acquire_nowait":
		f.acquire(recv, c.pos)
		return f.value()
	case "locked":
		v := f.put(value{also: f.vars(recv), class: flow.ValuePlain})
		if lock, _, ok := f.lockOf(recv); ok {
			v.edit().busy = lock.Path
		}
		return v
	case "wait", "wait_for":
		if thread {
			f.release(recv, c.pos)
			f.acquire(recv, c.pos)
			return f.value()
		}
		c.kind = coroCondWait
		return f.put(value{coro: c})
	case "notify", "notify_all":
		return f.value()
	}
	f.escape(c)
	return f.put(value{coro: c})
}

// condWait gives the condition's lock back, suspends, and takes it again.
func (f *frame) condWait(c *coroutine, pos flow.Pos, in *ir.Instr) {
	lock, _, ok := f.lockOf(c.recvd)
	if ok {
		f.b.Emit(flow.Event{Op: flow.OpRelease, Lock: f.b.Lock(lock), Pos: pos})
	}
	outside := slices.DeleteFunc(f.heldNow(), func(l flow.Lock) bool { return l.Path == lock.Path })
	f.waits = append(f.waits, waiting{held: outside})
	if len(c.args) == 0 {
		f.asleep = append(f.asleep, pos)
	}
	f.b.Emit(flow.Event{Op: flow.OpYield, Pos: pos, Flags: flow.FlagMaybe | flow.FlagSignal, Text: c.text})
	if ok {
		f.b.Emit(flow.Event{Op: flow.OpAcquire, Lock: f.b.Lock(lock), Pos: pos})
	}
	if len(c.args) > 0 && len(c.args[0].fns) > 0 {
		// wait_for returns when its predicate holds.
		v := f.runAt(&coroutine{kind: coroProject, fns: c.args[0].fns, recv: c.args[0].recv, pos: pos, in: in}, false, pos)
		v = f.ask(v, pos)
		next := f.b.Block()
		f.b.Edge(f.b.Current(), flow.Edge{To: next, Tests: f.truth(v, true)})
		f.b.Edge(f.b.Current(), flow.Edge{To: f.b.Block(), Tests: f.truth(v, false)})
		f.b.At(next)
		f.flows = append(f.flows, next)
	}
}

// evict notes that a lock is taken out of its table.
func (f *frame) evict(box *value, pos flow.Pos) {
	if box.at == nil || box.at.Field == "" {
		return
	}
	t := box.typ.Elem()
	switch t.Kind() {
	case models.Lock, models.Semaphore, models.Condition:
	default:
		if t.Known() { // whether what is not known is a lock, those say who take it
			return
		}
	}
	if b := f.base(box); b != nil {
		k := f.l.lock(b.Field + "[]")
		if !slices.Contains(k.evicted, pos) {
			k.evicted = append(k.evicted, pos)
		}
	}
}

// escapeLock notes that unknown code gets a lock, and may hold it.
func (f *frame) escapeLock(v *value) {
	switch v.kind() {
	case models.Lock, models.Semaphore, models.Condition:
	default:
		return
	}
	f.shareLock(v)
	if b := f.base(v); b != nil && b.Field != "" {
		f.l.lock(b.Field).unknown = true
	}
}

// namedLock is the lock of an object under a name that a decorator was given, or nil if it is no lock by the name
// of that name.
func (f *frame) namedLock(of, name *value) *value {
	b := f.base(of)
	if b == nil || name.at == nil || name.at.Root != flow.RootCell || !strings.Contains(strings.ToLower(name.text), "lock") {
		return nil
	}
	p := f.place(flow.Place{Path: b.Path + "." + nameOf + name.text, Root: b.Root, Param: b.Param})
	return f.put(value{at: p, typ: f.l.named("asyncio.Lock"), text: p.Path})
}

// nameOf begins the last step of a path that is told by what a variable holds.
const nameOf = "$"

// called gives the locks that a decorator takes by the name of an attribute the name that it was given.
func called(f *project.Func, locks []flow.Lock, decorator *ir.TypeExpr) []flow.Lock {
	var out []flow.Lock
	name := ""
	for i := range decorator.Args {
		name = cmp.Or(name, decorator.Args[i].Text)
	}
	for _, k := range locks {
		if path, _, ok := strings.Cut(k.Path, "."+nameOf); ok {
			if name == "" || f.Class == nil {
				continue
			}
			k.Path, k.Field = path+"."+name, f.Class.Field(name)
		}
		out = append(out, k)
	}
	return out
}

// shareLock notes that others have got a lock that was made here.
func (f *frame) shareLock(v *value) {
	if v.fresh && v.at == nil && (v.kind() == models.Lock || v.kind() == models.Semaphore || v.kind() == models.Condition) {
		v.fresh = false
		v.at = f.place(flow.Place{Path: v.text, Root: flow.RootCell, Field: f.f.Qual + ".<locals>." + v.text})
	}
}
