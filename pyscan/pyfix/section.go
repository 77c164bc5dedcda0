package pyfix

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// section is a run of statements in one block of one function.
type section struct {
	fn          syntax.ID
	first, last syntax.ID
}

// between finds the smallest run of statements that holds both nodes.
func (f *file) between(check, act syntax.ID) (section, error) {
	fn := f.function(act)
	if fn == syntax.Nil || f.t.Kind(fn) != syntax.FunctionDefinition || f.function(check) != fn {
		return section{}, errors.New("check and act are in different functions")
	}
	chain := map[syntax.ID]syntax.ID{} // block → the statement in it that holds the act
	for n := act; n != fn && n != syntax.Nil; n = f.t.Parent(n) {
		chain[f.t.Parent(n)] = n
	}
	for n := check; n != fn && n != syntax.Nil; n = f.t.Parent(n) {
		p := f.t.Parent(n)
		if x, ok := chain[p]; ok && f.t.Kind(p) == syntax.Block {
			if f.start(n) > f.start(x) {
				n, x = x, n
			}
			return section{fn, n, x}, nil
		}
	}
	return section{}, errors.New("no block holds both check and act")
}

// nodes calls visit for every node of the section.
func (f *file) nodes(s section, visit func(syntax.ID) bool) {
	for n := s.first; n < f.t.Nodes[s.last].Next; n++ {
		if !visit(n) {
			return
		}
	}
}

// has says whether a section contains a node that match accepts.
func (f *file) has(s section, match func(syntax.ID) bool) bool {
	found := false
	f.nodes(s, func(n syntax.ID) bool {
		found = match(n)
		return !found
	})
	return found
}

// awaits says whether a part of the tree may suspend, nested functions aside.
func (f *file) awaits(n, fn syntax.ID) bool {
	for id := n; n != syntax.Nil && id < f.t.Nodes[n].Next; id++ {
		switch f.t.Kind(id) {
		case syntax.Await, syntax.Async, syntax.Yield:
			if f.function(id) == fn {
				return true
			}
		}
	}
	return false
}

// lines are the whole lines of a section; an error if other code shares them.
func (f *file) lines(s section) (start, end int, indent string, err error) {
	indent, ok := f.indent(s.first)
	start, end = f.lineStart(f.start(s.first)), f.lineEnd(f.end(s.last)-1)
	if next := f.t.NextSibling(s.last); !ok || next != syntax.Nil && f.start(next) < end {
		return 0, 0, "", errors.New("the statements share a line with other code")
	}
	return start, end, indent, nil
}

// under is the edit that puts a section under a header: `async with lock`, `if condition`.
func (f *file) under(s section, header string) (fix.Edit, error) {
	start, end, indent, err := f.lines(s)
	if err != nil {
		return fix.Edit{}, err
	}
	body := f.indented(start, end, f.unit(s.fn, f.body(s.fn)))
	return fix.Edit{Start: start, End: end, New: indent + header + ":" + f.newline() + body}, nil
}

// merge unites sections that overlap, lie in one another or follow on one another, each with those of its function.
func (f *file) merge(sections []section) ([]section, error) {
	out := slices.Clone(sections)
	for i := 0; i < len(out); i++ {
		for k := i + 1; k < len(out); k++ {
			a, b := out[i], out[k]
			if a.fn != b.fn || (f.start(b.first) >= f.end(a.last) || f.start(a.first) >= f.end(b.last)) && f.t.NextSibling(a.last) != b.first && f.t.NextSibling(b.last) != a.first {
				continue
			}
			u, err := f.union(a, b)
			if err != nil {
				return nil, err
			}
			out[i] = u
			out = slices.Delete(out, k, k+1)
			i--
			break
		}
	}
	return out, nil
}

func (f *file) union(a, b section) (section, error) {
	first, last := a.first, a.last
	if f.start(b.first) < f.start(first) {
		first = b.first
	}
	if f.end(b.last) > f.end(last) {
		last = b.last
	}
	return f.between(first, last)
}

// within finds the section of merged ones that holds s.
func (f *file) within(s section, merged []section) (section, bool) {
	for _, m := range merged {
		if m.fn == s.fn && f.start(m.first) <= f.start(s.first) && f.end(s.last) <= f.end(m.last) {
			return m, true
		}
	}
	return section{}, false
}

// guardReturn says whether a statement only leaves the function or loop when a condition holds:
// `if x: return y`.
func (f *file) guardReturn(stmt syntax.ID) bool {
	if f.t.Kind(stmt) != syntax.IfStatement || f.t.ChildByField(stmt, syntax.FieldAlternative) != syntax.Nil {
		return false
	}
	last := syntax.Nil
	for c := range f.t.Named(f.body(stmt)) {
		last = c
	}
	switch f.t.Kind(last) {
	case syntax.ReturnStatement, syntax.RaiseStatement, syntax.ContinueStatement:
		return true
	}
	return false
}

// repeatable says whether a condition can be evaluated twice in a row and means the same: it
// only reads, and awaits nothing.
func (f *file) repeatable(cond syntax.ID) bool {
	for n := cond; n < f.t.Nodes[cond].Next; n++ {
		switch f.t.Kind(n) {
		case syntax.Await, syntax.Yield, syntax.Lambda:
			return false
		case syntax.Call:
			fn := f.t.ChildByField(n, syntax.FieldFunction)
			name := f.text(fn)
			if f.t.Kind(fn) == syntax.Attribute {
				name = f.text(f.t.ChildByField(fn, syntax.FieldAttribute))
			}
			if !readOnly[name] {
				return false
			}
		}
	}
	return true
}

// readOnly are calls that a condition may repeat.
var readOnly = map[string]bool{
	"get": true, "keys": true, "values": true, "items": true, "len": true, "isinstance": true, "any": true, "all": true, "bool": true,
	"time": true, "monotonic": true, "perf_counter": true, "now": true, "utcnow": true, "loop": true, "get_running_loop": true,
	"done": true, "cancelled": true, "is_set": true, "locked": true, "is_closed": true, "is_closing": true, "closed": true,
	"fresh": true, "expired": true, "is_expired": true, "is_valid": true, "valid": true, "is_connected": true, "connected": true,
	"empty": true, "full": true, "qsize": true, "startswith": true, "endswith": true, "lower": true, "upper": true, "str": true, "int": true,
	"hasattr": true, "getattr": true, "count": true, "index": true, "timedelta": true, "max": true, "min": true, "sum": true, "issubset": true,
}

// leaves says whether a section can be left early, nested functions and loops of its own aside.
func (f *file) leaves(s section) bool {
	return f.has(s, func(n syntax.ID) bool {
		switch f.t.Kind(n) {
		case syntax.ReturnStatement:
			return f.function(n) == s.fn
		case syntax.BreakStatement, syntax.ContinueStatement:
			loop := f.up(n, syntax.ForStatement, syntax.WhileStatement)
			return loop == syntax.Nil || f.start(loop) < f.start(s.first)
		}
		return false
	})
}

// canHold says why a lock should not be held over a section.
func (f *file) canHold(s section) error {
	var err error
	f.nodes(s, func(n syntax.ID) bool {
		switch f.t.Kind(n) {
		case syntax.Yield:
			if f.function(n) == s.fn {
				err = errors.New("the generator yields in between: whoever does not resume it would hold the lock for good")
			}
		case syntax.WhileStatement:
			cond := f.t.ChildByField(n, syntax.FieldCondition)
			if text := f.text(cond); (text == "True" || text == "1") && f.awaits(n, s.fn) {
				err = fmt.Errorf("the loop at line %d may run for good, and would hold the lock for as long", f.line(f.start(n)))
			}
		}
		return err == nil
	})
	return err
}

// enclosing calls visit for each with statement around a node, in its function.
func (f *file) enclosing(n syntax.ID, visit func(with syntax.ID)) {
	fn := f.function(n)
	for p := f.t.Parent(n); p != syntax.Nil && p != fn; p = f.t.Parent(p) {
		if f.t.Kind(p) == syntax.WithStatement {
			visit(p)
		}
	}
}

// managers are the expressions that a with statement enters.
func (f *file) managers(with syntax.ID) []syntax.ID {
	var out []syntax.ID
	for c := range f.t.Named(f.t.ChildOfKind(with, syntax.WithClause)) {
		v := f.t.ChildByField(c, syntax.FieldValue)
		if f.t.Kind(v) == syntax.AsPattern {
			v = f.first(v)
		}
		if v != syntax.Nil {
			out = append(out, v)
		}
	}
	return out
}

// holds says whether a with statement enters a lock.
func (f *file) holds(with syntax.ID, lock string) bool {
	return slices.ContainsFunc(f.managers(with), func(m syntax.ID) bool { return sameLock(f.text(m), lock) })
}

// sameLock compares two ways of writing a lock: `self._lock` of two methods is one lock,
// whatever they call the receiver.
func sameLock(a, b string) bool {
	if a == b {
		return true
	}
	x, p, ok := strings.Cut(a, ".")
	y, q, okk := strings.Cut(b, ".")
	return ok && okk && p == q && receivers[x] && receivers[y]
}

var receivers = map[string]bool{"self": true, "cls": true, "this": true}
