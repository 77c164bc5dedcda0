package pyfix

import (
	"fmt"
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// section is the run of statements from check to act, in one block of one function.
type section struct {
	fn          syntax.ID
	first, last syntax.ID // statements of one block
}

// between finds the smallest run of statements that holds both nodes.
func (f *file) between(check, act syntax.ID) (section, error) {
	fn := f.function(act)
	if fn == syntax.Nil || f.t.Kind(fn) != syntax.FunctionDefinition || f.function(check) != fn {
		return section{}, fmt.Errorf("check and act are in different functions")
	}
	var chain []syntax.ID
	for n := act; n != fn && n != syntax.Nil; n = f.t.Parent(n) {
		chain = append(chain, n)
	}
	for n := check; n != fn && n != syntax.Nil; n = f.t.Parent(n) {
		if p := f.t.Parent(n); f.t.Kind(p) == syntax.Block {
			for _, x := range chain {
				if f.t.Parent(x) == p {
					a, b := n, x
					if f.start(a) > f.start(b) {
						a, b = b, a
					}
					return section{fn, a, b}, nil
				}
			}
		}
	}
	return section{}, fmt.Errorf("no block holds both check and act")
}

// lines are the whole lines of the section; an error if other code shares them.
func (f *file) lines(s section) (start, end int, indent string, err error) {
	indent, ok := f.indent(s.first)
	start, end = f.lineStart(f.start(s.first)), f.lineEnd(f.end(s.last)-1)
	if next := f.t.NextSibling(s.last); !ok || next != syntax.Nil && f.start(next) < end {
		return 0, 0, "", fmt.Errorf("the statements share a line with others")
	}
	return start, end, indent, nil
}

// wrap holds the lock from first to last statement.
func (f *file) wrap(s section, lock string) ([]fix.Edit, error) {
	start, end, indent, err := f.lines(s)
	if err != nil {
		return nil, err
	}
	unit := f.unit(s.fn, f.body(s.fn))
	body := f.indented(start, end, unit)
	if !strings.HasSuffix(body, "\n") {
		body += "\n"
	}
	return []fix.Edit{{Start: start, End: end, New: indent + "async with " + lock + ":\n" + body}}, nil
}

// lockFor names the lock of a place and makes the edits that create it: beside the attribute in
// __init__, as a dataclass field, beside the module global, or in the function that owns a
// captured variable.
func (f *file) lockFor(place string, fn syntax.ID) (lock string, edits []fix.Edit, err error) {
	base, _, _ := strings.Cut(place, "[")
	if recv, attr, ok := strings.Cut(base, "."); ok {
		if strings.Contains(attr, ".") || recv != f.receiver(fn) {
			return "", nil, fmt.Errorf("the state belongs to another object (%s)", base)
		}
		return f.attributeLock(recv, attr, fn)
	}
	return f.variableLock(base, fn)
}

// receiver is the name of the first parameter of a method, "" for other functions.
func (f *file) receiver(fn syntax.ID) string {
	if f.classOf(fn) == syntax.Nil {
		return ""
	}
	for p := range f.t.Named(f.t.ChildByField(fn, syntax.FieldParameters)) {
		if f.t.Kind(p) == syntax.Identifier {
			return f.text(p)
		}
		break
	}
	return ""
}

func lockName(attr string) string { return "_" + strings.TrimLeft(attr, "_") + "_lock" }

func (f *file) attributeLock(recv, attr string, fn syntax.ID) (string, []fix.Edit, error) {
	class := f.classOf(fn)
	name := lockName(attr)
	lock := recv + "." + name
	if strings.Contains(f.text(class), "."+name) {
		return "", nil, fmt.Errorf("%s has an attribute %s already", f.name(class), name)
	}
	if init := f.method(class, "__init__"); init != syntax.Nil {
		self := f.receiver(init)
		last := syntax.Nil
		for stmt := range f.t.Named(f.body(init)) {
			if last == syntax.Nil && f.t.Kind(stmt) == syntax.ExpressionStatement && self != "" {
				text := f.text(stmt)
				if strings.HasPrefix(text, self+"."+attr+" ") || strings.HasPrefix(text, self+"."+attr+":") || strings.HasPrefix(text, self+"."+attr+"=") {
					last = stmt
				}
			}
		}
		if last == syntax.Nil {
			return "", nil, fmt.Errorf("__init__ of %s does not make %s, so there is no place for a lock beside it", f.name(class), attr)
		}
		indent, ok := f.indent(last)
		if !ok {
			return "", nil, fmt.Errorf("__init__ of %s is written on one line", f.name(class))
		}
		at := f.lineEnd(f.end(last) - 1)
		return lock, append(f.needImport("asyncio"), fix.Edit{Start: at, End: at, New: indent + self + "." + name + " = asyncio.Lock()\n"}), nil
	}
	return "", nil, fmt.Errorf("%s has no __init__ of its own to make a lock in", f.name(class))
}

// variableLock makes a lock beside a module global or a captured variable.
func (f *file) variableLock(name string, fn syntax.ID) (string, []fix.Edit, error) {
	lock := lockName(name)
	for scope := f.t.Parent(fn); scope != syntax.Nil; scope = f.t.Parent(scope) {
		k := f.t.Kind(scope)
		if k != syntax.Module && (k != syntax.Block || f.t.Kind(f.t.Parent(scope)) != syntax.FunctionDefinition) {
			continue
		}
		for stmt := range f.t.Named(scope) {
			text := f.text(stmt)
			if f.t.Kind(stmt) != syntax.ExpressionStatement || !strings.HasPrefix(text, name) {
				continue
			}
			if rest := strings.TrimLeft(text[len(name):], " "); !strings.HasPrefix(rest, "=") && !strings.HasPrefix(rest, ":") {
				continue
			}
			if strings.Contains(string(f.t.Src), lock) {
				return "", nil, fmt.Errorf("the name %s is taken already", lock)
			}
			indent, _ := f.indent(stmt)
			at := f.lineEnd(f.end(stmt) - 1)
			return lock, append(f.needImport("asyncio"), fix.Edit{Start: at, End: at, New: indent + lock + " = asyncio.Lock()\n"}), nil
		}
	}
	return "", nil, fmt.Errorf("the place where %s is made is not in this file", name)
}
