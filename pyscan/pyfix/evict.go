package pyfix

import (
	"slices"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// evict fits a loop that closes what it then takes out of the container it iterates over:
//
//	for key, value in d.items():
//	    if expired(value):
//	        await value.close()
//	        del d[key]
//
// The removal comes before the await, and the body begins by asking whether the entry of the
// snapshot is still the one that is there.
func (p *proposal) evict(loop, target syntax.ID, container string) ([]fix.Edit, bool) {
	fn, body := p.function(loop), p.body(loop)
	if p.t.Kind(loop) != syntax.ForStatement || p.t.ChildByField(loop, syntax.FieldRight) != target {
		return nil, false
	}
	key, guard := p.snapshotGuard(loop, target, container)
	if key == "" {
		return nil, false
	}
	remove, uses := syntax.Nil, 0
	for n := body; n < p.t.Nodes[body].Next; n++ {
		if k := p.t.Kind(n); (k == syntax.Attribute || k == syntax.Identifier && p.isVariable(n)) && p.text(n) == container {
			uses++
			remove = p.statement(n)
		}
	}
	r, ok := p.removes(remove)
	if !ok {
		r, ok = p.takesElement(remove)
	}
	if uses != 1 || !ok || r.place != container || r.key != key || !p.alone(remove) || p.t.Kind(remove) != syntax.DeleteStatement && p.t.Kind(remove) != syntax.ExpressionStatement {
		return nil, false
	}
	first := syntax.Nil // of those before the removal, in its block, that await
	for c := p.first(p.t.Parent(remove)); c != remove; c = p.t.NextSibling(c) {
		if first == syntax.Nil && p.awaits(c, fn) {
			first = c
		}
		if first != syntax.Nil && p.leaves(section{fn, c, c}) {
			return nil, false
		}
	}
	if first == syntax.Nil || p.awaits(remove, fn) || p.binds(body, key) || !p.alone(first) {
		return nil, false
	}
	start, end, _, err := p.lines(section{fn, remove, remove})
	top := p.first(body)
	indent, own := p.indent(top)
	if err != nil || !own {
		return nil, false
	}
	for start > p.lineEnd(p.end(first)-1) && p.isComment(p.lineStart(start-1)) {
		start = p.lineStart(start - 1)
	}
	unit, nl := p.unit(fn, p.body(fn)), p.newline()
	ask := indent + "if " + guard + ":" + nl + indent + unit + "continue" + nl
	at, above := p.above(first, loop), p.above(top, loop)
	if at == above { // one insertion, in this order
		return []fix.Edit{{Start: at, End: at, New: ask + p.span(start, end)}, {Start: start, End: end}}, true
	}
	return []fix.Edit{{Start: above, End: above, New: ask}, {Start: at, End: at, New: p.span(start, end)}, {Start: start, End: end}}, true
}

// above is the start of the line of a statement, with the comments that belong to it.
func (p *proposal) above(stmt, within syntax.ID) int {
	at := p.lineStart(p.start(stmt))
	for at > p.lineEnd(p.start(within)) && p.isComment(p.lineStart(at-1)) {
		at = p.lineStart(at - 1)
	}
	return at
}

// snapshotGuard is the key of a loop over a dictionary and the condition that says that the entry of
// the snapshot is no longer the one in the dictionary.
func (p *proposal) snapshotGuard(loop, target syntax.ID, container string) (key, guard string) {
	left := p.t.ChildByField(loop, syntax.FieldLeft)
	if p.text(target) != container+".items()" {
		if p.t.Kind(left) != syntax.Identifier || p.text(target) != container && p.text(target) != container+".keys()" {
			return "", ""
		}
		return p.text(left), p.text(left) + " not in " + container
	}
	parts := slices.Collect(p.t.Named(left))
	if p.t.Kind(left) != syntax.PatternList || len(parts) != 2 || p.t.Kind(parts[0]) != syntax.Identifier {
		return "", ""
	}
	key = p.text(parts[0])
	value := p.text(parts[1])
	switch {
	case p.t.Kind(parts[1]) == syntax.Identifier && value != "_":
		return key, container + ".get(" + key + ") is not " + value
	case p.t.Kind(parts[1]) == syntax.Identifier:
		return key, key + " not in " + container
	case p.t.Kind(parts[1]) == syntax.TuplePattern && p.named(parts[1]) && p.storesTuples(container):
		return key, container + ".get(" + key + ") != " + value
	}
	return "", ""
}

// named says whether a pattern binds nothing but plain names.
func (p *proposal) named(pattern syntax.ID) bool {
	for c := range p.t.Named(pattern) {
		if p.t.Kind(c) != syntax.Identifier || p.text(c) == "_" {
			return false
		}
	}
	return true
}

// storesTuples says whether all that the file puts in a dictionary is written as a tuple.
func (p *proposal) storesTuples(container string) bool {
	found := false
	for n := range p.t.Nodes {
		id := syntax.ID(n)
		left := p.t.ChildByField(id, syntax.FieldLeft)
		if p.t.Kind(id) != syntax.Assignment || p.t.Kind(left) != syntax.Subscript || p.text(p.t.ChildByField(left, syntax.FieldValue)) != container {
			continue
		}
		if k := p.t.Kind(p.t.ChildByField(id, syntax.FieldRight)); k != syntax.Tuple && k != syntax.ExpressionList {
			return false
		}
		found = true
	}
	return found
}
