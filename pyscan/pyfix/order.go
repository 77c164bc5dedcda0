package pyfix

import (
	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// order lets the awaited part be computed first: `x += await f()` reads x before the await.
func (p *proposal) order(act syntax.ID) error {
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
