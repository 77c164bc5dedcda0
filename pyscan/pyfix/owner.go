package pyfix

import (
	"fmt"
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// lockFor names the lock of a place, as fn writes it, and makes the edits that create it: beside
// the attribute in __init__, as a field of a dataclass, beside the module global, or in the
// function that owns a captured variable. A lock that guards the place elsewhere is taken as it is.
func (f *file) lockFor(place string, fn syntax.ID, module string) (lock string, edits []fix.Edit, err error) {
	base, _, _ := strings.Cut(place, "[")
	if recv, attr, ok := strings.Cut(base, "."); ok {
		if !strings.ContainsAny(attr, ".(") && f.importsModule(recv) && !f.local(fn, recv) {
			return f.foreignLock(attr, module)
		}
		owner := f.methodAround(fn)
		if strings.ContainsAny(attr, ".(") || owner == syntax.Nil || recv != f.receiver(owner) {
			return "", nil, fmt.Errorf("the state belongs to another object (%s): its own class has to guard it", base)
		}
		if recv == "cls" || f.shared(f.classOf(owner), attr) {
			return f.classLock(recv, attr, f.classOf(owner), module)
		}
		if lock := f.guard(f.classOf(owner), recv, base, module); lock != "" {
			return lock, nil, nil
		}
		return f.attributeLock(recv, attr, f.classOf(owner), module)
	}
	return f.variableLock(base, fn, module)
}

// storeLock is the lock for the records of a store that an object has: one of its own, since what else
// happens to be used beside the store is guarded by other locks.
func (f *file) storeLock(place string, fn syntax.ID, module string) (string, []fix.Edit, error) {
	recv, attr, ok := strings.Cut(place, ".")
	owner := f.methodAround(fn)
	if !ok || strings.ContainsAny(attr, ".[(") || owner == syntax.Nil || recv != f.receiver(owner) || !receivers[recv] || recv == "cls" {
		return "", nil, fmt.Errorf("%s is not an attribute of the object", place)
	}
	if lock := recv + "." + lockName(attr); f.madeAs(f.classOf(owner), lock, module) {
		return lock, nil, nil
	}
	return f.attributeLock(recv, attr, f.classOf(owner), module)
}

// importsModule says whether a name is that of a module that the file imports.
func (f *file) importsModule(name string) bool {
	for c := range f.t.Named(0) {
		switch f.t.Kind(c) {
		case syntax.ImportStatement:
			if f.alone(c) && (f.text(f.first(c)) == name || strings.HasSuffix(f.text(f.first(c)), " as "+name)) {
				return true
			}
		case syntax.ImportFromStatement: // `from . import state`: a module, as far as can be told from here
			if from := f.text(f.t.ChildByField(c, syntax.FieldModuleName)); strings.Trim(from, ".") == "" && from != "" && f.importedFrom(from, name) == name {
				return true
			}
		}
	}
	return false
}

// local says whether a function, or one around it, binds a name.
func (f *file) local(fn syntax.ID, name string) bool {
	for ; fn != syntax.Nil; fn = f.function(f.t.Parent(fn)) {
		if f.parameter(fn, name) || f.binds(f.body(fn), name) {
			return true
		}
	}
	return false
}

// foreignLock makes a lock for an attribute of another module in this one: enough as long as nobody
// else writes it.
func (f *file) foreignLock(attr, module string) (string, []fix.Edit, error) {
	lock := lockName(attr)
	first := f.firstDefinition()
	if f.mentionsAttribute(0, lock) || first == syntax.Nil || !f.alone(first) {
		return "", nil, fmt.Errorf("the name %s is taken already", lock)
	}
	expr, edits := f.newLock(module)
	return lock, append(edits, f.insertBefore(first, lock+" = "+expr+"\n\n\n")), nil
}

// shared says whether an attribute is made in the body of a class and nowhere in its __init__: all
// instances have the one of the class.
func (f *file) shared(class syntax.ID, attr string) bool {
	init := f.method(class, "__init__")
	return f.classAttribute(class, attr) != syntax.Nil && !f.isDataclass(class) && (init == syntax.Nil || !f.mentionsAttribute(init, attr))
}

func (f *file) classAttribute(class syntax.ID, attr string) syntax.ID {
	for stmt := range f.t.Named(f.body(class)) {
		if f.target(stmt) == attr && f.value(stmt) != syntax.Nil && f.alone(stmt) {
			return stmt
		}
	}
	return syntax.Nil
}

// classLock makes a lock in the body of a class, beside the attribute that all instances share.
func (f *file) classLock(recv, attr string, class syntax.ID, module string) (string, []fix.Edit, error) {
	stmt := f.classAttribute(class, attr)
	name := lockName(attr)
	if guard := f.guard(class, recv, recv+"."+attr, module); guard != "" {
		return guard, nil, nil
	}
	switch {
	case stmt == syntax.Nil:
		return "", nil, fmt.Errorf("the body of %s does not make %s", f.name(class), attr)
	case f.mentionsAttribute(class, name):
		return "", nil, fmt.Errorf("%s has an attribute %s already", f.name(class), name)
	}
	expr, edits := f.newLock(module)
	indent, _ := f.indent(stmt)
	return recv + "." + name, append(edits, f.insertLines(stmt, indent+name+" = "+expr+"\n")), nil
}

// methodAround is the innermost method around a function, itself included, or Nil.
func (f *file) methodAround(fn syntax.ID) syntax.ID {
	for ; fn != syntax.Nil; fn = f.function(f.t.Parent(fn)) {
		if f.t.Kind(fn) == syntax.FunctionDefinition && f.classOf(fn) != syntax.Nil {
			return fn
		}
	}
	return syntax.Nil
}

// receiver is the name of the first parameter of a method, "" for other functions.
func (f *file) receiver(fn syntax.ID) string {
	if fn == syntax.Nil || f.t.Kind(fn) != syntax.FunctionDefinition || f.classOf(fn) == syntax.Nil {
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

// guard finds the lock of a class under which other code uses a place: exactly one, made in the
// class, not re-entrant, and held by at least half of what writes the place. What is used under a lock
// only in passing has another guard, or none.
func (f *file) guard(class syntax.ID, recv, place, module string) string {
	found := map[string]bool{}
	for n := class; n < f.t.Nodes[class].Next; n++ {
		if f.t.Kind(n) != syntax.WithStatement || !f.mentions(f.body(n), place) {
			continue
		}
		for _, m := range f.managers(n) {
			if text := f.text(m); strings.HasPrefix(text, recv+".") && f.madeAs(class, text, module) {
				found[text] = true
			}
		}
	}
	if len(found) != 1 {
		return ""
	}
	for lock := range found {
		under, all := 0, 0
		for _, n := range f.writesIn(class, place) {
			if fn := f.function(n); fn != syntax.Nil && f.name(fn) != "__init__" {
				all++
				if f.underLock(n, lock) {
					under++
				}
			}
		}
		if 2*under >= all {
			return lock
		}
	}
	return ""
}

// madeAs says whether a class assigns a lock of the module to an attribute.
func (f *file) madeAs(class syntax.ID, attr, module string) bool {
	for n := class; n < f.t.Nodes[class].Next; n++ {
		if f.t.Kind(n) == syntax.Assignment && f.text(f.t.ChildByField(n, syntax.FieldLeft)) == attr {
			return f.isLockCall(f.t.ChildByField(n, syntax.FieldRight), module)
		}
	}
	return false
}

// lockName is the lock of an attribute or variable: `_conn_lock`, and for what is written in capitals
// too, since a lock is no constant that readers look up.
func lockName(attr string) string { return "_" + strings.ToLower(strings.Trim(attr, "_")) + "_lock" }

// attributeLock makes a lock for an attribute in its class.
func (f *file) attributeLock(recv, attr string, class syntax.ID, module string) (string, []fix.Edit, error) {
	name := lockName(attr)
	lock := recv + "." + name
	if f.mentionsAttribute(class, name) {
		return "", nil, fmt.Errorf("%s has an attribute %s already", f.name(class), name)
	}
	expr, imports := f.newLock(module)
	made, err := f.newAttribute(class, attr, name, "", expr)
	if err != nil {
		return "", nil, err
	}
	return lock, append(imports, made...), nil
}

func (f *file) mentionsAttribute(class syntax.ID, name string) bool {
	for n := class; n < f.t.Nodes[class].Next; n++ {
		if f.t.Kind(n) == syntax.Identifier && f.text(n) == name {
			return true
		}
	}
	return false
}

// noAttributes are base classes whose instances take no attribute of ours in __init__.
var noAttributes = map[string]bool{
	"BaseModel": true, "SQLModel": true, "NamedTuple": true, "TypedDict": true, "Enum": true, "IntEnum": true, "StrEnum": true, "Protocol": true, "Struct": true, "BaseSettings": true,
}

// newAttribute gives the instances of a class one more attribute, beside the attribute near: in
// __init__, or as a field of a dataclass.
func (f *file) newAttribute(class syntax.ID, near, name, annotation, expr string) ([]fix.Edit, error) {
	for c := range f.t.Named(f.t.ChildByField(class, syntax.FieldSuperclasses)) {
		text := f.text(c)
		if noAttributes[text[strings.LastIndexByte(text, '.')+1:]] {
			return nil, fmt.Errorf("%s is a %s: what its instances hold is declared, not assigned", f.name(class), text)
		}
	}
	var slots []fix.Edit
	for stmt := range f.t.Named(f.body(class)) {
		if f.target(stmt) != "__slots__" {
			continue
		}
		last := f.lastString(f.value(stmt))
		if last == syntax.Nil {
			return nil, fmt.Errorf("%s lists its attributes in __slots__, in a way that is not plain", f.name(class))
		}
		quote := string(f.t.Src[f.start(last)])
		more := ", "
		if indent, ok := f.indent(last); ok { // one to a line
			more = "," + f.newline() + indent
		}
		slots = []fix.Edit{{Start: f.end(last), End: f.end(last), New: more + quote + name + quote}}
	}
	made, err := f.attribute(class, near, name, annotation, expr)
	return append(slots, made...), err
}

// lastString is the last element of a tuple or list that holds nothing but plain strings, or Nil.
func (f *file) lastString(list syntax.ID) syntax.ID {
	last := syntax.Nil
	if k := f.t.Kind(list); k != syntax.Tuple && k != syntax.List {
		return syntax.Nil
	}
	for c := range f.t.Named(list) {
		if text := f.text(c); f.t.Kind(c) != syntax.String || !strings.HasPrefix(text, `"`) && !strings.HasPrefix(text, "'") {
			return syntax.Nil
		}
		last = c
	}
	return last
}

// attribute makes an attribute in __init__ or as a field.
func (f *file) attribute(class syntax.ID, near, name, annotation, expr string) ([]fix.Edit, error) {
	if init := f.method(class, "__init__"); init != syntax.Nil {
		return f.inInit(class, init, near, name, annotation, expr)
	}
	if f.isDataclass(class) {
		return f.dataclassField(class, near, name, expr)
	}
	return nil, fmt.Errorf("%s has no __init__ of its own to make %s in", f.name(class), name)
}

// inInit adds an assignment to __init__: after the one that makes near, else after the last one
// of an attribute, else after the docstring and the call of super().
func (f *file) inInit(class, init syntax.ID, near, name, annotation, expr string) ([]fix.Edit, error) {
	self := f.receiver(init)
	if self == "" {
		return nil, fmt.Errorf("__init__ of %s has no receiver", f.name(class))
	}
	beside, last, head := syntax.Nil, syntax.Nil, syntax.Nil
	for stmt := range f.t.Named(f.body(init)) {
		target := f.target(stmt)
		switch {
		case target == self+"."+near:
			beside = stmt
		case strings.HasPrefix(target, self+"."):
			last = stmt
		case head == syntax.Nil && last == syntax.Nil && f.isDocstring(stmt), strings.HasPrefix(f.text(stmt), "super("):
			head = stmt
		}
	}
	at := beside
	if at == syntax.Nil {
		at = last
	}
	if at == syntax.Nil || beside == syntax.Nil && head != syntax.Nil && at < head {
		at = head
	}
	if at == syntax.Nil {
		return nil, fmt.Errorf("__init__ of %s sets nothing that %s could stand beside", f.name(class), name)
	}
	indent, ok := f.lineMargin(at)
	if !ok {
		return nil, fmt.Errorf("__init__ of %s is written on one line", f.name(class))
	}
	if annotation != "" {
		annotation = ": " + annotation
	}
	return []fix.Edit{f.insertLines(at, indent+self+"."+name+annotation+" = "+expr+"\n")}, nil
}

func (f *file) isDataclass(class syntax.ID) bool {
	for c := range f.t.Children(f.t.Parent(class)) {
		text := strings.TrimPrefix(f.text(c), "@")
		text, _, _ = strings.Cut(text, "(")
		if f.t.Kind(c) == syntax.Decorator && (text == "dataclasses.dataclass" || text == "dataclass" && f.importedFrom("dataclasses", "dataclass") != "") {
			return true
		}
	}
	return false
}

// dataclassField adds a field that is made for each instance and takes part in nothing else.
// compare=False: two instances would never be equal for having different locks.
func (f *file) dataclassField(class syntax.ID, near, name, expr string) ([]fix.Edit, error) {
	src := string(f.t.Src)
	for _, fn := range []string{"asdict(", "astuple("} {
		if strings.Contains(src, fn) {
			return nil, fmt.Errorf("%s is turned into plain data by %s), which a further field would change", f.name(class), fn)
		}
	}
	var last, beside = syntax.Nil, syntax.Nil
	for stmt := range f.t.Named(f.body(class)) {
		if target := f.target(stmt); target != "" {
			last = stmt
			if target == near {
				beside = stmt
			}
		} else if f.t.Kind(stmt) == syntax.ExpressionStatement && f.t.Kind(f.first(stmt)) == syntax.Assignment {
			last = stmt
		}
	}
	if beside == syntax.Nil {
		beside = last
	}
	if beside == syntax.Nil {
		return nil, fmt.Errorf("%s has no field of its own", f.name(class))
	}
	indent, ok := f.indent(beside)
	if !ok {
		return nil, fmt.Errorf("%s is written on one line", f.name(class))
	}
	field, imports := f.needName("dataclasses", "field")
	factory := strings.TrimSuffix(expr, "()")
	line := fmt.Sprintf("%s%s: %s = %s(default_factory=%s, init=False, repr=False, compare=False)\n", indent, name, factory, field, factory)
	return append(imports, f.insertLines(beside, line)), nil
}

// variableLock makes a lock beside a module global or a captured variable.
func (f *file) variableLock(name string, fn syntax.ID, module string) (string, []fix.Edit, error) {
	for scope := f.t.Parent(fn); scope != syntax.Nil; scope = f.t.Parent(scope) {
		k := f.t.Kind(scope)
		if k != syntax.Module && (k != syntax.Block || f.t.Kind(f.t.Parent(scope)) != syntax.FunctionDefinition) {
			continue
		}
		lock := lockName(name)
		if k == syntax.Block {
			lock = strings.TrimPrefix(lock, "_")
		}
		for stmt := range f.t.Named(scope) {
			indent, ok := f.lineMargin(stmt)
			if f.target(stmt) != name || !ok {
				continue
			}
			if guard := f.variableGuard(scope, name, module); guard != "" {
				return guard, nil, nil
			}
			if f.mentionsAttribute(0, lock) {
				return "", nil, fmt.Errorf("the name %s is taken already", lock)
			}
			expr, edits := f.newLock(module)
			return lock, append(edits, f.insertLines(stmt, indent+lock+" = "+expr+"\n")), nil
		}
	}
	return "", nil, fmt.Errorf("the place where %s is made is not in this file, or not on a line of its own", name)
}

// variableGuard finds the one lock, made in the same scope, under which other code uses a variable.
func (f *file) variableGuard(scope syntax.ID, name, module string) string {
	found := map[string]bool{}
	for n := scope; n < f.t.Nodes[scope].Next; n++ {
		if f.t.Kind(n) != syntax.WithStatement || !f.mentions(f.body(n), name) {
			continue
		}
		for _, m := range f.managers(n) {
			for stmt := range f.t.Named(scope) {
				if f.target(stmt) == f.text(m) && f.isLockCall(f.value(stmt), module) {
					found[f.text(m)] = true
				}
			}
		}
	}
	if len(found) != 1 {
		return ""
	}
	for lock := range found {
		return lock
	}
	return ""
}
