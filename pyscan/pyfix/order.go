package pyfix

import (
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// order lets the awaited part be computed first: `x += await f()` reads x before the await.
func (p *proposal) order(_, act syntax.ID) error {
	stmt := p.statement(act)
	n := p.first(stmt)
	fn := p.function(act)
	if k := p.t.Kind(n); fn == syntax.Nil || !p.alone(stmt) || k != syntax.AugmentedAssignment && k != syntax.Assignment {
		return errShape
	}
	left, right := p.t.ChildByField(n, syntax.FieldLeft), p.t.ChildByField(n, syntax.FieldRight)
	await := syntax.Nil
	for c := n; c < p.t.Nodes[n].Next; c++ {
		switch p.t.Kind(c) {
		case syntax.Await:
			if await != syntax.Nil {
				return errShape
			}
			await = c
			c = p.t.Nodes[c].Next - 1
		case syntax.Call, syntax.Lambda, syntax.NamedExpression, syntax.ConditionalExpression, syntax.BooleanOperator, syntax.ListComprehension,
			syntax.SetComprehension, syntax.DictionaryComprehension, syntax.GeneratorExpression:
			return errShape // what else is computed might run in another order, or not at all
		}
	}
	if await == syntax.Nil || await < right || right == syntax.Nil || p.mentions(await, p.text(left)) {
		return errShape
	}
	name := p.freeName(fn, "result", "value", "awaited")
	if name == "" {
		return errShape
	}
	hoisted := await
	if p.t.Kind(p.t.Parent(await)) == syntax.ParenthesizedExpression {
		hoisted = p.t.Parent(await)
	}
	indent, _ := p.indent(stmt)
	p.fix.Title = "await first, then read and write in one step"
	p.fix.Why = []string{"the old value is read after the await; nobody else can run between that and the write"}
	p.fix.Edits = []fix.Edit{
		{Start: p.start(stmt), End: p.start(stmt), New: name + " = " + p.text(await) + p.newline() + indent},
		p.replace(hoisted, name),
	}
	return nil
}

// readLate moves a read into a local variable behind the await, to where the value is used:
// `n = x; await f(); x = n + 1` becomes `await f(); n = x; x = n + 1`.
func (p *proposal) readLate(check, act syntax.ID) error {
	read, write := p.statement(check), p.statement(act)
	fn := p.function(act)
	if read == write || p.t.Parent(read) != p.t.Parent(write) || p.function(check) != fn || !p.alone(read) || !p.alone(write) || p.awaits(write, fn) {
		return errShape
	}
	name, value := p.target(read), p.value(read)
	if value == syntax.Nil || !identifier(name) || !p.plainRead(value) || p.t.Kind(p.first(write)) != syntax.Assignment && p.t.Kind(p.first(write)) != syntax.AugmentedAssignment {
		return errShape
	}
	suspends := false
	for n := p.t.NextSibling(read); n != write; n = p.t.NextSibling(n) {
		if n == syntax.Nil || p.leaves(section{fn, n, n}) {
			return errShape
		}
		suspends = suspends || p.awaits(n, fn)
	}
	if !suspends {
		return errShape
	}
	for n := fn; n < p.t.Nodes[fn].Next; n++ { // the variable belongs to these two statements
		in := func(s syntax.ID) bool { return p.start(s) <= p.start(n) && p.end(n) <= p.end(s) }
		if p.t.Kind(n) == syntax.Identifier && p.text(n) == name && p.isVariable(n) && !in(read) && !in(write) {
			return errShape
		}
	}
	names := map[string]bool{}
	for n := value; n < p.t.Nodes[value].Next; n++ {
		if p.t.Kind(n) == syntax.Identifier {
			names[p.text(n)] = p.t.Kind(p.t.Parent(n)) != syntax.Attribute
		}
	}
	if next := p.t.NextSibling(read); p.assigns(section{fn, next, write}, names) && !p.onlyWrites(section{fn, next, write}, names, write) {
		return errShape
	}
	start, end, _, err := p.lines(section{fn, read, read})
	if err != nil {
		return errShape
	}
	for start > p.lineEnd(p.start(fn)) && p.isComment(p.lineStart(start-1)) { // its comment goes with it
		start = p.lineStart(start - 1)
	}
	at := p.lineStart(p.start(write))
	for at > end && p.isComment(p.lineStart(at-1)) {
		at = p.lineStart(at - 1)
	}
	p.fix.Title = "read it after the await, where it is used"
	p.fix.Why = []string{"nobody else can run between reading the old value and writing the new one"}
	p.fix.Edits = []fix.Edit{{Start: start, End: end}, {Start: at, End: at, New: p.span(start, end)}}
	return nil
}

// plainRead says whether an expression only reads: names, attributes, elements and what is
// computed from them.
func (f *file) plainRead(n syntax.ID) bool {
	for c := n; c < f.t.Nodes[n].Next; c++ {
		switch f.t.Kind(c) {
		case syntax.Call, syntax.Await, syntax.Yield, syntax.Lambda, syntax.NamedExpression, syntax.ListComprehension,
			syntax.SetComprehension, syntax.DictionaryComprehension, syntax.GeneratorExpression, syntax.List, syntax.Dictionary, syntax.Set:
			return false
		}
	}
	return true
}

// onlyWrites says whether the only statement of a section that binds one of the names is its last.
func (p *proposal) onlyWrites(s section, names map[string]bool, write syntax.ID) bool {
	for n := s.first; n != write && n != syntax.Nil; n = p.t.NextSibling(n) {
		if p.assigns(section{s.fn, n, n}, names) {
			return false
		}
	}
	return true
}

func identifier(name string) bool {
	return name != "" && !strings.ContainsAny(name, ".[(, :")
}
