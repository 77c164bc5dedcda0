package pyfix

import (
	"fmt"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/pyscan/syntax"
	"github.com/toctou-lint/toctou/report"
)

// others are the sections of the other writers, if one of them is the witness of the finding. The
// witness itself takes the lock whatever it does.
func (p *proposal) others(own section, pl *plan) ([]section, error) {
	thread := pl.thread
	witness := syntax.Nil
	for _, s := range p.finding.Steps {
		if s.Kind != report.StepWriter {
			continue
		}
		if s.File != p.finding.File {
			return nil, fmt.Errorf("%s, in another file, writes %s too; it has to take the same lock", s.File, p.finding.Place)
		}
		witness = p.at(p.offset(s.Line, s.Column))
	}
	place, _, _ := strings.Cut(p.finding.Place, "[")
	writes := p.writes(place, own.fn)
	if witness == syntax.Nil && p.finding.Rule == "lostupdate" { // what the function writes besides is lost on another run of it
		writes = slices.DeleteFunc(writes, func(n syntax.ID) bool {
			_, inside := p.within(section{p.function(n), n, n}, []section{own})
			return p.function(n) != own.fn || inside
		})
	} else if witness == syntax.Nil {
		return nil, nil
	}
	if fn := p.function(witness); fn != syntax.Nil && !thread && !p.isAsync(fn) {
		return nil, fmt.Errorf("%s writes %s too; it is a plain function and cannot wait for an asyncio.Lock", p.name(fn), p.finding.Place)
	}
	var out []section
	under := p.reach(own.first, own.last) // what the section calls runs under its lock already
	for _, n := range append(writes, witness) {
		fn := p.function(n)
		if fn == syntax.Nil || under[fn] && !p.calledBeside(fn, own) || p.t.Kind(fn) != syntax.FunctionDefinition || !thread && !p.isAsync(fn) || p.name(fn) == "__init__" || !p.plain && p.statement(n) != p.statement(witness) && p.onlyTakesAway(n) {
			continue
		}
		s, err := p.writerSection(n, place)
		if err != nil {
			return nil, err
		}
		if p.underLock(s.first, pl.lock) {
			continue
		}
		if under[fn] {
			return nil, fmt.Errorf("%s writes %s too, and runs under the lock when %s calls it: the lock would be taken twice", p.name(fn), p.finding.Place, p.name(own.fn))
		}
		if wide := p.wholeWindow(s, place, thread); (!thread || !p.waitsIn(wide)) && p.canHold(wide) == nil && p.safe(pl.lock, []section{own, wide}) == nil {
			s = wide
		}
		if thread && p.waitsIn(s) {
			return nil, fmt.Errorf("%s writes %s too, and awaits in between: a threading.Lock must not be held there", p.name(fn), place)
		}
		if err := p.canHold(s); err != nil {
			return nil, fmt.Errorf("%s writes %s too, and %w", p.name(fn), place, err)
		}
		if _, ok := p.within(s, append(out, own)); !ok {
			out = append(out, s)
		}
	}
	return out, nil
}

// calledBeside says whether a function may also run outside of a section that calls it, where the lock
// of the section is not held: others may call what is public, or its name stands elsewhere too.
func (p *proposal) calledBeside(fn syntax.ID, own section) bool {
	if fn == own.fn {
		return false
	}
	if !strings.HasPrefix(p.name(fn), "_") {
		return true
	}
	for id := range p.t.Nodes {
		n := syntax.ID(id)
		if p.start(own.first) <= p.start(n) && p.end(n) <= p.end(own.last) {
			continue
		}
		if k := p.t.Kind(n); (k == syntax.Attribute || k == syntax.Identifier) && slices.Contains(p.callees(n, false), fn) {
			return true
		}
	}
	return false
}

// onlyTakesAway says whether a write empties a place, or removes what is in it: that does not make
// wrong the answer of somebody who found nothing there and fills it.
func (p *proposal) onlyTakesAway(n syntax.ID) bool {
	if !fills[p.finding.Consequence] {
		return false
	}
	return p.onlyRemoves(p.statement(n))
}

// onlyRemoves says whether a statement does nothing but take something away.
func (p *proposal) onlyRemoves(stmt syntax.ID) bool {
	if _, ok := p.removes(stmt); ok {
		return true
	}
	if _, ok := p.takesElement(stmt); ok {
		return true
	}
	fn := p.t.ChildByField(p.first(stmt), syntax.FieldFunction)
	return p.t.Kind(fn) == syntax.Attribute && p.text(p.t.ChildByField(fn, syntax.FieldAttribute)) == "clear"
}

// wholeWindow extends a writer's section back to where its own window begins: to the first statement
// of its block that uses the place and is followed by an await before the write. What lies between
// would otherwise be done on what may have changed. Between threads no await is needed for that.
func (f *file) wholeWindow(s section, place string, thread bool) section {
	out, suspends := s, thread || f.awaits(s.first, s.fn)
	var before []syntax.ID
	for c := f.first(f.t.Parent(s.first)); c != s.first && c != syntax.Nil; c = f.t.NextSibling(c) {
		before = append(before, c)
	}
	for _, c := range slices.Backward(before) {
		suspends = suspends || f.awaits(c, s.fn)
		if k := f.t.Kind(c); k == syntax.GlobalStatement || k == syntax.NonlocalStatement {
			continue
		}
		if f.mentions(c, place) && (suspends || f.t.NextSibling(c) == out.first) {
			out.first = c
		}
	}
	return out
}

// underLock says whether code of a function runs in a with statement that enters a lock.
func (f *file) underLock(n syntax.ID, lock string) bool {
	held := false
	f.enclosing(n, func(with syntax.ID) { held = held || f.holds(with, lock) })
	return held
}

// writerSection is what a writer needs the lock for: its own check with the write, if it has one.
func (p *proposal) writerSection(n syntax.ID, place string) (section, error) {
	stmt := p.statement(n)
	for b := p.t.Parent(stmt); b != syntax.Nil && p.t.Kind(b) != syntax.FunctionDefinition; b = p.t.Parent(b) {
		if p.t.Kind(b) == syntax.IfStatement && p.mentions(p.t.ChildByField(b, syntax.FieldCondition), place) {
			stmt = b
		}
	}
	if stmt == syntax.Nil || p.t.Kind(p.t.Parent(stmt)) != syntax.Block {
		return section{}, fmt.Errorf("%s is also written outside of any function", place)
	}
	return section{p.function(stmt), stmt, stmt}, nil
}

var mutators = map[string]bool{
	"append": true, "add": true, "remove": true, "discard": true, "pop": true, "popitem": true, "clear": true, "update": true,
	"insert": true, "extend": true, "setdefault": true, "popleft": true, "appendleft": true,
}

// writes lists the nodes that write a place in the class or module of a function.
func (p *proposal) writes(place string, fn syntax.ID) []syntax.ID {
	scope := p.classAround(fn)
	if scope == syntax.Nil || !strings.Contains(place, ".") {
		scope = 0
	}
	return p.writesIn(scope, place)
}

// writesIn lists the nodes of a part of the tree that write a place.
func (f *file) writesIn(scope syntax.ID, place string) []syntax.ID {
	var out []syntax.ID
	is := func(n syntax.ID) bool {
		if f.t.Kind(n) == syntax.Subscript {
			n = f.t.ChildByField(n, syntax.FieldValue)
		}
		return f.text(n) == place
	}
	for n := scope; n < f.t.Nodes[scope].Next; n++ {
		switch f.t.Kind(n) {
		case syntax.Assignment, syntax.AugmentedAssignment:
			left := f.t.ChildByField(n, syntax.FieldLeft)
			if is(left) {
				out = append(out, left)
			}
			for c := range f.t.Named(left) {
				if f.t.Kind(left) == syntax.PatternList && is(c) {
					out = append(out, c)
				}
			}
		case syntax.DeleteStatement:
			for c := range f.t.Named(n) {
				if is(c) {
					out = append(out, c)
				}
			}
		case syntax.Call:
			callee := f.t.ChildByField(n, syntax.FieldFunction)
			if f.t.Kind(callee) == syntax.Attribute && mutators[f.text(f.t.ChildByField(callee, syntax.FieldAttribute))] && is(f.t.ChildByField(callee, syntax.FieldObject)) {
				out = append(out, n)
			}
		}
	}
	return out
}
