package verdict

import "github.com/toctou-lint/toctou/internal/flow"

// actRef is an act of the program, in few bytes: rules that look for a kind of act go over all of them.
type actRef struct {
	fn     int32
	access int32 // index into the function's accesses
	pos    flow.Pos
	flags  flow.Flags
	effect flow.Effect
	value  flow.Value
	field  bool // others can name its place
	gated  bool // answers about other places decide whether it happens
}

// by is the function that does it, and its access.
func (j *judge) by(d *actRef) (f *Func, a *flow.Access) {
	f = &j.p.Funcs[d.fn]
	return f, &f.Result.Accesses[d.access]
}

// index lists all acts, and the writers of every program-wide place. Acts of callees count where the callee
// does them; one whose callee is not part of the program counts at the call.
func (j *judge) index() {
	n := 0
	for i := range j.p.Funcs {
		n += len(j.p.Funcs[i].Result.Accesses)
	}
	j.acts = make([]actRef, 0, n)
	j.doers = map[flow.Pos]doer{}
	for i := range j.p.Funcs {
		f := &j.p.Funcs[i]
		for k := range f.Result.Accesses {
			a := &f.Result.Accesses[k]
			e := event(f.Flow, a.Ref)
			if e.Op != flow.OpAct {
				continue
			}
			d := actRef{int32(i), int32(k), e.Pos, e.Flags, e.Effect, e.Value, f.Flow.Places[e.Place].Field != "", len(a.Controls()) > 0}
			j.acts = append(j.acts, d)
			if e.Flags&flow.FlagCallee != 0 {
				continue
			}
			x := doer{act: int32(len(j.acts)), written: j.doers[e.Pos].written}
			if d.field && e.Effect != flow.EffectNone {
				x.written = true
				j.addWriter(i, f, a, e)
			}
			j.doers[e.Pos] = x
		}
	}
	for n := range j.acts {
		d := &j.acts[n]
		if d.flags&flow.FlagCallee == 0 || !d.field || d.effect == flow.EffectNone {
			continue
		}
		f, a := j.by(d)
		e := event(f.Flow, a.Ref)
		if x := j.doers[e.Origin]; !x.written {
			x.written = true
			j.doers[e.Origin] = x
			j.addWriter(int(d.fn), f, a, e)
		}
	}
}

func (j *judge) addWriter(i int, f *Func, a *flow.Access, e *flow.Event) {
	field := f.Flow.Places[e.Place].Field
	j.writers[field] = append(j.writers[field], writer{i, a.Ref, e, j.sigs(f, a.Held()), a})
}

// doer says who does what is done at a position.
type doer struct {
	act     int32 // number of an act of the function that does it itself, 0 if none is known
	written bool  // one of the writers is there
}

// whoDoes finds who does by itself what is done at a position.
func (j *judge) whoDoes(at flow.Pos) (x writer, ok bool) {
	n := j.doers[at].act
	if n == 0 {
		return writer{}, false
	}
	f, a := j.by(&j.acts[n-1])
	return writer{fn: int(j.acts[n-1].fn), ref: a.Ref, e: event(f.Flow, a.Ref)}, true
}

// located is the program with sites that are looked up once only.
func located(p *Program) *Program {
	out := *p
	known := map[flow.Pos]Site{}
	out.Site = func(pos flow.Pos) Site {
		s, ok := known[pos]
		if !ok {
			s = p.Site(pos)
			known[pos] = s
		}
		return s
	}
	return &out
}
