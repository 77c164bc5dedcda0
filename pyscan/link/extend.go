package link

import (
	"context"

	"github.com/toctou-lint/toctou/pyscan/project"
)

// Extend links modules on top of a program, such as its tests: they call what was linked before and nothing there
// calls them. What was linked before stays as it is, whatever the new modules do. The result is the program of all;
// the one extended may not be used any more.
func (p *Program) Extend(ctx context.Context, sources []project.Source) (*Program, error) {
	l := p.l
	p.l = nil
	for _, row := range l.fns {
		for _, fn := range row {
			fn.settled = true
			fn.index, fn.callers, fn.from, fn.many = -1, nil, nil, 0 // found anew for the program of all
		}
	}
	l.owners, l.loops = nil, nil
	l.p.Add(sources)
	return l.link(ctx)
}
