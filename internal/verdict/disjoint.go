package verdict

import (
	"fmt"
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/report"
)

// disjointLocks reports a place of which two writers, or a writer and a reader, hold different locks of its
// own object, none of them in common: each keeps out only those who take the same one.
func (j *judge) disjointLocks(field string, list []guardAccess) {
	var writes, reads []guardAccess
	for _, a := range list {
		f := &j.p.Funcs[a.fn]
		switch {
		case len(a.held) > 0 && slices.ContainsFunc(a.held, func(l lockSig) bool { return ownerType(l.name) != ownerType(field) }), a.unknown || a.atomic():
			return // whose lock it is, somebody else knows
		case len(a.held) > 0 && !f.Start && f.Overlap != OverlapOwned && !(f.Flow.Places[a.e.Place].Root == flow.RootParam && f.Flow.Places[a.e.Place].Param != 0):
			if a.write {
				writes = append(writes, a)
			} else {
				reads = append(reads, a)
			}
		}
	}
	for n, a := range writes {
		for _, b := range slices.Concat(writes[n+1:], reads) {
			if a.fn == b.fn || excludes(a.held, b.held) || slices.ContainsFunc(a.held, func(l lockSig) bool { return b.holds(l.name, false) }) || j.sameOwner(a, []guardAccess{b}) {
				continue
			}
			c := j.twoMutexes(field, a, b)
			if !b.write && (len(list) > 2 && !(container(j.p.Funcs[b.fn].Flow, b.e) && !j.forOthers(b)) || j.entered(a) || j.entered(b) || j.forOthers(a) && j.forOthers(b)) || j.owned(field) {
				c.confidence = report.Doubtful // the other accesses tell which is the guard, or the locks are held for other reasons
			}
			j.addCase(c)
			return
		}
	}
}

// entered says whether callers hold the lock of an access.
func (j *judge) entered(a guardAccess) bool {
	f := &j.p.Funcs[a.fn]
	return slices.ContainsFunc(f.Flow.Entry, func(l flow.LockID) bool {
		return slices.ContainsFunc(a.held, func(h lockSig) bool { return h.name == f.Flow.Locks[l].Field })
	})
}

// forOthers says whether the function of an access reaches other places of the same object under the
// same lock, which somebody changes: then the lock is there for them, perhaps.
func (j *judge) forOthers(a guardAccess) bool {
	f := &j.p.Funcs[a.fn]
	own := f.Flow.Places[a.e.Place].Field
	return slices.ContainsFunc(f.Result.Accesses, func(b flow.Access) bool {
		place := &f.Flow.Places[event(f.Flow, b.Ref).Place]
		return place.Field != own && ownerType(place.Field) == ownerType(own) && j.changes(place.Field) &&
			slices.ContainsFunc(b.Held(), func(l flow.LockID) bool {
				return slices.ContainsFunc(a.held, func(h lockSig) bool { return h.name == f.Result.Locks[l].Field })
			})
	})
}

func (j *judge) twoMutexes(field string, a, b guardAccess) *finding {
	f, g := &j.p.Funcs[a.fn], &j.p.Funcs[b.fn]
	path := f.Flow.Places[a.e.Place].Path
	la, lb := code(short(a.held[0].name)), code(short(b.held[0].name))
	c := j.uselessLock(a.fn, a.e.Pos, path,
		fmt.Sprintf("%s is guarded by two different locks, %s and %s", code(path), la, lb),
		fmt.Sprintf("holding %s does not keep out a holder of %s", la, lb),
		"guard the place by one lock everywhere")
	c.field = field
	kind, does := report.StepWriter, "writes"
	label := "written here under " + lb
	if !b.write {
		kind, does, label = report.StepRelated, "reads", "read here under "+lb
	}
	c.steps = []step{
		{report.StepAct, a.e.Pos, a.fn, "written here under " + la},
		{kind, b.e.Pos, b.fn, label},
	}
	c.notes = []string{fmt.Sprintf("%s %s under %s while %s writes under %s: neither keeps the other out (%s)", code(g.Name), does, lb, code(f.Name), la, NoProtection)}
	return c
}
