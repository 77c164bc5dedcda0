package link

import (
	"cmp"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/verdict"
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
		p.Locks = append(p.Locks, f)
	}
	slices.SortFunc(p.Locks, func(a, b verdict.LockFact) int {
		return cmp.Or(cmp.Compare(a.Pos, b.Pos), strings.Compare(a.Field, b.Field))
	})
}
