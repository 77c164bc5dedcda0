package pyfix

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
	"github.com/toctou-lint/toctou/report"
)

// plan is a lock to be held over sections. Plans of one file are laid together before any edit
// is made: sections that overlap become one, and no path may take a lock twice.
type plan struct {
	lock     string
	thread   bool       // a threading.Lock
	create   []fix.Edit // that make the lock; nil if it exists
	sections []section
	double   bool // leave the check outside too: the fast path takes no lock
}

// holdLock plans to hold a lock from check to act, and over the other writers of the place if it
// is one of them that makes the answer wrong.
func (p *proposal) holdLock(check, act syntax.ID) error {
	s, err := p.between(check, act)
	if err != nil {
		return err
	}
	if p.plain {
		s = p.toLastUse(s)
	}
	if err := p.canHold(s); err != nil {
		return err
	}
	pl := &plan{thread: !p.isAsync(s.fn), sections: []section{s}}
	switch {
	case pl.thread && p.has(s, p.spawner):
		return fmt.Errorf("%s is no coroutine: it cannot wait for an asyncio.Lock, and a thread lock would not keep other tasks out", p.name(s.fn))
	case !pl.thread && !p.latent() && p.threads():
		return errors.New("other threads are involved: an asyncio.Lock does not keep them out, and a threading.Lock must not be held across an await")
	}
	module := p.library()
	if pl.thread {
		module = "threading"
	}
	if pl.lock, pl.create, err = p.lockFor(p.finding.Place, s.fn, module); err != nil {
		return err
	}
	others, err := p.others(s, pl)
	if err != nil {
		return err
	}
	pl.sections = append(pl.sections, others...)
	pl.double = !p.plain && p.lazy(check, act, s)
	p.plan = pl
	return nil
}

// toLastUse extends a section to the last statement of its block that uses the place.
func (p *proposal) toLastUse(s section) section {
	place, _, _ := strings.Cut(p.finding.Place, "[")
	for n := p.t.NextSibling(s.last); n != syntax.Nil; n = p.t.NextSibling(n) {
		if p.mentions(n, place) {
			s.last = n
		}
	}
	return s
}

// threads says whether the finding speaks of threads.
func (p *proposal) threads() bool {
	for _, s := range p.finding.Steps {
		if strings.Contains(s.Label, "thread") {
			return true
		}
	}
	return slices.ContainsFunc(p.finding.Notes, func(n string) bool { return strings.Contains(n, "thread") })
}

// others are the sections of the other writers, if one of them is the witness of the finding.
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
	if witness == syntax.Nil {
		return nil, nil
	}
	if fn := p.function(witness); fn != syntax.Nil && p.isAsync(fn) == thread {
		return nil, fmt.Errorf("%s writes %s too and cannot take the same kind of lock", p.name(fn), p.finding.Place)
	}
	place, _, _ := strings.Cut(p.finding.Place, "[")
	var out []section
	under := p.reach(own.first, own.last) // what the section calls runs under its lock already
	for _, n := range append(p.writes(place, own.fn), witness) {
		fn := p.function(n)
		if fn == syntax.Nil || under[fn] || p.t.Kind(fn) != syntax.FunctionDefinition || p.isAsync(fn) == thread || p.name(fn) == "__init__" {
			continue
		}
		s, err := p.writerSection(n, place)
		if err != nil {
			return nil, err
		}
		if p.underLock(s.first, pl.lock) {
			continue
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
	var out []syntax.ID
	is := func(n syntax.ID) bool {
		if p.t.Kind(n) == syntax.Subscript {
			n = p.t.ChildByField(n, syntax.FieldValue)
		}
		return p.text(n) == place
	}
	for n := scope; n < p.t.Nodes[scope].Next; n++ {
		switch p.t.Kind(n) {
		case syntax.Assignment, syntax.AugmentedAssignment:
			left := p.t.ChildByField(n, syntax.FieldLeft)
			if is(left) {
				out = append(out, left)
			}
			for c := range p.t.Named(left) {
				if p.t.Kind(left) == syntax.PatternList && is(c) {
					out = append(out, c)
				}
			}
		case syntax.DeleteStatement:
			for c := range p.t.Named(n) {
				if is(c) {
					out = append(out, c)
				}
			}
		case syntax.Call:
			f := p.t.ChildByField(n, syntax.FieldFunction)
			if p.t.Kind(f) == syntax.Attribute && mutators[p.text(p.t.ChildByField(f, syntax.FieldAttribute))] && is(p.t.ChildByField(f, syntax.FieldObject)) {
				out = append(out, n)
			}
		}
	}
	return out
}

// lazy says whether a section is one `if` that fills the place when it is empty: callers that
// find it filled need not queue for the lock.
func (p *proposal) lazy(check, act syntax.ID, s section) bool {
	if s.first != s.last {
		return p.lazyGuard(check, s)
	}
	if p.t.Kind(s.first) != syntax.IfStatement || p.t.ChildByField(s.first, syntax.FieldAlternative) != syntax.Nil {
		return false
	}
	cond := p.t.ChildByField(s.first, syntax.FieldCondition)
	body := p.body(s.first)
	inside := func(n, outer syntax.ID) bool { return p.start(outer) <= p.start(n) && p.end(n) <= p.end(outer) }
	if !inside(check, cond) || !inside(act, body) || !p.repeatable(cond) || p.has(section{s.fn, cond, cond}, func(n syntax.ID) bool { return p.t.Kind(n) == syntax.NamedExpression }) {
		return false
	}
	if p.line(p.start(s.first)) == p.line(p.start(body)) {
		return false
	}
	return fills[p.finding.Consequence]
}

// fills are the consequences of filling a place twice.
var fills = map[string]bool{"duplicate-resource": true, "stale-value": true, "duplicate-work": true}

// lazyGuard says whether a section begins with a guard that returns what is there already, and
// fills the place after it.
func (p *proposal) lazyGuard(check syntax.ID, s section) bool {
	if !fills[p.finding.Consequence] || !p.guardReturn(s.first) {
		return false
	}
	cond, body := p.t.ChildByField(s.first, syntax.FieldCondition), p.body(s.first)
	ret := p.first(body)
	return p.t.Kind(ret) == syntax.ReturnStatement && p.first(ret) != syntax.Nil && p.start(check) >= p.start(cond) && p.end(check) <= p.end(cond) &&
		p.repeatable(cond) && p.line(p.start(ret)) > p.line(p.start(s.first)) && !p.hasComment(s.first)
}

// hasComment says whether a comment stands in or behind a statement.
func (f *file) hasComment(stmt syntax.ID) bool {
	start, end := f.start(stmt), f.lineEnd(f.end(stmt)-1)
	return slices.ContainsFunc(f.t.Comments, func(c syntax.Node) bool { return start <= int(c.Start) && int(c.Start) < end })
}

// takers are the functions that take a lock, and the code that runs under it: what is there
// already, and what the sections add.
func (f *file) takers(lock string, sections []section) (fns map[syntax.ID]bool, held []section) {
	fns = map[syntax.ID]bool{}
	for n := range f.t.Nodes {
		id := syntax.ID(n)
		switch f.t.Kind(id) {
		case syntax.WithStatement:
			if f.holds(id, lock) {
				fns[f.function(id)] = true
				body := f.body(id)
				held = append(held, section{f.function(id), body, body})
			}
		case syntax.Attribute:
			if text := f.text(id); strings.HasSuffix(text, ".acquire") && sameLock(strings.TrimSuffix(text, ".acquire"), lock) {
				fns[f.function(id)] = true
			}
		}
	}
	for _, s := range sections {
		fns[s.fn] = true
		held = append(held, s)
	}
	return fns, held
}

// safe says why a lock must not be held over sections: some path would take it twice, or wait
// under it for somebody who needs it.
func (f *file) safe(lock string, sections []section) error {
	fns, held := f.takers(lock, sections)
	inner, outer := map[string]bool{}, map[string]bool{}
	for _, s := range sections {
		already := f.underLock(s.first, lock)
		f.enclosing(s.first, func(with syntax.ID) {
			for _, m := range f.managers(with) {
				outer[f.text(m)] = true
			}
		})
		if already || f.has(s, func(n syntax.ID) bool { return f.t.Kind(n) == syntax.WithStatement && f.holds(n, lock) }) {
			return fmt.Errorf("%s holds %s there already", f.name(s.fn), lock)
		}
		f.nodes(s, func(n syntax.ID) bool {
			if f.t.Kind(n) == syntax.WithStatement {
				for _, m := range f.managers(n) {
					inner[f.text(m)] = true
				}
			}
			return true
		})
	}
	for m := range inner {
		if outer[m] {
			return fmt.Errorf("%s and %s would be taken in both orders", lock, m)
		}
	}
	for _, s := range held {
		for fn := range f.reach(s.first, s.last) {
			if fns[fn] {
				return fmt.Errorf("%s is called, or waited for, under %s and would take it again: the lock is not re-entrant", f.name(fn), lock)
			}
		}
	}
	if len(fns) > 1 {
		for _, s := range held {
			if f.waits(s.first, f.t.Nodes[s.last].Next) && slices.ContainsFunc(held, func(o section) bool { return o.fn != s.fn && f.wakes(o) }) {
				return fmt.Errorf("%s waits, under the lock, for what another holder of it provides", f.name(s.fn))
			}
		}
	}
	return nil
}

// settle turns the plans of a file into edits. Plans for one lock are added one after the other
// as long as all of them together are safe.
func (f *file) settle(proposals []*proposal) {
	var locks []string
	accepted := map[string][]*proposal{}
	for _, p := range proposals {
		if p.plan == nil {
			continue
		}
		key := f.lockKey(p)
		var sections []section
		for _, q := range accepted[key] {
			sections = append(sections, q.plan.sections...)
		}
		merged, err := f.merge(append(sections, p.plan.sections...))
		if err == nil {
			err = f.safe(p.plan.lock, merged)
		}
		if err != nil {
			p.refuse(err)
			continue
		}
		if accepted[key] == nil {
			locks = append(locks, key)
		}
		accepted[key] = append(accepted[key], p)
	}
	for _, key := range locks {
		f.render(accepted[key])
	}
}

// lockKey tells the locks of different classes apart.
func (f *file) lockKey(p *proposal) string {
	if !strings.Contains(p.plan.lock, ".") {
		return p.plan.lock
	}
	return fmt.Sprint(f.classAround(p.plan.sections[0].fn), strings.SplitN(p.plan.lock, ".", 2)[1])
}

func (f *file) render(proposals []*proposal) {
	var all []section
	for _, p := range proposals {
		all = append(all, p.plan.sections...)
	}
	merged, err := f.merge(all)
	for _, p := range proposals {
		if err != nil {
			p.refuse(err)
			continue
		}
		if err := f.renderOne(p, merged, func(s section) bool { return allDouble(proposals, s, f) }); err != nil {
			p.refuse(err)
		}
	}
}

// allDouble says whether every plan that shares a section wants it double-checked.
func allDouble(proposals []*proposal, s section, f *file) bool {
	for _, p := range proposals {
		for i, own := range p.plan.sections {
			if _, ok := f.within(own, []section{s}); ok && (i > 0 || own != s || !p.plan.double) {
				return false
			}
		}
	}
	return true
}

func (f *file) renderOne(p *proposal, merged []section, double func(section) bool) error {
	pl := p.plan
	edits := slices.Clone(pl.create)
	for i, s := range pl.sections {
		m, ok := f.within(s, merged)
		if !ok {
			return errors.New("the section cannot be laid together with others")
		}
		header := "async with " + pl.lock
		if pl.thread {
			header = "with " + pl.lock
		}
		var e fix.Edit
		var err error
		if pl.double = i == 0 && m == s && double(s) || i > 0 && pl.double; i == 0 && pl.double {
			e, err = f.doubleChecked(s, header)
		} else {
			e, err = f.under(m, header)
		}
		if err != nil {
			return err
		}
		if !slices.Contains(edits, e) {
			edits = append(edits, e)
		}
	}
	p.fix.Edits = edits
	p.fix.Title = fmt.Sprintf("hold %s from check to act", pl.lock)
	p.fix.Why = []string{
		fmt.Sprintf("%s lets one task at a time through, and nobody releases it between check and act", pl.lock),
		"the check is made under the lock, so its answer still holds at the act",
	}
	if pl.thread {
		p.fix.Why[0] = fmt.Sprintf("%s lets one thread at a time through, and nothing is awaited under it", pl.lock)
	}
	if pl.double {
		p.fix.Title = fmt.Sprintf("hold %s and check again under it", pl.lock)
		p.fix.Why = append(p.fix.Why, "whoever finds it there already takes no lock")
	}
	return nil
}

// doubleChecked keeps the check outside for the fast path and repeats it under the lock.
func (f *file) doubleChecked(s section, header string) (fix.Edit, error) {
	start, end, indent, err := f.lines(s)
	if err != nil {
		return fix.Edit{}, err
	}
	unit := f.unit(s.fn, f.body(s.fn))
	nl := f.newline()
	if s.first != s.last { // a guard that returns: it stays outside, and comes first inside
		guard := f.span(start, f.lineEnd(f.end(s.first)-1))
		return fix.Edit{Start: start, End: end, New: guard + indent + header + ":" + nl + f.indented(start, end, unit)}, nil
	}
	// The comments of the if line stay with the outer check; the body moves two steps in.
	head := f.lineStart(f.start(f.first(f.body(s.first))))
	for head > start && f.isComment(f.lineStart(head-1)) {
		head = f.lineStart(head - 1)
	}
	cond := string(f.t.Src[start:head])
	again := fix.Indent(cond, unit+unit, nil)
	body := f.indented(head, end, unit+unit)
	return fix.Edit{Start: start, End: end, New: cond + indent + unit + header + ":" + nl + stripComment(again, nl) + body}, nil
}

func (f *file) isComment(at int) bool {
	return strings.HasPrefix(strings.TrimLeft(string(f.t.Src[at:f.lineEnd(at)]), " \t"), "#") && !f.inString(at)
}

// stripComment takes the comment off a copied condition of one line: it need not be said twice.
func stripComment(text, nl string) string {
	if strings.Count(text, "\n") != 1 || strings.ContainsAny(text, `"'`) {
		return text
	}
	if code, _, ok := strings.Cut(text, "#"); ok {
		return strings.TrimRight(code, " \t") + nl
	}
	return text
}
