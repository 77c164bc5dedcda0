package pyfix

import (
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// recheck repeats the check inside the lock that the act is under already.
func (p *proposal) recheck(check, act syntax.ID) error {
	with := syntax.Nil
	p.enclosing(act, func(w syntax.ID) {
		if p.start(w) > p.start(check) {
			with = w // the outermost one that the check is not under
		}
	})
	fn := p.function(act)
	if with == syntax.Nil || p.function(check) != fn || !p.isLock(with) {
		return errShape
	}
	stmt := p.statement(check)
	if p.t.Kind(stmt) != syntax.IfStatement {
		return errShape
	}
	cond := p.t.ChildByField(stmt, syntax.FieldCondition)
	if p.start(check) < p.start(cond) || p.end(check) > p.end(cond) || !p.repeatable(cond) || p.t.ChildByField(stmt, syntax.FieldAlternative) != syntax.Nil {
		return errShape
	}
	body := p.body(with)
	first, last := p.first(body), syntax.Nil
	for c := range p.t.Named(body) {
		last = c
	}
	if first == syntax.Nil || p.line(p.start(first)) == p.line(p.start(with)) {
		return errShape
	}
	all := section{fn, first, last}
	if !p.alone(first) {
		return errShape
	}
	p.fix.Title = "check again once the lock is held"
	p.fix.Why = []string{"whoever waited for the lock asks again before acting, so the answer is from under the lock"}
	switch {
	case p.start(stmt) < p.start(with) && p.end(with) <= p.end(stmt): // if c: async with lock: …
		e, err := p.under(all, "if "+p.text(cond))
		if err != nil {
			return errShape
		}
		p.fix.Edits = []fix.Edit{e}
		return nil
	case p.end(stmt) < p.start(with) && p.t.Parent(stmt) == p.t.Parent(with) && p.guardReturn(stmt): // if not c: return; async with lock: …
		start, end, _, err := p.lines(section{fn, stmt, stmt})
		if err != nil {
			return errShape
		}
		outer, _ := p.indent(stmt)
		inner, _ := p.indent(first)
		if !strings.HasPrefix(inner, outer) {
			return errShape
		}
		copied := p.indented(start, end, inner[len(outer):])
		at := p.lineStart(p.start(first))
		for p.isComment(p.lineStart(at-1)) && p.lineStart(at-1) >= p.headerEnd(with) { // what they say is about the act
			at = p.lineStart(at - 1)
		}
		p.fix.Edits = []fix.Edit{{Start: at, End: at, New: copied}}
		return nil
	}
	return errShape
}

// isLock says whether a with statement enters an asynchronous lock, as far as its name tells.
func (p *proposal) isLock(with syntax.ID) bool {
	if p.t.ChildOfKind(with, syntax.Async) == syntax.Nil {
		return false
	}
	for _, m := range p.managers(with) {
		text := p.text(m)
		if strings.Contains(strings.ToLower(text), "lock") || strings.Contains(strings.ToLower(text), "mutex") {
			return p.t.Kind(m) != syntax.Call || !p.isLockCall(m, "asyncio", "anyio", "trio")
		}
	}
	return false
}

// stillPresent asks again, right before an entry is used or removed, whether it is there: for writers
// that cannot take a lock.
func (p *proposal) stillPresent(check, act syntax.ID) error {
	stmt := p.statement(act)
	place, _, _ := strings.Cut(p.finding.Place, "[")
	key := p.usesEntry(stmt, place)
	if key == "" || p.latent() || p.finding.Consequence != "crash" && p.finding.Consequence != "lost-update" || !p.alone(stmt) || p.function(check) != p.function(act) || p.awaits(stmt, p.function(act)) {
		return errShape
	}
	cond := key + " in " + place
	asked := p.up(check, syntax.IfStatement, syntax.ForStatement)
	switch p.t.Kind(asked) { // the key has to be one that the check, or the loop, asks for: no index of a list
	case syntax.IfStatement:
		if text := p.text(p.t.ChildByField(asked, syntax.FieldCondition)); !strings.Contains(text, cond) && !strings.Contains(text, key+" not in "+place) && !strings.Contains(text, place+".get("+key) {
			return errShape
		}
	case syntax.ForStatement:
		left := p.t.ChildByField(asked, syntax.FieldLeft)
		if over := p.text(p.t.ChildByField(asked, syntax.FieldRight)); p.text(left) != key && (p.text(p.first(left)) != key || !strings.Contains(over, ".items()")) {
			return errShape
		}
	default:
		return errShape
	}
	if outer := p.t.Parent(p.t.Parent(stmt)); p.t.Kind(outer) == syntax.IfStatement && p.text(p.t.ChildByField(outer, syntax.FieldCondition)) == cond && outer != asked {
		return errShape
	}
	p.fix.Title = "ask again right before it is used whether it is still there"
	p.fix.Why = []string{"nothing is awaited between the new check and the use"}
	if entry := p.loopEntry(asked, stmt, place); entry != "" {
		cond = place + ".get(" + key + ") is " + entry
		p.fix.Title = "remove it only if it is still the same entry"
		p.fix.Why = append(p.fix.Why, "a newer entry under the same key is another object, and stays")
	}
	e, err := p.under(section{p.function(act), stmt, stmt}, "if "+cond)
	if err != nil {
		return err
	}
	p.plan = nil
	p.fix.Edits = []fix.Edit{e}
	return nil
}

// loopEntry is the variable in which a loop over the items of a place has the entry that a statement of
// its body removes; "" if there is none, or it is bound again.
func (p *proposal) loopEntry(loop, stmt syntax.ID, place string) string {
	left := p.t.ChildByField(loop, syntax.FieldLeft)
	entry := p.t.NextSibling(p.first(left))
	if _, ok := p.removes(stmt); !ok || p.t.Kind(loop) != syntax.ForStatement || p.t.Kind(left) != syntax.PatternList || p.t.Kind(entry) != syntax.Identifier ||
		p.t.NextSibling(entry) != syntax.Nil || p.iterated(p.t.ChildByField(loop, syntax.FieldRight), place) == syntax.Nil {
		return ""
	}
	body, name := p.body(loop), p.text(entry)
	if p.rebinds(section{p.function(stmt), body, body}, map[string]bool{name: true}) {
		return ""
	}
	return name
}

// stillSet asks again, right before what was found in a place is used, whether the place still holds
// something: for writers that cannot take a lock.
func (p *proposal) stillSet(check, act syntax.ID) error {
	stmt, place := p.statement(act), p.finding.Place
	asked := p.up(check, syntax.IfStatement)
	if strings.ContainsAny(place, "[(") || p.latent() || p.finding.Consequence != "crash" || p.t.Kind(stmt) != syntax.ExpressionStatement || p.target(stmt) != "" || !p.alone(stmt) ||
		asked == syntax.Nil || p.function(check) != p.function(act) || p.t.ChildByField(asked, syntax.FieldAlternative) != syntax.Nil || p.t.Kind(p.first(stmt)) == syntax.AugmentedAssignment {
		return errShape
	}
	cond := p.text(p.t.ChildByField(asked, syntax.FieldCondition))
	if cond != place && cond != place+" is not None" || p.start(stmt) < p.start(p.body(asked)) || p.end(stmt) > p.end(asked) {
		return errShape
	}
	if n := p.firstMention(stmt, place); n == syntax.Nil || p.awaitedBefore(stmt, n) {
		return errShape
	}
	e, err := p.under(section{p.function(act), stmt, stmt}, "if "+cond)
	if err != nil {
		return err
	}
	p.plan = nil
	p.fix.Title = "ask again right before it is used whether it is still there"
	p.fix.Why = []string{"nothing is awaited between the new check and the use"}
	p.fix.Edits = []fix.Edit{e}
	return nil
}

// waitInLoop asks again after each wait for a condition: `if` around it becomes `while`.
func (p *proposal) waitInLoop(check, act syntax.ID) error {
	asked, fn := p.up(check, syntax.IfStatement), p.function(act)
	if asked == syntax.Nil || p.function(asked) != fn || p.t.ChildByField(asked, syntax.FieldAlternative) != syntax.Nil || p.start(act) < p.end(asked) {
		return errShape
	}
	wait := p.first(p.body(asked))
	callee := p.t.ChildByField(p.first(p.first(wait)), syntax.FieldFunction)
	if !p.only(wait) || p.t.Kind(p.first(wait)) != syntax.Await || p.text(p.t.ChildByField(callee, syntax.FieldAttribute)) != "wait" ||
		!p.entered(asked, p.text(p.t.ChildByField(callee, syntax.FieldObject))) {
		return errShape
	}
	p.fix.Title = "ask again after each wait"
	p.fix.Why = []string{"who is woken may find that another one was faster, and waits on"}
	p.fix.Edits = []fix.Edit{{Start: p.start(asked), End: p.start(asked) + len("if"), New: "while"}}
	return nil
}

// entered says whether a with statement around a node enters what an expression names.
func (f *file) entered(n syntax.ID, name string) bool {
	in := false
	f.enclosing(n, func(with syntax.ID) { in = in || f.holds(with, name) })
	return in
}

// settleOnce settles a future only if nobody has by then: whoever waits for it may have given up, and no
// lock keeps that from happening.
func (p *proposal) settleOnce(check, act syntax.ID) error {
	stmt, fn := p.statement(act), p.function(act)
	call := p.first(stmt)
	callee := p.t.ChildByField(call, syntax.FieldFunction)
	future := p.t.ChildByField(callee, syntax.FieldObject)
	name := p.text(p.t.ChildByField(callee, syntax.FieldAttribute))
	if p.latent() || p.function(check) != fn || p.t.Kind(stmt) != syntax.ExpressionStatement || p.t.Kind(call) != syntax.Call || name != "set_result" && name != "set_exception" ||
		future == syntax.Nil || !p.plainRead(future) || !p.alone(stmt) || p.awaits(stmt, fn) {
		return errShape
	}
	e, err := p.under(section{fn, stmt, stmt}, "if not "+p.text(future)+".done()")
	if err != nil {
		return errShape
	}
	p.fix.Title = "settle " + p.text(future) + " only if it is not settled yet"
	p.fix.Why = []string{"nothing is awaited between asking and settling, and who waits for it may give up at any time before"}
	p.fix.Edits = []fix.Edit{e}
	return nil
}

// awaitedBefore says whether a statement may suspend before it comes to a node, or mentions the same
// after a suspension.
func (p *proposal) awaitedBefore(stmt, n syntax.ID) bool {
	text, fn := p.text(n), p.function(n)
	for c := stmt; c < p.t.Nodes[stmt].Next; c++ {
		if p.t.Kind(c) != syntax.Await || p.function(c) != fn {
			continue
		}
		if p.start(c) > p.start(n) || p.end(c) < p.end(n) { // the await is not the one around it
			return true
		}
		for m := p.t.Nodes[c].Next; m < p.t.Nodes[stmt].Next; m++ {
			if p.text(m) == text {
				return true
			}
		}
	}
	return false
}

// usesEntry is the key of the one entry of a container that a statement takes away or uses; "" if
// there is none. A statement that binds a name would leave it unbound.
func (p *proposal) usesEntry(stmt syntax.ID, place string) string {
	r, ok := p.removes(stmt)
	if !ok {
		r, ok = p.takesElement(stmt)
	}
	if ok {
		if r.place != place {
			return ""
		}
		return r.key
	}
	if p.t.Kind(stmt) != syntax.ExpressionStatement || identifier(p.target(stmt)) {
		return ""
	}
	key := ""
	for n := stmt; n < p.t.Nodes[stmt].Next; n++ {
		if p.t.Kind(n) != syntax.Subscript || p.text(p.t.ChildByField(n, syntax.FieldValue)) != place {
			continue
		}
		if k := p.text(p.t.ChildByField(n, syntax.FieldSubscript)); key != "" && key != k {
			return ""
		} else if p.t.Nodes[n].Field != syntax.FieldLeft || p.t.Kind(p.t.Parent(n)) != syntax.Assignment {
			key = k
		}
	}
	return key
}

// takesElement reads `s.remove(x)` and `s.discard(x)`.
func (p *proposal) takesElement(stmt syntax.ID) (removal, bool) {
	call := p.first(stmt)
	fn, args := p.t.ChildByField(call, syntax.FieldFunction), p.t.ChildByField(call, syntax.FieldArguments)
	if p.t.Kind(stmt) != syntax.ExpressionStatement || p.t.Kind(call) != syntax.Call || p.t.Kind(fn) != syntax.Attribute || p.first(args) == syntax.Nil {
		return removal{}, false
	}
	if name := p.text(p.t.ChildByField(fn, syntax.FieldAttribute)); name != "remove" && name != "discard" {
		return removal{}, false
	}
	return removal{place: p.text(p.t.ChildByField(fn, syntax.FieldObject)), key: p.text(p.first(args))}, true
}
