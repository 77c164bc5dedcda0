package pyfix

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// widen keeps a lock that the check is made under until the act is done: the section grows to
// the statement of the act, and sections of the same lock on the way become part of it.
func (p *proposal) widen(check, act syntax.ID) error {
	fn := p.function(act)
	with := p.up(check, syntax.WithStatement)
	if with == syntax.Nil || p.function(with) != fn || p.function(check) != fn || !p.isLock(with) || p.t.ChildOfKind(with, syntax.Async) == syntax.Nil {
		return errShape
	}
	var locks []string
	for _, m := range p.managers(with) {
		locks = append(locks, p.text(m))
	}
	lock := strings.Join(locks, ", ")
	last := syntax.Nil
	for n := p.t.NextSibling(with); n != syntax.Nil && last == syntax.Nil; n = p.t.NextSibling(n) {
		if p.start(n) <= p.start(act) && p.end(act) <= p.end(n) {
			last = n
		}
	}
	first := p.first(p.body(with))
	if last == syntax.Nil || first == syntax.Nil || p.line(p.start(first)) == p.line(p.start(with)) {
		return errShape
	}
	s := section{fn, with, last}
	if err := p.canHold(s); err != nil {
		return err
	}
	for _, lock := range locks {
		if err := p.widened(lock, s); err != nil {
			return err
		}
	}
	start, end, outer, err := p.lines(s)
	inner, ok := p.indent(first)
	if err != nil || !ok || !strings.HasPrefix(inner, outer) {
		return errShape
	}
	var b strings.Builder
	at := p.lineEnd(p.end(with) - 1)
	b.Write(p.t.Src[start:at])
	for n := p.t.NextSibling(with); n != syntax.Nil && p.start(n) <= p.start(last); n = p.t.NextSibling(n) {
		if !p.alone(n) {
			return errShape
		}
		stop := p.lineEnd(p.end(n) - 1)
		if p.t.Kind(n) != syntax.WithStatement || !slices.ContainsFunc(locks, func(lock string) bool { return p.holds(n, lock) }) {
			b.WriteString(p.indented(at, stop, inner[len(outer):]))
			at = stop
			continue
		}
		body := p.first(p.body(n))
		indent, ok := p.indent(body)
		inside := p.managers(n)
		if !slices.EqualFunc(inside, locks, func(m syntax.ID, lock string) bool { return sameLock(p.text(m), lock) }) || !ok || indent != inner || p.line(p.start(body)) == p.line(p.start(n)) {
			return errShape
		}
		head := p.headerEnd(n)
		if strings.Contains(string(p.t.Src[p.start(n):head]), "#") {
			return errShape // the header has a comment, which would be lost
		}
		b.WriteString(p.indented(at, p.lineStart(p.start(n)), inner[len(outer):]))
		b.Write(p.t.Src[head:stop])
		at = stop
	}
	p.fix.Title = fmt.Sprintf("hold %s until the act is done", lock)
	p.fix.Why = []string{
		fmt.Sprintf("%s is not released between check and act: the answer still holds at the act", lock),
	}
	p.fix.Edits = []fix.Edit{{Start: start, End: end, New: b.String()}}
	return nil
}

// headerEnd is the end of the line on which the head of a with statement ends.
func (p *proposal) headerEnd(with syntax.ID) int {
	at := p.end(p.t.ChildOfKind(with, syntax.WithClause))
	return p.lineEnd(at + max(0, strings.IndexByte(string(p.t.Src[at:]), ':')))
}

// widened says why a lock must not be held over the whole of a section whose parts hold it already.
func (p *proposal) widened(lock string, s section) error {
	fns, held := p.takers(lock, nil)
	if p.underLock(s.first, lock) {
		return errors.New(lock + " is held around it already")
	}
	held = append(held, s)
	if err := p.reentrant(lock, fns, held); err != nil {
		return err
	}
	nested := false
	p.nodes(s, func(n syntax.ID) bool {
		nested = p.t.Kind(n) == syntax.WithStatement && p.holds(n, lock) && p.statement(n) == n && p.t.Parent(n) != p.t.Parent(s.first)
		return !nested
	})
	if nested {
		return fmt.Errorf("%s takes %s again in an inner block", p.name(s.fn), lock)
	}
	return nil
}
