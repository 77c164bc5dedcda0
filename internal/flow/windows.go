package flow

import (
	"cmp"
	"math/bits"
	"slices"
)

// reporter makes the last pass over the solved states.
type reporter struct {
	a       *analysis
	ctrlOf  BlockID // the block that the controls at hand are of, -1: none
	round   int32   // in which they were noted
	set     uint64  // the locks of which list is the list
	list    []LockID
	out     []exit
	acts    []actAt
	gates   []Control // of the last act that had any
	nearby  *around   // of the last access that had anything
	windows map[[2]int32]bool
}

// exit is a normal return and the state there.
type exit struct {
	block BlockID
	event *Event // nil if the block just ends
	state state
}

// actAt is an act with what the summary needs of the state there.
type actAt struct {
	event     *Event
	held      []LockID
	after     bool
	rechecked bool
	resized   bool
	renewed   bool
	params    []int
	made      []int
	expects   []int
}

func (a *analysis) report() {
	a.rep = &a.last
	*a.rep = reporter{a: a, ctrlOf: -1, acts: a.kept[:0], out: a.ends[:0]}
	a.heldAt, a.noted, a.ctrl = sized(a.heldAt, len(a.refs)), sized(a.noted, len(a.refs)), sized(a.ctrl, len(a.refs))
	accesses := 0
	for p := range a.checks {
		accesses += len(a.checks[p]) + len(a.acts[p])
	}
	a.res.Accesses = a.done.accesses.room(accesses)[:0]
	a.res.Windows, a.res.Holds = a.found[:0], a.rests[:0]
	for _, b := range a.g.order {
		if a.in[b].live {
			a.block(b)
		}
	}
	for i := range a.in {
		if a.in[i].dropped {
			a.partial("more answers at one point than are kept")
			break
		}
	}
	a.rep.ctrlOf = -1
	a.kept, a.ends = a.rep.acts, a.rep.out
	res := &a.res
	for i := range res.Windows {
		w := &res.Windows[i]
		w.CheckHeld = a.heldAt[a.ordinal(w.Check)]
	}
	a.found, a.rests = res.Windows, res.Holds
	res.Windows, res.Holds, res.Accesses = a.done.windows.keep(res.Windows), a.done.holds.keep(res.Holds), slices.Clip(res.Accesses)
	slices.SortStableFunc(res.Windows, func(x, y Window) int {
		return cmp.Or(cmp.Compare(a.pos(x.Act), a.pos(y.Act)), cmp.Compare(a.pos(x.Check), a.pos(y.Check)))
	})
	slices.SortStableFunc(res.Accesses, func(x, y Access) int { return cmp.Compare(a.pos(x.Ref), a.pos(y.Ref)) })
}

func (a *analysis) ordinal(r Ref) int32 { return a.base[r.Block] + r.Index }

func (a *analysis) pos(r Ref) Pos { return a.f.Blocks[r.Block].Events[r.Index].Pos }

func (a *analysis) lockList(set uint64) []LockID {
	if set == 0 {
		return nil
	}
	out := make([]LockID, 0, bits.OnesCount64(set))
	for ; set != 0; set &= set - 1 {
		out = append(out, a.bits[bits.TrailingZeros64(set)])
	}
	slices.Sort(out)
	return out
}

// around lists the locks held at an event: those of this function and those of the callee.
func (a *analysis) around(s *state, e *Event) []LockID {
	if s.held != a.rep.set {
		a.rep.set, a.rep.list = s.held, a.lockList(s.held)
	}
	out := a.rep.list
	for _, l := range e.detail().Inner {
		if i, ok := slices.BinarySearch(out, l); !ok {
			out = slices.Insert(out, i, l)
		}
	}
	return out
}

// event looks at one event in the state before it.
func (r *reporter) event(s *state, e *Event, ord int32) {
	a := r.a
	switch e.Op {
	case OpCheck:
		r.access(s, e, ord)
	case OpAct:
		r.access(s, e, ord)
		r.act(s, e, ord)
	case OpYield:
		r.hold(s, ord)
		r.deferred(s)
	case OpAcquire:
		if e.Flags&FlagContended != 0 {
			r.hold(s, ord)
			r.deferred(s)
		}
	case OpReturn:
		r.leaves(a.refs[ord].Block, e, s)
	}
}

// leaves keeps the state at a return, in the memory of one of an earlier function.
func (r *reporter) leaves(b BlockID, e *Event, s *state) {
	if len(r.out) == cap(r.out) {
		r.out = append(r.out, exit{})
	} else {
		r.out = r.out[:len(r.out)+1]
	}
	x := &r.out[len(r.out)-1]
	x.block, x.event = b, e
	x.state.copyFrom(s)
}

func (r *reporter) hold(s *state, ord int32) {
	r.a.res.Holds = append(r.a.res.Holds, Hold{r.a.refs[ord], r.a.lockList(s.may)})
}

// leave is called where the function ends.
func (r *reporter) leave(s *state) { r.deferred(s) }

func (r *reporter) access(s *state, e *Event, ord int32) {
	a := r.a
	if a.f.Brief {
		return
	}
	ref := a.refs[ord]
	acc := Access{Ref: ref}
	held := a.around(s, e)
	a.heldAt[ord] = held
	var controls []Control
	if e.Op == OpAct {
		acc.Guarded = r.earlier(a.checks[e.Place], e, ord)
		acc.AfterPrev = r.earlier(a.acts[e.Place], e, ord)
		for _, id := range a.idents {
			if id.place == e.Place && id.key == e.Key && r.controlledBy(ref.Block, id.dep) {
				acc.Identity = true
				break
			}
		}
		if e.Flags&FlagDeferred == 0 && a.f.Places[e.Place].Field != "" {
			controls = r.otherControls(s, e, ref)
		}
	}
	if len(held) > 0 || len(controls) > 0 {
		acc.around = r.aroundOf(held, controls)
	}
	a.res.Accesses = append(a.res.Accesses, acc)
}

// aroundOf is what an access has around it: mostly what the last one had.
func (r *reporter) aroundOf(held []LockID, controls []Control) *around {
	if x := r.nearby; x != nil && slices.Equal(x.held, held) && slices.Equal(x.controls, controls) {
		return x
	}
	r.nearby = &r.a.done.around.room(1)[0]
	*r.nearby = around{held, controls}
	return r.nearby
}

// maxControls bounds the answers about other places that are kept for one act.
const maxControls = 8

// otherControls lists the answers about other shared places that decide whether an act happens.
func (r *reporter) otherControls(s *state, e *Event, ref Ref) []Control {
	a := r.a
	out := a.gates[:0]
	for _, check := range r.controls(ref.Block) {
		c := &a.asks[check]
		if c.place == e.Place || a.f.Places[c.place].Field == "" || c.ask == AskIter || !a.g.forward(a.refs[check], ref) {
			continue
		}
		k := Control{Check: a.refs[check], Fact: a.ctrl[check]}
		if rec := s.find(check); rec != nil && rec.expiry != 0 {
			k.Expired, k.Expiry = true, a.refs[rec.expiry]
		}
		if out = append(out, k); len(out) == maxControls {
			break
		}
	}
	a.gates = out
	switch {
	case len(out) == 0:
		return nil
	case !slices.Equal(out, r.gates): // mostly they are those of the last act
		r.gates = slices.Clone(out)
	}
	return r.gates
}

// maxLookback bounds how many earlier accesses of a place are looked at.
const maxLookback = 32

// earlier says whether one of the accesses, of the same element or of all of them, dominates event ord. To
// read the container itself is to look at no element.
func (r *reporter) earlier(accesses []int32, e *Event, ord int32) bool {
	i, _ := slices.BinarySearch(accesses, ord)
	for n := 0; i > 0 && n < maxLookback; n++ {
		i--
		c := r.a.at(accesses[i])
		if (c.Key == e.Key || c.Key == 0 && (c.Op == OpAct || c.Ask != AskValue)) && r.a.g.dominates(r.a.refs[accesses[i]], r.a.refs[ord]) {
			return true
		}
	}
	return false
}

func (r *reporter) controlledBy(b BlockID, d dep) bool {
	found := false
	r.a.g.controllers(b, func(x dep) bool {
		found = x == d
		return !found
	})
	return found
}

// controls lists the checks whose answers decide whether block b runs, in order; a.ctrl is what each
// of them had told. The list is good until the next call.
func (r *reporter) controls(b BlockID) []int32 {
	a := r.a
	if r.ctrlOf == b {
		return a.list
	}
	r.ctrlOf = b
	r.round++
	a.list = a.list[:0]
	a.deciders(b, true, func(f fact) {
		switch {
		case a.noted[f.check] != r.round:
			a.noted[f.check], a.ctrl[f.check] = r.round, f.fact
			a.list = append(a.list, f.check)
		case a.ctrl[f.check] != f.fact:
			a.ctrl[f.check] = FactAny
		}
	})
	slices.Sort(a.list)
	return a.list
}

// controlled says whether the answer of a check decides whether block b runs, and what it had told.
func (r *reporter) controlled(check int32, b BlockID) (Fact, bool) {
	r.controls(b)
	return r.a.ctrl[check], r.a.noted[check] == r.round
}

func (r *reporter) act(s *state, e *Event, ord int32) {
	a := r.a
	cands := r.candidates(s, e, ord)
	first := r.superseded(cands, ord)
	r.waited(s, cands, ord)
	rechecked, resized := e.Flags&FlagRechecked != 0, e.Flags&FlagResized != 0
	for _, c := range cands {
		if e.Flags&FlagRenewed != 0 && a.asksElement(c.rec.check) {
			continue // it goes on as it is by then
		}
		if c.use == 0 || e.Flags&FlagDeferred != 0 && (c.rec.expiry == 0 || c.use&UseControl == 0) {
			continue
		}
		w := Window{
			Use: c.use, Place: e.Place, Key: e.Key, Check: a.refs[c.rec.check], Act: a.refs[ord], Fact: c.fact,
			Deferred: e.Flags&FlagDeferred != 0, Ask: a.at(c.rec.check).Ask, Cover: a.lockList(c.rec.cover), Held: a.around(s, e),
		}
		if f, ok := first[c.rec.check]; ok {
			w.Rechecked, w.First = true, a.refs[f]
		}
		if asksAgain(a.at(c.rec.check), e) && (c.rec.expiry != 0 || c.rec.cover == 0 && e.Flags&FlagCallee != 0) && w.Use&UseData == 0 {
			w.State, w.Rechecked, w.First = Covered, true, w.Check
			a.res.Windows = append(a.res.Windows, w)
			continue
		}
		switch {
		case e.Flags&FlagIter != 0 && c.rec.own != 0 && c.rec.expiry == 0:
			w.State, w.Expiry, w.Crossed, w.Cover = Open, a.refs[c.rec.own], true, nil
		case c.rec.expiry != 0:
			w.State, w.Expiry, w.Crossed = Open, a.refs[c.rec.expiry], true
			w.Other = r.other(s, e, ord, c.rec)
			w.Version = r.unchanged(s, e, ord, c.rec) || a.expects(s, e, c.rec.check)
		case c.rec.cover != 0:
			w.State = Covered
			if c.rec.crossed != 0 {
				w.Expiry, w.Crossed = a.refs[c.rec.crossed], true
			}
		case c.use&(UseControl|UseNeed) != 0 && e.Flags&FlagIter == 0:
			w.State = Latent
		default:
			continue
		}
		a.res.Windows = append(a.res.Windows, w)
	}
	if p := &a.f.Places[e.Place]; p.Root == RootParam || p.Root == RootGlobal || p.Root == RootCell {
		renewed := false
		for _, c := range cands {
			renewed = renewed || c.use&UseData != 0 && c.rec.expiry == 0 && renews(a.at(c.rec.check), e)
			if c.use&(UseControl|UseNeed) != 0 {
				same := a.at(c.rec.check).Key == e.Key
				if same && e.Flags&FlagAnyway != 0 {
					continue
				}
				rechecked, resized = rechecked || same, resized || !same
			}
		}
		var params []int
		for _, v := range e.Srcs {
			for _, t := range a.taintOf(s, v).from {
				if t < 0 && !slices.Contains(params, int(-1-t)) {
					params = append(params, int(-1-t))
				}
			}
		}
		var made []int
		for _, v := range e.detail().Made {
			if i := slices.Index(a.f.Params, v); i >= 0 && !slices.Contains(made, i) {
				made = append(made, i)
			}
		}
		r.acts = append(r.acts, actAt{e, a.around(s, e), s.maybe && (a.f.Preempt || s.expired), rechecked, resized, renewed && len(params) == 0, params, made, r.expected(s, a.refs[ord].Block)})
	}
}

// asksElement says whether a check reads an element of a container, or the container on the way to one.
func (a *analysis) asksElement(check int32) bool {
	c := a.at(check)
	return c.Key != 0 || c.Ask == AskValue && a.f.Places[c.Place].Kind == Container
}

// renews says whether an act replaces the whole by something made of what check c has read there, which is no
// number: a number that is counted on was asked for, whoever counts.
func renews(c, e *Event) bool {
	return e.Effect == EffectSet && e.Key == 0 && c.Key == 0 && e.Flags&(FlagUpdate|FlagCallee) == 0 &&
		(e.Value == ValueUnknown || e.Value == ValueObject)
}

// asksAgain says whether the callee behind an act repeats the question of c before it acts, or does
// check and act in one step. To ask for one element is not to ask for the size.
func asksAgain(c, act *Event) bool {
	if act.Flags&FlagAtomic != 0 {
		return true
	}
	if c.Key == act.Key || c.Key > 0 && len(act.detail().Made) > 0 {
		return act.Flags&FlagRechecked != 0
	}
	return act.Flags&FlagResized != 0
}

// deferred reports the acts of tasks started earlier, now that this one suspends or ends without
// having settled what it asked.
func (r *reporter) deferred(s *state) {
	a := r.a
	if !a.defers {
		return
	}
	for _, rec := range s.recs {
		if rec.pend == 0 || r.windows[[2]int32{rec.check, rec.pend}] {
			continue
		}
		e, ref := a.at(rec.pend), a.refs[rec.pend]
		f, ok := r.controlled(rec.check, ref.Block)
		if !ok {
			continue
		}
		if r.windows == nil {
			r.windows = map[[2]int32]bool{}
		}
		r.windows[[2]int32{rec.check, rec.pend}] = true
		a.res.Windows = append(a.res.Windows, Window{
			State: Open, Use: UseControl, Place: e.Place, Key: e.Key, Check: a.refs[rec.check], Expiry: ref, Crossed: true,
			Act: ref, Fact: f, Ask: a.at(rec.check).Ask, Held: a.lockList(s.held), Deferred: true,
		})
	}
}
