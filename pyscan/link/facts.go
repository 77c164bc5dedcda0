package link

import (
	"cmp"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// lockFacts lists the locks of the program.
func (l *linker) lockFacts(p *Program) {
	suspended := map[string]bool{}
	for _, fn := range l.order {
		for _, w := range fn.waits {
			for _, h := range w.held {
				suspended[h.Field] = true
			}
		}
	}
	for field, k := range l.locks {
		if k.pos == 0 && len(k.evicted) == 0 && k.taken == 0 {
			continue
		}
		f := verdict.LockFact{Field: field, Name: k.name, Kind: k.kind, Pos: k.pos, PerCall: k.perCall, Evicted: k.evicted, Unknown: k.unknown, Suspend: suspended[field] && !l.free[field]}
		f.Each = l.each(k.pos)
		p.Locks = append(p.Locks, f)
	}
	slices.SortFunc(p.Locks, func(a, b verdict.LockFact) int {
		return cmp.Or(cmp.Compare(a.Pos, b.Pos), strings.Compare(a.Field, b.Field))
	})
}

// each says whether an object made at a position is one of several: an initialiser makes it, of a class
// that is not just made once, with the program.
func (l *linker) each(pos flow.Pos) bool {
	f := l.funcAt(pos)
	if f == nil || f.Class == nil || f.Name != "__init__" && f.Name != "__post_init__" {
		return false
	}
	h := l.homes[f.Class]
	if h == nil || len(h.makers) == 0 {
		return true
	}
	for m := range h.makers {
		if m.Kind&ir.ModuleBody == 0 && !models.Startup(m.Name) && !models.Starts(m.Name) && m.Name != "__init__" {
			return true
		}
	}
	return len(h.makers) > 1
}

// funcAt is the innermost function around a position, or nil.
func (l *linker) funcAt(pos flow.Pos) *project.Func {
	i, ok := slices.BinarySearch(l.base, pos)
	if !ok {
		i--
	}
	if pos == 0 || i < 0 {
		return nil
	}
	var best *project.Func
	at := uint32(pos - l.base[i])
	for _, f := range l.p.Modules[i].Funcs {
		if f.Start <= at && at < f.End && f.Kind&ir.ModuleBody == 0 {
			best = f // parents come first
		}
	}
	return best
}
