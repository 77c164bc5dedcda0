package verdict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/report"
)

// outOfReach reports changes of an object that is kept in a container, made after the lock of whoever keeps it has
// been given back: `e := s.find(k)`, and then `e.refs++`. All others reach the object in its container, under the lock.
func (j *judge) outOfReach(field string, list []guardAccess) {
	lock, guarded := majority(list)
	if lock == "" || ownerType(lock) == ownerType(field) || len(guarded) < 2 {
		return
	}
	if slices.ContainsFunc(guarded, func(g guardAccess) bool { return !j.parentLock(g, lock) }) {
		return
	}
	var odd []guardAccess
	for _, a := range list {
		switch {
		case a.holds(lock, false):
			continue
		case a.unknown || a.atomic() || len(a.held) > 0 || !j.keptBy(a, lock):
			return // it has users of another kind
		case a.write:
			odd = append(odd, a)
		}
	}
	for _, a := range odd {
		others := slices.DeleteFunc(slices.Clone(guarded), func(g guardAccess) bool { return g.fn == a.fn })
		if len(others) < 2 || j.sameOwner(a, list) {
			continue
		}
		confidence := report.Likely
		if f := &j.p.Funcs[a.fn]; f.Start || f.Overlap == OverlapOwned || ends.MatchString(f.own()) || starts.MatchString(f.own()) {
			confidence = report.Doubtful
		}
		j.uneven(field, a, others, fmt.Sprintf("is written here without %s, which its other accesses hold", code(short(lock))),
			"guarded here", "hold "+code(short(lock))+" here", confidence)
	}
}

// keptBy says whether an access reaches its object through the container of the one that has the lock: in it, or
// handed out by one of its methods.
func (j *judge) keptBy(a guardAccess, lock string) bool {
	f := &j.p.Funcs[a.fn]
	if f.Type != ownerType(lock) || f.Flow.Places[a.e.Place].Root == flow.RootCell {
		return false
	}
	path := f.Flow.Places[a.e.Place].Path
	if len(f.Flow.Params) == 0 || !strings.HasPrefix(path, f.Flow.Vars[f.Flow.Params[0]]+".") {
		return false
	}
	return strings.Contains(path, "[") || strings.Contains(path, "().")
}
