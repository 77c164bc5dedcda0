package verdict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/pattern"
	"github.com/toctou-lint/toctou/report"
)

// starts and setters are functions that, by their names, run before an object is shared; ends, when
// it is shared no more. Configurations are applied one after the other. Objects of types like oneUser are used by one goroutine
// at a time.
var (
	starts     = pattern.New(`(?i)^(start|init|setup|open|load|restore|recover|run|serve|configure|bootstrap|prepare|provision|new|create|build)`)
	ends       = pattern.New(`(?i)^(close|stop|shutdown|destroy|teardown|cleanup)`)
	closes     = pattern.New(`(^|\.)_*(a?close|stop|shut_?down|destroy|tear_?down|clean_?up|aexit__|exit__|disconnect|dispose|terminate)`)
	oneUser    = pattern.New(`(?i)(decoder|encoder|parser|scanner|lexer|tokenizer|iterator|builder|cursor)$`)
	configures = pattern.New(`^(?i)((apply|update|reload)\w*config(uration)?|reload|reconfigure)$`)
	registers  = pattern.New(`^Register[A-Z]`)
	setters    = pattern.New(`(?i)^(set|with|use|add|register|apply|update)`)
)

// own is the name of the function itself, without its type: a Server does not always start, nor a
// Loader load.
func (f *Func) own() string { return f.Name[strings.LastIndexByte(f.Name, '.')+1:] }

// guardAccess is one direct access of a place, as the guard rules see it.
type guardAccess struct {
	fn      int
	e       *flow.Event
	held    []lockSig
	unknown bool // a lock without a name is held: it may be the right one
	write   bool
}

func (a *guardAccess) atomic() bool { return a.e.Flags&flow.FlagSync != 0 }

// holds says whether the access holds the lock, alone if it has to.
func (a *guardAccess) holds(lock string, alone bool) bool {
	return slices.ContainsFunc(a.held, func(l lockSig) bool { return l.name == lock && !(alone && l.read) })
}

// guards finds places that are guarded by a lock at their other accesses, but not at this one;
// changes under a read lock; and plain accesses of what is accessed atomically elsewhere. It is
// evidence by majority, so it asks for more of it than the other rules do.
func (j *judge) guards() {
	if j.opt.Disabled["unevenguard"] || j.p.Language != "go" {
		return
	}
	places := map[string][]guardAccess{}
	for i := range j.p.Funcs {
		f := &j.p.Funcs[i]
		if f.Init {
			continue
		}
		for k := range f.Result.Accesses {
			a := &f.Result.Accesses[k]
			e := event(f.Flow, a.Ref)
			place := &f.Flow.Places[e.Place]
			if f.Mixed && !f.hasLock(a.Held()) {
				continue // which locks its callers hold, nobody knows
			}
			if place.Field == "" || e.Flags&(flow.FlagCallee|flow.FlagOrdered) != 0 || e.Op == flow.OpAct && (e.Effect == flow.EffectNone || e.Effect == flow.EffectSignal) {
				continue
			}
			g := guardAccess{fn: i, e: e, write: e.Op == flow.OpAct}
			for _, l := range a.Held() {
				k := &f.Result.Locks[l]
				switch {
				case k.Kind == flow.LockFlag || k.Local:
				case k.Field == "" || strings.HasSuffix(k.Field, "[]"):
					g.unknown = true
				default:
					g.held = append(g.held, lockSig{k.Field, k.Read})
				}
			}
			places[place.Field] = append(places[place.Field], g)
		}
	}
	for _, field := range sortedKeys(places) {
		list := places[field]
		if !j.mixedAtomics(field, list) {
			j.disjointLocks(field, list)
			j.askedUnderLock(field, list)
			j.oddOneOut(field, list)
			j.outOfReach(field, list)
			j.underReadLock(field, list)
		}
	}
}

// mixedAtomics reports plain accesses of a place that others access atomically.
func (j *judge) mixedAtomics(field string, list []guardAccess) bool {
	var sync []guardAccess
	for _, a := range list {
		if a.atomic() {
			sync = append(sync, a)
		}
	}
	if len(sync) == 0 || container(j.p.Funcs[list[0].fn].Flow, list[0].e) || container(j.p.Funcs[sync[0].fn].Flow, sync[0].e) {
		return false // a map that locks by itself is not accessed plainly by looking at its pointer
	}
	written := slices.ContainsFunc(sync, func(a guardAccess) bool { return a.write })
	again := slices.ContainsFunc(j.writers[field], func(x writer) bool { return !j.p.Funcs[x.fn].Init && !j.onlyIfAbsent(&j.p.Funcs[x.fn], &x) })
	found := false
	for _, a := range list {
		if a.atomic() || !written && !a.write || a.unknown || len(a.held) > 0 || j.sameOwner(a, sync) {
			continue
		}
		found = true
		what, confidence := "read", report.Likely
		if a.write {
			what = "written"
		} else if !again || j.writtenBy(a, sync) {
			confidence = report.Doubtful // it gets its value once, as a rule before anybody asks for it; or from those who ask
		}
		j.uneven(field, a, sync, fmt.Sprintf("is %s plainly here, but accessed atomically elsewhere", what), "accessed atomically here", "use the atomic operation here, too", confidence)
	}
	return found
}

// writtenBy says whether the function of an access has all writes done itself, by what it calls: nobody else writes.
func (j *judge) writtenBy(a guardAccess, others []guardAccess) bool {
	f := &j.p.Funcs[a.fn]
	return !slices.ContainsFunc(others, func(o guardAccess) bool {
		return o.write && o.fn != a.fn && !slices.ContainsFunc(f.Result.Accesses, func(x flow.Access) bool {
			e := event(f.Flow, x.Ref)
			return e.Op == flow.OpAct && e.Flags&flow.FlagCallee != 0 && e.Origin == o.e.Pos
		})
	})
}

// sameOwner says whether one goroutine runs a and all of others that write.
func (j *judge) sameOwner(a guardAccess, others []guardAccess) bool {
	owner := j.p.Funcs[a.fn].Owner
	if owner == "" {
		return false
	}
	for _, o := range others {
		if (o.write || a.write) && j.p.Funcs[o.fn].Owner != owner {
			return false
		}
	}
	return true
}

// oddOneOut reports the accesses without the lock that most others hold.
func (j *judge) oddOneOut(field string, list []guardAccess) {
	lock, guarded := majority(list)
	if lock == "" {
		return
	}
	var odd []guardAccess
	writes, oddWrites, guardedWrites := 0, 0, 0
	for _, a := range list {
		if a.write {
			writes++
		}
		switch {
		case a.holds(lock, false):
			if a.write {
				guardedWrites++
			}
		case a.unknown || a.atomic():
			return // somebody knows better
		case len(a.held) == 0:
			odd = append(odd, a)
			if a.write {
				oddWrites++
			}
		}
	}
	if len(odd) == 0 || writes == 0 || len(odd) > len(guarded) || ownerType(lock) != ownerType(field) {
		return
	}
	oddFuncs := map[int]bool{}
	for _, a := range odd {
		oddFuncs[a.fn] = true
	}
	registered := slices.ContainsFunc(guarded, func(g guardAccess) bool { // one of many, not the one callback
		return g.write && g.e.Key != 0 && registers.MatchString(j.p.Funcs[g.fn].own())
	})
	seen := map[int]bool{}
	for _, a := range odd {
		others := slices.DeleteFunc(slices.Clone(guarded), func(g guardAccess) bool { return g.fn == a.fn })
		if !a.write && container(j.p.Funcs[a.fn].Flow, a.e) && a.e.Key == 0 && a.e.Ask == flow.AskValue &&
			!slices.ContainsFunc(guarded, func(g guardAccess) bool { return g.write && g.e.Key == 0 && g.e.Effect != flow.EffectClear }) {
			continue // only elements are written: which container it is never changes
		}
		if len(others) == 0 || j.sameOwner(a, list) || seen[a.fn] && !a.write || !a.write && guardedWrites == 0 {
			continue
		}
		f := &j.p.Funcs[a.fn]
		place := &f.Flow.Places[a.e.Place]
		confidence := report.Likely
		switch {
		case place.Root == flow.RootNone, place.Root == flow.RootCell && strings.Contains(place.Path, "."), place.Root == flow.RootParam && place.Param != 0, strings.Count(place.Path, ".") > 1 && !j.sameSpelling(a, others):
			confidence = report.Doubtful // not certainly the object that the others share
		case f.Start, f.Lent, f.Overlap == OverlapOwned, oneUser.MatchString(f.Type), ends.MatchString(f.own()) && a.write && empties(a.e.Value):
			confidence = report.Doubtful // one goroutine at a time, or when the others have ended
		case !a.write && !slices.ContainsFunc(guarded, func(g guardAccess) bool {
			name := j.p.Funcs[g.fn].own() // who takes the lock to read has met others who register meanwhile
			return !starts.MatchString(name) && !registers.MatchString(name) && (g.write || registered)
		}):
			confidence = report.Doubtful // set once, at the start
		case !a.write && place.Kind == flow.Signal && !slices.ContainsFunc(guarded, func(g guardAccess) bool { return g.write && !ends.MatchString(j.p.Funcs[g.fn].own()) }):
			confidence = report.Doubtful // who closes a channel and forgets it has waited for those who listen
		case a.write && starts.MatchString(f.own()), a.write && guardedWrites == 0 && setters.MatchString(f.own()):
			confidence = report.Doubtful // before others are let in, as a rule
		case a.write || container(f.Flow, a.e):
			if len(oddFuncs) > 2 || len(odd)*2 > len(guarded)+1 {
				confidence = report.Doubtful
			}
		case len(oddFuncs) > 1 || oddWrites > 0 || len(others) < 2 || f.takesLock():
			confidence = report.Doubtful
		}
		seen[a.fn] = true
		what := "read"
		if a.write {
			what = "written"
		}
		j.uneven(field, a, others, fmt.Sprintf("is %s here without %s, which its other accesses hold", what, code(short(lock))),
			"guarded here", "hold "+code(short(lock))+" here", confidence)
	}
}

// sameSpelling says whether a guarded access of another method of the same type spells the place like a
// does: `m.counters.count`, a part of the same object in both.
func (j *judge) sameSpelling(a guardAccess, others []guardAccess) bool {
	f := &j.p.Funcs[a.fn]
	return f.Type != "" && slices.ContainsFunc(others, func(o guardAccess) bool {
		g := &j.p.Funcs[o.fn]
		return g.Type == f.Type && g.Flow.Places[o.e.Place].Path == f.Flow.Places[a.e.Place].Path && g.Flow.Places[o.e.Place].Root == flow.RootParam
	})
}

// askedUnderLock reports writes without the lock under which the same function has just asked for
// the old value: that it takes the lock to ask says that others write or read meanwhile. One such
// write is evidence enough, whatever the majority does, if somebody else does take the lock.
func (j *judge) askedUnderLock(field string, list []guardAccess) {
	for _, a := range list {
		f := &j.p.Funcs[a.fn]
		if !a.write || a.unknown || a.atomic() || len(a.held) > 0 {
			continue
		}
		for k := range f.Result.Windows {
			w := &f.Result.Windows[k]
			place := &f.Flow.Places[w.Place]
			if event(f.Flow, w.Act) != a.e || w.State != flow.Open || event(f.Flow, w.Check).Flags&flow.FlagCallee != 0 || !f.ownsLock(w.CheckHeld, place) {
				continue
			}
			var others []guardAccess
			for _, o := range list {
				if o.fn != a.fn && o.holds(f.Result.Locks[w.CheckHeld[0]].Field, false) {
					others = append(others, o)
				}
			}
			if len(others) == 0 || j.sameOwner(a, others) {
				continue
			}
			lock := code(short(f.Result.Locks[w.CheckHeld[0]].Field))
			j.uneven(field, a, others, fmt.Sprintf("is written here without %s, under which it was checked", lock),
				"guarded here", "hold "+lock+" from the check to this write", report.Likely)
			break
		}
	}
}

// ownerType is the type that a field or lock belongs to, or its package.
func ownerType(name string) string { return name[:max(0, strings.LastIndexByte(name, '.'))] }

// takesLock says whether a function takes some lock itself: then it knows about locks, and reads
// without one on purpose.
func (f *Func) takesLock() bool {
	return slices.ContainsFunc(f.Result.Accesses, func(a flow.Access) bool { return f.hasLock(a.Held()) })
}

func container(f *flow.Func, e *flow.Event) bool { return f.Places[e.Place].Kind == flow.Container }

// majority is the lock that most accesses hold, and those that do.
func majority(list []guardAccess) (string, []guardAccess) {
	count := map[string]int{}
	for _, a := range list {
		seen := map[string]bool{}
		for _, l := range a.held {
			if !seen[l.name] {
				seen[l.name] = true
				count[l.name]++
			}
		}
	}
	best := ""
	for _, name := range sortedKeys(count) {
		if best == "" || count[name] > count[best] {
			best = name
		}
	}
	var out []guardAccess
	for _, a := range list {
		if best != "" && a.holds(best, false) {
			out = append(out, a)
		}
	}
	return best, out
}

// underReadLock reports changes made while the lock is held for reading only.
func (j *judge) underReadLock(field string, list []guardAccess) {
	for _, a := range list {
		if !a.write || a.atomic() || a.unknown || j.sameOwner(a, list) {
			continue
		}
		for _, l := range a.held {
			parent := ownerType(l.name) != ownerType(field)
			if !l.read || parent && !j.parentLock(a, l.name) || j.p.Funcs[a.fn].Flow.Places[a.e.Place].Root == flow.RootNone || a.holds(l.name, true) || slices.ContainsFunc(a.held, func(o lockSig) bool { return !o.read }) {
				continue
			}
			var others []guardAccess
			for _, o := range list {
				if o.holds(l.name, false) && o.e != a.e {
					others = append(others, o)
				}
			}
			if len(others) == 0 {
				continue
			}
			confidence := report.Sure
			if j.p.Funcs[a.fn].Overlap == OverlapOwned {
				confidence = report.Doubtful // one changes it at a time, by what its author says
			} else if parent {
				confidence = report.Likely
			}
			j.uneven(field, a, others, fmt.Sprintf("is changed while %s is held for reading only", code(short(l.name))), "guarded here", "take "+code(short(l.name))+" for writing", confidence)
			break
		}
	}
}

// parentLock says whether a lock belongs to the object in one of whose containers the accessed one is kept.
func (j *judge) parentLock(a guardAccess, lock string) bool {
	f := &j.p.Funcs[a.fn]
	path := f.Flow.Places[a.e.Place].Path
	return strings.Contains(path, "[") && slices.ContainsFunc(f.Result.Locks, func(l flow.Lock) bool {
		return l.Field == lock && l.Kind != flow.LockFlag && ownerType(l.Path) != "" && strings.HasPrefix(path, ownerType(l.Path)+".")
	})
}

// short is a program-wide name without the package: Type.field, or package.variable.
func short(name string) string {
	parts := strings.Split(name[strings.LastIndexByte(name, '/')+1:], ".")
	return strings.Join(parts[max(0, len(parts)-2):], ".")
}

func (j *judge) uneven(field string, a guardAccess, others []guardAccess, what, label, fix string, confidence report.Confidence) {
	f := &j.p.Funcs[a.fn]
	place := &f.Flow.Places[a.e.Place]
	t := code(place.Path)
	if j.owned(field) {
		confidence = report.Doubtful
	}
	c := &finding{
		rule: "unevenguard", fn: a.fn, pos: a.e.Pos, origin: a.e.Pos, field: field, place: place.Path, confidence: confidence,
		message: t + " " + what, fix: fix,
		cause: fmt.Sprintf("nothing orders this access of %s and the guarded ones", t),
	}
	switch {
	case place.Kind == flow.Container && (a.write || a.e.Ask != flow.AskSize):
		c.consequence = Crash
	case a.write:
		c.consequence = LostUpdate
	default:
		c.consequence = StaleValue
	}
	c.severity = severities[c.consequence]
	if a.write && c.consequence == LostUpdate {
		c.severity = report.Medium
	}
	c.steps = []step{{report.StepAct, a.e.Pos, a.fn, "not guarded here"}}
	var at []string
	for _, o := range others {
		if len(at) == 2 {
			break
		}
		kind := report.StepRelated
		if o.write {
			kind = report.StepWriter
		}
		s := j.p.Site(o.e.Pos)
		where := fmt.Sprintf("line %d", s.Line)
		if s.File != j.p.Site(a.e.Pos).File {
			where = fmt.Sprintf("%s:%d", s.File[strings.LastIndexByte(s.File, '/')+1:], s.Line)
		}
		if where = fmt.Sprintf("%s (%s)", where, code(j.p.Funcs[o.fn].Name)); slices.Contains(at, where) {
			continue // a read and a write in one statement
		}
		c.steps = append(c.steps, step{kind, o.e.Pos, o.fn, label})
		at = append(at, where)
	}
	c.notes = []string{fmt.Sprintf("%s at %s (%s)", strings.TrimSuffix(label, " here"), strings.Join(at, " and "), c.consequence)}
	j.cases = append(j.cases, c)
}
