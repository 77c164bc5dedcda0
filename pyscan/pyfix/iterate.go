package pyfix

import (
	"errors"
	"fmt"
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// iteration iterates over a snapshot, and asks for each element whether it is still there where
// the body looks it up again.
func (p *proposal) iteration() error {
	n := p.primary()
	loop := p.up(n, syntax.ForStatement, syntax.ForInClause)
	if loop == syntax.Nil {
		return errors.New("no for loop iterates here")
	}
	if p.t.ChildOfKind(loop, syntax.Async) != syntax.Nil {
		return errors.New("the loop is asynchronous: its iterator cannot be copied")
	}
	over := p.t.ChildByField(loop, syntax.FieldRight)
	container := p.finding.Place
	target := p.iterated(over, container)
	if target == syntax.Nil {
		container, _, _ = strings.Cut(container, "[")
		target = p.iterated(over, container)
	}
	if target == syntax.Nil {
		return fmt.Errorf("what is iterated is not plainly %s", container)
	}
	edits := []fix.Edit{
		{Start: p.start(target), End: p.start(target), New: "list("},
		{Start: p.end(target), End: p.end(target), New: ")"},
	}
	if more, ok := p.evict(loop, target, container); ok {
		p.fix.Title = "iterate over a snapshot, taking each entry out before it is awaited"
		p.fix.Why = []string{
			"the copy is made in one step and nobody else can change it",
			"each entry is asked for and taken out in one step: what others put there meanwhile stays",
		}
		p.fix.Edits = append(edits, more...)
		return nil
	}
	if p.t.Kind(loop) == syntax.ForStatement && p.lookedUp(p.body(loop), container) {
		more, err := p.stillThere(loop, container)
		if err != nil {
			return err
		}
		edits = append(edits, more...)
	} else if element := p.t.ChildByField(loop, syntax.FieldLeft); p.leavesList(loop, target, container) {
		if e, err := p.passOver(loop, p.text(element)+" not in "+container); err == nil {
			edits = append(edits, e)
		}
	}
	p.fix.Title = "iterate over a snapshot"
	p.fix.Why = []string{"the copy is made in one step and nobody else can change it"}
	if len(edits) > 2 {
		p.fix.Title += ", passing over what is gone"
		p.fix.Why = append(p.fix.Why, "each element is looked for again before it is used, with no await in between")
	}
	p.fix.Edits = edits
	return nil
}

// iterated is the part of an iterable that is the container or a view of it.
func (p *proposal) iterated(over syntax.ID, container string) syntax.ID {
	views := map[string]bool{container: true, container + ".items()": true, container + ".values()": true, container + ".keys()": true}
	for n := over; over != syntax.Nil && n < p.t.Nodes[over].Next; n++ {
		if parent := p.t.Parent(n); views[p.text(n)] && (p.t.Kind(parent) != syntax.Subscript || p.t.ChildByField(parent, syntax.FieldValue) != n) {
			return n
		}
	}
	return syntax.Nil
}

// lookedUp says whether code subscripts a container.
func (p *proposal) lookedUp(n syntax.ID, container string) bool {
	for c := n; c < p.t.Nodes[n].Next; c++ {
		if p.t.Kind(c) == syntax.Subscript && p.text(p.t.ChildByField(c, syntax.FieldValue)) == container {
			return true
		}
	}
	return false
}

// stillThere begins the body with a test that the key is still in the container. That is enough
// where every look-up comes before the first await of the body.
func (p *proposal) stillThere(loop syntax.ID, container string) ([]fix.Edit, error) {
	body, fn := p.body(loop), p.function(loop)
	key := p.t.ChildByField(loop, syntax.FieldLeft)
	if p.t.Kind(key) == syntax.PatternList {
		key = p.first(key)
	}
	over := p.text(p.t.ChildByField(loop, syntax.FieldRight))
	if p.t.Kind(key) != syntax.Identifier || strings.Contains(container, "[") || strings.HasSuffix(over, ".values()") || strings.HasPrefix(over, "enumerate(") {
		return nil, errors.New("the body looks elements up again under a key that the loop does not give")
	}
	var edits []fix.Edit
	suspended := false
	for n := body; n < p.t.Nodes[body].Next; n++ {
		switch p.t.Kind(n) {
		case syntax.Await, syntax.Yield, syntax.Async:
			if p.function(n) == fn {
				// What the awaited expression itself looks up comes before it suspends.
				if p.t.Kind(n) == syntax.Await && !suspended {
					end := p.t.Nodes[n].Next
					for ; n < end && !suspended; n++ {
						if err := p.lookup(n, container, p.text(key)); err != nil {
							return nil, err
						}
					}
					n = end - 1
				}
				suspended = true
			}
		case syntax.Subscript:
			if p.text(p.t.ChildByField(n, syntax.FieldValue)) != container {
				continue
			}
			if e, ok := p.storesBack(n, key, container); suspended && ok {
				edits = append(edits, e)
				n = p.t.Nodes[p.statement(n)].Next - 1
				continue
			}
			if suspended {
				return nil, fmt.Errorf("the body looks elements up again after an await (line %d): each time it has to be asked whether they are still there", p.line(p.start(n)))
			}
			if err := p.lookup(n, container, p.text(key)); err != nil {
				return nil, err
			}
		}
	}
	e, err := p.passOver(loop, p.text(key)+" not in "+container)
	if err != nil {
		return nil, err
	}
	return append(edits, e), nil
}

// passOver begins the body of a loop with a condition under which it goes on to the next element.
func (p *proposal) passOver(loop syntax.ID, cond string) (fix.Edit, error) {
	body, fn := p.body(loop), p.function(loop)
	indent, ok := p.indent(p.first(body))
	if !ok {
		return fix.Edit{}, errors.New("the loop is written on one line")
	}
	at := p.lineStart(p.start(body))
	for at > p.lineEnd(p.end(p.t.ChildByField(loop, syntax.FieldRight))-1) && p.isComment(p.lineStart(at-1)) {
		at = p.lineStart(at - 1)
	}
	nl := p.newline()
	return fix.Edit{Start: at, End: at, New: indent + "if " + cond + ":" + nl + indent + p.unit(fn, p.body(fn)) + "continue" + nl}, nil
}

// leavesList says whether a loop goes over a list itself that others take elements out of: it did not
// come to these, and its snapshot would. Other containers end the loop with an error.
func (p *proposal) leavesList(loop, target syntax.ID, container string) bool {
	element := p.t.ChildByField(loop, syntax.FieldLeft)
	if p.t.Kind(loop) != syntax.ForStatement || p.t.Kind(element) != syntax.Identifier || target != p.t.ChildByField(loop, syntax.FieldRight) || p.text(target) != container {
		return false
	}
	list, leaves := false, false
	for _, n := range p.writes(container, p.function(loop)) {
		stmt := p.statement(n)
		list = list || p.t.Kind(p.value(stmt)) == syntax.List
		if fn := p.function(n); fn != p.function(loop) {
			leaves = leaves || p.onlyRemoves(stmt)
		}
	}
	return list && leaves
}

// storesBack makes `d[k] = …` conditional on k being there still: the loop refreshes what is there and
// brings back nothing that was taken out. What is awaited comes first.
func (p *proposal) storesBack(sub, key syntax.ID, container string) (fix.Edit, bool) {
	stmt := p.statement(sub)
	fn := p.function(stmt)
	value := p.value(stmt)
	if p.t.Kind(stmt) != syntax.ExpressionStatement || p.target(stmt) != container+"["+p.text(key)+"]" || !p.alone(stmt) || value == syntax.Nil || p.mentions(value, container) {
		return fix.Edit{}, false
	}
	start, end, indent, err := p.lines(section{fn, stmt, stmt})
	name := p.freeName(fn, "value", "fresh", "result")
	if err != nil || name == "" {
		return fix.Edit{}, false
	}
	unit, nl := p.unit(fn, p.body(fn)), p.newline()
	ask := indent + "if " + p.text(key) + " in " + container + ":" + nl
	if !p.awaits(value, fn) {
		return fix.Edit{Start: start, End: end, New: ask + p.indented(start, end, unit)}, true
	}
	text := indent + name + " = " + p.text(value) + p.trailing(stmt) + nl + ask + indent + unit + p.target(stmt) + " = " + name + nl
	return fix.Edit{Start: start, End: end, New: p.trimEnd(end, text)}, true
}

// lookup refuses a look-up under another key than the loop's.
func (p *proposal) lookup(n syntax.ID, container, key string) error {
	if p.t.Kind(n) == syntax.Subscript && p.text(p.t.ChildByField(n, syntax.FieldValue)) == container && p.text(p.t.ChildByField(n, syntax.FieldSubscript)) != key {
		return errors.New("the body looks elements up again under a key that the loop does not give")
	}
	return nil
}
