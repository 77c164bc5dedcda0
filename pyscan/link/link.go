// Package link gives lowered Python its meaning: it follows values through each function, turns
// what they do to shared state into the engine's events, and joins the functions of all files
// into one program.
//
// It works bottom-up over calls: a function is lowered when somebody needs its summary. It knows
// libraries only through package models and names only through package project, parses nothing
// and judges nothing.
package link

import (
	"context"
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// Bounds of the work. What meets one is cut off and reported as partial.
const (
	maxDepth   = 400    // calls followed into each other
	maxInstrs  = 60_000 // operations of one function
	maxExpands = 20_000 // events of one function that stand for calls
	maxAlts    = 12     // functions that one call may mean
	maxRounds  = 5      // times that a function of a call cycle is looked at
	maxSweeps  = 3      // over functions whose callees have changed
)

// Options change what linking sees.
type Options struct {
	Preempt bool // several loops or threads: nothing is atomic
}

// Program is a linked program and what belongs to it.
type Program struct {
	*verdict.Program
	Partial []Partial

	l *linker
}

// Partial is a function that was looked at only in part.
type Partial struct {
	Pos      flow.Pos
	Function string
	Reason   string
}

type linker struct {
	p     *project.Project
	opt   Options
	base  []flow.Pos // of each module; positions are base + offset
	fns   [][]*fn    // by module, function
	order []*fn      // in the order in which they were finished
	depth int
	late  map[*fn]bool // needed when the calls followed were too deep: their callers are looked at again

	free      map[string]bool // locks, by field, that are never contended
	locks     map[string]*lockInfo
	fields    map[string]*fieldInfo
	entries   map[*project.Func]*entry
	made      map[*project.Class]bool          // instances are made in the project
	escaped   map[*project.Class]bool          // and some of them get around
	classes   map[string]*project.Class        // by qualified name
	begins    map[*project.Func][]verdict.Join // the loops that a function starts, and where
	threadsAt map[string][]*project.Func       // by place: what runs in the threads kept there
	stored    map[string][]*task               // by place
	homes     map[*project.Class]*homes
	owners    map[*project.Class]bool // whether one task at a time uses an instance, once all is linked
	loops     map[around]oneLoop      // likewise
	under     map[*fn][]string        // locks held at all calls of a function, where there are any
	cells     map[cellKey]bool
	ext       map[string]*outside
	types     map[string]*project.Type // see named
	fresh     map[string]*project.Type // see newly
	makers    map[string]bool          // names of functions: whether they make a resource
	draws     map[cellKey]bool         // variables: whether they hold what is drawn anew
	at        *fn                      // being lowered
	drawing   drawing
	passed    room[passed]
	stacks    *stacks
	spare     []*memory
	ids       room[flow.VarID]
	tests     room[flow.Test]
	uses      room[*use]
	funcs     room[*project.Func]
	params    []*task // see paramTask
}

type cellKey struct {
	owner *project.Func
	name  string
}

// fn is the work on one function.
type fn struct {
	f        *project.Func
	state    state
	settled  bool // in an earlier link: it stays as it is
	again    bool // somebody in its own call tree needed it before it was ready
	early    bool // it was lowered when a callee was not ready
	cells    bool // it has variables that closures assign
	preempt  bool
	mailbox  bool  // a loop in it takes what a queue of its own object holds
	test     bool  // in a file of tests
	locked   bool  // asked for the locks that it is called under
	many     int8  // 0: not asked, 1: no, 2: reached from functions that overlap themselves
	catches  int8  // 0: not asked, 1: no, 2: its body handles all exceptions
	called   int32 // length of callers, while they are counted
	built    *flow.Func
	res      *flow.Result
	sum      *flow.Summary
	ret      *shape
	sites    []callSite
	waits    []waiting
	entry    []flow.Lock
	cut      string // why what it knows of its callees is not the last word, or ""
	index    int    // in Program.Funcs
	calls    []*project.Func
	params   []*use // by parameter
	callers  []*fn
	siblings map[int]bool // by parameter: tasks side by side get the same object
	seen     int          // how many of them were known when it was lowered
	from     []*callSite  // by caller: the call
	*seldom
}

// seldom is what most functions have nothing of.
type seldom struct {
	enter   *flow.Summary // a context manager: up to its yield
	exit    *flow.Summary // and from there on
	gives   *shape        // what a context manager or generator yields
	tasks   []*task
	threads []handOver
	taken   []taken
	limits  []limited
	cancels []string   // places of tasks that it cancels
	asleep  []flow.Pos // where it waits for a condition to be notified
	unique  []flow.VarID
	chosen  []flow.VarID
	itself  []flow.VarID
	joins   []join
	wraps   []callSite // calls of the decorated function, in a decorator's inner function
}

// nothing is what functions have that have nothing of all that. It is shared, and stays as it is.
var nothing seldom

// kept is what has to be kept of s.
func (s *seldom) kept() *seldom {
	if s.enter == nil && s.exit == nil && s.gives == nil && len(s.tasks)+len(s.threads)+len(s.taken)+len(s.limits)+len(s.cancels)+len(s.asleep)+len(s.unique)+len(s.chosen)+len(s.itself)+len(s.joins)+len(s.wraps) == 0 {
		return &nothing
	}
	own := *s
	return &own
}

type state uint8

const (
	untouched state = iota
	busy
	done
)

// Link links the modules into one program.
func Link(ctx context.Context, p *project.Project, opt Options) (*Program, error) {
	l := &linker{p: p, late: map[*fn]bool{}, opt: opt, free: map[string]bool{}, locks: map[string]*lockInfo{}, fields: map[string]*fieldInfo{}, entries: map[*project.Func]*entry{}, cells: map[cellKey]bool{}, draws: map[cellKey]bool{}, ext: map[string]*outside{}, makers: map[string]bool{}, types: map[string]*project.Type{}, fresh: map[string]*project.Type{}, made: map[*project.Class]bool{}, escaped: map[*project.Class]bool{}, homes: map[*project.Class]*homes{}, under: map[*fn][]string{}, classes: map[string]*project.Class{}, threadsAt: map[string][]*project.Func{}}
	return l.link(ctx)
}

// link links the modules that are new, and puts together the program of all.
func (l *linker) link(ctx context.Context) (*Program, error) {
	first := len(l.fns)
	l.stacks = spareStacks.Get().(*stacks)
	l.take(l.p.Modules[first:])
	l.findCells(l.p.Modules[first:])
	l.findEntries(l.p.Modules[first:])
	if err := l.all(ctx, l.fns[first:]); err != nil {
		return nil, err
	}
	if err := l.refine(ctx); err != nil {
		return nil, err
	}
	spareStacks.Put(l.stacks)
	l.stacks, l.spare, l.drawing = nil, nil, drawing{}
	l.owners, l.loops = map[*project.Class]bool{}, map[around]oneLoop{}
	return l.program(), nil
}

// take gives the modules their positions, and each of their functions the work on it.
func (l *linker) take(modules []*project.Module) {
	next := flow.Pos(1)
	if n := len(l.base); n > 0 {
		next = l.base[n-1] + flow.Pos(l.p.Modules[n-1].Size) + 2
	}
	for _, m := range modules {
		l.base = append(l.base, next)
		next += flow.Pos(m.Size) + 2
		row, work := make([]*fn, len(m.Funcs)), make([]fn, len(m.Funcs))
		test := models.Test(m.Path)
		for i, f := range m.Funcs {
			row[i] = &work[i]
			work[i] = fn{f: f, index: -1, test: test, seldom: &nothing}
		}
		l.fns = append(l.fns, row)
		for _, c := range m.Classes {
			l.classes[c.Qual] = c
		}
	}
}

func (l *linker) all(ctx context.Context, rows [][]*fn) error {
	for _, row := range rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, fn := range row {
			if fn.f.Kind&ir.ClassBody == 0 {
				l.ensure(fn)
			}
		}
	}
	return nil
}

func (l *linker) fn(f *project.Func) *fn { return l.fns[f.Module.ID][f.ID] }

func (l *linker) pos(f *project.Func, offset uint32) flow.Pos {
	return l.base[f.Module.ID] + flow.Pos(offset)
}

// ensure lowers and analyses a function unless that has been done. A function that is needed
// while it is being worked on is worked on again, a bounded number of times.
func (l *linker) ensure(fn *fn) {
	switch {
	case fn.state == done:
		return
	case fn.state == busy:
		fn.again = true
		if l.at != nil {
			l.at.early = true
		}
		return
	case l.depth >= maxDepth:
		l.late[fn] = true
		return
	}
	l.depth++
	fn.state = busy
	for round := 0; ; round++ {
		fn.again = false
		before := fn.sum
		l.build(fn)
		if !fn.again || before != nil && sameSummary(before, fn.sum) {
			break
		}
		if round+1 >= maxRounds {
			fn.cut = unsettled
			break
		}
	}
	fn.state = done
	l.depth--
	l.order = append(l.order, fn)
}

// unsettled is why functions of a call cycle are partial.
const unsettled = "calls in a circle that did not settle within the bound"

// sameSummary says whether another round can tell nothing new, as far as it is cheap to see.
func sameSummary(a, b *flow.Summary) bool {
	return a.Suspends == b.Suspends && len(a.Acts) == len(b.Acts) && len(a.Answers) == len(b.Answers) &&
		len(a.Acquires) == len(b.Acquires) && len(a.Releases) == len(b.Releases)
}

// idle is what functions were lowered to that do not matter, whoever calls them. It is shared, and stays as it is.
var idle flow.Func

// build lowers a function, and the halves of a context manager, and analyses them.
func (l *linker) build(fn *fn) {
	fn.seen, fn.early = len(fn.siblings), false
	outer := l.at
	l.at = fn
	defer func() { l.at = outer }()
	fr := newFrame(l, fn, whole)
	fr.run()
	if len(fr.tasks) == 0 && fr.b.Func().Idle() {
		fn.built, fn.res = &idle, &flow.Result{Summary: flow.Summary{Name: fr.b.Func().Name}}
		fr.b.Discard()
	} else {
		var entry []flow.LockID
		for _, e := range fn.entry {
			entry = append(entry, fr.b.Lock(e))
		}
		fr.ageSnapshots()
		fn.built = fr.b.Finish()
		fn.built.Entry = entry
		fn.res = flow.Analyze(fn.built)
	}
	fn.sum = &fn.res.Summary
	fn.ret, fn.params = fr.ret, fr.params
	fn.sites, fn.waits, fn.calls = slices.Clone(fr.sites), slices.Clone(fr.waits), slices.Clone(fr.calls)
	now := seldom{
		enter: fn.enter, exit: fn.exit, gives: fr.gives, tasks: fr.tasks, threads: fr.threads, taken: fr.taken, limits: fr.limits,
		cancels: fr.cancels, asleep: fr.asleep, unique: fr.unique, chosen: fr.chosen, itself: fr.itself, joins: fr.joins, wraps: fr.wraps,
	}
	fn.seldom = now.kept()
	fr.retire()
	if fn.f.Manager {
		for _, mode := range []mode{entering, leaving} {
			half := newFrame(l, fn, mode)
			half.run()
			sum := flow.Analyze(half.b.Finish()).Summary
			half.retire()
			if mode == entering {
				now.enter = &sum
			} else {
				now.exit = &sum
			}
			fn.seldom = now.kept()
		}
		// A lock that the manager takes on some paths only is none of the caller's to give back.
		fn.exit.Releases = slices.DeleteFunc(fn.exit.Releases, func(k flow.Lock) bool {
			return !slices.ContainsFunc(fn.enter.Acquires, func(o flow.Lock) bool { return o.Path == k.Path })
		})
	}
}

// summary returns what is known of a function, or a cautious guess.
func (l *linker) summary(f *project.Func) *flow.Summary {
	fn := l.fn(f)
	l.ensure(fn)
	if fn.sum != nil {
		return fn.sum
	}
	s := &flow.Summary{Name: f.Qual, Truncated: true}
	if f.Kind&ir.Async != 0 {
		s.Suspends = flow.May
	}
	return s
}
