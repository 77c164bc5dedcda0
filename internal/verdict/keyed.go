package verdict

import (
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
)

// wrongKey says whether all that covers a window is a lock for another key: whoever comes with a
// key of his own enters, and finds the same place. It is certain for a place that has no key, and
// where lock and entry are chosen by two different parameters.
func wrongKey(f *Func, w *flow.Window) bool {
	place := &f.Flow.Places[w.Place]
	if !w.Crossed || len(w.Cover) == 0 || strings.ContainsRune(place.Path, '[') || strings.Count(place.Path, ".") > 1 {
		return false
	}
	if place.Root != flow.RootGlobal && (place.Root != flow.RootParam || place.Param != 0 || f.Type == "") {
		return false
	}
	for _, l := range w.Cover {
		k := &f.Result.Locks[l]
		if k.Kind == flow.LockFlag || k.Key <= 0 || f.Flow.Keys[k.Key].Const {
			return false
		}
		if w.Key != 0 && !(w.Ask == flow.AskSize && w.Key == k.Key) && !(argumentKey(f, k.Key) && argumentKey(f, w.Key) && f.Flow.Keys[k.Key].Root != f.Flow.Keys[w.Key].Root) {
			return false
		}
	}
	return true
}

// newEntry says whether a writer puts its entry under a key that there has not been before, once.
func (f *Func) newEntry(x *writer) bool {
	return fills(x.e) && x.e.Key > 0 && !x.acc.AfterPrev && slices.Contains(f.Unique, f.Flow.Keys[x.e.Key].Root)
}

// argumentKey says whether a key is a parameter, as it was passed.
func argumentKey(f *Func, k flow.KeyID) bool {
	return k > 0 && f.Flow.Keys[k].Path == "" && slices.Contains(f.Flow.Params, f.Flow.Keys[k].Root)
}

// bared is a window that is covered by the wrong key only, as the open one that it is.
func bared(w *flow.Window) *flow.Window {
	if w.State != flow.Covered {
		return w
	}
	open := *w
	open.State = flow.Open
	return &open
}

// counted says whether an act happens only because a count of users, which the same function keeps,
// says that nobody is left.
func (f *Func) counted(act flow.Ref) bool {
	for i := range f.Result.Accesses {
		a := &f.Result.Accesses[i]
		if a.Ref != act {
			continue
		}
		return slices.ContainsFunc(a.Controls(), func(c flow.Control) bool {
			return !c.Expired && f.counts(event(f.Flow, c.Check).Place)
		})
	}
	return false
}

// counts says whether the function counts a place up or down.
func (f *Func) counts(place flow.PlaceID) bool {
	return slices.ContainsFunc(f.Result.Accesses, func(a flow.Access) bool {
		e := event(f.Flow, a.Ref)
		return e.Op == flow.OpAct && e.Place == place && (e.Flags&flow.FlagUpdate != 0 || e.Effect == flow.EffectShrink)
	})
}

// looksAtIt says whether an act happens only because of what the very element holds, asked in the same step.
func (f *Func) looksAtIt(act flow.Ref) bool {
	e := event(f.Flow, act)
	return e.Key != 0 && slices.ContainsFunc(f.Result.Windows, func(w flow.Window) bool {
		return w.Act == act && w.State != flow.Open && w.Use&flow.UseControl != 0 && w.Ask == flow.AskValue && w.Key == e.Key && w.Fact == flow.FactAny
	})
}

// lookedAt is looksAtIt for the removal at a position.
func (j *judge) lookedAt(pos flow.Pos) bool {
	x, ok := j.whoDoes(pos)
	return ok && j.p.Funcs[x.fn].looksAtIt(x.ref)
}

// countedRemovals are the positions, of those where locks are removed from their tables, at which that is
// counted. One look at the program does for all of them.
func (j *judge) countedRemovals() map[flow.Pos]bool {
	out := map[flow.Pos]bool{}
	for i := range j.p.Locks {
		for _, pos := range j.p.Locks[i].Evicted {
			out[pos] = false
		}
	}
	if len(out) == 0 {
		return out
	}
	for n := range j.acts {
		d := &j.acts[n]
		if counted, removal := out[d.pos]; removal && !counted {
			f, a := j.by(d)
			out[d.pos] = f.counted(a.Ref)
		}
	}
	return out
}
