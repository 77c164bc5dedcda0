package verdict

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/pattern"
	"github.com/toctou-lint/toctou/report"
)

// drawnElsewhere tells, by its name, a key that stands for one message or run: whoever gave it out does not give it
// out twice.
var drawnElsewhere = pattern.New(`(?i)(^|[._])(task_?token|request_?id|req_?id|message_?id|msg_?id|correlation_?id|delivery_?tag|nonce|seq(uence|no|num)?|serial|invocation_?id|(connection|conn)_?id|call_?id|packet_?id|trace_?id|span_?id|tsn)$`)

// served tells, by its name, a key that is the connection which a function serves: it is served once.
var served = pattern.New(`^(\w+_)?(ws|wsock|websocket|sock|socket|conn|connection|comm|reader|writer|transport|protocol|request)$`)

// removals finds clean-ups that remove an entry without checking that it is still their own:
// the end of one task, connection or section takes away what a newer one has put there.
func (j *judge) removals() {
	if j.opt.Disabled["blindremoval"] {
		return
	}
	for n := range j.acts {
		d := &j.acts[n]
		if !d.field || !takesOne(d.effect, d.value) {
			continue
		}
		i := int(d.fn)
		f, a := j.by(d)
		e := event(f.Flow, a.Ref)
		place := &f.Flow.Places[e.Place]
		if a.Identity || f.Init || place.Kind == flow.Record {
			continue
		}
		own := j.putBefore(i, a)
		if e.Flags&flow.FlagCallee != 0 && (own == nil || e.Key <= 0 || !f.Serves || !j.blindInside(e)) {
			continue // judged where it is done
		}
		ends := own == nil && j.endsOwn(i, e, place.Field)
		if j.p.Language == "python" && own == nil && !ends && f.Done && f.itself(e.Key) {
			continue // a task is its own identity
		}
		if e.Key > 0 && slices.Contains(f.Unique, f.Flow.Keys[e.Key].Root) {
			continue // nobody else has that key
		}
		if own == nil && !f.Done && !ends || f.counted(a.Ref) || f.counts(e.Place) || j.p.Language == "python" && f.looksAtIt(a.Ref) {
			continue
		}
		if own != nil && (!j.keyRepeats(f, e.Key) || j.keptOut(i, own, a)) {
			continue
		}
		if own != nil && j.takenBack(f, own, a) {
			continue
		}
		if by := j.replaces(i, f, e, own, ends); by != nil && !(own != nil && by.fn == i && f.entersAlone(own)) && !(f.Undo && j.onlyIfAbsent(&j.p.Funcs[by.fn], by)) {
			j.cases = append(j.cases, j.blind(i, e, own, by))
		}
	}
}

// blindInside says whether the function behind a call that removes an entry asks nothing of the entry itself.
func (j *judge) blindInside(e *flow.Event) bool {
	x, ok := j.whoDoes(e.Origin)
	if !ok || j.p.Language != "python" {
		return false
	}
	g := &j.p.Funcs[x.fn]
	return !identified(g, x.ref) && !g.looksAtIt(x.ref) && !g.counted(x.ref) && !g.counts(x.e.Place)
}

// itself says whether a key is the task that a done callback is given: its last parameter.
func (f *Func) itself(k flow.KeyID) bool {
	if k <= 0 || len(f.Flow.Params) == 0 {
		return false
	}
	key := &f.Flow.Keys[k]
	return !key.Const && key.Path == "" && key.Root == f.Flow.Params[len(f.Flow.Params)-1]
}

// endsOwn says whether function i runs in a task that is kept in the place, and removes the handle at its
// end: after it may have suspended.
func (j *judge) endsOwn(i int, e *flow.Event, field string) bool {
	f := &j.p.Funcs[i]
	if !slices.ContainsFunc(f.Result.Holds, func(h flow.Hold) bool { return event(f.Flow, h.Ref).Pos < e.Pos }) {
		return false
	}
	return slices.ContainsFunc(j.p.Tasks, func(t Task) bool {
		return t.Keep == KeepStored && (t.Field == field || t.Field+"[]" == field) && slices.Contains(t.Bodies, i)
	})
}

// cutIn says whether a newer handle can be in place when the task that e ends removes its own: if it is
// replaced whether it has ended or not. One that is cancelled first gets only to its clean-up (`finally`).
func (j *judge) cutIn(f *Func, e *flow.Event, by *writer) bool {
	g := &j.p.Funcs[by.fn]
	if j.onlyIfAbsent(g, by) || j.busy(by) {
		return false
	}
	copies := 0
	for i := range f.Result.Accesses {
		if o := event(f.Flow, f.Result.Accesses[i].Ref); o.Op == flow.OpAct && o.Pos == e.Pos && o.Place == e.Place {
			copies++
		}
	}
	return copies > 1 || !g.cancels(f.Flow.Places[e.Place].Field)
}

func removes(e *flow.Event) bool { return takesOne(e.Effect, e.Value) }

func takesOne(effect flow.Effect, value flow.Value) bool {
	return effect == flow.EffectDel || effect == flow.EffectSet && value == flow.ValueNone
}

func fills(e *flow.Event) bool {
	return e.Effect == flow.EffectSet && !empties(e.Value)
}

// grows says whether an act leaves more in the place than before.
func grows(e *flow.Event) bool { return fills(e) || e.Effect == flow.EffectGrow }

// putBefore finds the act of the same function that put the entry there, with a yield between it
// and the removal.
func (j *judge) putBefore(i int, removal *flow.Access) *flow.Event {
	f := &j.p.Funcs[i]
	e := event(f.Flow, removal.Ref)
	if !removal.AfterPrev {
		return nil
	}
	for k := range f.Result.Accesses {
		a := &f.Result.Accesses[k]
		put := event(f.Flow, a.Ref)
		if put.Op != flow.OpAct || put.Place != e.Place || put.Key != e.Key || !fills(put) || put.Pos >= e.Pos || put.Flags&flow.FlagAtomic != 0 ||
			j.p.Language == "python" && len(put.Srcs) == 0 && put.Value != flow.ValueTask && !f.served(put) {
			// An entry that others may have made is not ours; one made here from nothing of the
			// caller's (a future that waits for a reply) has a key that nobody else uses.
			continue
		}
		if j.p.Language == "python" && !comesTo(f.Flow, a.Ref, removal.Ref) {
			continue
		}
		for _, h := range f.Result.Holds {
			at := event(f.Flow, h.Ref).Pos
			if at > put.Pos && at < e.Pos && (j.p.Language != "python" || e.Key != 0 || comesTo(f.Flow, a.Ref, h.Ref)) {
				return put
			}
		}
	}
	return nil
}

// takenBack says whether the function takes back, where something fails, what it has put where there was nothing:
// its reservation. Somebody else would have to remove that, and a third to reserve anew, before the failure.
func (j *judge) takenBack(f *Func, own *flow.Event, removal *flow.Access) bool {
	if j.p.Language != "python" || !f.walkable() {
		return false
	}
	for k := range f.Result.Accesses {
		a := &f.Result.Accesses[k]
		if event(f.Flow, a.Ref) == own {
			return j.onlyIfAbsent(f, &writer{ref: a.Ref, e: own}) && !reaches(f.Flow, after(a.Ref), removal.Ref, func(flow.Ref, *flow.Event) bool { return false })
		}
	}
	return false
}

// served says whether an entry stands for the connection that a function serves, under a name that the other side
// has chosen: the same one may come twice.
func (f *Func) served(put *flow.Event) bool {
	if put.Key <= 0 || put.Value != flow.ValueResource && put.Value != flow.ValueUnknown {
		return false
	}
	root := f.Flow.Keys[put.Key].Root
	if slices.Contains(f.Chosen, root) {
		return true
	}
	return f.Overlap == OverlapProven && slices.Contains(f.Flow.Params, root) && (put.Value == flow.ValueResource || strings.HasPrefix(f.Entry, "route "))
}

// comesTo says whether some way leads from one event to another, exceptions included.
func comesTo(f *flow.Func, from, to flow.Ref) bool {
	if from.Block == to.Block && from.Index < to.Index {
		return true
	}
	seen := make([]bool, len(f.Blocks))
	for work := []flow.BlockID{from.Block}; len(work) > 0; {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		for _, e := range f.Blocks[b].Succs {
			if e.To == to.Block {
				return true
			}
			if !seen[e.To] {
				seen[e.To] = true
				work = append(work, e.To)
			}
		}
	}
	return false
}

// keptOut says whether one lock is held from where the entry is put to where it is removed, and by whoever else
// puts one there.
func (j *judge) keptOut(i int, own *flow.Event, removal *flow.Access) bool {
	f := &j.p.Funcs[i]
	e := event(f.Flow, removal.Ref)
	if !f.hasLock(removal.Held()) {
		return false
	}
	held := j.sigs(f, removal.Held())
	for k := range f.Result.Accesses {
		a := &f.Result.Accesses[k]
		if put := event(f.Flow, a.Ref); put == own && !excludes(held, j.sigs(f, a.Held())) {
			return false
		}
	}
	for _, h := range f.Result.Holds {
		if at := event(f.Flow, h.Ref).Pos; at > own.Pos && at < e.Pos && !excludes(held, j.sigs(f, h.Locks)) {
			return false
		}
	}
	for k := range j.writers[f.Flow.Places[e.Place].Field] {
		x := &j.writers[f.Flow.Places[e.Place].Field][k]
		if fills(x.e) && !j.p.Funcs[x.fn].Init && !excludes(held, x.held) {
			return false
		}
	}
	return true
}

// keyRepeats says whether a second activation can use the same key: one that was made here (a
// counter, a new id) cannot.
func (j *judge) keyRepeats(f *Func, k flow.KeyID) bool {
	if k <= 0 {
		return k == 0
	}
	key := f.Flow.Keys[k]
	if key.Const {
		return true
	}
	return slices.Contains(f.Flow.Params, key.Root) || slices.Contains(f.Chosen, key.Root) || j.p.Language == "python" && f.turnOf(key.Root)
}

// turnOf says whether a variable holds what a loop takes out of a parameter: it begins every round with nothing.
func (f *Func) turnOf(v flow.VarID) bool {
	for b := range f.Flow.Blocks {
		events := f.Flow.Blocks[b].Events
		for i := 1; i < len(events); i++ {
			e, before := &events[i], &events[i-1]
			if e.Op == flow.OpLet && e.Dst == v && before.Op == flow.OpLet && before.Dst == v && len(before.Srcs) == 0 && slices.ContainsFunc(e.Srcs, func(s flow.VarID) bool { return slices.Contains(f.Flow.Params, s) }) {
				return true
			}
		}
	}
	return false
}

// replaces finds who can put a newer entry in the place while the owner of the old one is still
// to clean up: an unconditional put, or a put under an absence check together with another removal.
// ends says that e is what a task does to its own handle at its end.
func (j *judge) replaces(i int, f *Func, e *flow.Event, own *flow.Event, ends bool) *writer {
	field := f.Flow.Places[e.Place].Field
	var put, unconditional *writer
	otherRemoval := false
	for k := range j.writers[field] {
		x := &j.writers[field][k]
		g := &j.p.Funcs[x.fn]
		switch {
		case g.Init || g.Test && !f.Test || !keysMeet(f.Flow, e.Key, g.Flow, x.e.Key) || j.strangers(&f.Flow.Places[e.Place], &g.Flow.Places[x.e.Place]) || (e.Key == 0) != (x.e.Key == 0):
		case ends && fills(x.e) && !j.cutIn(f, e, x), g.newEntry(x):
		case fills(x.e) && (x.fn != i || own != nil && f.Overlap != OverlapNone && !f.Single):
			put = x
			if !j.onlyIfAbsent(g, x) {
				unconditional = x
			}
		case x.fn != i && (removes(x.e) || x.e.Effect == flow.EffectClear):
			otherRemoval = true
		}
	}
	switch {
	case unconditional != nil:
		return unconditional
	case otherRemoval:
		return put
	}
	return nil
}

// onlyIfAbsent says whether a put happens only after a check found nothing there.
func (j *judge) onlyIfAbsent(g *Func, x *writer) bool {
	for k := range g.Result.Windows {
		w := &g.Result.Windows[k]
		if w.Act == x.ref && w.Use&flow.UseControl != 0 {
			return w.Fact == flow.FactNone || w.Fact == flow.FactFalse || w.Fact == flow.FactAny
		}
	}
	return false
}

// onlyIfPresent says whether a put happens only after a check found the entry there, in one step:
// it replaces a value and changes no size.
func (j *judge) onlyIfPresent(g *Func, x *writer) bool {
	for k := range g.Result.Windows {
		w := &g.Result.Windows[k]
		if w.Act == x.ref && w.State != flow.Open && w.Use&flow.UseControl != 0 && w.Ask == flow.AskHas && w.Key == x.e.Key && fills(x.e) {
			return w.Fact == flow.FactTrue
		}
	}
	return false
}

// succeeds says whether the writer starts the goroutine that f ends, and looks for an earlier one whose
// place it takes: then there are several, one after the other.
func (j *judge) succeeds(f *Func, by *writer) bool {
	g := &j.p.Funcs[by.fn]
	if f.Entry != "goroutine started in "+g.Name {
		return false
	}
	for k := range g.Result.Accesses {
		e := event(g.Flow, g.Result.Accesses[k].Ref)
		if e.Op == flow.OpCheck && e.Place == by.e.Place && e.Key == by.e.Key && e.Flags&flow.FlagCallee == 0 && e.Pos < by.e.Pos {
			return true
		}
	}
	return false
}

func (j *judge) blind(i int, e, own *flow.Event, by *writer) *finding {
	f := &j.p.Funcs[i]
	place := &f.Flow.Places[e.Place]
	t := code(thing(f.Flow, e.Place, e.Key))
	c := &finding{
		rule: "blindremoval", fn: i, pos: e.Pos, origin: cmp.Or(e.Origin, e.Pos), field: place.Field, place: place.Path,
		consequence: Clobbered, severity: severities[Clobbered], conflict: by,
		message: t + " is removed without checking that it is still the same entry",
		cause:   "the removal names the place, not the entry: whatever is there by then goes",
		fix:     fmt.Sprintf("remove %s only if it is still the entry that this clean-up belongs to (compare by identity)", t),
	}
	switch f.Overlap {
	case OverlapProven:
		c.confidence = report.Sure
	case OverlapOwned, OverlapNone:
		c.confidence = report.Doubtful
	default:
		c.confidence = report.Likely
	}
	if j.p.Language == "go" && own == nil && (e.Key == 0 || place.Root == flow.RootNone) && !f.Undo && !j.succeeds(f, by) {
		c.confidence = report.Doubtful // a goroutine that clears what its owner set for it, once
	}
	if e.Key > 0 && (drawnElsewhere.MatchString(f.Flow.Keys[e.Key].Text) || own != nil && f.Flow.Keys[e.Key].Path == "" && served.MatchString(f.Flow.Keys[e.Key].Text)) {
		c.confidence = report.Doubtful
	}
	if c.self = by.fn == i; own != nil && j.oneByOne(f, c) {
		c.confidence = report.Doubtful
	}
	if own != nil {
		c.check = own.Pos
		c.steps = append(c.steps, step{report.StepRelated, own.Pos, i, "put there here"})
	}
	c.steps = append(c.steps, step{report.StepAct, e.Pos, i, "removed here, whoever it belongs to"})
	if e.Origin != 0 {
		c.steps = append(c.steps, step{report.StepRelated, e.Origin, i, "the removal is done here, inside the call"})
	}
	g := &j.p.Funcs[by.fn]
	if own == nil || by.e.Pos != own.Pos && by.e.Pos != own.Origin {
		c.steps = append(c.steps, step{report.StepWriter, by.e.Pos, by.fn, "a newer entry can be put there here"})
	}
	c.notes = append(c.notes, fmt.Sprintf("%s can put a newer entry there before the older one's clean-up runs; the newer one is removed (%s)", code(g.Name), Clobbered))
	at := func(p flow.Pos) (string, int) { s := j.p.Site(p); return s.File, s.Line }
	turn := func(actor string, p flow.Pos, text, state string) {
		file, line := at(p)
		c.scenario = append(c.scenario, report.Turn{Actor: actor, Text: text, State: state, File: file, Line: line})
	}
	first := by.e.Pos
	if own != nil {
		first = own.Pos
	}
	turn("A", first, "puts its entry into "+code(place.Path), "the entry is A's")
	turn("B", by.e.Pos, "puts a newer entry under the same key", "the entry is B's")
	turn("A", e.Pos, "ends and removes "+t, "B's entry is gone while B still runs")
	return c
}
