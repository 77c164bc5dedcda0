package pyfix

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

var errShape = errors.New("another shape")

// swap takes the value out before it is closed: `x, self.x = self.x, None`.
func (p *proposal) swap(check, act syntax.ID) error {
	place := p.finding.Place
	reset := p.statement(act)
	fn := p.function(act)
	if fn == syntax.Nil || p.function(check) != fn || p.target(reset) != place || p.text(p.value(reset)) != "None" || strings.ContainsAny(place, "[(") {
		return errShape
	}
	s, err := p.between(check, act)
	if err != nil {
		return errShape
	}
	block := p.t.Parent(reset)
	var first syntax.ID // the first statement that is to work on the value taken out
	switch {
	case s.first == s.last && p.t.Kind(s.first) == syntax.IfStatement && p.t.Parent(p.t.Parent(reset)) == s.first && block == p.body(s.first):
		first = p.first(block)
	case s.last == reset && p.guardReturn(s.first):
		first = p.t.NextSibling(s.first)
	case s.last == reset && s.first != reset: // what is closed is read there
		first = s.first
	default:
		return errShape
	}
	if first == syntax.Nil || first == reset || !p.awaits(first, fn) && !p.hasAwait(section{fn, first, reset}) {
		return errShape
	}
	work := section{fn, first, reset}
	if called := p.callsThatRead(work, place); called != "" {
		return fmt.Errorf("%w: %s uses %s too", errShape, called, place)
	}
	start, end, indent, err := p.lines(work)
	if err != nil {
		return errShape
	}
	name := place[strings.LastIndexByte(place, '.')+1:]
	bare := strings.Trim(name, "_")
	local := p.freeName(fn, bare, "old_"+bare, "taken")
	if local == "" || strings.Count(place, ".") > 1 {
		return errShape
	}
	resetStart := p.lineStart(p.start(reset))
	before, n, ok := p.replaceIn(fn, start, resetStart, place, local)
	if !ok || n == 0 {
		return errShape
	}
	if next := p.t.NextSibling(reset); next == syntax.Nil || strings.TrimSpace(string(p.t.Src[end:p.lineEnd(end)])) == "" { // no blank lines where the reset was
		before = strings.TrimRight(before, " \t\r\n") + p.newline()
	}
	taken := fmt.Sprintf("%s%s, %s = %s, None%s%s", indent, local, place, place, p.trailing(reset), p.newline())
	after := string(p.t.Src[p.lineEnd(p.end(reset)-1):end])
	p.fix.Title = fmt.Sprintf("take %s out first, then close it", place)
	p.fix.Why = []string{
		"taking the value out and clearing the place is one step: nobody else can run in between",
		"whoever comes during the await finds the place empty; what they put there stays",
	}
	p.fix.Edits = []fix.Edit{{Start: start, End: end, New: p.trimEnd(end, taken+before+after)}}
	return nil
}

func (p *proposal) hasAwait(s section) bool {
	return p.has(s, func(n syntax.ID) bool { return p.t.Kind(n) == syntax.Await && p.function(n) == s.fn })
}

// callsThatUse names a function of the file that the section calls and that uses a place: what
// it finds there would change.
func (p *proposal) callsThatUse(s section, place string) string {
	for fn := range p.reach(s.first, s.last) {
		if p.mentions(p.body(fn), place) {
			return p.name(fn)
		}
	}
	return ""
}

// callsThatRead is the same for functions that read the place: what they put there stays there.
func (p *proposal) callsThatRead(s section, place string) string {
	for fn := range p.reach(s.first, s.last) {
		for n := p.body(fn); n < p.t.Nodes[fn].Next; n++ {
			if (p.t.Kind(n) == syntax.Attribute || p.t.Kind(n) == syntax.Identifier && p.isVariable(n)) && p.text(n) == place &&
				(p.t.Nodes[n].Field != syntax.FieldLeft || p.t.Kind(p.t.Parent(n)) != syntax.Assignment) {
				return p.name(fn)
			}
		}
	}
	return ""
}

// reserve moves the write before the await and undoes it when what was awaited fails.
func (p *proposal) reserve(check, act syntax.ID) error {
	write := p.statement(act)
	fn := p.function(act)
	if fn == syntax.Nil || p.function(check) != fn || !p.alone(write) {
		return errShape
	}
	before, undo := p.undo(fn, write)
	if undo == "" {
		undo = p.undoElement(check, fn, write)
	}
	if undo == "" {
		return errShape
	}
	s, err := p.between(check, act)
	if err != nil {
		return errShape
	}
	block := p.t.Parent(write)
	var first syntax.ID
	switch {
	case s.first == s.last && p.t.Kind(s.first) == syntax.IfStatement && block == p.body(s.first):
		first = p.first(block)
	case s.last == write && p.guardReturn(s.first):
		first = p.t.NextSibling(s.first)
	default:
		return errShape
	}
	last := syntax.Nil
	for c := first; c != syntax.Nil && c != write; c = p.t.NextSibling(c) {
		last = c
	}
	if last == syntax.Nil {
		return errShape
	}
	work := section{fn, first, last}
	if !p.hasAwait(work) || p.leaves(work) || p.canHold(work) != nil {
		return errShape
	}
	base, _, _ := strings.Cut(p.finding.Place, "[")
	if p.has(work, func(n syntax.ID) bool { return p.t.Kind(n) == syntax.Attribute && p.text(n) == base }) || p.callsThatUse(work, base) != "" {
		return errShape
	}
	if p.assigns(work, p.operands(write)) {
		return errShape
	}
	start, end, indent, err := p.lines(section{fn, first, write})
	if err != nil {
		return errShape
	}
	unit, nl := p.unit(fn, p.body(fn)), p.newline()
	writeStart := p.lineStart(p.start(write))
	for writeStart > start && p.isComment(p.lineStart(writeStart-1)) {
		writeStart = p.lineStart(writeStart - 1)
	}
	moved := p.span(writeStart, p.lineEnd(p.end(write)-1))
	body := p.indented(start, writeStart, unit)
	p.fix.Title = "reserve before the await, give back on failure"
	p.fix.Why = []string{
		"check and reservation are one step: nobody else can run in between",
		"an error or a cancellation during the await gives the reservation back",
	}
	if try := p.t.NextSibling(write); before == "" && p.givesBack(try, undo) { // what is awaited moves into it
		head := p.lineEnd(p.start(try))
		text := moved + string(p.t.Src[p.lineEnd(p.end(write)-1):head]) + strings.TrimRight(body, " \t\r\n") + nl
		p.fix.Edits = []fix.Edit{{Start: start, End: head, New: text}}
		return nil
	}
	var b strings.Builder
	if before != "" {
		b.WriteString(indent + before + nl)
	}
	b.WriteString(moved)
	b.WriteString(indent + "try:" + nl)
	b.WriteString(strings.TrimRight(body, " \t\r\n") + nl)
	b.WriteString(indent + "except BaseException:" + nl)
	b.WriteString(indent + unit + undo + nl)
	b.WriteString(indent + unit + "raise" + nl)
	p.fix.Edits = []fix.Edit{{Start: start, End: end, New: p.trimEnd(end, b.String())}}
	return nil
}

// undo is the statement that takes a reservation back: for counters, and for flags and states that
// say that something is going on. What says that something is done must not be set early. before
// keeps the old state, where that is needed.
func (p *proposal) undo(fn, write syntax.ID) (before, undo string) {
	n := p.first(write)
	left := p.text(p.t.ChildByField(n, syntax.FieldLeft))
	right := p.t.ChildByField(n, syntax.FieldRight)
	switch p.t.Kind(n) {
	case syntax.AugmentedAssignment:
		op := p.text(p.t.ChildByField(n, syntax.FieldOperator))
		if p.t.Kind(right) != syntax.Integer && p.t.Kind(right) != syntax.Identifier && p.t.Kind(right) != syntax.Attribute || strings.Contains(left, "(") {
			return "", ""
		}
		switch op {
		case "+=":
			return "", left + " -= " + p.text(right)
		case "-=":
			return "", left + " += " + p.text(right)
		}
	case syntax.Assignment:
		if p.text(right) == "True" && ongoing(left) {
			return "", left + " = False"
		}
		if name := p.freeName(fn, "previous", "state_before"); p.t.Kind(right) == syntax.Attribute && ongoing(p.text(right)) && name != "" {
			return name + " = " + left, left + " = " + name
		}
	}
	return "", ""
}

// undoElement is the statement that takes an element out of a set again, where a function asks whether
// it is there to do something once, and nobody else asks: others might take what is reserved for done.
func (p *proposal) undoElement(check, fn, write syntax.ID) string {
	call := p.first(write)
	callee, arg := p.t.ChildByField(call, syntax.FieldFunction), p.first(p.t.ChildByField(call, syntax.FieldArguments))
	place := p.text(p.t.ChildByField(callee, syntax.FieldObject))
	cond := p.up(check, syntax.IfStatement)
	if p.t.Kind(call) != syntax.Call || p.t.Kind(callee) != syntax.Attribute || p.text(p.t.ChildByField(callee, syntax.FieldAttribute)) != "add" ||
		arg == syntax.Nil || p.t.NextSibling(arg) != syntax.Nil || !p.plainRead(arg) || cond == syntax.Nil || p.t.ChildByField(cond, syntax.FieldAlternative) != syntax.Nil {
		return ""
	}
	if text := p.text(p.t.ChildByField(cond, syntax.FieldCondition)); text != p.text(arg)+" in "+place && text != p.text(arg)+" not in "+place {
		return ""
	}
	if p.guardReturn(cond) {
		leave := p.first(p.body(cond))
		switch p.text(p.first(leave)) {
		case "", "None", "False":
		default:
			return ""
		}
		if p.t.NextSibling(leave) != syntax.Nil {
			return ""
		}
	}
	scope := p.classAround(fn)
	if scope == syntax.Nil || !strings.Contains(place, ".") {
		scope = 0
	}
	for n := scope; n < p.t.Nodes[scope].Next; n++ {
		if k := p.t.Kind(n); k != syntax.Attribute && (k != syntax.Identifier || !p.isVariable(n)) || p.text(n) != place {
			continue
		}
		if user := p.function(n); user == fn || user == syntax.Nil || p.name(user) == "__init__" || p.onlyRemoves(p.statement(n)) {
			continue
		}
		return ""
	}
	return place + ".discard(" + p.text(arg) + ")"
}

// givesBack says whether a statement is a try that undoes a reservation in its finally clause, where
// nothing but plain values is assigned besides, and catches nothing.
func (p *proposal) givesBack(try syntax.ID, undo string) bool {
	if p.t.Kind(try) != syntax.TryStatement || p.line(p.start(p.body(try))) == p.line(p.start(try)) || p.hasCommentOn(try) {
		return false
	}
	found := false
	for c := range p.t.Named(try) {
		switch p.t.Kind(c) {
		case syntax.Block:
		case syntax.FinallyClause:
			for stmt := range p.t.Named(p.body(c)) {
				switch v := p.value(stmt); {
				case p.text(stmt) == undo:
					found = true
				case v != syntax.Nil && (p.t.Kind(v) == syntax.None || p.t.Kind(v) == syntax.False || p.t.Kind(v) == syntax.Integer):
				default:
					return false
				}
			}
		default:
			return false
		}
	}
	return found
}

// hasCommentOn says whether a comment stands on the line on which a statement begins.
func (f *file) hasCommentOn(stmt syntax.ID) bool {
	start, end := f.start(stmt), f.lineEnd(f.start(stmt))
	return slices.ContainsFunc(f.t.Comments, func(c syntax.Node) bool { return start <= int(c.Start) && int(c.Start) < end })
}

// ongoing says whether a flag's name says that something is under way.
func ongoing(name string) bool {
	name = strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])
	for _, word := range []string{"busy", "in_progress", "in_flight", "inflight"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	name = strings.TrimPrefix(strings.TrimLeft(name, "_"), "is_")
	return strings.HasSuffix(name, "ing")
}

// operands are the names that a statement reads.
func (p *proposal) operands(stmt syntax.ID) map[string]bool {
	out := map[string]bool{}
	for n := stmt; n < p.t.Nodes[stmt].Next; n++ {
		if p.t.Kind(n) == syntax.Identifier && p.isVariable(n) {
			out[p.text(n)] = true
		}
	}
	delete(out, "self")
	return out
}

// assigns says whether a section binds one of the names, or changes what one of them refers to.
func (p *proposal) assigns(s section, names map[string]bool) bool {
	return p.rebinds(s, names) || p.has(s, func(n syntax.ID) bool {
		if k := p.t.Kind(n); k != syntax.Assignment && k != syntax.AugmentedAssignment {
			return false
		}
		left := p.t.ChildByField(n, syntax.FieldLeft)
		for c := left; c < p.t.Nodes[left].Next; c++ {
			if p.t.Kind(c) == syntax.Identifier && p.isVariable(c) && names[p.text(c)] && p.function(c) == s.fn {
				return true
			}
		}
		return false
	})
}

// flagBeforeSpawn sets the flag that a task sets for itself already where the task is started.
func (p *proposal) flagBeforeSpawn(_, act syntax.ID) error {
	call := p.up(act, syntax.Call)
	for call != syntax.Nil && !p.spawner(call) {
		call = p.up(p.t.Parent(call), syntax.Call)
	}
	fn := p.function(act)
	if call == syntax.Nil || p.function(call) != fn || p.t.Kind(fn) != syntax.FunctionDefinition {
		return errShape
	}
	place := p.finding.Place
	recv, attr, ok := strings.Cut(place, ".")
	if !ok || strings.ContainsAny(attr, ".[(") || recv != p.receiver(fn) {
		return errShape
	}
	stmt := p.statement(call)
	args := p.t.ChildByField(call, syntax.FieldArguments)
	for c := args; c != syntax.Nil && c < p.t.Nodes[args].Next; c++ {
		for _, target := range p.callees(c, false) {
			if p.setsFlag(target, attr) && p.alone(stmt) {
				indent, _ := p.indent(stmt)
				at := p.lineStart(p.start(stmt))
				p.fix.Title = fmt.Sprintf("set %s before the task is started", place)
				p.fix.Why = []string{"check and flag are one step: a second caller finds the flag set, whether the task has begun to run or not"}
				p.fix.Edits = []fix.Edit{{Start: at, End: at, New: indent + place + " = True" + p.newline()}}
				return nil
			}
		}
	}
	return errShape
}

// setsFlag says whether a method sets an attribute to True when it begins and resets it in a
// finally clause, whatever happens.
func (p *proposal) setsFlag(fn syntax.ID, attr string) bool {
	self := p.receiver(fn)
	set, reset := false, false
	for n := p.body(fn); n < p.t.Nodes[fn].Next; n++ {
		if p.target(n) != self+"."+attr || self == "" {
			continue
		}
		switch p.text(p.value(n)) {
		case "True":
			set = true
		case "False":
			reset = reset || p.up(n, syntax.FinallyClause) != syntax.Nil
		}
	}
	return set && reset
}
