package pyfix

import (
	"fmt"
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// closers are methods that end what they are called on.
var closers = map[string]bool{
	"close": true, "aclose": true, "disconnect": true, "stop": true, "shutdown": true, "cancel": true, "terminate": true, "kill": true,
	"quit": true, "wait_closed": true, "cleanup": true, "logout": true, "__aexit__": true,
}

// ownEntry removes an entry after an await only if it is still the one that was read before: it fits
// `x = d.get(k)` … `await …` … `del d[k]`.
func (p *proposal) ownEntry(check, act syntax.ID) error {
	stmt, fn := p.statement(act), p.function(act)
	r, ok := p.removes(stmt)
	if !ok || r.key == "" || p.function(check) != fn || !p.alone(stmt) || p.t.Kind(stmt) != syntax.DeleteStatement && p.t.Kind(p.first(stmt)) != syntax.Call || p.guarded(stmt, r) {
		return errShape
	}
	read := p.statement(check)
	own := p.target(read)
	if v := p.text(p.value(read)); !identifier(own) || v != r.what && v != r.place+"["+r.key+"]" {
		return errShape
	}
	s, err := p.between(check, act)
	if err != nil || s.first != read {
		return errShape
	}
	rest := section{fn, p.t.NextSibling(read), s.last}
	names := p.operands(stmt)
	names[own] = true
	if rest.first == syntax.Nil || !p.hasAwait(rest) || p.rebinds(rest, names) {
		return errShape
	}
	e, err := p.under(section{fn, stmt, stmt}, "if "+r.what+" is "+own)
	if err != nil {
		return errShape
	}
	p.fix.Title = "remove it only if it is still the same entry"
	p.fix.Why = []string{
		"what came under the same key during the await is another object, and stays",
		"nothing is awaited between asking and removing",
	}
	p.fix.Edits = []fix.Edit{e}
	return nil
}

// rebinds says whether a section binds one of the names of its function.
func (p *proposal) rebinds(s section, names map[string]bool) bool {
	return p.has(s, func(n syntax.ID) bool {
		if p.t.Kind(n) != syntax.Identifier || !names[p.text(n)] || p.function(n) != s.fn {
			return false
		}
		switch p.t.Kind(p.t.Parent(n)) {
		case syntax.PatternList, syntax.NamedExpression, syntax.AsPatternTarget:
			return true
		}
		return p.t.Nodes[n].Field == syntax.FieldLeft
	})
}

// takeOut takes an entry out before it is closed: `if k in d: await d[k].close(); del d[k]` becomes
// `x = d.pop(k)`, then `await x.close()`.
func (p *proposal) takeOut(check, act syntax.ID) error {
	stmt, fn := p.statement(act), p.function(act)
	r, ok := p.removes(stmt)
	cond := p.up(check, syntax.IfStatement)
	if !ok || r.key == "" || cond == syntax.Nil || p.function(check) != fn || !p.alone(stmt) || p.t.Parent(stmt) != p.body(cond) ||
		p.t.Kind(stmt) != syntax.DeleteStatement && p.t.Kind(p.first(stmt)) != syntax.Call || p.text(p.t.ChildByField(cond, syntax.FieldCondition)) != r.key+" in "+r.place {
		return errShape
	}
	entry := r.place + "[" + r.key + "]"
	first := p.first(p.body(cond))
	if first == stmt {
		return errShape
	}
	last := first
	for c := first; c != stmt; c = p.t.NextSibling(c) {
		last = c
	}
	work := section{fn, first, last}
	plain := p.hasAwait(work)
	p.nodes(work, func(n syntax.ID) bool {
		switch p.t.Kind(n) {
		case syntax.Await:
			callee := p.t.ChildByField(p.first(n), syntax.FieldFunction)
			plain = plain && p.text(p.t.ChildByField(callee, syntax.FieldObject)) == entry && closers[p.text(p.t.ChildByField(callee, syntax.FieldAttribute))]
		case syntax.Attribute, syntax.Identifier:
			if p.text(n) == r.place && (p.t.Kind(n) == syntax.Attribute || p.isVariable(n)) {
				plain = plain && p.text(p.t.Parent(n)) == entry && p.function(n) == fn
			}
		}
		return plain
	})
	if !plain || p.leaves(work) || p.rebinds(work, p.operands(stmt)) || p.callsThatRead(work, r.place) != "" {
		return errShape
	}
	attr := strings.Trim(r.place[strings.LastIndexByte(r.place, '.')+1:], "_")
	one := "entry"
	if strings.HasSuffix(attr, "s") && !strings.HasSuffix(attr, "ss") && len(attr) > 2 {
		one = strings.TrimSuffix(attr, "s")
	}
	local := p.freeName(fn, one, "entry", "taken")
	start, end, indent, err := p.lines(section{fn, first, stmt})
	if err != nil || local == "" {
		return errShape
	}
	from := p.lineStart(p.start(stmt))
	before, n := p.replaceEntry(work, start, from, entry, local)
	if n == 0 {
		return errShape
	}
	taken := fmt.Sprintf("%s%s = %s.pop(%s)%s%s", indent, local, r.place, r.key, p.trailing(stmt), p.newline())
	p.fix.Title = fmt.Sprintf("take the entry out of %s first, then close it", r.place)
	p.fix.Why = []string{
		"looking it up and taking it out is one step: nobody else can run in between",
		"whoever comes during the await finds no entry; what they put there stays",
	}
	p.fix.Edits = []fix.Edit{{Start: start, End: end, New: p.trimEnd(end, taken+before+string(p.t.Src[p.lineEnd(p.end(stmt)-1):end]))}}
	return nil
}

// replaceEntry is the text from start to end with every look-up of an entry replaced by a name.
func (p *proposal) replaceEntry(s section, start, end int, entry, name string) (text string, n int) {
	var b strings.Builder
	at := start
	p.nodes(s, func(id syntax.ID) bool {
		if p.t.Kind(id) == syntax.Subscript && p.text(id) == entry && p.start(id) >= at {
			b.Write(p.t.Src[at:p.start(id)])
			b.WriteString(name)
			at = p.end(id)
			n++
		}
		return true
	})
	b.Write(p.t.Src[at:end])
	return b.String(), n
}
