package verdict

import (
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
)

// habit is how the functions of a program access a plain place: with a lock or without.
type habit struct {
	with, without map[int]bool // functions
}

// learnHabits counts, for every place, who accesses it with and without a lock. Functions that run
// before the object is shared, or whose callers differ, say nothing.
func (j *judge) learnHabits() {
	if j.p.Language != "go" {
		return
	}
	j.habits = map[string]*habit{}
	for i := range j.p.Funcs {
		f := &j.p.Funcs[i]
		if f.Init || f.Mixed {
			continue
		}
		for k := range f.Result.Accesses {
			a := &f.Result.Accesses[k]
			e := event(f.Flow, a.Ref)
			field := f.Flow.Places[e.Place].Field
			if field == "" || e.Flags&(flow.FlagCallee|flow.FlagOrdered|flow.FlagSync) != 0 || e.Op == flow.OpAct && e.Effect == flow.EffectNone {
				continue
			}
			h := j.habits[field]
			if h == nil {
				h = &habit{with: map[int]bool{}, without: map[int]bool{}}
				j.habits[field] = h
			}
			if f.hasLock(a.Held()) {
				if slices.ContainsFunc(a.Held(), func(l flow.LockID) bool {
					k := &f.Result.Locks[l]
					return k.Field == "" || ownerType(k.Field) == ownerType(field) || ownerType(field) == k.Field
				}) {
					h.with[i] = true
				}
			} else {
				h.without[i] = true
			}
		}
	}
}

// hasLock says whether one of the locks is a real one.
func (f *Func) hasLock(locks []flow.LockID) bool {
	for _, l := range locks {
		if k := &f.Result.Locks[l]; k.Kind != flow.LockFlag && !k.Local {
			return true
		}
	}
	return false
}

// othersLock says whether a function other than i accesses the place with a lock.
func (h *habit) othersLock(i int) bool {
	for g := range h.with {
		if g != i {
			return true
		}
	}
	return false
}

// ownsLock says whether one of the locks belongs to the object that the place is a part of.
func (f *Func) ownsLock(locks []flow.LockID, place *flow.Place) bool {
	return slices.ContainsFunc(locks, func(l flow.LockID) bool {
		k := &f.Result.Locks[l]
		return k.Kind != flow.LockFlag && !k.Local && k.Field != "" && (ownerType(k.Field) == ownerType(place.Field) || ownerType(place.Field) == k.Field)
	})
}

// disciplined says whether a window without any lock is evidence of a race at all: that a place is
// accessed without its lock here means something only if everybody else holds it, or if several
// runs at one time are certain. Many fields are guarded by other means than locks: by the one
// goroutine that owns them, or by the order of start and stop.
func (j *judge) disciplined(i int, w *flow.Window, check, act *flow.Event, place *flow.Place) bool {
	f := &j.p.Funcs[i]
	if place.Kind == flow.Record {
		return !f.hasLock(w.Cover)
	}
	if (check.Flags|act.Flags)&flow.FlagSync != 0 && act.Flags&flow.FlagOrdered == 0 {
		return true
	}
	if place.Kind == flow.Signal && act.Effect == flow.EffectSignal {
		return !f.hasLock(w.Held)
	}
	if (check.Flags|act.Flags)&flow.FlagOrdered != 0 {
		return false // a lock is held on some ways here: which, nobody knows
	}
	if f.hasLock(w.CheckHeld) && f.hasLock(w.Held) || check.Flags&flow.FlagCallee != 0 && check.Flags&flow.FlagStale != 0 && f.hasLock(w.Held) {
		return true
	}
	if act.Effect == flow.EffectNone && act.Flags&(flow.FlagNeeds|flow.FlagIter) == flow.FlagNeeds && w.Key > 0 && check.Flags&act.Flags&flow.FlagCallee != 0 && check.Flags&flow.FlagStale != 0 {
		return true // both look-ups lock by themselves
	}
	if !f.Mixed && (f.Many || place.Root == flow.RootGlobal && f.Overlap == OverlapProven && f.Entry != "") {
		return true
	}
	if j.closesTwice(f, w, act, place) || j.closedMeanwhile(f, w, act, place) {
		return true
	}
	if act.Flags&flow.FlagIter != 0 && j.underParent(f, w, place) {
		return true
	}
	h := j.habits[place.Field]
	if h != nil && act.Effect != flow.EffectNone && f.ownsLock(w.CheckHeld, place) && h.othersLock(i) {
		return true // who takes the lock to ask has not got it already, whoever called
	}
	if h == nil || f.Mixed || h.with[i] && !f.hasLock(w.CheckHeld) && !f.hasLock(w.Held) {
		return false // who takes the lock for some accesses and not for others does so on purpose
	}
	with, without := 0, 0
	for g := range h.with {
		if g != i {
			with++
		}
	}
	for g := range h.without {
		if g != i && !strings.HasPrefix(j.p.Funcs[g].Name, f.Name+" (") {
			without++
		}
	}
	return with > 0 && without == 0
}

// underParent says whether what is visited was read under the lock of an object that it is a part of, as
// whoever changes it holds that lock.
func (j *judge) underParent(f *Func, w *flow.Window, place *flow.Place) bool {
	return slices.ContainsFunc(w.CheckHeld, func(l flow.LockID) bool {
		k := &f.Result.Locks[l]
		if k.Kind == flow.LockFlag || k.Field == "" || !strings.HasPrefix(place.Path, ownerType(k.Path)+".") {
			return false
		}
		some := false
		for _, x := range j.writers[place.Field] {
			if j.p.Funcs[x.fn].Init {
				continue
			}
			if !slices.ContainsFunc(x.held, func(s lockSig) bool { return s.name == k.Field }) {
				return false
			}
			some = true
		}
		return some
	})
}

// closesTwice says whether a flag without any lock is to see to it that a channel is closed once, and
// two goroutines certainly come here.
func (j *judge) closesTwice(f *Func, w *flow.Window, act *flow.Event, place *flow.Place) bool {
	if !f.Apart || f.Mixed && f.hasLock(w.Held) || act.Effect != flow.EffectSet || act.Value != flow.ValueTrue || place.Kind != flow.Variable || w.Use&flow.UseControl == 0 {
		return false
	}
	return slices.ContainsFunc(f.Result.Accesses, func(a flow.Access) bool {
		e := event(f.Flow, a.Ref)
		return e.Op == flow.OpAct && e.Effect == flow.EffectSignal && e.Flags&flow.FlagCallee == 0 && !f.hasLock(a.Held()) &&
			ownerType(f.Flow.Places[e.Place].Field) == ownerType(place.Field) &&
			slices.ContainsFunc(a.Controls(), func(c flow.Control) bool { return c.Check == w.Check })
	})
}

// closedMeanwhile says whether a goroutine asks a flag without any lock before it relies on a channel
// or wait group, and another one sets the flag, without a lock, too.
func (j *judge) closedMeanwhile(f *Func, w *flow.Window, act *flow.Event, place *flow.Place) bool {
	if f.Owner == "" && !f.Apart || f.Mixed && f.hasLock(w.Held) || act.Effect != flow.EffectNone || act.Flags&flow.FlagNeeds == 0 || act.Flags&flow.FlagIter != 0 || place.Kind != flow.Variable {
		return false
	}
	return slices.ContainsFunc(j.writers[place.Field], func(x writer) bool {
		g := &j.p.Funcs[x.fn]
		return !g.Init && (g.Apart || g.Owner != f.Owner) && x.e.Value == flow.ValueTrue && len(x.held) == 0
	})
}

// farFetched says whether a window of a Go function is more likely a coincidence of names than a
// race: the object is not certainly the one that the lock guards, or the act is one of many things
// that a call does.
func (j *judge) farFetched(f *Func, w *flow.Window, check, act *flow.Event, place *flow.Place) bool {
	locks := append(j.sigs(f, w.CheckHeld), j.sigs(f, w.Held)...)
	sync := (check.Flags|act.Flags)&flow.FlagSync != 0
	switch {
	case f.Start && !f.Many:
		return true // while the object is opened
	case sync && len(locks) == 0 && f.Plain && !f.Many:
		return true // atomic for those who only read
	case check.Flags&flow.FlagStale != 0 && excludes(j.sigs(f, w.CheckHeld), j.sigs(f, w.Held)):
		return true // a lock of this function's own is around both
	case f.Result.Partial != "", place.Root == flow.RootNone && (strings.HasPrefix(place.Path, "(") || w.Key == 0 && !(w.Ask == flow.AskSize && act.Effect == flow.EffectGrow) || strings.Count(place.Path, "()") > 1 || check.Flags&act.Flags&flow.FlagCallee == 0 || !f.ownsLock(w.Held, place)):
		return true // an unknown object, if not one that was handed out and locks by itself
	case place.Root == flow.RootCell && strings.Contains(place.Path, "."):
		return true // an object behind a local variable
	case w.Key == 0 && w.Fact == flow.FactAny && w.Use == flow.UseControl && act.Effect != flow.EffectNone && !f.tests(check.Dst):
		return true // what was asked is what other code made of the answer
	case !sync && len(locks) == 0 && !f.Many && place.Kind != flow.Record && check.Flags&flow.FlagStale == 0 && !strings.HasPrefix(f.Entry, "goroutine started in ") && starts.MatchString(f.own()):
		return true // who asks through a getter that locks knows that others are there
	case argument(f, place) && f.given(place.Param) != GivenKept && !sync && len(locks) == 0:
		return true // an object of the caller's; whether others have it, only the caller knows
	case strings.Count(place.Path, ".") > 2 && act.Flags&flow.FlagCallee == 0, strings.Count(place.Path, ".") > 3 && (check.Flags&flow.FlagCallee == 0 || !strings.Contains(place.Path, "[#]")):
		return true
	case w.Deferred && (w.Key <= 0 && w.Fact == flow.FactAny):
		return true
	case act.Flags&flow.FlagCallee != 0 && w.Key <= 0 && (w.Fact == flow.FactAny || check.Flags&flow.FlagCallee == 0 && act.Effect != flow.EffectNone || act.Effect == flow.EffectNone || act.Effect == flow.EffectSignal):
		return !f.droppedInside(check, act) && !f.transition(w, check, act) && !j.movesOn(f, w, check, act) && !(w.Use&flow.UseData != 0 && (check.Flags&flow.FlagCallee == 0 || f.getter(w.Check, check)) && (!f.unchanged(check, act) || f.computes(check, act)))
	case check.Flags&flow.FlagCallee != 0 && act.Flags&flow.FlagCallee == 0 && w.Key <= 0 && w.Fact == flow.FactAny && !f.getter(w.Check, check) && !(w.Use&flow.UseData != 0 && f.ownResult(check)) && !(w.Use == flow.UseNeed && f.answers(w.Check, check) == 1):
		return true
	case sync || len(locks) == 0:
		return false
	}
	for _, l := range locks {
		if l.name == "" || strings.Contains(l.name, "\x00") || ownerType(l.name) == ownerType(place.Field) || ownerType(place.Field) == l.name {
			return false
		}
	}
	for _, id := range append(append([]flow.LockID(nil), w.CheckHeld...), w.Held...) {
		path := f.Result.Locks[id].Path
		if shards, _, ok := strings.Cut(path, "[#]"); ok {
			path = shards // one lock for each part of what stands beside it
		}
		if strings.HasPrefix(place.Path, ownerType(path)+".") && ownerType(path) != "" || place.Root == flow.RootGlobal && f.Result.Locks[id].Root == flow.RootGlobal {
			return false // the parent's lock guards the child
		}
	}
	return true
}

// tests says whether a branch asks for the value of a variable, or for what is computed from it: what
// code that is not known made of it, and may have failed to, tells of that code.
func (f *Func) tests(v flow.VarID) bool {
	known := map[flow.VarID]bool{v: true}
	for changed := true; changed; {
		changed = false
		for b := range f.Flow.Blocks {
			for i := range f.Flow.Blocks[b].Events {
				e := &f.Flow.Blocks[b].Events[i]
				if e.Op == flow.OpLet && e.Flags&flow.FlagForeign == 0 && !known[e.Dst] && slices.ContainsFunc(e.Srcs, func(s flow.VarID) bool { return known[s] }) {
					known[e.Dst], changed = true, true
				}
			}
		}
	}
	for b := range f.Flow.Blocks {
		for _, s := range f.Flow.Blocks[b].Succs {
			if slices.ContainsFunc(s.Tests, func(t flow.Test) bool { return known[t.Var] }) {
				return true
			}
		}
	}
	return false
}

// unchanged says whether what an act writes is, on some way, just what the check had read: handed down
// and stored again, not computed from it.
func (f *Func) unchanged(check, act *flow.Event) bool {
	return slices.ContainsFunc(act.Srcs, func(v flow.VarID) bool { return f.copyOf(v, check.Dst) })
}

// computes says whether what an act writes is, on some way, a number that is computed from what the check
// had read: `n := s.count(); for … { n++ }; s.setCount(n)`.
func (f *Func) computes(check, act *flow.Event) bool {
	type way struct {
		v        flow.VarID
		computed bool
	}
	seen := map[way]bool{}
	var made func(v flow.VarID, computed bool) bool
	made = func(v flow.VarID, computed bool) bool {
		if v == check.Dst {
			return computed
		}
		if seen[way{v, computed}] {
			return false
		}
		seen[way{v, computed}] = true
		for b := range f.Flow.Blocks {
			for i := range f.Flow.Blocks[b].Events {
				e := &f.Flow.Blocks[b].Events[i]
				if e.Op != flow.OpLet || e.Dst != v {
					continue
				}
				for _, s := range e.Srcs {
					if made(s, computed || e.Flags&flow.FlagUpdate != 0) {
						return true
					}
				}
			}
		}
		return false
	}
	for _, v := range act.Srcs {
		if made(v, false) {
			return true
		}
	}
	return false
}

// getter says whether the call behind a check answers nothing else: then its result is the value
// itself, whatever it is compared with.
func (f *Func) getter(at flow.Ref, check *flow.Event) bool {
	return check.Ask == flow.AskValue && f.answers(at, check) == 1
}

// ownResult says whether one of several results of the call behind a check is just what the check answers.
func (f *Func) ownResult(check *flow.Event) bool {
	for b := range f.Flow.Blocks {
		for i := range f.Flow.Blocks[b].Events {
			if e := &f.Flow.Blocks[b].Events[i]; e.Op == flow.OpLet && e.Pos == check.Pos && e.Flags&flow.FlagAlias != 0 && len(e.Srcs) == 1 && e.Srcs[0] == check.Dst {
				return true
			}
		}
	}
	return false
}

// answers counts what the call behind a check answers.
func (f *Func) answers(at flow.Ref, check *flow.Event) (n int) {
	for i := range f.Flow.Blocks[at.Block].Events {
		if e := &f.Flow.Blocks[at.Block].Events[i]; e.Op == flow.OpCheck && e.Pos == check.Pos && e.Flags&flow.FlagCallee == check.Flags&flow.FlagCallee {
			n++
		}
	}
	return n
}

// droppedInside says whether check and act are both done by this function under its own locks.
func (f *Func) droppedInside(check, act *flow.Event) bool {
	return check.Flags&flow.FlagCallee == 0 && act.Flags&flow.FlagCallee == 0
}
