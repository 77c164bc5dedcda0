package link

import (
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// value is what is known of one Python value at one point. Values are shared by pointer: when
// an object is stored in a shared place, everybody who has it learns where it is.
type value struct {
	typ  *project.Type
	at   *flow.Place // the place that holds it, if others can reach that; nil: silent
	ref  *project.Ref
	test *test        // of a condition: what it tells; nil: its own truth
	also []flow.VarID // further answers that it is computed from
	id   flow.Key     // as a key

	text  string // for people
	konst string

	fns    []*project.Func // what calling it runs
	recv   *value          // the receiver that they are bound to
	method string          // a method, of the receiver recv, that is not the project's
	lib    *outside        // of a library function or type: what is known of it

	coro   *coroutine
	tasks  []*task
	fields []string // places whose tasks it holds, besides where it is
	items  *value   // of a local container or iterator: what is known of the members
	iter   *value   // it iterates, views or copies this container
	whole  *value   // with elem: the container
	row    *record  // loaded from a store
	handed *handing // of each call that it was passed to: whether nobody else has it
	rare   *rare    // see more and edit

	v     flow.VarID // the answer it is, or is computed from; 0: none
	key   flow.KeyID
	newAt flow.Pos
	class flow.Value // what kind of value it is when stored

	elem      bool // it is an element of at, with key
	hasID     bool
	fresh     bool // made here, and nobody else has it yet
	born      bool // made in a loop: anew in each round
	live      bool // an iterator: sees later changes
	reading   bool // just read from its place: an attribute of it needs it to be there still
	idle      bool // with busy: see there
	kept      bool // a call has answered with what is at its place
	published bool // a coroutine function's result
}

// rare is what is known of few values. It is never changed once somebody has it, for copies of a value share it.
type rare struct {
	taken   *flow.Place       // where it was taken out of: nobody else finds it there, but who has put it there may have it
	partial []*value          // arguments bound by functools.partial
	parts   map[int32][]*task // of a tuple that a function has returned: the tasks that its parts are
	losers  *task             // as_completed: what runs on when the loop is left early
	rest    *value            // as_completed: what is waited for unless the loop is left early
	users   int               // tasks that have been given the object, here

	keys  *value     // of a table made here: the container that its keys were met in
	of    *value     // it was met as a key, or a member, of this container
	size  *value     // it is the length of this list
	index *value     // it is a position in this list
	asked flow.VarID // an iterator: the check that began the iteration

	busy   string // whether the lock with this path is held, or, with idle, is free
	super  *project.Class
	spot   flow.VarID // the position of what was found in a list: the answer that it was there
	search *search    // it is what is found among the members of a container
	from   *record    // read out of one

	mutes  []string        // of contextlib.suppress: the classes of exceptions
	thread []*project.Func // what runs in the thread that it is
}

// handing is a call that a value was passed to.
type handing struct {
	fresh *bool // nobody else has it
	next  *handing
}

var nothingRare rare

// more is what is known of few values, to read.
func (v *value) more() *rare {
	if v.rare == nil {
		return &nothingRare
	}
	return v.rare
}

// edit is the same, to change: a copy that no other value has.
func (v *value) edit() *rare {
	r := *v.more()
	v.rare = &r
	return v.rare
}

// ext is the dotted name of what the value is outside the project, or "".
func (v *value) ext() string {
	if v.ref == nil {
		return ""
	}
	return v.ref.Ext
}

// itself is the project class that the value is, not an instance of; nil if it is none.
func (v *value) itself() *project.Class {
	if v.ref == nil {
		return nil
	}
	return v.ref.Class
}

// test is what a condition tells about variables.
type test struct {
	when  []flow.Test // if it is true
	other []flow.Test // if it is false
}

// coroutine is an awaitable that has not run yet.
type coroutine struct {
	limit    bool // wait_for with a time limit
	shield   bool // what is awaited goes on when the wait is cancelled
	kind     coroKind
	fns      []*project.Func
	recv     *value
	args     []*value // positional, the receiver excluded
	named    namedArgs
	star     bool
	first    bool   // waits until the first of the parts has ended
	sleeps   bool   // waits for a time
	waitOnly bool   // waits for the parts without looking at what they give
	recvd    *value // lock, event, future, queue or task that is waited for
	text     string
	must     flow.Tri
	parts    []*value // gather, wait
	inPlace  bool     // of a wait: its part runs in the same task
	pos      flow.Pos
	rec      *record
	wr       flow.Value
	typ      *project.Type
	in       *ir.Instr
}

type coroKind uint8

const (
	coroUnknown   coroKind = iota
	coroProject            // a call of project functions
	coroLibrary            // a library call: suspends, and that is all
	coroGather             // runs its parts
	coroWaitFor            // runs its only part, perhaps within a limit
	coroThread             // runs functions in a thread
	coroAcquire            // takes a lock
	coroEnter              // enters a context manager that an exit stack leaves
	coroCondWait           // gives a lock back, waits, takes it again
	coroEventWait          // waits for an event or future
)

func (l *linker) merge(f *frame, a, b *value, local flow.VarID) *value {
	if a == b || b == nil {
		return a
	}
	if a == nil {
		return b
	}
	m := f.put(value{v: local})
	if local == 0 {
		m.v = f.derive(a, b)
	}
	m.typ = joinType(a, b)
	if a.at != nil && b.at != nil && a.at.Path == b.at.Path && a.elem == b.elem && a.key == b.key {
		m.at, m.elem, m.key, m.whole = a.at, a.elem, a.key, a.whole
	} else if a.at != nil && (b.konst == "None" || b.fresh) {
		m.at, m.elem, m.key, m.whole = a.at, a.elem, a.key, a.whole
	} else if b.at != nil && (a.konst == "None" || a.fresh) {
		m.at, m.elem, m.key, m.whole = b.at, b.elem, b.key, b.whole
	}
	if a.class == b.class {
		m.class = a.class
	}
	if of := a.more().of; of != nil && of == b.more().of {
		m.edit().of = of
	}
	if a.konst == b.konst {
		m.konst = a.konst
	}
	if a.hasID && b.hasID && a.id == b.id {
		m.id, m.hasID = a.id, true
	}
	m.text = a.text
	m.tasks = allTasks(a.tasks, b.tasks)
	m.fns = a.fns
	m.recv, m.method = a.recv, a.method
	if bound := a.more().partial; bound != nil {
		m.edit().partial = bound
	}
	if len(b.fns) > 0 && !slices.Equal(a.fns, b.fns) {
		m.fns = slices.Concat(a.fns, b.fns)
		if m.recv == nil {
			m.recv = b.recv
		}
	}
	if m.ref = a.ref; m.ref == nil {
		m.ref = b.ref
	}
	m.coro = a.coro
	if m.coro == nil {
		m.coro = b.coro
	}
	m.fresh = a.fresh && b.fresh || a.fresh && b.konst == "None" || b.fresh && a.konst == "None"
	if m.newAt = max(a.newAt, b.newAt); a.newAt == 0 && b.konst == "" || b.newAt == 0 && a.konst == "" {
		m.newAt = 0 // one of the two may be somebody else's
	}
	if !m.fresh {
		l.lose(a)
		l.lose(b)
	}
	if m.items = a.items; m.items == nil {
		m.items = b.items
	} else if b.items != nil && b.items != a.items {
		n := f.like(a.items)
		n.tasks = allTasks(a.items.tasks, b.items.tasks)
		m.items = n
	}
	if m.iter = a.iter; m.iter == nil {
		m.iter = b.iter
	}
	m.live = a.live || b.live
	m.fields = union(f.fieldsOf(a), f.fieldsOf(b))
	if m.row = a.row; m.row == nil {
		m.row = b.row
	}
	return m
}

// lose notes that a new object is followed no further: from here on anybody may have it.
func (l *linker) lose(v *value) {
	if c := classOf(v); c != nil && v.fresh {
		l.escaped[c] = true
	}
	for h := v.handed; h != nil; h = h.next {
		*h.fresh = false
	}
}

func joinType(a, b *value) *project.Type {
	switch {
	case a.konst == "None" || a.typ == nil && a.konst == "":
		return b.typ
	case b.konst == "None" || b.typ == nil:
		return a.typ
	case a.typ == nil:
		return b.typ
	}
	if a.typ.Class == b.typ.Class && a.typ.Name == b.typ.Name {
		if len(a.typ.Args) < len(b.typ.Args) {
			return b.typ
		}
		return a.typ
	}
	return nil
}

func (v *value) kind() models.Kind {
	if v == nil {
		return models.Object
	}
	return v.typ.Kind()
}

// container says whether the value is known to hold elements.
func (v *value) container() bool {
	switch v.kind() {
	case models.Dict, models.List, models.Set, models.Queue:
		return true
	}
	return false
}

// written is the kind of value, as an act stores it.
func (v *value) written() flow.Value {
	switch {
	case v == nil:
		return flow.ValueUnknown
	case v.konst != "":
		switch v.konst {
		case "None":
			return flow.ValueNone
		case "False", "0", "0.0", `""`, "''", `b""`, "b''":
			return flow.ValueFalse
		}
		return flow.ValueTrue
	case v.class != flow.ValueUnknown:
		return v.class
	case slices.ContainsFunc(v.tasks, func(t *task) bool { return t.made() && t.kind == "task" }) && v.items == nil:
		return flow.ValueTask
	}
	out := typeValue(v.typ, v.fresh)
	if out == flow.ValueResource && v.at != nil && !v.fresh {
		return flow.ValueObject // read from elsewhere, not made here
	}
	return out
}

// typeValue is what a value of a type is as far as its loss matters.
func typeValue(t *project.Type, fresh bool) flow.Value {
	if t == nil || t.Meta {
		return flow.ValueUnknown
	}
	if t.Class != nil {
		switch {
		case t.Class.Closes():
			return flow.ValueResource
		case t.Class.Frozen:
			return flow.ValuePlain
		case t.Lib() != nil && t.Lib().Kind == models.Resource:
			return flow.ValueResource
		case t.Class.Plain():
			return flow.ValuePlain
		}
		return flow.ValueObject
	}
	switch t.Kind() {
	case models.Immutable:
		return flow.ValuePlain
	case models.Resource:
		return flow.ValueResource
	case models.TaskHandle, models.Thread:
		if strings.HasSuffix(t.Name, "Handle") {
			return flow.ValueObject
		}
		return flow.ValueTask
	case models.Dict, models.List, models.Set:
		if fresh {
			return flow.ValueObject
		}
	case models.Lock, models.Semaphore, models.Condition, models.Event, models.Future, models.Queue:
		return flow.ValueObject
	}
	return flow.ValueUnknown
}

// count is how many answers the value is computed from.
func (v *value) count() int {
	if v == nil {
		return 0
	}
	return boolInt(v.v != 0) + len(v.also)
}

// vars are the answers that the value is computed from, in a list that is the caller's.
func (f *frame) vars(v *value) []flow.VarID {
	out := f.l.ids.make(v.count())
	if v != nil && v.v != 0 {
		out[0] = v.v
		copy(out[1:], v.also)
	} else if v != nil {
		copy(out, v.also)
	}
	return out
}

// addVars adds the answers that the value is computed from to a list that lacks them.
func (v *value) addVars(list []flow.VarID) []flow.VarID {
	if v == nil {
		return list
	}
	if v.v != 0 && !slices.Contains(list, v.v) {
		list = append(list, v.v)
	}
	for _, x := range v.also {
		if !slices.Contains(list, x) {
			list = append(list, x)
		}
	}
	return list
}

func allTasks(a, b []*task) []*task {
	if len(a) == 0 {
		return b
	}
	out := slices.Clip(a)
	for _, t := range b {
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

func union(a, b []string) []string {
	for _, x := range b {
		if !slices.Contains(a, x) {
			a = append(slices.Clip(a), x)
		}
	}
	return a
}
