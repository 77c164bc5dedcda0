package pyfix

import (
	"fmt"
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// popOut makes look-up and removal one operation where nothing is awaited in between:
// `if k in d: x = d[k]; …; del d[k]` becomes `x = d.pop(k, None)`, then `if x is not None: …`.
// A lock would say less: who removes in a callback could not take it.
func (p *proposal) popOut(check, act syntax.ID) error {
	stmt, fn := p.statement(act), p.function(act)
	r, ok := p.removes(stmt)
	cond := p.up(check, syntax.IfStatement)
	if !ok || r.key == "" || cond == syntax.Nil || p.function(check) != fn || !p.alone(stmt) || p.t.Parent(stmt) != p.body(cond) ||
		p.t.Kind(stmt) != syntax.DeleteStatement || p.text(p.t.ChildByField(cond, syntax.FieldCondition)) != r.key+" in "+r.place {
		return errShape
	}
	if p.t.Kind(p.t.Parent(cond)) != syntax.Block || p.t.ChildByField(cond, syntax.FieldAlternative) != syntax.Nil {
		return errShape
	}
	read := p.first(p.body(cond))
	local := p.target(read)
	if read == stmt || !p.alone(read) || !identifier(local) || p.text(p.value(read)) != r.place+"["+r.key+"]" {
		return errShape
	}
	work := section{fn, p.t.NextSibling(read), stmt}
	names := p.operands(stmt)
	names[local] = true
	touches := p.has(section{fn, work.first, work.last}, func(n syntax.ID) bool {
		return p.start(n) < p.start(stmt) && (p.t.Kind(n) == syntax.Attribute || p.t.Kind(n) == syntax.Identifier && p.isVariable(n)) && p.text(n) == r.place
	})
	if work.first == stmt || touches || p.hasAwait(work) || p.leaves(work) || p.rebinds(work, names) || p.callsThatUse(work, r.place) != "" {
		return errShape
	}
	if p.usedAfter(cond, fn, local) {
		return errShape // it would be None there where it was not bound before
	}
	start, end, indent, err := p.lines(section{fn, cond, stmt})
	if err != nil {
		return errShape
	}
	condition := p.t.ChildByField(cond, syntax.FieldCondition)
	if strings.TrimSpace(string(p.t.Src[p.end(condition):p.start(read)])) != ":" {
		return errShape // a comment on the question
	}
	gap := string(p.t.Src[p.lineEnd(p.end(read)-1):p.lineStart(p.start(stmt))])
	after := string(p.t.Src[p.lineEnd(p.end(stmt)-1):end])
	first, second := p.trailing(read), p.trailing(stmt) // comments
	if first == "" {
		first, second = second, ""
	}
	head := fmt.Sprintf("%s%s = %s.pop(%s, None)%s%s%sif %s is not None:%s%s", indent, local, r.place, r.key, first, p.newline(),
		indent, local, second, p.newline())
	p.fix.Title = fmt.Sprintf("look it up and take it out of %s in one step", r.place)
	p.fix.Why = []string{
		"pop is one operation: nobody can come between looking the entry up and removing it",
		"where there is none, nothing happens, as before",
	}
	p.fix.Edits = []fix.Edit{{Start: start, End: end, New: p.trimEnd(end, head+gap+after)}}
	return nil
}

// usedAfter says whether a function uses a variable after a statement.
func (p *proposal) usedAfter(stmt, fn syntax.ID, name string) bool {
	for n := p.t.Nodes[stmt].Next; n < p.t.Nodes[fn].Next; n++ {
		if p.t.Kind(n) == syntax.Identifier && p.text(n) == name && p.isVariable(n) {
			return true
		}
	}
	return false
}
