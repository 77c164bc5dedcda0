package pyfix

import (
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// awaitDropped awaits what only waits for others and was not awaited itself: a dropped gather. The
// function then takes as long as they do, which its author may not have meant.
func (p *proposal) awaitDropped() error {
	stmt := p.statement(p.primary())
	call := p.first(stmt)
	fn := p.function(stmt)
	if p.t.Kind(stmt) != syntax.ExpressionStatement || p.t.Kind(call) != syntax.Call || p.t.Kind(fn) != syntax.FunctionDefinition || !p.isAsync(fn) {
		return errShape
	}
	callee := p.t.ChildByField(call, syntax.FieldFunction)
	name := p.text(callee)
	if p.t.Kind(callee) == syntax.Attribute {
		if p.text(p.t.ChildByField(callee, syntax.FieldObject)) != p.imported("asyncio") {
			return errShape
		}
		name = p.text(p.t.ChildByField(callee, syntax.FieldAttribute))
	} else if p.importedFrom("asyncio", name) != name || name == "" {
		return errShape
	}
	switch name {
	case "gather", "wait", "wait_for":
	default:
		return errShape
	}
	p.fix.Unsafe = true
	p.fix.Title = "await the " + name
	p.fix.Why = []string{p.name(fn) + " ends when they have ended, and gets to know what went wrong"}
	p.fix.Edits = []fix.Edit{{Start: p.start(call), End: p.start(call), New: "await "}}
	return nil
}

// group runs tasks that a function starts into a local container, and forgets, in a TaskGroup: their
// life ends with the function. It waits for them then, which its author may not have meant; and the
// file has to show that its Python has such groups.
func (p *proposal) group(c creation) error {
	if p.plain || !c.within || !p.isAsync(c.fn) || !strings.Contains(string(p.t.Src), "TaskGroup(") {
		return errShape
	}
	add := p.first(c.stmt)
	method := p.t.ChildByField(add, syntax.FieldFunction)
	box := p.text(p.t.ChildByField(method, syntax.FieldObject))
	if p.t.Kind(add) != syntax.Call || p.t.Kind(method) != syntax.Attribute || p.first(p.t.ChildByField(add, syntax.FieldArguments)) != c.call || !identifier(box) {
		return errShape
	}
	if name := p.text(p.t.ChildByField(method, syntax.FieldAttribute)); name != "append" && name != "add" {
		return errShape
	}
	top, made := c.stmt, syntax.Nil
	for p.t.Parent(p.t.Parent(top)) != c.fn {
		if top = p.statement(p.t.Parent(top)); top == syntax.Nil || p.function(top) != c.fn {
			return errShape
		}
	}
	for stmt := range p.t.Named(p.body(c.fn)) {
		if p.target(stmt) == box && p.alone(stmt) {
			made = stmt
		}
	}
	uses := 0
	for n := c.fn; n < p.t.Nodes[c.fn].Next; n++ {
		if p.t.Kind(n) == syntax.Identifier && p.text(n) == box && p.isVariable(n) {
			uses++
		}
	}
	s := section{c.fn, top, top}
	group := p.freeName(c.fn, "group", "tasks_of_call")
	if made == syntax.Nil || p.t.NextSibling(made) != top || uses != 2 || p.leaves(s) || !p.alone(c.stmt) || group == "" {
		return errShape
	}
	_, end, indent, err := p.lines(s)
	if err != nil {
		return errShape
	}
	asyncio, edits := p.needModule("asyncio")
	unit := p.unit(c.fn, p.body(c.fn))
	start, from := p.lineStart(p.start(made)), p.lineStart(p.start(top))
	at, after := p.lineStart(p.start(c.stmt)), p.lineEnd(p.end(c.stmt)-1)
	inner, _ := p.indent(c.stmt)
	args := p.text(p.t.ChildByField(c.call, syntax.FieldArguments))
	text := indent + "async with " + asyncio + ".TaskGroup() as " + group + ":" + p.newline() + p.indented(from, at, unit) +
		unit + inner + group + ".create_task" + args + p.trailing(c.stmt) + p.newline() + p.indented(after, end, unit)
	p.fix.Unsafe = true
	p.fix.Title = "run the tasks in a group that waits for them"
	p.fix.Why = []string{
		"the group holds its tasks and waits for them: none outlives " + p.name(c.fn),
		"the first that fails ends the others, and its error is raised here",
	}
	p.fix.Edits = append(edits, fix.Edit{Start: start, End: end, New: p.trimEnd(end, text)})
	return nil
}
