package link

import (
	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/internal/verdict"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// join is where a function has waited for the task kept in a place to end.
type join struct {
	field string
	pos   flow.Pos
}

func (f *frame) joined(v *value, pos flow.Pos) {
	for _, field := range f.fieldsOf(v) {
		f.joins = append(f.joins, join{field, pos})
	}
}

// joins names the loops that a function waits for, and where.
func (l *linker) joins(fn *fn) []verdict.Join {
	var out []verdict.Join
	for _, j := range fn.joins {
		for _, g := range l.threadsAt[j.field] {
			out = append(out, verdict.Join{Owner: g.Qual, Pos: j.pos})
		}
		for _, t := range l.stored[j.field] {
			for _, g := range t.targets {
				out = append(out, verdict.Join{Owner: g.Qual, Pos: j.pos})
			}
		}
	}
	return out
}

// findStarts lists which functions start which tasks and threads.
func (l *linker) findStarts() {
	l.begins = map[*project.Func][]verdict.Join{}
	for g, e := range l.entries {
		for _, s := range e.starts {
			l.begins[s.f] = append(l.begins[s.f], verdict.Join{Owner: g.Qual, Pos: s.pos})
		}
	}
}

// findStored lists the tasks by the places that they are kept in.
func (l *linker) findStored() {
	l.stored = map[string][]*task{}
	for _, fn := range l.order {
		for _, t := range fn.tasks {
			for _, p := range t.places {
				l.stored[p] = append(l.stored[p], t)
			}
		}
	}
}
