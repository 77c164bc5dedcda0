package flow

import (
	"cmp"
	"slices"
)

// Bounds of a summary.
const (
	maxSummaryActs    = 96
	maxSummaryAnswers = 32
)

// sumUp makes the summary from what the last pass saw.
func (a *analysis) sumUp() {
	sum := &a.res.Summary
	sum.Name = a.f.Name
	r := a.rep
	var entry uint64
	for _, l := range a.f.Entry {
		entry |= a.bit(l)
	}
	sum.Suspends = a.suspends()
	acts := a.sums[:0]
	for i := range r.acts {
		x := &r.acts[i]
		act, ok := a.summaryAct(x)
		if !ok || known(acts, &act, x) {
			continue
		}
		if len(acts) == maxSummaryActs {
			sum.Truncated = true
			break
		}
		if locks := a.outerLocks(x.held); len(locks) > 0 || len(x.made) > 0 || len(x.expects) > 0 {
			act.More = &ActDetail{locks, x.made, x.expects}
		}
		acts = append(acts, act)
	}
	a.sums = acts
	if len(acts) > 0 {
		sum.Acts = a.done.acts.keep(acts)
	}
	varied := false // a constant tells something only if another return gives something else
	for i := range r.out {
		x := &r.out[i]
		varied = varied || x.event != nil && r.out[0].event != nil && (x.event.Value != r.out[0].event.Value || x.event.Value == ValueUnknown)
	}
	var claimed []int32
	if varied && a.f.Preempt {
		claimed = a.claimed()
	}
	a.asked = a.asked[:0]
	for i := range r.out {
		a.resultAnswers(&r.out[i], varied, claimed)
		a.outAnswers(&r.out[i])
	}
	a.guards()
	if len(a.asked) > 0 {
		sum.Answers = a.done.answers.keep(a.asked)
	}
	slices.SortStableFunc(sum.Answers, func(x, y Answer) int {
		return cmp.Or(cmp.Compare(x.Origin, y.Origin), cmp.Compare(x.Place.Path, y.Place.Path), cmp.Compare(x.Via, y.Via), cmp.Compare(x.Ask, y.Ask))
	})
	a.releases(entry)
	held, some := ^uint64(0), false
	for i := range r.out {
		held &= r.out[i].state.held
		some = true
	}
	if some {
		// A lock of the caller's that is given back and taken again is both released and acquired.
		for _, l := range a.lockList(held) {
			k := a.locks[l]
			if entry&a.bit(l) != 0 && !slices.ContainsFunc(sum.Releases, func(r Lock) bool { return r.Path == k.Path && r.Read == k.Read }) {
				continue
			}
			if visible(k.Root) && (k.Kind != LockFlag || k.Key == 0 && !a.f.Preempt) {
				sum.Acquires = append(sum.Acquires, a.outerLock(k))
			}
		}
	}
}

func visible(root RootKind) bool { return root == RootParam || root == RootGlobal || root == RootCell }

func (a *analysis) suspends() Tri {
	all, some := len(a.rep.out) > 0, len(a.res.Holds) > 0
	for i := range a.rep.out {
		all = all && a.rep.out[i].state.yielded
	}
	switch {
	case all && some:
		return Must
	case some:
		return May
	}
	return Never
}

// known says whether one of the acts says the same as act, which is made of x.
func known(acts []SummaryAct, act *SummaryAct, x *actAt) bool {
	for i := range acts {
		if a := &acts[i]; a.Place == act.Place && a.HasKey == act.HasKey && a.Effect == act.Effect &&
			a.Value == act.Value && a.After == act.After && a.Early == act.Early && a.Flags == act.Flags && a.Rechecked == act.Rechecked && a.Resized == act.Resized &&
			a.Key == act.Key && slices.Equal(a.detail().Made, x.made) && slices.Equal(a.detail().Expects, x.expects) {
			return true
		}
	}
	return false
}

func (a *analysis) summaryAct(x *actAt) (SummaryAct, bool) {
	e := x.event
	act := SummaryAct{
		Place: &a.f.Places[e.Place], Effect: e.Effect, Value: e.Value, After: x.after, Rechecked: x.rechecked, Resized: x.resized, Params: x.params,
		Flags: e.Flags & (FlagNeeds | FlagAtomic | FlagDeferred | FlagGiven | FlagSync | FlagRenewed), Origin: e.Origin,
	}
	if x.renewed {
		act.Flags |= FlagRenewed
	}
	if a.f.Preempt {
		act.Flags |= e.Flags & FlagUpdate
	}
	act.Early = len(a.f.Entry) > 0 && a.f.Preempt && !slices.ContainsFunc(a.f.Entry, func(l LockID) bool { return !slices.Contains(x.held, l) })
	if e.Flags&FlagIter != 0 {
		return act, false
	}
	if act.Origin == 0 {
		act.Origin = e.Pos
	}
	act.Key, act.HasKey = a.outerKey(e.Key)
	return act, true
}

// outerLocks are the locks that the caller can have an idea of.
func (a *analysis) outerLocks(held []LockID) (out []Lock) {
	for _, l := range held {
		if k := a.locks[l]; visible(k.Root) && !slices.Contains(a.f.Entry, l) {
			out = append(out, a.outerLock(k))
		}
	}
	return out
}

// outerKey expresses a key in terms of parameters; one that cannot be is an element all the same.
func (a *analysis) outerKey(k KeyID) (Key, bool) {
	if k == 0 {
		return Key{}, false
	}
	if k < 0 {
		return Key{}, true
	}
	key := a.f.Keys[k]
	if key.Const {
		key.Root = 0
		return key, true
	}
	if i := slices.Index(a.f.Params, key.Root); i >= 0 {
		key.Root = VarID(i + 1)
		return key, true
	}
	return Key{Text: key.Text}, true
}

func (a *analysis) outerLock(l Lock) Lock {
	if l.Key != 0 {
		l.Key = KeyAny
	}
	return l
}

// reserved says whether the function returns with the answer kept true by a reservation of its own:
// whoever asks next is told that it is taken.
func (a *analysis) reserved(check int32, s *state) bool {
	rec := s.find(check)
	if rec == nil { // settled by an act of ours, which may be the reservation
		c := a.asks[check]
		flag, known := a.flags[flagIdent{c.place, c.key}]
		return known && !a.f.Preempt && s.held&a.bit(flag) != 0
	}
	for _, l := range a.lockList(rec.cover) {
		if a.locks[l].Kind == LockFlag {
			return true
		}
	}
	return false
}

func (a *analysis) addAnswer(an Answer) {
	if !visible(an.Place.Root) {
		return
	}
	for i := range a.asked {
		o := &a.asked[i]
		if o.Place == an.Place && o.Key == an.Key && o.Ask == an.Ask && o.Via == an.Via && o.Out == an.Out {
			if o.Fact != an.Fact {
				o.Fact = FactAny
			}
			o.Made, o.Taken = o.Made && an.Made, o.Taken && an.Taken
			o.Fresh = o.Fresh && an.Fresh
			return
		}
	}
	if len(a.asked) == maxSummaryAnswers {
		a.res.Summary.Truncated = true
		return
	}
	a.asked = append(a.asked, an)
}

func (a *analysis) answer(check int32, via Via, f Fact, s *state) Answer {
	e := a.at(check)
	an := Answer{Place: &a.f.Places[e.Place], Ask: e.Ask, Via: via, Fact: f, Origin: e.Origin}
	an.Key, an.HasKey = a.outerKey(e.Key)
	if an.Origin == 0 {
		an.Origin = e.Pos
	}
	if rec := s.find(check); rec != nil {
		// One that no lock of the callee's covered is as fresh as the caller's locks keep it.
		an.Fresh = rec.expiry == 0 || a.f.Preempt && rec.expiry == check && e.Flags&FlagStale == 0
	} else {
		an.Fresh = !s.maybe && !a.f.Preempt
	}
	return an
}

// outAnswers adds what the variables of the caller's that the function has assigned are computed from.
func (a *analysis) outAnswers(x *exit) {
	for _, v := range a.f.Outs {
		if i := slices.Index(a.f.Params, v); i >= 0 && x.event != nil {
			a.valueAnswers(x, v, ViaOut, i)
		}
	}
}

// valueAnswers adds the answers that a variable is computed from at one return.
func (a *analysis) valueAnswers(x *exit, v VarID, via Via, out int) {
	t := a.taintOf(&x.state, v)
	for _, c := range t.from {
		if c < 0 || a.reserved(c, &x.state) {
			continue
		}
		f := FactAny
		if ask := a.at(c).Ask; ask != AskValue || t.kind == negated {
			f = told(FactTrue, t.kind)
		}
		an := a.answer(c, via, f, &x.state)
		an.Made, an.Out, an.Taken = t.kind == derived, out, a.takenOut(c, &x.state)
		a.addAnswer(an)
	}
}

// takenOut says whether what a check read has been taken out of its place in the same step, which leaves nothing
// there: it is what the caller has now, and tells nothing of what comes there later.
func (a *analysis) takenOut(check int32, s *state) bool {
	c := a.at(check)
	switch {
	case c.Flags&FlagTaken != 0:
		return true
	case a.f.Preempt || c.Ask != AskValue || c.Key != 0 || s.find(check) != nil:
		return false
	}
	at := a.refs[check]
	for i := at.Index + 1; int(i) < len(a.f.Blocks[at.Block].Events); i++ {
		switch e := &a.f.Blocks[at.Block].Events[i]; {
		case e.Op == OpYield:
			return false
		case e.Op == OpAct && e.Place == c.Place && e.Key == 0 && e.Flags&FlagDeferred == 0:
			return e.resets() && e.Value != ValueFalse
		}
	}
	return false
}

// resultAnswers adds what one return tells the caller: the value is computed from an answer, or
// is a constant chosen by one.
func (a *analysis) resultAnswers(x *exit, varied bool, claimed []int32) {
	if x.event == nil {
		return
	}
	for i, v := range x.event.Srcs {
		if len(x.event.Srcs) == 1 || !a.f.Preempt {
			i = -1 // one result, of whatever it is made
		}
		a.valueAnswers(x, v, ViaResult, i+1)
	}
	if !varied {
		return
	}
	var truth Fact
	switch x.event.Value {
	case ValueTrue:
		truth = FactTrue
	case ValueFalse, ValueNone:
		truth = FactFalse
	default:
		return
	}
	controls := a.rep.controls(x.block)
	if a.f.Preempt && slices.ContainsFunc(controls, func(c int32) bool { return a.changes(a.asks[c].place) }) {
		return // who tests and sets in one step tells whether it has set
	}
	for _, c := range controls {
		f := a.ctrl[c]
		if slices.Contains(claimed, c) || a.reserved(c, &x.state) {
			continue
		}
		switch f {
		case FactNone:
			f = FactFalse
		case FactNotNone:
			f = FactTrue
		case FactAny:
			if e := a.at(c); !a.f.Preempt || e.Ask != AskValue || e.Key != 0 || e.Flags&FlagCallee != 0 {
				continue
			}
			an := a.answer(c, ViaResult, FactAny, &x.state) // a member of a table was looked for by it
			an.Made, an.Out = true, a.f.Tells
			a.addAnswer(an)
			continue
		}
		if truth == FactFalse {
			f = f.Not()
		}
		an := a.answer(c, ViaResult, f, &x.state)
		an.Out = a.f.Tells
		a.addAnswer(an)
	}
}

// claimed lists the questions about elements that were asked together with one about an element of the same key
// that the function then sets: whoever is told yes has it, and those who ask next are told no.
func (a *analysis) claimed() (out []int32) {
	for _, x := range a.rep.out {
		if x.event == nil {
			continue
		}
		controls := a.rep.controls(x.block)
		for _, c := range controls {
			if !a.sets(&a.asks[c]) {
				continue
			}
			for _, d := range controls {
				if d != c && a.asks[d].key == a.asks[c].key {
					out = append(out, d)
				}
			}
		}
	}
	return out
}

// sets says whether the function puts in place the very element that a question is about.
func (a *analysis) sets(q *question) bool {
	return q.key > 0 && slices.ContainsFunc(a.acts[q.place], func(act int32) bool {
		e := a.at(act)
		return e.Key == q.key && e.reserves()
	})
}

// changes says whether the function changes a place.
func (a *analysis) changes(p PlaceID) bool {
	return slices.ContainsFunc(a.acts[p], func(act int32) bool { return a.at(act).Effect != EffectNone })
}

// guards finds the branches that let the function return normally only on one side: for the
// caller, to get past the call is to know the answer.
func (a *analysis) guards() {
	if len(a.rep.out) == 0 {
		return
	}
	canReturn := make([]bool, len(a.f.Blocks))
	var stack []BlockID
	for i := range a.rep.out {
		if b := a.rep.out[i].block; !canReturn[b] {
			canReturn[b] = true
			stack = append(stack, b)
		}
	}
	for len(stack) > 0 {
		b := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, p := range a.g.preds.of(b) {
			if !canReturn[p] {
				canReturn[p] = true
				stack = append(stack, p)
			}
		}
	}
	last := &a.rep.out[len(a.rep.out)-1]
	for _, b := range a.g.order {
		succs := a.f.Blocks[b].Succs
		blocked, free := false, -1
		for i, e := range succs {
			if e.Except && !e.Bears {
				continue
			}
			if !canReturn[e.To] {
				blocked = true
			} else if free < 0 {
				free = i
			} else {
				free = len(succs)
			}
		}
		if !blocked || free < 0 || free >= len(succs) {
			continue
		}
		for _, f := range a.factsOf(dep{b, int32(free)}) {
			if f.fact != FactAny && a.g.dominates(a.refs[f.check], Ref{last.block, 1 << 30}) {
				a.addAnswer(a.answer(f.check, ViaNormal, f.fact, &last.state))
			}
		}
	}
}

// releases lists the caller's locks that the function gives back without having taken them.
func (a *analysis) releases(entry uint64) {
	for _, b := range a.g.order {
		s := a.in[b]
		if !s.live {
			continue
		}
		may := s.may &^ entry
		for i := range a.f.Blocks[b].Events {
			e := &a.f.Blocks[b].Events[i]
			switch e.Op {
			case OpAcquire:
				may |= a.bit(e.Lock)
			case OpRelease:
				if bit := a.bit(e.Lock); bit != 0 && may&bit == 0 {
					if k := a.locks[e.Lock]; visible(k.Root) && !slices.ContainsFunc(a.res.Summary.Releases, func(l Lock) bool { return l.Path == k.Path && l.Read == k.Read }) {
						a.res.Summary.Releases = append(a.res.Summary.Releases, a.outerLock(k))
					}
				}
				may &^= a.bit(e.Lock)
			}
		}
	}
}
