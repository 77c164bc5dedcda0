package pyfix

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
	"github.com/toctou-lint/toctou/report"
)

// Options are the settings that change what is proposed.
type Options struct {
	Latent bool // close windows that nothing can enter today, too
	// Plain prefers the plainest form: a lock from check to the last use in the block, without a
	// fast path, and no shape but the lock where one will do.
	Plain bool
	// Base finds a class of the project that is not in the file, by its name: its file and its
	// node there. Nil: none is known.
	Base func(name string) (*syntax.Tree, syntax.ID)
	// Store finds a class of the project that may be changed along with the file, by its name: its
	// file, as it is now. Nil: none is known.
	Store func(name string) (file string, tree *syntax.Tree)
}

// Propose returns a fix for each of the findings in the file whose tree is t, in their order. A
// fix without edits gives the reason why there is no safe one. Fixes that need the same lock,
// import or set ask for it with equal edits.
func Propose(t *syntax.Tree, findings []report.Finding, opt Options) []fix.Fix {
	out := make([]fix.Fix, len(findings))
	f := &file{t: t, base: opt.Base, stores: opt.Store}
	var proposals []*proposal
	for i := range findings {
		d := &findings[i]
		out[i] = fix.Fix{Fingerprint: d.Fingerprint, Rule: d.Rule, File: d.File, Line: d.Line}
		p := &proposal{file: f, finding: d, fix: &out[i], plain: opt.Plain}
		if err := p.make(opt); err != nil {
			p.refuse(err)
			continue
		}
		proposals = append(proposals, p)
	}
	// Open windows first: a latent one may lie under the lock that an open one needs.
	slices.SortStableFunc(proposals, func(a, b *proposal) int {
		switch la, lb := a.latent(), b.latent(); {
		case la == lb:
			return 0
		case la:
			return 1
		}
		return -1
	})
	f.settle(proposals)
	return out
}

// proposal is the work on one fix.
type proposal struct {
	*file
	finding *report.Finding
	fix     *fix.Fix
	plan    *plan // a lock, if that is the fix
	plain   bool  // see Options
	store   bool  // what is guarded is in a store: a lock keeps out this process only
}

func (p *proposal) latent() bool {
	return p.finding.Window != nil && *p.finding.Window == report.WindowLatent
}

// refuse records why there is no edit.
func (p *proposal) refuse(err error) {
	p.plan, p.fix.Edits, p.fix.Others, p.fix.Why = nil, nil, nil, nil
	p.fix.Reason = err.Error()
}

// makers by rule; each tries its shapes in order of preference.
var makers = map[string]func(*proposal) error{
	"checkthenact":      (*proposal).checkThenAct,
	"lostupdate":        (*proposal).lostUpdate,
	"iterationrace":     (*proposal).iteration,
	"untrackedtask":     (*proposal).untracked,
	"unobservedfailure": (*proposal).unobserved,
	"undrainedtasks":    (*proposal).undrained,
	"blindremoval":      (*proposal).blindRemoval,
	"uselesslock":       (*proposal).uselessLock,
	"unevenguard":       (*proposal).unevenGuard,
	"stalerecord":       (*proposal).staleRecord,
	"overwrittentask":   (*proposal).overwritten,
	"threadlockawait":   (*proposal).threadLock,
}

func (p *proposal) make(opt Options) error {
	m := makers[p.finding.Rule]
	if p.finding.Window == nil && slices.Contains(p.finding.Also, "unevenguard") {
		m = (*proposal).unevenGuard // the write that takes no lock, not the section that does
	}
	if m == nil {
		return errors.New("this rule is fixed by hand")
	}
	if p.latent() && !opt.Latent {
		return errors.New("nothing suspends between check and act: there is nothing to close today")
	}
	if len(p.t.Damaged()) > 0 {
		return errors.New("the file has syntax errors")
	}
	for _, s := range p.finding.Steps {
		if s.File != p.finding.File && (s.Kind == report.StepCheck || s.Kind == report.StepAct) {
			return errors.New("check and act are in different files")
		}
	}
	return m(p)
}

// node is the node at the first step of a kind in the finding's file, or Nil.
func (p *proposal) node(kind string) syntax.ID {
	for _, s := range p.finding.Steps {
		if s.Kind == kind && s.File == p.finding.File {
			return p.at(p.offset(s.Line, s.Column))
		}
	}
	return syntax.Nil
}

// primary is the node that the finding points at, or Nil.
func (p *proposal) primary() syntax.ID {
	return p.at(p.offset(p.finding.Line, p.finding.Column))
}

// checkAndAct are the two nodes of a window.
func (p *proposal) checkAndAct() (check, act syntax.ID, err error) {
	check, act = p.node(report.StepCheck), p.node(report.StepAct)
	if act == syntax.Nil {
		act = p.primary()
	}
	if check == syntax.Nil || act == syntax.Nil || p.statement(act) == syntax.Nil || p.statement(check) == syntax.Nil {
		return 0, 0, errors.New("the finding names no check and act in this file")
	}
	return check, act, nil
}

// checkThenAct takes the shape with the least reach that fits.
func (p *proposal) checkThenAct() error {
	check, act, err := p.checkAndAct()
	if err != nil {
		return err
	}
	return p.firstOf(check, act, p.settleOnce, p.waitInLoop, p.swap, p.popOut, p.takeOut, p.ownEntry, p.flagBeforeSpawn, p.recheck, p.reserve, p.widen, p.share)
}

// firstOf takes the first shape that fits, else a lock from check to act; where that cannot be, the
// question is asked again at the act.
func (p *proposal) firstOf(check, act syntax.ID, shapes ...func(check, act syntax.ID) error) error {
	var why error
	for _, shape := range shapes {
		if p.plain {
			break
		}
		err := shape(check, act)
		if err == nil {
			return nil
		}
		if !errors.Is(err, errShape) {
			why = err
		}
	}
	err := p.holdLock(check, act)
	if err == nil || p.stillPresent(check, act) == nil || p.stillSet(check, act) == nil {
		return nil
	}
	return cmp.Or(why, err)
}

// lostUpdate reads after the await where that is all it takes; else it holds a lock.
func (p *proposal) lostUpdate() error {
	check, act, err := p.checkAndAct()
	if err != nil {
		return err
	}
	return p.firstOf(check, act, p.order, p.readLate, p.widen)
}

// staleRecord makes the update conditional where the statement that does it is in sight. Else it holds a
// lock from the read of a record to the write of it. That keeps out the tasks of this process and nobody
// else, so it is for the author to ask for.
func (p *proposal) staleRecord() error {
	store := errors.New("the store decides how an update is made conditional: a version column, WHERE on what was read, or FOR UPDATE")
	check, act, err := p.checkAndAct()
	if err != nil {
		return store
	}
	if p.conditional(check, act) == nil || p.rowLock(check, act) == nil {
		return nil
	}
	of := *p.finding
	of.Place = strings.TrimSuffix(of.Place, ".record")
	p.finding = &of
	p.store = true
	if err := p.holdLock(check, act); err != nil || p.plan.thread {
		p.plan = nil
		return store
	}
	p.plan.sections = append(p.plan.sections, p.storeWrites(of.Place, p.plan.sections[0])...)
	p.fix.Unsafe = true
	return nil
}

// storeWrites are the other statements of a class that change records of a store: each by itself is one
// step, but would be undone by whoever writes back what was read before.
func (p *proposal) storeWrites(store string, own section) []section {
	class := p.classAround(own.fn)
	under := p.reach(own.first, own.last)
	var out []section
	for n := class; class != syntax.Nil && n < p.t.Nodes[class].Next; n++ {
		callee := p.t.ChildByField(n, syntax.FieldFunction)
		if p.t.Kind(n) != syntax.Call || p.t.Kind(callee) != syntax.Attribute || p.text(p.t.ChildByField(callee, syntax.FieldObject)) != store {
			continue
		}
		name := p.text(p.t.ChildByField(callee, syntax.FieldAttribute))
		if !slices.ContainsFunc([]string{"update", "save", "mark", "set", "put", "write", "store", "upsert", "delete", "fail"}, func(verb string) bool { return strings.HasPrefix(name, verb) }) {
			continue
		}
		stmt, fn := p.statement(n), p.function(n)
		if fn == syntax.Nil || !p.isAsync(fn) || under[fn] || p.t.Kind(p.t.Parent(stmt)) != syntax.Block {
			continue
		}
		s := section{fn, stmt, stmt}
		if _, ok := p.within(s, append(out, own)); !ok && fn != own.fn && p.canHold(s) == nil {
			out = append(out, s)
		}
	}
	return out
}

// unevenGuard takes the lock that guards the place elsewhere.
func (p *proposal) unevenGuard() error {
	n := p.primary()
	stmt := p.statement(n)
	fn := p.function(n)
	if stmt == syntax.Nil || fn == syntax.Nil || p.t.Kind(fn) != syntax.FunctionDefinition {
		return errors.New("the access is not in a function")
	}
	if !p.isAsync(fn) {
		return errors.New(p.name(fn) + " is no coroutine: it cannot wait for an asyncio.Lock")
	}
	s, err := p.writerSection(n, p.finding.Place)
	if err != nil {
		return err
	}
	if err := p.canHold(s); err != nil {
		return err
	}
	lock, create, err := p.lockFor(p.finding.Place, fn, p.library())
	if err != nil {
		return err
	}
	if create != nil {
		return errors.New("the lock that guards it elsewhere is not one of this class or module")
	}
	p.plan = &plan{lock: lock, sections: []section{s}}
	return nil
}
