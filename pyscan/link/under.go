package link

import (
	"slices"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/models"
)

// calledUnder lists the locks, by program-wide name, that are held at every call of a function that is seen, whoever they
// belong to. It is empty where nobody is seen to call the function, or where others than those seen do.
func (l *linker) calledUnder(fn *fn, depth int) []string {
	if fn.locked {
		return l.under[fn]
	}
	if depth > maxEvidence {
		return nil
	}
	fn.locked = true // one that calls itself is called by the others
	if e := l.entries[fn.f]; e != nil && (e.outside || e.spawned > 0 || e.thread || e.kind != models.NoEntry) {
		return nil
	}
	var out []string
	first := true
	for i, by := range fn.callers {
		if by == fn || by.f.Name == "__init__" || models.Starts(by.f.Name) {
			continue // others come later
		}
		s := fn.from[i]
		if s.own {
			return nil
		}
		here := l.calledUnder(by, depth+1)
		for k := range s.held {
			if h := &s.held[k]; h.Field != "" && !h.Local && h.Kind != flow.LockFlag && !slices.Contains(here, h.Field) {
				here = append(slices.Clip(here), h.Field)
			}
		}
		if first {
			out, first = here, false
		} else {
			out = slices.DeleteFunc(slices.Clone(out), func(field string) bool { return !slices.Contains(here, field) })
		}
		if len(out) == 0 {
			return nil
		}
	}
	if len(out) > 0 {
		l.under[fn] = out
	}
	return out
}
