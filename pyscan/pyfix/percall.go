package pyfix

import (
	"errors"
	"fmt"
	"strings"

	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// uselessLock makes a lock that each call makes anew once, where all callers meet.
func (p *proposal) uselessLock() error {
	call := syntax.Nil
	for _, s := range p.finding.Steps {
		if s.File != p.finding.File {
			continue
		}
		stmt := p.statement(p.at(p.offset(s.Line, s.Column)))
		for n := stmt; stmt != syntax.Nil && n < p.t.Nodes[stmt].Next && call == syntax.Nil; n++ {
			if p.isLockCall(n, "asyncio", "threading", "anyio", "trio") {
				call = n
			}
			if p.t.Kind(n) == syntax.Block {
				break
			}
		}
	}
	fn := p.function(call)
	if call == syntax.Nil || fn == syntax.Nil {
		return errors.New("this lock is made once; what is wrong is how it is used")
	}
	if p.finding.Severity == "low" {
		return errors.New("a lock that nobody waits for does no harm: keep it as a guard against future awaits, or remove it")
	}
	if p.t.Kind(fn) != syntax.FunctionDefinition || p.t.Kind(p.t.Parent(call)) == syntax.DefaultParameter {
		return errors.New("the lock is made in an expression")
	}
	stmt := p.statement(call)
	inline := p.t.Kind(stmt) == syntax.WithStatement
	if !inline && p.value(stmt) != call {
		return errors.New("the lock is made inside a larger expression")
	}
	if local := p.target(stmt); !inline && (strings.ContainsAny(local, ".[(,") || !p.onlyTaken(fn, local)) {
		return fmt.Errorf("%s is used for more than holding it here", local)
	}
	expr := p.text(call)
	base := "_" + strings.Trim(p.name(fn), "_") + "_lock"
	p.fix.Title = "make the lock once"
	p.fix.Why = []string{"all callers now meet on one lock; the section is as it was"}
	owner := p.methodAround(fn)
	if owner == fn && receivers[p.receiver(fn)] && p.receiver(fn) != "cls" {
		class := p.classOf(fn)
		if p.mentionsAttribute(class, base) {
			return fmt.Errorf("%s has an attribute %s already", p.name(class), base)
		}
		edits, err := p.newAttribute(class, "", base, "", expr)
		if err != nil {
			return err
		}
		lock := p.receiver(fn) + "." + base
		if err := p.taken(lock, stmt, inline, fn); err != nil {
			return err
		}
		p.fix.Edits = append(edits, p.replace(call, lock))
		return nil
	}
	if p.t.Kind(p.t.Parent(fn)) != syntax.Module && p.t.Kind(p.t.Parent(p.t.Parent(fn))) != syntax.Module {
		return errors.New("the function is nested: where all its callers meet is not plain")
	}
	if p.mentionsAttribute(0, base) {
		return fmt.Errorf("the name %s is taken already", base)
	}
	if err := p.taken(base, stmt, inline, fn); err != nil {
		return err
	}
	top := fn
	if p.t.Kind(p.t.Parent(fn)) == syntax.DecoratedDefinition {
		top = p.t.Parent(fn)
	}
	p.fix.Edits = append(p.fix.Edits, p.insertBefore(top, base+" = "+expr+"\n\n\n"), p.replace(call, base))
	return nil
}

// onlyTaken says whether a local lock is used in with statements alone.
func (p *proposal) onlyTaken(fn syntax.ID, local string) bool {
	for n := p.body(fn); n < p.t.Nodes[fn].Next; n++ {
		if p.t.Kind(n) != syntax.Identifier || p.text(n) != local || !p.isVariable(n) {
			continue
		}
		switch parent := p.t.Parent(n); p.t.Kind(parent) {
		case syntax.Assignment, syntax.WithItem:
		default:
			return false
		}
	}
	return true
}

// taken refuses where the shared lock would be taken twice on a path: the function calls itself.
func (p *proposal) taken(lock string, stmt syntax.ID, inline bool, fn syntax.ID) error {
	if p.reach(p.body(fn), p.body(fn))[fn] {
		return fmt.Errorf("%s calls itself under the lock, which is not re-entrant", p.name(fn))
	}
	if !inline {
		stmt = p.t.NextSibling(stmt)
	}
	for s := stmt; s != syntax.Nil; s = p.t.NextSibling(s) {
		if err := p.canHold(section{fn, s, s}); err != nil {
			return fmt.Errorf("%s: %w", lock, err)
		}
	}
	return nil
}
