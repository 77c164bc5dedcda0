package pyfix

import (
	"fmt"
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// conditional lets the store write a record only if nothing of it has changed since it was read, and
// reads it again if something has. The statement that does so is made of the one that writes now; what
// stands between read and write may be done again.
func (p *proposal) conditional(check, act syntax.ID) error {
	read, write := p.statement(check), p.statement(act)
	fn := p.function(act)
	record, get := p.target(read), p.awaitedCall(p.value(read))
	set := p.awaitedCall(p.first(write))
	arg := p.first(p.t.ChildByField(set, syntax.FieldArguments))
	if fn == syntax.Nil || !p.isAsync(fn) || p.function(check) != fn || p.t.Kind(write) != syntax.ExpressionStatement || p.t.Parent(read) != p.t.Parent(write) ||
		!p.alone(read) || !p.alone(write) || record == "" || strings.ContainsAny(record, ".[,") || get == syntax.Nil || set == syntax.Nil ||
		p.t.Kind(arg) != syntax.Identifier || p.text(arg) != record || p.t.NextSibling(arg) != syntax.Nil {
		return errShape
	}
	store, load := p.methodCall(get)
	other, save := p.methodCall(set)
	between := section{fn, p.t.NextSibling(read), write}
	if store == "" || store != other || between.first == write || !p.repeats(between, record) {
		return errShape
	}
	file, keeper, class := p.storeClass(fn, store)
	if keeper == nil {
		return errShape
	}
	name, add := keeper.conditionalUpdate(class, load, save)
	kept := p.freeName(fn, "as_read", record+"_as_read")
	if name == "" || kept == "" || p.local(fn, "copy") {
		return errShape
	}
	start, end, indent, err := p.lines(section{fn, read, write})
	if err != nil {
		return errShape
	}
	unit, nl := p.unit(fn, p.body(fn)), p.newline()
	copies, edits := p.needModule("copy")
	at := p.changePoint(between, record)
	last := p.lineStart(p.start(write))
	await := fmt.Sprintf("%sif await %s.%s(%s, %s):%s%s", indent+unit, store, name, record, kept, p.trailing(write), nl)
	text := indent + "while True:  # until nobody has changed it in between" + nl +
		p.indented(start, at, unit) + indent + unit + kept + " = " + copies + ".copy(" + record + ")" + nl +
		p.indented(at, last, unit) + await + indent + unit + unit + "break" + nl
	p.fix.Edits = append(edits, fix.Edit{Start: start, End: end, New: p.trimEnd(end, text)})
	if add != nil && keeper == p.file {
		p.fix.Edits = append(p.fix.Edits, *add)
	} else if add != nil {
		p.fix.Others = []fix.Other{{File: file, Text: keeper.t.Src, Edits: []fix.Edit{*add}}}
	}
	p.fix.Title = fmt.Sprintf("write %s only if nobody has changed it since it was read, else read it again", record)
	p.fix.Why = []string{
		fmt.Sprintf("%s compares and writes in one statement: whoever comes later, in this process or another, finds that the record has changed", name),
		"then it is read and tested again, so what is written always comes from what was read",
	}
	return nil
}

// awaitedCall is the call that an expression awaits, or Nil.
func (f *file) awaitedCall(n syntax.ID) syntax.ID {
	if call := f.first(n); n != syntax.Nil && f.t.Kind(n) == syntax.Await && f.t.Kind(call) == syntax.Call {
		return call
	}
	return syntax.Nil
}

// methodCall is the object and the method of a call.
func (f *file) methodCall(call syntax.ID) (object, name string) {
	callee := f.t.ChildByField(call, syntax.FieldFunction)
	if f.t.Kind(callee) != syntax.Attribute {
		return "", ""
	}
	return f.text(f.t.ChildByField(callee, syntax.FieldObject)), f.text(f.t.ChildByField(callee, syntax.FieldAttribute))
}

// repeats says whether statements may be run again with a record that was read again: they wait for
// nothing, do not loop, change nothing but the record and names of the function, and call nothing that
// does more the second time. The last of them is the write.
func (p *proposal) repeats(s section, record string) bool {
	return !p.has(s, func(n syntax.ID) bool {
		if p.start(n) >= p.start(s.last) {
			return false
		}
		switch k := p.t.Kind(n); k {
		case syntax.Await, syntax.Yield, syntax.ForStatement, syntax.WhileStatement, syntax.TryStatement, syntax.BreakStatement,
			syntax.ContinueStatement, syntax.FunctionDefinition, syntax.Lambda, syntax.NamedExpression, syntax.ImportStatement, syntax.ImportFromStatement,
			syntax.GlobalStatement, syntax.NonlocalStatement:
			return true
		case syntax.Assignment, syntax.AugmentedAssignment:
			left := p.t.ChildByField(n, syntax.FieldLeft)
			own := strings.HasPrefix(p.text(left), record+".")
			return !own && (k == syntax.AugmentedAssignment || p.t.Kind(left) != syntax.Identifier || p.text(left) == record)
		case syntax.WithStatement:
			return !p.isLock(n)
		case syntax.DeleteStatement: // where it was asked for
			cond := p.up(n, syntax.IfStatement)
			entry := p.first(n)
			return cond == syntax.Nil || p.start(cond) < p.start(s.first) || p.t.Kind(entry) != syntax.Subscript || p.t.NextSibling(entry) != syntax.Nil ||
				p.text(p.t.ChildByField(cond, syntax.FieldCondition)) != p.text(p.t.ChildByField(entry, syntax.FieldSubscript))+" in "+p.text(p.t.ChildByField(entry, syntax.FieldValue))
		case syntax.Call:
			return !p.repeatableCall(n, record)
		}
		return false
	})
}

// harmless are calls, besides those that only read, that may be made again.
var harmless = map[string]bool{"cancel": true, "discard": true, "isoformat": true, "total_seconds": true, "uuid4": true}

func (p *proposal) repeatableCall(call syntax.ID, record string) bool {
	callee := p.t.ChildByField(call, syntax.FieldFunction)
	if p.t.Kind(callee) != syntax.Attribute {
		return readOnly[p.text(callee)] || p.up(call, syntax.RaiseStatement) != syntax.Nil
	}
	object, name := p.methodCall(call)
	if readOnly[name] || harmless[name] || object == record || strings.Contains(strings.ToLower(object), "log") {
		return true
	}
	args := p.t.ChildByField(call, syntax.FieldArguments)
	return name == "pop" && p.t.NextSibling(p.first(args)) != syntax.Nil // with a default: what has gone is not missed
}

// changePoint is the start of the first lines that change a record, with the comments above them.
func (p *proposal) changePoint(s section, record string) int {
	stmt := s.first
	for ; stmt != s.last; stmt = p.t.NextSibling(stmt) {
		if p.has(section{s.fn, stmt, stmt}, func(n syntax.ID) bool {
			switch p.t.Kind(n) {
			case syntax.Assignment, syntax.AugmentedAssignment:
				return strings.HasPrefix(p.text(p.t.ChildByField(n, syntax.FieldLeft)), record+".")
			case syntax.Call:
				object, name := p.methodCall(n)
				return object == record && !readOnly[name]
			}
			return false
		}) {
			break
		}
	}
	at := p.lineStart(p.start(stmt))
	for p.isComment(p.lineStart(at - 1)) {
		at = p.lineStart(at - 1)
	}
	return at
}

// storeClass finds the class of a store that a function uses, by what its owner or its own head says.
func (p *proposal) storeClass(fn syntax.ID, store string) (path string, in *file, class syntax.ID) {
	name := ""
	recv, attr, ok := strings.Cut(store, ".")
	if owner := p.methodAround(fn); ok && owner != syntax.Nil && recv == p.receiver(owner) {
		name = p.attributeType(p.classOf(owner), attr)
	} else if !ok {
		name = p.parameterType(fn, store)
	}
	if name == "" {
		return "", nil, syntax.Nil
	}
	if class = p.classNamed(name); class != syntax.Nil {
		return p.finding.File, p.file, class
	}
	if p.stores == nil {
		return "", nil, syntax.Nil
	}
	path, tree := p.stores(name)
	if tree == nil {
		return "", nil, syntax.Nil
	}
	return path, &file{t: tree, base: p.base}, BaseClass(tree, name)
}
