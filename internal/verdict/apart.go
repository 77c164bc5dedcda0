package verdict

import (
	"fmt"
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/report"
)

// differentLocks reports a place that two sections guard by locks that do not exclude each other.
func (j *judge) differentLocks() {
	for _, field := range sortedKeys(j.guarded) {
		list := j.guarded[field]
	search:
		for x, a := range list {
			for _, b := range list[x+1:] {
				fa, fb := &j.p.Funcs[a.fn], &j.p.Funcs[b.fn]
				la, lb := j.named(fa, a.w.Cover), j.named(fb, b.w.Cover)
				if len(la) == 0 || len(lb) == 0 || excludes(j.sigs(fa, a.w.Held), j.sigs(fb, b.w.Held)) || fa.Init || fb.Init {
					continue
				}
				ea, eb := event(fa.Flow, a.w.Act), event(fb.Flow, b.w.Act)
				if !keysMeet(fa.Flow, a.w.Key, fb.Flow, b.w.Key) || !falsifies(a.w, event(fa.Flow, a.w.Check), ea, eb) && a.w.Use&flow.UseData == 0 {
					continue
				}
				j.addCase(j.twoLocks(a, fb, b.fn, ea, eb, la[0], lb[0]))
				break search
			}
			if c := j.otherLock(field, a); c != nil {
				j.addCase(c)
				break
			}
		}
	}
}

// otherLock finds somebody who just writes, under another lock, what a section reads and writes back.
func (j *judge) otherLock(field string, a guarded) *finding {
	f := &j.p.Funcs[a.fn]
	la := j.named(f, a.w.Cover)
	if j.p.Language == "go" || len(la) == 0 || f.Init || f.Overlap == OverlapNone || closes.MatchString(f.Name) {
		return nil // what is closed is written by others only while they still run
	}
	check, act := event(f.Flow, a.w.Check), event(f.Flow, a.w.Act)
	for k := range j.writers[field] {
		x := &j.writers[field][k]
		g := &j.p.Funcs[x.fn]
		lb := j.named(g, x.acc.Held())
		switch {
		case len(lb) == 0, x.fn == a.fn, g.Init, g.Test && !f.Test, g.Overlap == OverlapNone, closes.MatchString(g.Name), f.Owner != "" && f.Owner == g.Owner:
			continue
		case excludes(j.sigs(f, a.w.Held), x.held) || excludes(j.sigs(f, a.w.Cover), x.held):
			continue
		case !keysMeet(f.Flow, a.w.Key, g.Flow, x.e.Key), j.strangers(&f.Flow.Places[a.w.Place], &g.Flow.Places[x.e.Place]), !falsifies(a.w, check, act, x.e) && (a.w.Use&flow.UseData == 0 || act.Flags&flow.FlagIter != 0):
			continue
		}
		return j.twoLocks(a, g, x.fn, act, x.e, la[0], lb[0])
	}
	return nil
}

// instanceLocks reports what all instances of a class share, guarded by a lock that each instance has for
// itself.
func (j *judge) instanceLocks() {
	own := map[string]*LockFact{}
	for i := range j.p.Locks {
		if j.p.Locks[i].Each {
			own[j.p.Locks[i].Field] = &j.p.Locks[i]
		}
	}
	for _, field := range sortedKeys(j.guarded) {
		for _, a := range j.guarded[field] {
			f := &j.p.Funcs[a.fn]
			locks := j.named(f, a.w.Cover)
			if len(locks) == 0 || f.Flow.Places[a.w.Place].Root != flow.RootGlobal || f.Init || event(f.Flow, a.w.Act).Flags&flow.FlagCallee != 0 {
				continue
			}
			if slices.ContainsFunc(locks, func(l flow.LockID) bool {
				return own[f.Result.Locks[l].Field] == nil || f.Result.Locks[l].Root != flow.RootParam || f.Result.Locks[l].Param != 0
			}) || slices.ContainsFunc(a.w.Cover, func(l flow.LockID) bool { return f.Result.Locks[l].Kind == flow.LockFlag }) {
				continue
			}
			j.addCase(j.instanceLock(a, locks[0], own[f.Result.Locks[locks[0]].Field]))
			break
		}
	}
}

func (j *judge) instanceLock(a guarded, l flow.LockID, k *LockFact) *finding {
	f := &j.p.Funcs[a.fn]
	place := &f.Flow.Places[a.w.Place]
	check, act := event(f.Flow, a.w.Check), event(f.Flow, a.w.Act)
	pos := j.acquired(a.fn, l, act.Pos)
	c := j.uselessLock(a.fn, pos, place.Path,
		fmt.Sprintf("%s is shared by all instances, but %s is each instance's own", code(place.Path), code(f.Result.Locks[l].Path)),
		fmt.Sprintf("the lock is made at line %d for every instance; holders of two of them do not keep each other out", j.line(k.Pos)),
		"keep the lock where the state is: beside it in the class, or in the module")
	c.field, c.origin = place.Field, act.Pos
	c.steps = []step{
		{report.StepRelated, k.Pos, a.fn, "made here, for each instance"},
		{report.StepCheck, check.Pos, a.fn, "read here under " + f.Result.Locks[l].Path},
		{report.StepAct, act.Pos, a.fn, "written here under " + f.Result.Locks[l].Path},
	}
	c.notes = []string{fmt.Sprintf("two instances hold a lock each and run %s together (%s)", code(f.Name), NoProtection)}
	return c
}

func (j *judge) twoLocks(a guarded, fb *Func, b int, ea, eb *flow.Event, la, lb flow.LockID) *finding {
	fa := &j.p.Funcs[a.fn]
	na, nb := fa.Result.Locks[la].Path, fb.Result.Locks[lb].Path
	place := &fa.Flow.Places[a.w.Place]
	pos := j.acquired(a.fn, la, ea.Pos)
	c := j.uselessLock(a.fn, pos, place.Path,
		fmt.Sprintf("%s is guarded by two different locks, %s and %s", code(place.Path), code(na), code(nb)),
		fmt.Sprintf("holding %s does not keep out a holder of %s", code(na), code(nb)),
		"guard the place by one lock everywhere")
	c.field = place.Field
	c.origin = ea.Pos
	c.steps = []step{
		{report.StepCheck, event(fa.Flow, a.w.Check).Pos, a.fn, "read here under " + na},
		{report.StepAct, ea.Pos, a.fn, "written here under " + na},
		{report.StepRelated, j.acquired(b, lb, eb.Pos), b, nb + " is taken here"},
		{report.StepWriter, eb.Pos, b, "written here under " + nb},
	}
	c.notes = []string{fmt.Sprintf("%s runs under %s while %s waits under %s: neither keeps the other out (%s)", code(fb.Name), code(nb), code(fa.Name), code(na), NoProtection)}
	return c
}

// named lists the covers that are real locks with a program-wide identity.
func (j *judge) named(f *Func, cover []flow.LockID) []flow.LockID {
	return slices.DeleteFunc(slices.Clone(cover), func(l flow.LockID) bool {
		return f.Result.Locks[l].Kind == flow.LockFlag || f.Result.Locks[l].Field == ""
	})
}

// retaken reports a lock that its holder waits for again.
func (j *judge) retaken() {
	for i := range j.p.Retakes {
		r := &j.p.Retakes[i]
		c := j.uselessLock(r.Func, r.Pos, r.Lock,
			fmt.Sprintf("%s is waited for by the task that holds it", code(r.Lock)),
			fmt.Sprintf("the lock is not re-entrant, and line %d takes it while its holder waits there to go on", j.line(r.Inner)),
			"split what is called into a part that expects the lock to be held and one that takes it")
		c.consequence, c.severity = Deadlock, severities[Deadlock]
		c.field = r.Field
		if at := j.acquiredField(r.Func, r.Field, r.Pos); at != 0 && at != r.Pos {
			c.steps = append(c.steps, step{report.StepRelated, at, r.Func, "taken here"})
		}
		if r.Inner != r.Pos {
			c.steps = append(c.steps, step{report.StepAct, r.Pos, r.Func, "called with the lock held"}, step{report.StepRelated, r.Inner, r.In, "and taken again here: it waits for itself"})
		} else {
			c.steps = append(c.steps, step{report.StepAct, r.Pos, r.Func, "taken again here: it waits for itself"})
		}
		c.notes = []string{fmt.Sprintf("%s never returns once it gets there, and nobody else gets the lock (%s)", code(j.p.Funcs[r.In].Name), Deadlock)}
		j.addCase(c)
	}
}

// acquiredField is the last acquisition of the lock with that identity in source order before pos.
func (j *judge) acquiredField(fn int, field string, before flow.Pos) flow.Pos {
	f := &j.p.Funcs[fn]
	best := flow.Pos(0)
	for l := range f.Flow.Locks {
		if f.Flow.Locks[l].Field == field {
			if at := j.acquired(fn, flow.LockID(l), before); at != before {
				best = max(best, at)
			}
		}
	}
	return best
}
