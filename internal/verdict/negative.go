package verdict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/report"
)

// covered keeps a covered window for the lock rules and says why it is safe.
func (j *judge) covered(i int, w *flow.Window) {
	f := &j.p.Funcs[i]
	forgets := event(f.Flow, w.Act).Flags&flow.FlagClosed != 0 // what was closed: that guards nothing
	if !forgets && (w.Crossed && !w.Rechecked || w.Crossed && len(w.Cover) > 0) {
		field := f.Flow.Places[w.Place].Field
		j.guarded[field] = append(j.guarded[field], guarded{i, w})
	}
	j.negative(i, w, "")
}

// negative records a look-alike that is safe; an empty why is told from the window itself.
func (j *judge) negative(i int, w *flow.Window, why string) {
	if j.opt.Brief {
		return
	}
	f := &j.p.Funcs[i]
	check, act := event(f.Flow, w.Check), event(f.Flow, w.Act)
	from, to := j.p.Site(check.Pos), j.p.Site(act.Pos)
	if why == "" {
		why = j.reason(f, w, from.Line, to.Line)
	}
	j.negs = append(j.negs, report.Negative{
		File: from.File, Line: min(from.Line, to.Line), EndLine: max(from.Line, to.Line), Function: f.Name,
		Place: plain(thing(f.Flow, w.Place, w.Key)), Reason: why,
	})
}

func (j *judge) reason(f *Func, w *flow.Window, from, to int) string {
	switch {
	case event(f.Flow, w.Act).Flags&flow.FlagEager != 0 && w.State == flow.Latent:
		return fmt.Sprintf("the event loop starts tasks eagerly: the one started at %d has done it before it is first suspended", to)
	case w.State == flow.Latent && w.Rechecked:
		return fmt.Sprintf("asked again at %d, and nothing suspends between that and %d", from, to)
	case w.State == flow.Latent:
		return fmt.Sprintf("nothing suspends between %d and %d", from, to)
	case len(w.Cover) == 0:
		return fmt.Sprintf("the callee at %d asks again before it acts", to)
	}
	l := &f.Result.Locks[w.Cover[0]]
	if slices.Contains(f.Flow.Entry, w.Cover[0]) {
		return fmt.Sprintf("every caller holds %s", code(l.Path))
	}
	switch {
	case l.Kind == flow.LockFlag:
		return fmt.Sprintf("reserved by %s before others can run", code(flagName(l)))
	case w.Rechecked:
		return fmt.Sprintf("re-checked under %s at %d", code(l.Path), from)
	}
	return fmt.Sprintf("%s is held from %d to %d", code(l.Path), from, to)
}

// flagName names the place that a reservation is made of, for people. One of an object that only a callee knows
// is named by its last part.
func flagName(l *flow.Lock) string {
	path := strings.TrimPrefix(l.Path, "flag ")
	if strings.HasPrefix(path, "(") {
		path = path[strings.LastIndexByte(path, ')')+1:]
		path = strings.TrimPrefix(path, ".")
	}
	return path
}
