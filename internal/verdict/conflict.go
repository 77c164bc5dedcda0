package verdict

import (
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
)

// conflict is gate (c): it finds somebody who may write the place between check and act so that
// the answer becomes wrong. self says that a second run of the same function does it. ok is
// false if nobody does.
func (j *judge) conflict(i int, w *flow.Window) (by *writer, self, ok bool) {
	f := &j.p.Funcs[i]
	e := event(f.Flow, w.Act)
	place := &f.Flow.Places[w.Place]
	if ownChange(f, w) {
		return nil, true, true
	}
	if f.asksForItself(w) {
		return nil, false, false
	}
	if place.Kind == flow.Record || place.Kind == flow.Signal && e.Effect == flow.EffectSignal {
		// A record is shared with every other process; a future is settled by whoever waits for it
		// (a timeout cancels it).
		return nil, true, (!f.Single || place.Kind == flow.Record) && !(place.Root == flow.RootCell && f.Inline && j.p.Language == "go") && !j.once(f, w) && !j.kept(w, place)
	}
	if place.Kind == flow.Signal && e.Effect == flow.EffectSet && empties(e.Value) && j.lookedAgain(f, w) {
		return nil, false, false // nothing that was left for it is missed
	}
	if w.Use == flow.UseNeed && e.Flags&flow.FlagCallee != 0 && j.asksItself(e) {
		return nil, false, false
	}
	if place.Kind == flow.Signal && e.Effect == flow.EffectSet && e.Value == flow.ValueTrue {
		// To set an event twice is to set it, unless it tells that something was made.
		return nil, true, f.Overlap != OverlapNone && !f.Single && f.made(w)
	}
	var held []lockSig
	if w.State != flow.Open {
		held = j.sigs(f, w.Cover)
	}
	if place.Kind == flow.Signal && e.Effect == flow.EffectSet && e.Value == flow.ValueTrue && w.Use&flow.UseData == 0 ||
		place.Kind == flow.Signal && e.Effect == flow.EffectSet && (w.Fact == flow.FactAny || e.Flags&flow.FlagCallee != 0) {
		return nil, false, false // to set an event that is set hurts nobody
	}
	entry := j.sigs(f, f.entryKept(w))
	var best *writer
	bestScore := 0
	for k := range j.writers[place.Field] {
		x := &j.writers[place.Field][k]
		g := &j.p.Funcs[x.fn]
		same := x.fn == i || j.p.Language == "python" && e.Flags&flow.FlagCallee != 0 && x.e.Pos == e.Origin && g.Overlap == OverlapOwned
		switch {
		case f.joined(g.Owner, event(f.Flow, w.Check).Pos), g.joined(f.Owner, x.e.Pos), g.starts(f.Owner, x.e.Pos), f.starts(g.Owner, e.Pos):
			continue
		case place.Root == flow.RootCell && f.Inline && (same || g.Inline):
			continue
		case f.Owner != "" && f.Owner == g.Owner && j.p.Language == "python", g.Init, g.Test && !f.Test, same && (f.Single || f.Overlap == OverlapNone), !same && g.Overlap == OverlapNone:
			continue
		case same && (x.e == e || x.fn != i) && !again(w, e), e.Flags&x.e.Flags&flow.FlagKept != 0 && w.Use&flow.UseData == 0:
			continue
		case place.Kind == flow.Signal && e.Effect == flow.EffectNone && (x.e.Text == ".clear" || x.e.Text == ".set" || w.Use == flow.UseNeed && w.Key == 0 && x.e.Value == flow.ValueObject):
			continue // whether it is set says nothing about whether there is one; neither does another event in its place
		case w.Key != 0 && e.Effect == flow.EffectSet && e.Key != 0 && appends(place, x.e):
			continue // what comes at the end leaves the other items where they are
		case !keysMeet(f.Flow, w.Key, g.Flow, x.e.Key), j.strangers(place, &g.Flow.Places[x.e.Place]):
			continue
		case !falsifies(w, event(f.Flow, w.Check), e, x.e), e.Flags&flow.FlagIter != 0 && atEnd(place, x.e), e.Flags&flow.FlagIter != 0 && j.renewed(g, x), e.Flags&flow.FlagIter != 0 && j.onlyIfPresent(g, x):
			continue
		case !same && resets(e) && (w.Fact == flow.FactTrue || w.Fact == flow.FactNotNone) && g.newEntry(x):
			continue // what was found under this key was put there before, and is put there once
		case excludes(held, x.held), excludes(entry, j.sigs(g, g.Flow.Entry)):
			continue
		case j.p.Language == "go" && (j.reserved(f, w, x) || j.vacant(i, w, e, x) || j.taken(i, w, e, x) || f.Owner != "" && f.Owner == g.Owner):
			continue
		}
		// Who takes away what the act cannot do without is the best witness; then a writer elsewhere;
		// then a second run of the function itself.
		score := 2*btoi(e.Flags&flow.FlagNeeds != 0 && (resets(x.e) || x.e.Effect == flow.EffectShrink)) + btoi(!same)
		if !same && g.Overlap == OverlapOwned && j.p.Language == "python" {
			score -= 2 // its owner calls it, once: a second run of the function itself says more
		}
		if w.Ask == flow.AskSize && grows(e) && grows(x.e) {
			score += 2 // a limit is exceeded by who adds, too
		}
		if best == nil || score > bestScore {
			best, bestScore, self = x, score, same
		}
	}
	if best == nil {
		return nil, false, false
	}
	return best, self, true
}

// entryKept lists the locks of the callers' that the function has not given back between check and act.
func (f *Func) entryKept(w *flow.Window) []flow.LockID {
	if w.State != flow.Open || len(f.Flow.Entry) == 0 {
		return f.Flow.Entry
	}
	e := event(f.Flow, w.Expiry)
	if e.Op != flow.OpRelease || !slices.Contains(f.Flow.Entry, e.Lock) {
		return f.Flow.Entry
	}
	return slices.DeleteFunc(slices.Clone(f.Flow.Entry), func(l flow.LockID) bool { return l == e.Lock })
}

// strangers says whether two places of one name are attributes of two objects: what the classes have in common
// declares the attribute, and no object is of both.
func (j *judge) strangers(a, b *flow.Place) bool {
	return j.p.Apart != nil && a.Owner != "" && b.Owner != "" && a.Owner != b.Owner && j.p.Apart(a.Owner, b.Owner)
}

// reserved says whether act and writer both happen only after a flag was found unset and set in one
// step, which nobody unsets: then one of them never happens.
func (j *judge) reserved(f *Func, w *flow.Window, x *writer) bool {
	for _, l := range j.sigs(f, w.Held) {
		flag, ok := strings.CutPrefix(l.name, "flag ")
		if !ok || !slices.Contains(x.held, l) {
			continue
		}
		if !slices.ContainsFunc(j.writers[flag], func(y writer) bool { return resets(y.e) }) {
			return true
		}
	}
	return false
}

// once says whether the act happens only after a flag was found unset and set in one step, which
// nobody unsets.
func (j *judge) once(f *Func, w *flow.Window) bool {
	if j.p.Language != "go" {
		return false
	}
	for _, l := range j.sigs(f, w.Held) {
		if flag, ok := strings.CutPrefix(l.name, "flag "); ok && !slices.ContainsFunc(j.writers[flag], func(y writer) bool { return resets(y.e) }) {
			return true
		}
	}
	return false
}

// kept says whether a channel is closed after a look at whether there is one, and nobody ever takes it
// away: that asks whether it was made, not whether it is closed.
func (j *judge) kept(w *flow.Window, place *flow.Place) bool {
	return j.p.Language == "go" && w.Fact == flow.FactNotNone && !slices.ContainsFunc(j.writers[place.Field], func(y writer) bool { return resets(y.e) })
}

// renewed says whether the writer puts its elements into a container that it has just made: who
// still visits the old one meets none of them.
func (j *judge) renewed(g *Func, x *writer) bool {
	if x.e.Key == 0 {
		return false
	}
	for k := range g.Result.Accesses {
		e := event(g.Flow, g.Result.Accesses[k].Ref)
		if e.Op == flow.OpAct && e.Place == x.e.Place && e.Key == 0 && e.Effect == flow.EffectSet && e.Pos < x.e.Pos && x.acc.AfterPrev {
			return true
		}
	}
	return false
}

// vacant says whether the writer fills the place only if it finds it empty, and nobody but the act
// empties it, when the object ends: then the writer cannot come before the act.
func (j *judge) vacant(i int, w *flow.Window, act *flow.Event, x *writer) bool {
	f := &j.p.Funcs[i]
	if f.Flow.Places[w.Place].Root != flow.RootParam || !ends.MatchString(f.own()) {
		return false
	}
	if !resets(act) || w.Fact != flow.FactTrue && w.Fact != flow.FactNotNone || !fills(x.e) || !j.onlyIfAbsent(&j.p.Funcs[x.fn], x) {
		return false
	}
	if act.Flags&flow.FlagSync != 0 {
		return false // of a type made for many callers at once: a second run of the act empties it, too
	}
	field := f.Flow.Places[w.Place].Field
	return !slices.ContainsFunc(j.writers[field], func(y writer) bool { return y.e != act && resets(y.e) && !j.p.Funcs[y.fn].Init })
}

// asksForItself says whether a window asks whether the task that runs is the one that is kept: of two tasks only
// one is, and no other task makes it so.
func (f *Func) asksForItself(w *flow.Window) bool {
	if len(f.Itself) == 0 || w.Use != flow.UseControl {
		return false
	}
	check := event(f.Flow, w.Check)
	for b := range f.Flow.Blocks {
		for i := range f.Flow.Blocks[b].Succs {
			if slices.ContainsFunc(f.Flow.Blocks[b].Succs[i].Tests, func(t flow.Test) bool {
				return t.Var == check.Dst && t.Same != 0 && slices.Contains(f.Itself, t.Same)
			}) {
				return true
			}
		}
	}
	return false
}

// taken says whether the section that resets a mark also reads, under the lock, what the writer
// writes together with the mark: then nothing that the writer has left is lost.
func (j *judge) taken(i int, w *flow.Window, act *flow.Event, x *writer) bool {
	f, g := &j.p.Funcs[i], &j.p.Funcs[x.fn]
	if !resets(act) || x.e.Value != flow.ValueTrue || len(w.Held) == 0 || !w.Crossed {
		return false
	}
	mark := f.Flow.Places[w.Place].Field
	from := event(f.Flow, w.Expiry).Pos
	for k := range f.Result.Accesses {
		a := &f.Result.Accesses[k]
		e := event(f.Flow, a.Ref)
		field := f.Flow.Places[e.Place].Field
		if e.Op != flow.OpCheck || field == "" || field == mark || e.Pos <= from || e.Pos >= act.Pos || !slices.Equal(a.Held(), w.Held) {
			continue
		}
		for n := range g.Result.Accesses {
			b := event(g.Flow, g.Result.Accesses[n].Ref)
			if b.Op == flow.OpAct && b.Effect != flow.EffectNone && g.Flow.Places[b.Place].Field == field {
				return true
			}
		}
	}
	return false
}

// joined says whether the function has waited for the end of a background loop before pos.
func (f *Func) joined(owner string, pos flow.Pos) bool {
	return owner != "" && slices.ContainsFunc(f.Joins, func(k Join) bool { return k.Owner == owner && k.Pos < pos })
}

// starts says whether the function starts a background loop only after pos.
func (f *Func) starts(owner string, pos flow.Pos) bool {
	return owner != "" && slices.ContainsFunc(f.Starts, func(k Join) bool { return k.Owner == owner && k.Pos > pos })
}

// ownChange says whether the loop itself changes what it iterates: no other task is needed.
func ownChange(f *Func, w *flow.Window) bool {
	return w.Crossed && event(f.Flow, w.Act).Flags&flow.FlagIter != 0 && event(f.Flow, w.Expiry).Op == flow.OpAct
}

// keysMeet says whether two keys of different functions may select the same element: only two
// different constants certainly do not.
func keysMeet(f *flow.Func, a flow.KeyID, g *flow.Func, b flow.KeyID) bool {
	if a <= 0 || b <= 0 {
		return true
	}
	x, y := f.Keys[a], g.Keys[b]
	return !x.Const || !y.Const || x.Text == y.Text
}

func empties(v flow.Value) bool {
	return v == flow.ValueNone || v == flow.ValueFalse || v == flow.ValueEmpty
}

// resets says whether an act takes away what the place held.
func resets(e *flow.Event) bool {
	switch e.Effect {
	case flow.EffectDel, flow.EffectClear:
		return true
	case flow.EffectSet:
		return empties(e.Value)
	}
	return false
}

// atEnd says whether an act adds to the end of a list, or puts something else where an item was: who visits the
// list visits that too.
func atEnd(place *flow.Place, x *flow.Event) bool {
	return appends(place, x) || x.Effect == flow.EffectSet && x.Key != 0 && strings.HasPrefix(place.Type, "list")
}

// appends says whether an act adds to the end of a list.
func appends(place *flow.Place, x *flow.Event) bool {
	return x.Effect == flow.EffectGrow && (x.Text == ".append" || x.Text == ".extend") && strings.HasPrefix(place.Type, "list")
}

// falsifies says whether effect x can make the answer behind window w wrong in a way that hurts
// its act.
func falsifies(w *flow.Window, check, act, x *flow.Event) bool {
	if x.Effect == flow.EffectNone {
		return false
	}
	if act.Flags&flow.FlagIter != 0 {
		// Replacing the whole container leaves the iteration on the old one.
		return x.Effect != flow.EffectSet && x.Effect != flow.EffectModify && x.Effect != flow.EffectSignal || x.Effect == flow.EffectSet && x.Key != 0
	}
	fills := x.Effect == flow.EffectSet && !empties(x.Value) || x.Effect == flow.EffectGrow
	takes := resets(x) || x.Effect == flow.EffectShrink
	if w.Ask == flow.AskHas && w.Key != 0 && x.Effect == flow.EffectSet && x.Key != 0 {
		fills, takes = true, false // an entry with nothing in it is there all the same
	}
	if act.Effect == flow.EffectNone && act.Flags&(flow.FlagNeeds|flow.FlagOwn) == flow.FlagNeeds && x.Effect == flow.EffectGrow {
		return false // what is needed is there still, whatever comes to it
	}
	if w.Use&flow.UseData != 0 && w.State == flow.Open {
		return fills || takes || x.Effect == flow.EffectModify
	}
	removes := resets(act) && !(w.Ask == flow.AskHas && act.Effect == flow.EffectSet && act.Key != 0)
	if removes && act.Key != 0 && (w.Ask == flow.AskSize || check.Flags&flow.FlagBare != 0 && w.Fact == flow.FactTrue) && w.Use&flow.UseNeed == 0 && act.Flags&flow.FlagNeeds == 0 {
		return false // the question was how many there are, or whether there is one: not which
	}
	if act.Flags&flow.FlagTaken != 0 && w.Ask != flow.AskSize && (w.Fact == flow.FactTrue || w.Fact == flow.FactNotNone) && w.Use&flow.UseData == 0 {
		return false // the question was whether there is one; what is there now is taken, and looked at
	}
	needs := act.Flags&flow.FlagNeeds != 0
	switch {
	case act.Flags&flow.FlagOwn != 0:
		return fills || takes
	case w.Use&flow.UseNeed != 0 && takes, needs && takes && w.Use&flow.UseControl != 0:
		return true
	case act.Effect == flow.EffectShrink && needs && w.Ask == flow.AskSize && w.Use&flow.UseData == 0:
		return takes // one is taken of those that were there; what is added is there after it
	case removes && w.Ask == flow.AskSize && w.Key != 0:
		return false // that there was something says nothing about this one
	case removes:
		// Taking away what is already gone hurts nobody; taking away what was put there meanwhile does.
		return fills
	case w.Ask == flow.AskSize && act.Effect == flow.EffectGrow && check.Flags&flow.FlagCallee == 0 && w.Fact == flow.FactTrue:
		return false // that there was something to do does not forbid that there is more
	case w.Ask == flow.AskSize && act.Effect == flow.EffectGrow, w.Ask == flow.AskSize && act.Effect == flow.EffectSet && act.Key != 0 && !empties(act.Value):
		return fills // who takes an element away makes room for one more
	case w.Ask == flow.AskSize:
		return fills || takes && w.Fact != flow.FactFalse
	}
	switch w.Fact {
	case flow.FactNone, flow.FactFalse:
		return fills
	case flow.FactTrue, flow.FactNotNone:
		return takes || w.Ask == flow.AskValue && w.Key == 0 && fills && act.Effect != flow.EffectNone
	}
	return fills || takes
}

// again says whether a second run of the same function, doing the same act, can falsify. A run
// that passes the same check and takes the thing away finds nothing left to harm, unless its
// act fails without it.
func again(w *flow.Window, e *flow.Event) bool {
	return !resets(e) || e.Flags&flow.FlagNeeds != 0 || w.Use&flow.UseData != 0
}
