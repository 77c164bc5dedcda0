package pyfix

import (
	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// meantOutside declares the variable nonlocal that a nested function assigns a task to, where the function
// around it has one of that name and cancels or awaits it.
func (p *proposal) meantOutside(c creation) bool {
	outer := p.function(p.t.Parent(c.fn))
	if c.handle == "" || c.within || c.chain != "" || p.t.Kind(outer) != syntax.FunctionDefinition {
		return false
	}
	bound, ended := false, false
	for n := p.body(outer); n < p.t.Nodes[outer].Next; n++ {
		if p.t.Kind(n) != syntax.Identifier || p.text(n) != c.handle {
			continue
		}
		parent := p.t.Parent(n)
		switch p.function(n) {
		case outer:
			bound = bound || p.t.Nodes[n].Field == syntax.FieldLeft && p.t.Kind(parent) == syntax.Assignment
			ended = ended || p.t.Kind(parent) == syntax.Await || p.t.Kind(parent) == syntax.Attribute && p.text(parent) == c.handle+".cancel"
		case c.fn:
			if p.statement(n) != c.stmt { // it is a variable of its own
				return false
			}
		}
	}
	first := p.first(p.body(c.fn))
	indent, ok := p.indent(first)
	if !bound || !ended || !ok {
		return false
	}
	callback, edits, err := p.failureCallback(c.fn)
	if err != nil {
		return false
	}
	at, line := p.lineStart(p.start(first)), indent+"nonlocal "+c.handle+p.newline()
	report, _ := p.indent(c.stmt)
	p.fix.Title = "assign the " + c.handle + " of " + p.name(outer)
	p.fix.Why = []string{
		p.name(outer) + " ends the task that it finds in " + c.handle + ": without nonlocal it never finds one",
		"the callback logs what went wrong with it",
	}
	p.fix.Edits = append(edits, fix.Edit{Start: at, End: at, New: line}, p.insertLines(c.stmt, report+c.handle+".add_done_callback("+callback+")"+p.newline()))
	return true
}
