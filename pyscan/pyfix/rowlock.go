package pyfix

import (
	"fmt"
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// rowLock lets the database lock the row that a session of SQLAlchemy reads until its transaction ends:
// with_for_update. It is for the one row that a function reads and changes, and where nothing else is waited
// for before the commit: two locks could be taken in either order, and one would be held for as long.
func (p *proposal) rowLock(check, act syntax.ID) error {
	fn := p.function(act)
	if !strings.Contains(string(p.t.Src), "sqlalchemy") || fn == syntax.Nil || p.function(check) != fn {
		return errShape
	}
	end := p.awaitedCall(p.first(p.statement(act)))
	session, verb := p.methodCall(end)
	if verb != "commit" && verb != "flush" {
		return errShape
	}
	read := p.statement(check)
	load := syntax.Nil
	for n := p.body(fn); n < p.t.Nodes[fn].Next; n++ {
		call := p.awaitedCall(n)
		if call == syntax.Nil || p.function(n) != fn {
			continue
		}
		object, name := p.methodCall(call)
		switch {
		case object == session && (name == "get" || name == "execute" || name == "scalar" || name == "scalars"):
			if load != syntax.Nil {
				return errShape // two rows, in an order that others may not keep
			}
			load = call
		case p.start(n) > p.start(read) && p.start(n) < p.start(act):
			return errShape // the row would be locked for as long, or the lock is given back
		}
	}
	if load == syntax.Nil || p.statement(load) != read {
		return errShape
	}
	args := p.t.ChildByField(load, syntax.FieldArguments)
	if _, name := p.methodCall(load); name == "get" {
		if p.entity(p.first(args)) == "" || p.passes(args, "with_for_update") {
			return errShape
		}
		p.fix.Edits = []fix.Edit{p.addArgument(args, "with_for_update=True")}
	} else {
		query := p.query(fn, p.first(args))
		if query == syntax.Nil {
			return errShape
		}
		p.fix.Edits = []fix.Edit{{Start: p.end(query), End: p.end(query), New: p.chained(query) + ".with_for_update()"}}
	}
	p.fix.Title = fmt.Sprintf("lock the row until %s ends the transaction: with_for_update", session)
	p.fix.Why = []string{
		"the database lets nobody else change the row, or read it for update, before this transaction ends: in this process or another",
		"what was read is therefore what is there when the change is written",
	}
	return nil
}

// entity is the name of a class of records, as a query selects it; "" for anything else.
func (f *file) entity(n syntax.ID) string {
	text := f.text(n)
	last := text[strings.LastIndexByte(text, '.')+1:]
	if k := f.t.Kind(n); k != syntax.Identifier && k != syntax.Attribute || last == "" || strings.ToUpper(last[:1]) != last[:1] {
		return ""
	}
	return text
}

// passes says whether a call passes a keyword argument.
func (f *file) passes(args syntax.ID, keyword string) bool {
	for c := range f.t.Named(args) {
		if k := f.t.Kind(c); k == syntax.KeywordArgument && f.name(c) == keyword || k == syntax.DictionarySplat {
			return true
		}
	}
	return false
}

// addArgument puts one more argument behind those of a call, on a line of its own where they stand so.
func (f *file) addArgument(args syntax.ID, text string) fix.Edit {
	last := f.first(args)
	for c := range f.t.Named(args) {
		last = c
	}
	more := ", "
	if indent, ok := f.indent(last); ok {
		more = "," + f.newline() + indent
	}
	return fix.Edit{Start: f.end(last), End: f.end(last), New: more + text}
}

// chained is what comes before the next method of a chain whose methods stand on lines of their own.
func (f *file) chained(call syntax.ID) string {
	callee := f.t.ChildByField(call, syntax.FieldFunction)
	object := f.t.ChildByField(callee, syntax.FieldObject)
	if object == syntax.Nil {
		return ""
	}
	gap := string(f.t.Src[f.end(object):f.start(f.t.ChildByField(callee, syntax.FieldAttribute))])
	dot := strings.IndexByte(gap, '.')
	if i := strings.LastIndexByte(gap[:max(dot, 0)], '\n'); i >= 0 && strings.Trim(gap[i+1:dot], " \t") == "" {
		return f.newline() + gap[i+1:dot]
	}
	return ""
}

// rowMethods narrow or order a query for rows of one table, which leaves them rows that can be locked.
var rowMethods = map[string]bool{"where": true, "filter": true, "filter_by": true, "order_by": true, "limit": true, "execution_options": true}

// query is the expression that selects the rows of one class: given itself, or as a variable that the
// function sets once to it. Nil for others: what is joined, grouped or loaded along cannot be locked.
func (f *file) query(fn, n syntax.ID) syntax.ID {
	if f.t.Kind(n) == syntax.Identifier {
		found := syntax.Nil
		for id := f.body(fn); id < f.t.Nodes[fn].Next; id++ {
			switch k := f.t.Kind(id); {
			case k == syntax.Assignment && f.text(f.t.ChildByField(id, syntax.FieldLeft)) == f.text(n) && found == syntax.Nil:
				found = f.t.ChildByField(id, syntax.FieldRight)
			case k == syntax.Assignment && f.text(f.t.ChildByField(id, syntax.FieldLeft)) == f.text(n):
				return syntax.Nil
			case k == syntax.Identifier && f.text(id) == f.text(n) && id != n && f.t.Nodes[id].Field != syntax.FieldLeft:
				return syntax.Nil // used for something else, too
			}
		}
		n = found
	}
	whole := n
	for f.t.Kind(n) == syntax.Call {
		callee := f.t.ChildByField(n, syntax.FieldFunction)
		if f.t.Kind(callee) == syntax.Identifier {
			of := f.t.ChildByField(n, syntax.FieldArguments)
			if f.text(callee) == "select" && f.entity(f.first(of)) != "" && f.t.NextSibling(f.first(of)) == syntax.Nil {
				return whole
			}
			return syntax.Nil
		}
		if _, name := f.methodCall(n); !rowMethods[name] {
			return syntax.Nil
		}
		n = f.t.ChildByField(callee, syntax.FieldObject)
	}
	return syntax.Nil
}
