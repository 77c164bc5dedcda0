package flow

import (
	"slices"
)

// Bounds of the analysis. A function that meets one is analysed as far as it goes and reported
// as partial.
const (
	MaxEvents = 1 << 18 // events of one function
	maxLocks  = 64      // locks that one function takes or gives back, reservations included
	maxSweeps = 16      // sweeps over the blocks until nothing changes
)

// Analyze finds the windows of f and summarises it for its callers. It does not change f and may
// run concurrently with other calls. Time and memory are near-linear in the number of events.
func Analyze(f *Func) *Result {
	events := 0
	for i := range f.Blocks {
		events += len(f.Blocks[i].Events)
	}
	if len(f.Blocks) == 0 {
		return &Result{Locks: f.Locks, Partial: f.Partial}
	}
	if events > MaxEvents {
		return &Result{Locks: f.Locks, Partial: "more than 262,144 events in one function", Summary: Summary{Name: f.Name, Suspends: May, Truncated: true}}
	}
	a := &analysis{f: f, g: newGraph(f), locks: slices.Clip(f.Locks), flags: map[flagIdent]LockID{}, res: &Result{Partial: f.Partial}, slots: make([]uint8, len(f.Locks))}
	a.prepare(events)
	a.solve()
	a.report()
	a.sumUp()
	a.res.Locks = a.locks
	return a.res
}

type flagIdent struct {
	place PlaceID
	key   KeyID
}

// analysis is the work on one function.
type analysis struct {
	f     *Func
	g     *graph
	locks []Lock // f.Locks and the reservations
	flags map[flagIdent]LockID
	slots []uint8  // by lock: its bit in sets of locks, plus one; 0 if it has none yet
	bits  []LockID // by bit
	res   *Result
	rep   *reporter // set in the last pass

	base   []int32        // ordinal of the first event of each block; ordinals start at 1, in block order
	refs   []Ref          // by ordinal
	once   []taint        // by variable: taint of variables assigned exactly once, kept outside the state
	multi  []bool         // by variable: assigned more than once
	under  [][]int32      // by place: the places that are parts of it
	in     []state        // by block
	checks [][]int32      // by place: ordinals of its checks, in order
	acts   [][]int32      // by place: ordinals of its acts
	facts  map[dep][]fact // what each edge tells about answers
	tested []bool         // by ordinal: some branch tests the answer
	told   []bool         // by ordinal: some branch tells whether there is something
	idents []identity
	now    state          // of the block at work; its memory is used again for the next one
	raised state          // where its exceptions go
	edged  state          // after what an edge tells
	waits  map[int32]bool // checks because of which the function suspends, one way or the other
	moved  bool           // the taint of a variable assigned once has grown in this sweep
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
	a.base = make([]int32, len(f.Blocks))
	a.refs = make([]Ref, 1, events+1)
	assigned := make([]uint8, len(f.Vars))
	for _, p := range f.Params {
		assigned[p]++
	}
	a.checks = make([][]int32, len(f.Places))
	a.acts = make([][]int32, len(f.Places))
	for _, b := range a.g.order {
		a.base[b] = int32(len(a.refs))
		for i := range f.Blocks[b].Events {
			e := &f.Blocks[b].Events[i]
			ord := int32(len(a.refs))
			a.refs = append(a.refs, Ref{b, int32(i)})
			if e.Dst != 0 && assigned[e.Dst] < 2 {
				assigned[e.Dst]++
			}
			switch e.Op {
			case OpCheck:
				a.checks[e.Place] = append(a.checks[e.Place], ord)
			case OpAct:
				a.acts[e.Place] = append(a.acts[e.Place], ord)
			}
		}
	}
	for _, l := range f.Entry {
		a.bit(l)
	}
	for _, b := range a.g.order { // the function's own locks first
		for i := range f.Blocks[b].Events {
			if e := &f.Blocks[b].Events[i]; e.Op == OpAcquire && e.Flags&FlagCallee == 0 {
				a.bit(e.Lock)
			}
		}
	}
	a.multi = make([]bool, len(f.Vars))
	a.once = make([]taint, len(f.Vars))
	for v, n := range assigned {
		a.multi[v] = n > 1
		a.once[v].v = VarID(v)
	}
	a.under = partsOf(f.Places)
	a.facts = map[dep][]fact{}
	a.waits = map[int32]bool{}
	a.tested = make([]bool, len(a.refs))
	a.told = make([]bool, len(a.refs))
}

// partsOf lists, for each place, the places whose access path extends its path.
func partsOf(places []Place) [][]int32 {
	byPath := make(map[string]int32, len(places))
	for i := 1; i < len(places); i++ {
		byPath[places[i].Path] = int32(i)
	}
	under := make([][]int32, len(places))
	for i := 1; i < len(places); i++ {
		path := places[i].Path
		for at := len(path) - 1; at > 0; at-- {
			if path[at] != '.' && path[at] != '[' {
				continue
			}
			if whole, ok := byPath[path[:at]]; ok {
				under[whole] = append(under[whole], int32(i))
			}
		}
	}
	return under
}

// solve runs the transfer functions to a fixpoint. Blocks are swept in reverse postorder, so a
// function without loops needs one sweep.
func (a *analysis) solve() {
	a.in = make([]state, len(a.f.Blocks))
	start := state{live: true}
	for _, l := range a.f.Entry {
		a.take(&start, l)
	}
	for i, p := range a.f.Params {
		a.assign(&start, taint{v: p, kind: same, from: []int32{int32(-1 - i)}})
	}
	a.in[0] = start
	dirty := make([]bool, len(a.f.Blocks))
	dirty[0] = true
	for sweep := 0; ; sweep++ {
		again := false
		moved := a.moved
		a.moved = false
		for _, b := range a.g.order {
			if !dirty[b] && !moved || !a.in[b].live {
				continue
			}
			dirty[b] = false
			a.block(b, func(to BlockID, s *state) {
				if a.in[to].join(s) {
					dirty[to] = true
					if a.g.index[to] <= a.g.index[b] {
						again = true
					}
				}
			})
		}
		if !again && !a.moved {
			break
		}
		if sweep == maxSweeps {
			a.partial("its loops did not settle within the bound")
			break
		}
	}
	for i := range a.in {
		if a.in[i].dropped {
			a.partial("more answers at one point than are kept")
			break
		}
	}
}

func (a *analysis) partial(why string) {
	if a.res.Partial == "" {
		a.res.Partial = why
	}
}

// block runs one block from its entry state and hands on a state for every edge.
func (a *analysis) block(b BlockID, flow func(to BlockID, s *state)) {
	s, raised := &a.now, &a.raised
	s.copyFrom(&a.in[b])
	bl := &a.f.Blocks[b]
	except := false
	for _, e := range bl.Succs {
		except = except || e.Except
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
		flow(edge.To, out)
	}
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

func (a *analysis) taintOf(s *state, v VarID) taint {
	if v <= 0 {
		return taint{}
	}
	if a.multi[v] {
		t, _ := s.getVar(v)
		return t
	}
	return a.once[v]
}

func (a *analysis) assign(s *state, t taint) {
	if len(t.from) > maxTaint {
		t.from = t.from[len(t.from)-maxTaint:]
	}
	if a.multi[t.v] {
		s.setVar(t)
		return
	}
	old := a.once[t.v]
	if len(old.from) > 0 {
		t = joinTaint(old, t)
	}
	if t.kind != old.kind || !slices.Equal(t.from, old.from) {
		a.once[t.v] = t
		a.moved = true
	}
}

// transfer is the transfer function of one event.
func (a *analysis) transfer(s *state, e *Event, ord int32) {
	switch e.Op {
	case OpCheck:
		if e.Dst != 0 {
			a.rebind(s, e.Dst)
			a.assign(s, taint{v: e.Dst, kind: same, from: []int32{ord}})
		}
		r := record{check: ord, cover: s.held &^ a.otherKeys(s.held, e)}
		if e.Flags&FlagTested != 0 {
			r.tested, r.fact = true, FactTrue
			a.tested[ord] = true
		}
		if e.Flags&FlagStale != 0 && (e.Flags&FlagTested == 0 || s.held == 0) {
			r.cover, r.expiry = 0, ord
		}
		if a.f.Preempt && r.cover == 0 {
			r.expiry = ord
		}
		a.crowd(s, e)
		s.put(r)
	case OpLet:
		if e.Dst == 0 {
			return
		}
		t := taint{v: e.Dst}
		for i, v := range e.Srcs {
			from := a.taintOf(s, v)
			if i == 0 {
				t.from = from.from
				if e.Flags&FlagAlias != 0 && len(e.Srcs) == 1 {
					t.kind = from.kind
					if e.Flags&FlagNot != 0 {
						t.kind = [...]copyKind{derived, negated, same}[from.kind]
					}
				}
				continue
			}
			t.from = unite(t.from, from.from)
		}
		a.rebind(s, e.Dst)
		a.assign(s, t)
	case OpYield:
		a.yield(s, ord, e.Flags&FlagMaybe == 0)
	case OpAcquire:
		if e.Flags&FlagContended != 0 {
			a.yield(s, ord, false)
		}
		if e.Flags&FlagNew != 0 {
			s.may |= a.bit(e.Lock)
			return
		}
		a.take(s, e.Lock)
		a.extend(s, e.Lock)
	case OpRelease:
		a.give(s, e.Lock, ord)
	case OpAct:
		a.act(s, e, ord)
	}
}

// maxSame bounds how many answers to one question are kept at one point. The newest decide;
// older ones matter only to data that was read before as many later reads.
const maxSame = 3

// rebind forgets the answers about elements whose key is computed from v.
func (a *analysis) rebind(s *state, v VarID) {
	if !a.multi[v] {
		return
	}
	s.recs = slices.DeleteFunc(s.recs, func(r record) bool {
		k := a.at(r.check).Key
		return k > 0 && a.f.Keys[k].Root == v
	})
}
