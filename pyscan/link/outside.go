package link

import (
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/pyscan/project"
)

// outside is what is known of a name outside the project.
type outside struct {
	name  string           // as the models have it
	does  *models.Callable // of a function; nil: not known
	typ   *project.Type    // the class of that name
	class bool             // the models know it
	ends  bool             // a call never returns
}

func (l *linker) outside(ext string) *outside {
	o := l.ext[ext]
	if o == nil {
		o = &outside{name: models.Canonical(ext), typ: l.p.LibraryClass(ext)}
		if does, ok := l.p.Tables.Lookup(ext); ok {
			o.does = &does
		}
		o.class, o.ends = l.p.Tables.TypeOf(o.name) != nil, models.NeverReturns(o.name)
		l.ext[ext] = o
	}
	return o
}

// does is what the value, a function of a library, does when it is called; nil if that is not known.
func (v *value) does() *models.Callable {
	if v.lib == nil {
		return nil
	}
	return v.lib.does
}

// makesResource says whether a function of that name makes something that has to be closed.
func (l *linker) makesResource(name string) bool {
	makes, ok := l.makers[name]
	if !ok {
		makes = models.MakesResource(name)
		l.makers[name] = makes
	}
	return makes
}

// named is the library type of that name, without arguments.
func (l *linker) named(name string) *project.Type {
	t := l.types[name]
	if t == nil {
		t = project.Named(name)
		l.types[name] = t
	}
	return t
}

// newly is the same, of something that has just been made.
func (l *linker) newly(name string) *project.Type {
	t := l.fresh[name]
	if t == nil {
		t = project.Named(name)
		t.Fresh = true
		l.fresh[name] = t
	}
	return t
}
