package flow

import (
	"slices"
	"strings"
)

// Bounds of the analysis. A function that meets one is analysed as far as it goes and reported
// as partial.
const (
	MaxEvents = 1 << 18 // events of one function
	maxLocks  = 64      // locks that one function takes or gives back, reservations included
	maxSweeps = 16      // sweeps over the blocks until nothing changes
)

// Analyze finds the windows of f and summarises it for its callers. It does not change f, but the summary refers to
// the places of f: nobody may change them afterwards. It may run concurrently with other calls. Time and memory are near-linear in the number of events.
func Analyze(f *Func) *Result { return analyze(f, true) }

// analyze is Analyze; with quick, functions in which no answer can expire are gone over once.
func analyze(f *Func, quick bool) *Result {
	events, idle := 0, true
	quick = quick && !f.Preempt
	for i := range f.Blocks {
		events += len(f.Blocks[i].Events)
		for k := range f.Blocks[i].Events {
			e := &f.Blocks[i].Events[k]
			switch e.Op {
			case OpLet, OpReturn:
				continue
			case OpYield, OpAcquire, OpRelease:
				quick = false
			case OpCheck:
				quick = quick && e.Flags&FlagStale == 0
			}
			idle = false
		}
	}
	if len(f.Blocks) == 0 {
		return &Result{Locks: f.Locks, Partial: f.Partial}
	}
	if events > MaxEvents {
		return &Result{Locks: f.Locks, Partial: "more than 262,144 events in one function", Summary: Summary{Name: f.Name, Suspends: May, Truncated: true}}
	}
	if idle { // nothing is asked, done or waited for
		return &Result{Locks: slices.Clip(f.Locks), Partial: f.Partial, Summary: Summary{Name: f.Name}}
	}
	w := scratches.Get().(*scratch)
	defer scratches.Put(w)
	w.done = finished.take()
	defer func() {
		finished.give(w.done)
		w.done = nil
	}()
	w.graph.reset(f)
	a := &w.run
	if quick = quick && w.graph.straight(); quick {
		a.begin(f, w, events)
		a.quick = true
		a.report()
		quick = !a.moved
	}
	if !quick {
		a.begin(f, w, events)
		a.solve()
		a.report()
	}
	a.sumUp()
	res := w.done.all.room(1)
	res[0] = a.res
	res[0].Locks = a.locks
	*a = analysis{}
	return &res[0]
}

func (a *analysis) begin(f *Func, w *scratch, events int) {
	w.pool.free = w.pool.free[:0]
	*a = analysis{f: f, g: &w.graph, scratch: w, locks: slices.Clip(f.Locks), res: Result{Partial: f.Partial}}
	a.prepare(events)
	a.start()
}

type flagIdent struct {
	place PlaceID
	key   KeyID
}

// analysis is the work on one function.
type analysis struct {
	*scratch
	f       *Func
	g       *graph
	locks   []Lock // f.Locks and the reservations
	flags   map[flagIdent]LockID
	bits    []LockID // by bit
	res     Result
	rep     *reporter // set in the last pass
	idents  []identity
	vers    []version
	wants   []want
	joint   [][2]int32 // checks of two places whose answers one branch has tested together
	round   int32      // of marks
	defers  bool       // some act is deferred
	moved   bool       // something has changed that was seen before, in this sweep
	settled bool       // the states are final
	counted bool       // joint has been looked at
	quick   bool       // the first pass is the last: what it has not seen yet may not come to be
}

// identity is an edge that is taken only if an entry is still the one known.
type identity struct {
	dep
	place PlaceID
	key   KeyID
}

func (a *analysis) at(ord int32) *Event {
	r := a.refs[ord]
	return &a.f.Blocks[r.Block].Events[r.Index]
}

func (a *analysis) prepare(events int) {
	f := a.f
	a.slots = sized(a.slots, len(f.Locks))
	a.base = sized(a.base, len(f.Blocks))
	a.refs = sized(a.refs, events+1)
	a.asks = sized(a.asks, events+1)
	a.multi = sized(a.multi, len(f.Vars))
	a.once = sized(a.once, len(f.Vars))
	a.used = sized(a.used, len(f.Vars))
	a.roots = sized(a.roots, len(f.Vars))
	assign := func(v VarID) {
		a.multi[v] = a.once[v].v == v // for now v says that it was met
		a.once[v].v = v
	}
	for _, p := range f.Params {
		assign(p)
	}
	for i := range f.Keys {
		if v := f.Keys[i].Root; v > 0 && int(v) < len(a.roots) {
			a.roots[v] = true
		}
	}
	a.checks, a.acts = emptied(a.checks, len(f.Places)), emptied(a.acts, len(f.Places))
	a.parts = sized(a.parts, len(f.Places))
	ord := int32(1)
	for _, b := range a.g.order {
		a.base[b] = ord
		for i := range f.Blocks[b].Events {
			e := &f.Blocks[b].Events[i]
			a.refs[ord] = Ref{b, int32(i)}
			if e.Dst != 0 {
				assign(e.Dst)
			}
			switch e.Op {
			case OpCheck:
				a.asks[ord] = question{e.Place, e.Key, e.Ask}
				a.checks[e.Place] = append(a.checks[e.Place], ord)
			case OpAct:
				a.defers = a.defers || e.Flags&FlagDeferred != 0
				a.acts[e.Place] = append(a.acts[e.Place], ord)
			}
			ord++
		}
	}
	a.refs = a.refs[:ord] // what cannot be reached has no ordinal
	for _, l := range f.Entry {
		a.bit(l)
	}
	for l := range f.Locks { // reservations that callees make for us
		if k := &f.Locks[l]; k.Kind == LockFlag && k.Key == 0 {
			path := strings.TrimPrefix(k.Path, "flag ")
			if p := slices.IndexFunc(f.Places, func(p Place) bool { return p.Path == path }); p > 0 {
				a.reserves(flagIdent{PlaceID(p), 0}, LockID(l))
			}
		}
	}
	for _, b := range a.g.order { // the function's own locks first
		for i := range f.Blocks[b].Events {
			if e := &f.Blocks[b].Events[i]; e.Op == OpAcquire && e.Flags&FlagCallee == 0 {
				a.bit(e.Lock)
			}
		}
	}
	for v := range a.once {
		a.once[v].v = VarID(v)
	}
	a.edges = sized(a.edges, len(f.Blocks))
	edges := 0
	for b := range f.Blocks {
		a.edges[b] = int32(edges)
		edges += len(f.Blocks[b].Succs)
	}
	a.facts, a.seen = emptied(a.facts, edges), sized(a.seen, edges)
	a.tested, a.passed = sized(a.tested, len(a.refs)), sized(a.passed, len(a.refs))
	a.told, a.missed = sized(a.told, len(a.refs)), sized(a.missed, len(a.refs))
	a.waits, a.marks = sized(a.waits, len(a.refs)), sized(a.marks, len(a.refs))
	a.states(len(f.Blocks))
	a.dirty = sized(a.dirty, len(f.Blocks))
}

// factsOf is what an edge tells about answers.
func (a *analysis) factsOf(d dep) []fact { return a.facts[a.edges[d.block]+d.edge] }

// solve runs the transfer functions to a fixpoint. Blocks are swept in reverse postorder, so a
// function without loops needs one sweep.
func (a *analysis) solve() {
	for sweep := 0; ; sweep++ {
		again := false
		moved := a.moved
		a.moved = false
		for _, b := range a.g.order {
			if !a.dirty[b] && !moved || !a.in[b].live {
				continue
			}
			a.dirty[b] = false
			again = a.block(b) || again
		}
		if !again && !a.moved {
			a.settled = true
			break
		}
		if sweep == maxSweeps {
			a.partial("its loops did not settle within the bound")
			break
		}
	}
}

// start makes the state at the entry.
func (a *analysis) start() {
	start := state{live: true}
	for _, l := range a.f.Entry {
		a.take(&start, l)
	}
	for i, p := range a.f.Params {
		a.assign(&start, taint{v: p, kind: same, from: a.pool.one(int32(-1 - i))})
	}
	a.in[0], a.dirty[0] = start, true
}

func (a *analysis) partial(why string) {
	if a.res.Partial == "" {
		a.res.Partial = why
	}
}

// block runs one block from its entry state and, before the last pass, hands on a state for every edge. It says whether
// it has changed the entry state of a block that was there before.
func (a *analysis) block(b BlockID) (again bool) {
	s, raised := &a.now, &a.raised
	s.copyFrom(&a.in[b])
	bl := &a.f.Blocks[b]
	if a.rep != nil && a.settled { // nothing new leaves it
		for i := range bl.Events {
			e, ord := &bl.Events[i], a.base[b]+int32(i)
			a.rep.event(s, e, ord)
			a.transfer(s, e, ord)
		}
		if len(bl.Succs) == 0 {
			a.rep.leave(s)
		}
		return false
	}
	except := false
	for i := range bl.Succs {
		except = except || bl.Succs[i].Except
	}
	if except {
		raised.copyFrom(s)
	}
	for i := range bl.Events {
		e := &bl.Events[i]
		if a.rep != nil {
			a.rep.event(s, e, a.base[b]+int32(i))
		}
		a.transfer(s, e, a.base[b]+int32(i))
		if except {
			a.raise(raised, s, e, a.base[b]+int32(i))
		}
	}
	if len(bl.Succs) == 0 && a.rep != nil {
		a.rep.leave(s)
	}
	for i := range bl.Succs {
		edge := &bl.Succs[i]
		out := s
		if edge.Except {
			out = raised
		}
		if len(edge.Tests) > 0 {
			a.edged.recs = append(a.edged.recs[:0], out.recs...)
			recs := a.edged.recs
			a.edged = *out
			a.edged.recs = recs
			a.edge(&a.edged, b, int32(i), edge)
			out = &a.edged
		}
		if (a.rep == nil || a.quick) && a.in[edge.To].join(out) {
			a.dirty[edge.To] = true
			again = again || a.g.index[edge.To] <= a.g.index[b]
		}
	}
	return again
}

// raise joins into raised what event e, which has led to s, has changed. The rest of s is there already.
func (a *analysis) raise(raised, s *state, e *Event, ord int32) {
	switch e.Op {
	case OpReturn:
		return
	case OpCheck, OpLet:
		if e.Op == OpCheck {
			raised.joinRecord(s.find(ord))
		}
		if e.Dst > 0 && a.multi[e.Dst] {
			t, _ := s.getVar(e.Dst)
			raised.joinVar(t)
		}
		return
	case OpAct:
		if e.Flags&FlagDeferred == 0 && (e.Effect == EffectNone || e.Effect == EffectModify) {
			return
		}
	}
	raised.join(s)
}
