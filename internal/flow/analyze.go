package flow

import (
	"math/bits"
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

// bit is the bit of a lock in covers, given out to the locks that need one: what callees hold around
// their own acts does not. Locks past the bound have none: they cover nothing, which may cost a
// false alarm and is therefore reported as partial.
func (a *analysis) bit(l LockID) uint64 {
	if l <= 0 {
		return 0
	}
	for int(l) >= len(a.slots) {
		a.slots = append(a.slots, 0)
	}
	if a.slots[l] == 0 {
		if len(a.bits) == maxLocks {
			a.partial("more than 64 locks in one function")
			return 0
		}
		a.bits = append(a.bits, l)
		a.slots[l] = uint8(len(a.bits))
	}
	return 1 << (a.slots[l] - 1)
}

// covers says whether holding the lock keeps others from running. A lock made by this very
// activation excludes nobody; a task lock does not exclude threads.
func (a *analysis) covers(l LockID) bool {
	k := &a.locks[l]
	return !k.Local && (k.Kind != LockTask || !a.f.Preempt)
}

func (a *analysis) take(s *state, l LockID) {
	bit := a.bit(l)
	s.may |= bit
	if !a.covers(l) {
		return
	}
	if s.held&bit != 0 {
		s.twice |= bit
	}
	s.held |= bit
}

// extend lets a lock that was free cover what was asked in the same step: on one event loop nobody
// has run between the question and the taking.
func (a *analysis) extend(s *state, l LockID) {
	bit := a.bit(l)
	if a.f.Preempt || s.held&bit == 0 {
		return
	}
	if !s.expired {
		s.near |= bit
	}
	for i := range s.recs {
		if r := &s.recs[i]; r.expiry == 0 {
			r.near |= bit
		}
	}
}

func (a *analysis) give(s *state, l LockID, ord int32) {
	bit := a.bit(l)
	if s.twice&bit != 0 {
		s.twice &^= bit
		return
	}
	s.held &^= bit
	s.may &^= bit
	a.uncover(s, bit, ord)
}

// uncover takes locks out of all covers. With preemption an answer that no lock covers any more
// has expired.
func (a *analysis) uncover(s *state, bit uint64, ord int32) {
	s.near &^= bit
	if s.since &^= bit; s.since == 0 && s.maybe {
		s.expired = true
	}
	for i := range s.recs {
		r := &s.recs[i]
		r.near &^= bit
		if r.cover&bit == 0 {
			continue
		}
		r.cover &^= bit
		if a.f.Preempt && r.cover == 0 && r.expiry == 0 {
			r.expiry = ord
		}
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

// crowd makes room for another answer to the question of e.
func (a *analysis) crowd(s *state, e *Event) {
	same, oldest := 0, -1
	for i := range s.recs {
		if c := a.at(s.recs[i].check); c.Place == e.Place && c.Key == e.Key && c.Ask == e.Ask {
			same++
			if oldest < 0 {
				oldest = i
			}
		}
	}
	if same >= maxSame {
		s.recs = slices.Delete(s.recs, oldest, oldest+1)
	}
}

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

// yield expires every answer that no lock covers. A re-entrant thread lock does not keep other
// tasks of the same loop out.
func (a *analysis) yield(s *state, ord int32, must bool) {
	s.maybe = true
	if s.since |= s.near; s.since == 0 {
		s.expired = true
	}
	s.yielded = s.yielded || must
	var open uint64
	if !a.f.Preempt {
		for held := s.held; held != 0; held &= held - 1 {
			i := bits.TrailingZeros64(held)
			if k := &a.locks[a.bits[i]]; k.Kind == LockThread && k.Reentrant {
				open |= 1 << i
			}
		}
	}
	a.late(s, ord, open)
	for i := range s.recs {
		r := &s.recs[i]
		if r.expiry == 0 {
			r.cover |= r.near
		}
		r.cover &^= open
		if r.cover != 0 {
			r.crossed = earliest(r.crossed, ord)
		} else if r.expiry == 0 {
			r.expiry = ord
		}
		r.pend = 0
	}
}

// late notes, for answers about a size or count, the first suspension that comes whatever they told:
// code that waits while there is no room, and then suspends again before it takes the room.
func (a *analysis) late(s *state, ord int32, open uint64) {
	var because []int32 // checks that decide whether this yield happens
	asked, signals := false, a.at(ord).Flags&FlagSignal != 0
	for i := range s.recs {
		r := &s.recs[i]
		c := a.at(r.check)
		signal := signals && r.signal == 0 && (r.cover|r.near)&^open == 0
		if !a.tested[r.check] || c.Ask != AskSize && c.Ask != AskValue || !signal && (c.Key != 0 || r.late != 0 && a.waits[r.check]) {
			continue
		}
		if !asked {
			asked = true
			a.g.controllers(a.refs[ord].Block, func(d dep) bool {
				for _, f := range a.facts[d] {
					because = append(because, f.check)
				}
				return true
			})
		}
		switch {
		case slices.Contains(because, r.check):
			a.waits[r.check] = true
			if signal {
				r.signal = ord
			}
		case r.late == 0 && (r.cover|r.near)&^open == 0:
			r.late = ord
		}
	}
}

// pairs says whether an act on (place, key) concerns the answer of check c.
func (a *analysis) pairs(c *Event, act *Event) bool {
	if c.Place != act.Place {
		return false
	}
	if act.Flags&FlagIter != 0 {
		return c.Ask == AskIter && c.Key == 0
	}
	switch {
	case c.Key == act.Key:
		return c.Key >= 0
	case c.Key == 0:
		return c.Ask == AskSize || c.Ask == AskIter
	case c.Key > 0 && len(act.Made) > 0 && act.Effect == EffectSet && (c.Ask == AskHas || c.Ask == AskValue):
		// "is there one under this name?", then a thing made from the name is put under its own
		return slices.Contains(act.Made, a.f.Keys[c.Key].Root)
	}
	return false
}

// settles says whether the answer of c is out of date, or fulfilled, by our own act.
func (a *analysis) settles(c *Event, act *Event) bool {
	if act.Effect == EffectNone || act.Effect == EffectModify || act.Flags&FlagDeferred != 0 {
		return false
	}
	whole := act.Effect == EffectClear || act.Key == 0 && act.Effect == EffectSet
	switch {
	case c.Key == act.Key && c.Key >= 0:
		return true
	case c.Key == 0:
		return c.Ask == AskSize
	}
	return whole
}

// act is the transfer function of OpAct: it settles answers, takes and gives back reservations.
func (a *analysis) act(s *state, e *Event, ord int32) {
	if e.Flags&FlagDeferred != 0 {
		for i := range s.recs {
			r := &s.recs[i]
			if r.expiry == 0 && r.cover == 0 && r.pend == 0 && a.pairs(a.at(r.check), e) && !asksAgain(a.at(r.check), e) {
				r.pend = ord
			}
		}
		return
	}
	if e.Effect == EffectNone || e.Effect == EffectModify {
		return
	}
	if e.Effect == EffectDel && e.Key != 0 || e.Effect == EffectGrow || e.Effect == EffectShrink || e.Effect == EffectClear {
		for i := range s.recs {
			if r := &s.recs[i]; r.own == 0 && a.at(r.check).Ask == AskIter && a.at(r.check).Place == e.Place {
				r.own = ord
			}
		}
	}
	flag, known := a.flags[flagIdent{e.Place, e.Key}]
	if known && e.resets() {
		a.give(s, flag, ord)
	}
	reserve := false
	if e.reserves() && e.Key >= 0 {
		for i := range s.recs {
			r := &s.recs[i]
			c := a.at(r.check)
			if r.tested && r.expiry == 0 && c.Place == e.Place && c.Key == e.Key && c.Ask != AskIter && free(c, r.fact) {
				reserve = true
			}
		}
	}
	s.recs = slices.DeleteFunc(s.recs, func(r record) bool {
		c := a.at(r.check)
		return c.Place == e.Place && a.settles(c, e)
	})
	if len(a.under[e.Place]) > 0 && (e.Effect == EffectClear || e.Effect == EffectSet) && e.Key == 0 {
		parts := a.under[e.Place]
		s.recs = slices.DeleteFunc(s.recs, func(r record) bool {
			return slices.Contains(parts, int32(a.at(r.check).Place))
		})
	}
	if !reserve {
		return
	}
	if !known {
		flag = a.flagFor(e)
	}
	if s.held&a.bit(flag) != 0 {
		return
	}
	a.take(s, flag)
	// Test and set are one step with whatever else was asked since the last expiry: the
	// reservation extends those covers. A lock that is merely acquired never does.
	for i := range s.recs {
		if r := &s.recs[i]; r.expiry == 0 {
			r.cover |= a.bit(flag) &^ a.otherKeys(a.bit(flag), a.at(r.check))
		}
	}
}

// otherKeys is the part of a set of locks that are reservations of one key, where the check asks about
// something that is one for all keys: who has reserved another key asks about the same.
func (a *analysis) otherKeys(set uint64, c *Event) uint64 {
	if set == 0 || a.f.Preempt || c.Key != 0 {
		return 0
	}
	p := &a.f.Places[c.Place]
	if p.Root == RootLocal || p.Root == RootParam && p.Param != 0 || strings.Count(p.Path, ".") > 1 || strings.Contains(p.Path, "[") {
		return 0
	}
	var out uint64
	for rest := set; rest != 0; rest &= rest - 1 {
		bit := rest & -rest
		if k := &a.locks[a.bits[bits.TrailingZeros64(bit)]]; k.Kind == LockFlag && k.Key > 0 && !a.f.Keys[k.Key].Const {
			out |= bit
		}
	}
	return out
}

// free says whether the answer told that nobody has reserved the place yet.
func free(c *Event, fact Fact) bool {
	return fact == FactFalse || fact == FactNone && c.Ask == AskValue
}

func (e *Event) reserves() bool {
	switch e.Effect {
	case EffectSet:
		return e.Value != ValueNone && e.Value != ValueFalse && e.Value != ValueEmpty
	case EffectGrow:
		return e.Key > 0
	}
	return false
}

func (e *Event) resets() bool {
	switch e.Effect {
	case EffectSet:
		return e.Value == ValueNone || e.Value == ValueFalse || e.Value == ValueEmpty
	case EffectDel, EffectClear:
		return true
	}
	return false
}

func (a *analysis) flagFor(e *Event) LockID {
	p := &a.f.Places[e.Place]
	l := Lock{Path: "flag " + p.Path, Root: p.Root, Param: p.Param, Kind: LockFlag, Key: e.Key}
	if p.Field != "" {
		l.Field = "flag " + p.Field
	}
	id := LockID(len(a.locks))
	a.locks = append(a.locks, l)
	a.flags[flagIdent{e.Place, e.Key}] = id
	return id
}

// edge applies what an edge tells about the answers that it tests.
func (a *analysis) edge(s *state, b BlockID, index int32, edge *Edge) {
	for _, t := range edge.Tests {
		from := a.taintOf(s, t.Var)
		for _, c := range from.from {
			if c < 0 {
				continue
			}
			if r := s.find(c); r != nil {
				r.tested, r.fact = true, told(t.Fact, from.kind)
			}
			a.learn(dep{b, index}, c, told(t.Fact, from.kind))
		}
		if t.Same == 0 {
			continue
		}
		other := a.taintOf(s, t.Same)
		a.revalidate(s, from.from, other.from)
		for _, c := range slices.Concat(from.from, other.from) {
			if c > 0 {
				e := a.at(c)
				id := identity{dep{b, index}, e.Place, e.Key}
				if !slices.Contains(a.idents, id) {
					a.idents = append(a.idents, id)
				}
			}
		}
	}
}

// fact is what an edge tells about the answer of one check.
type fact struct {
	check int32
	fact  Fact
}

func (a *analysis) learn(d dep, check int32, f Fact) {
	a.tested[check] = true
	list := a.facts[d]
	for i := range list {
		if list[i].check == check {
			if list[i].fact != f {
				list[i].fact = FactAny
			}
			return
		}
	}
	a.facts[d] = append(list, fact{check, f})
}

// told is the fact about the answer itself when the fact about a value made from it is known.
func told(f Fact, kind copyKind) Fact {
	switch kind {
	case same:
		return f
	case negated:
		if f == FactTrue || f == FactFalse {
			return f.Not()
		}
	}
	return FactAny
}

// revalidate makes an expired answer as good as a fresh one on the same place that it was found
// equal to: comparing with the old value is what makes data fresh again.
func (a *analysis) revalidate(s *state, x, y []int32) {
	for _, c := range x {
		for _, d := range y {
			if c < 0 || d < 0 {
				continue
			}
			r, q := s.find(c), s.find(d)
			if r == nil || q == nil || c == d {
				continue
			}
			ec, ed := a.at(c), a.at(d)
			if ec.Place != ed.Place || ec.Key != ed.Key || ec.Key < 0 {
				continue
			}
			if r.expiry != 0 && q.expiry == 0 {
				r.expiry, r.cover = 0, q.cover
			} else if q.expiry != 0 && r.expiry == 0 {
				q.expiry, q.cover = 0, r.cover
			}
		}
	}
}
