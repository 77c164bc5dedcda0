package pyfix

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
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
		if s = p.toLastUse(s); !p.isAsync(s.fn) {
			base, _, _ := strings.Cut(p.finding.Place, "[")
			s = p.wholeWindow(s, base, true)
		}
	}
	if err := p.canHold(s); err != nil {
		return err
	}
	pl := &plan{thread: !p.isAsync(s.fn) || p.threads() && !p.waitsIn(s), sections: []section{s}}
	switch {
	case pl.thread && !p.isAsync(s.fn) && p.has(s, p.spawner):
		return fmt.Errorf("%s is no coroutine: it cannot wait for an asyncio.Lock, and a thread lock would not keep other tasks out", p.name(s.fn))
	case !pl.thread && !p.latent() && p.threads():
		return errors.New("other threads are involved: an asyncio.Lock does not keep them out, and a threading.Lock must not be held across an await")
	}
	module := p.library()
	if pl.thread {
		module = "threading"
	}
	lockFor := p.lockFor
	if p.store {
		lockFor = p.storeLock
	}
	if pl.lock, pl.create, err = lockFor(p.finding.Place, s.fn, module); err != nil {
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

// waitsIn says whether a section may suspend.
func (f *file) waitsIn(s section) bool {
	for n := s.first; n != syntax.Nil && f.start(n) <= f.start(s.last); n = f.t.NextSibling(n) {
		if f.awaits(n, s.fn) {
			return true
		}
	}
	return false
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

// lazy says whether a section fills the place when it is empty, so that callers that find it filled
// need not queue for the lock: `if x is None: x = …`, or a guard that returns what is there and what
// fills it after. Before either, what they ask about may be read into variables.
func (p *proposal) lazy(check, act syntax.ID, s section) bool {
	if !fills[p.finding.Consequence] {
		return false
	}
	asks := p.asks(s)
	cond := p.t.ChildByField(asks, syntax.FieldCondition)
	inside := func(n, outer syntax.ID) bool { return p.start(outer) <= p.start(n) && p.end(n) <= p.end(outer) }
	if asks == syntax.Nil || !inside(check, cond) && p.start(check) >= p.start(asks) || !p.repeatable(cond) || p.line(p.start(asks)) == p.line(p.start(p.body(asks))) {
		return false
	}
	if asks == s.last {
		return inside(act, p.body(asks)) && !p.has(section{s.fn, cond, cond}, func(n syntax.ID) bool { return p.t.Kind(n) == syntax.NamedExpression })
	}
	ret := syntax.Nil
	for c := range p.t.Named(p.body(asks)) {
		ret = c
	}
	return p.guardReturn(asks) && p.t.Kind(ret) == syntax.ReturnStatement && p.first(ret) != syntax.Nil && !p.awaits(asks, s.fn) && !p.hasComment(asks)
}

// asks is the if statement that a section begins with, after plain reads into variables: Nil if
// there is none, or if what comes before it could not be done twice.
func (p *proposal) asks(s section) syntax.ID {
	for n := s.first; n != syntax.Nil && p.start(n) <= p.start(s.last); n = p.t.NextSibling(n) {
		if p.t.Kind(n) == syntax.IfStatement {
			if p.t.ChildByField(n, syntax.FieldAlternative) != syntax.Nil {
				return syntax.Nil
			}
			return n
		}
		if !identifier(p.target(n)) || !p.repeatable(p.value(n)) || !p.alone(n) || p.hasComment(n) {
			return syntax.Nil
		}
	}
	return syntax.Nil
}

// fills are the consequences of filling a place twice.
var fills = map[string]bool{"duplicate-resource": true, "stale-value": true, "duplicate-work": true}

// hasComment says whether a comment stands in or behind a statement.
func (f *file) hasComment(stmt syntax.ID) bool {
	start, end := f.start(stmt), f.lineEnd(f.end(stmt)-1)
	return slices.ContainsFunc(f.t.Comments, func(c syntax.Node) bool { return start <= int(c.Start) && int(c.Start) < end })
}
