package pyfix

import (
	"errors"
	"fmt"
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// shutdowns are the methods that end an object's life, the most telling first.
var shutdowns = []string{"aclose", "close", "shutdown", "stop", "disconnect", "cleanup", "teardown", "__aexit__"}

// shutdown is the method of a class that ends its life, or Nil.
func (f *file) shutdown(class syntax.ID) syntax.ID {
	for _, name := range shutdowns {
		if m := f.method(class, name); m != syntax.Nil {
			return m
		}
	}
	return syntax.Nil
}

// drainSet waits, where the owner is shut down, for the tasks of the set; those that loop are
// cancelled first.
func (p *proposal) drainSet(class syntax.ID, c creation, asyncio string) (fix.Edit, bool) {
	stop := p.shutdown(class)
	if stop == syntax.Nil || p.runsShutdown(c.call, stop) {
		return fix.Edit{}, false
	}
	self := p.receiver(stop)
	at, indent, ok := p.drainPoint(stop)
	if !ok || self == "" {
		return fix.Edit{}, false
	}
	return fix.Edit{Start: at, End: at, New: p.native(p.drain(stop, indent, self+"."+taskSet, asyncio, p.ends(class)))}, true
}

// drain is the text that ends the tasks of a set in a shutdown function: they are waited for, and
// cancelled first if they do not come to an end by themselves, or if nothing can be awaited.
func (p *proposal) drain(stop syntax.ID, indent, set, asyncio string, ends bool) string {
	var text string
	if !p.isAsync(stop) || !ends {
		task := "task"
		if p.uses(stop, task) {
			task = "background_task"
		}
		text = indent + "for " + task + " in " + set + ":\n" + indent + p.unit(stop, p.body(stop)) + task + ".cancel()\n"
	}
	if p.isAsync(stop) {
		text += indent + "await " + asyncio + ".gather(*" + set + ", return_exceptions=True)\n"
	}
	return text
}

// drainModule is the same for tasks of the module, in the function that its application runs when it
// ends: a handler of the shutdown event, or what follows the yield of its lifespan.
func (p *proposal) drainModule(c creation, asyncio string) (fix.Edit, bool) {
	for n := range p.t.Nodes {
		stop := syntax.ID(n)
		if p.t.Kind(stop) != syntax.FunctionDefinition || p.classOf(stop) != syntax.Nil || p.runsShutdown(c.call, stop) || stop == c.fn {
			continue
		}
		at, indent, ok := 0, "", false
		switch {
		case p.shutdownHandler(stop):
			at, indent, ok = p.drainPoint(stop)
		case p.isAsync(stop) && p.decorated(stop, "asynccontextmanager") && strings.Contains(string(p.t.Src), "lifespan="+p.name(stop)):
			at, indent, ok = p.afterYield(stop)
		}
		if ok {
			return fix.Edit{Start: at, End: at, New: p.native(p.drain(stop, indent, taskSet, asyncio, p.ends(0)))}, true
		}
	}
	return fix.Edit{}, false
}

// decorated says whether a decorator of a function contains a text.
func (f *file) decorated(fn syntax.ID, text string) bool {
	for c := range f.t.Children(f.t.Parent(fn)) {
		if f.t.Kind(c) == syntax.Decorator && strings.Contains(f.text(c), text) {
			return true
		}
	}
	return false
}

// shutdownHandler says whether an application calls a function when it shuts down.
func (f *file) shutdownHandler(fn syntax.ID) bool {
	if f.decorated(fn, `.on_event("shutdown")`) || f.decorated(fn, `.on_event('shutdown')`) || f.decorated(fn, ".after_serving") {
		return true
	}
	src := string(f.t.Src)
	for _, list := range []string{"on_shutdown", "on_cleanup"} {
		if strings.Contains(src, "."+list+".append("+f.name(fn)+")") {
			return true
		}
	}
	return false
}

// afterYield is the point right after the one yield of a context manager: at the beginning of the
// finally clause where there is one.
func (f *file) afterYield(fn syntax.ID) (at int, indent string, ok bool) {
	yield := syntax.Nil
	for n := f.body(fn); n < f.t.Nodes[fn].Next; n++ {
		if f.t.Kind(n) == syntax.Yield && f.function(n) == fn {
			if yield != syntax.Nil {
				return 0, "", false
			}
			yield = f.statement(n)
		}
	}
	if yield == syntax.Nil || !f.alone(yield) || f.t.Kind(yield) != syntax.ExpressionStatement {
		return 0, "", false
	}
	block := f.t.Parent(yield)
	switch try := f.t.Parent(block); {
	case try == fn:
		indent, ok = f.indent(yield)
		at = f.lineEnd(f.end(yield) - 1)
		return at, indent, ok && at > 0 && f.t.Src[at-1] == '\n'
	case f.t.Kind(try) == syntax.TryStatement && f.t.Parent(try) == f.body(fn):
		first := f.first(f.body(f.t.ChildOfKind(try, syntax.FinallyClause)))
		if first == syntax.Nil || !f.alone(first) {
			return 0, "", false
		}
		indent, ok = f.indent(first)
		return f.lineStart(f.start(first)), indent, ok
	}
	return 0, "", false
}

// hooks are the methods that a base class may offer for its subclasses to wait in at shutdown.
var hooks = append([]string{"wait_for_background_tasks", "wait_for_tasks", "drain"}, shutdowns...)

// inheritedDrain overrides a shutdown method that a base class calls and leaves empty; "" if
// there is none.
func (p *proposal) inheritedDrain(class syntax.ID, asyncio string) string {
	for c := range p.t.Named(p.t.ChildByField(class, syntax.FieldSuperclasses)) {
		if p.t.Kind(c) != syntax.Identifier {
			continue
		}
		b, base := p.file, p.classNamed(p.text(c))
		if base == syntax.Nil && p.base != nil {
			var t *syntax.Tree
			if t, base = p.base(p.text(c)); t != nil {
				b = &file{t: t}
			}
		}
		if base == syntax.Nil {
			continue
		}
		for _, name := range hooks {
			m := b.method(base, name)
			if m == syntax.Nil || p.method(class, name) != syntax.Nil || !b.isAsync(m) || !b.empty(m) || b.t.Kind(b.t.Parent(m)) == syntax.DecoratedDefinition {
				continue
			}
			def, step := p.classIndent(class)
			first := b.first(b.body(m))
			signature := strings.TrimRight(string(b.t.Src[b.start(m):b.start(first)]), " \t\r\n")
			if strings.ContainsAny(signature, "\n#") {
				continue
			}
			self := b.receiver(m)
			wait := fmt.Sprintf("await %s.gather(*%s.%s, return_exceptions=True)", asyncio, self, taskSet)
			if strings.Contains(b.text(b.t.ChildByField(m, syntax.FieldParameters)), "timeout") {
				wait = fmt.Sprintf("await %s.wait(%s.%s, timeout=timeout)", asyncio, self, taskSet)
			}
			return "\n" + def + signature + "\n" + def + step + "if " + self + "." + taskSet + ":\n" + def + step + step + wait + "\n"
		}
	}
	return ""
}

// classNamed is a class of the file's top level, or Nil.
func (f *file) classNamed(name string) syntax.ID {
	for c := range f.t.Named(0) {
		if f.t.Kind(c) == syntax.DecoratedDefinition {
			c = f.t.ChildByField(c, syntax.FieldDefinition)
		}
		if f.t.Kind(c) == syntax.ClassDefinition && f.name(c) == name {
			return c
		}
	}
	return syntax.Nil
}

// empty says whether a function does nothing: a docstring, pass, or three dots.
func (f *file) empty(fn syntax.ID) bool {
	for stmt := range f.t.Named(f.body(fn)) {
		if k := f.t.Kind(stmt); k != syntax.PassStatement && !f.isDocstring(stmt) && f.text(stmt) != "..." {
			return false
		}
	}
	return true
}

// BaseClass is the lookup of Options.Base in one tree.
func BaseClass(t *syntax.Tree, name string) syntax.ID { return (&file{t: t}).classNamed(name) }

// opening is where new first statements of a function go: below its docstring.
func (f *file) opening(fn syntax.ID) (at int, indent string, ok bool) {
	body := f.body(fn)
	first := f.first(body)
	if first == syntax.Nil {
		return 0, "", false
	}
	indent, ok = f.indent(first)
	if !ok {
		return 0, "", false
	}
	head := syntax.Nil // docstring and declarations stay first
	for stmt := range f.t.Named(body) {
		if k := f.t.Kind(stmt); k != syntax.GlobalStatement && k != syntax.NonlocalStatement && (stmt != first || !f.isDocstring(stmt)) {
			break
		}
		head = stmt
	}
	if head != syntax.Nil {
		first = head
	} else {
		at = f.lineStart(f.start(first))
		for at > 0 && f.isComment(f.lineStart(at-1)) && f.lineStart(at-1) > f.start(fn) {
			at = f.lineStart(at - 1)
		}
		return at, indent, true
	}
	at = f.lineEnd(f.end(first) - 1)
	return at, indent, at < len(f.t.Src) && f.alone(first)
}

// drainPoint is where a shutdown waits for background tasks: at its beginning, while all that they
// use is still there; but after it has cancelled or awaited other tasks, whose callbacks may start
// more.
func (f *file) drainPoint(stop syntax.ID) (at int, indent string, ok bool) {
	last := syntax.Nil
	for stmt := range f.t.Named(f.body(stop)) {
		if f.t.Kind(stmt) != syntax.ReturnStatement && f.alone(stmt) && f.has(section{stop, stmt, stmt}, f.endsTasks) {
			last = stmt
		}
	}
	if last == syntax.Nil || f.lineEnd(f.end(last)-1) == len(f.t.Src) && f.t.Src[len(f.t.Src)-1] != '\n' {
		return f.opening(stop)
	}
	indent, _ = f.indent(last)
	return f.lineEnd(f.end(last) - 1), indent, true
}

// endsTasks says whether a call cancels a task or waits for several.
func (f *file) endsTasks(n syntax.ID) bool {
	fn := f.t.ChildByField(n, syntax.FieldFunction)
	if f.t.Kind(n) != syntax.Call || f.t.Kind(fn) != syntax.Attribute {
		return false
	}
	switch f.text(f.t.ChildByField(fn, syntax.FieldAttribute)) {
	case "cancel", "gather":
		return true
	case "wait":
		return f.text(f.t.ChildByField(fn, syntax.FieldObject)) == "asyncio"
	}
	return false
}

// ends says whether every task that the class starts and does not keep itself comes to an end by
// itself: it is in this file, loops over nothing for good, and waits for nobody.
func (f *file) ends(class syntax.ID) bool {
	for n := class; n < f.t.Nodes[class].Next; n++ {
		if !f.spawner(n) || f.keptElsewhere(n) {
			continue
		}
		fn := f.t.ChildByField(n, syntax.FieldFunction)
		if name := f.text(f.t.ChildByField(fn, syntax.FieldAttribute)); name == "add_done_callback" || strings.HasPrefix(name, "call_") {
			continue
		}
		args := f.t.ChildByField(n, syntax.FieldArguments)
		target := f.first(args)
		if f.t.Kind(target) != syntax.Call {
			return false
		}
		called := f.callees(f.t.ChildByField(target, syntax.FieldFunction), false)
		if len(called) == 0 {
			return false
		}
		for _, fn := range called {
			if f.waits(fn, f.t.Nodes[fn].Next) { // perhaps for what the rest of the shutdown brings about
				return false
			}
			for id := fn; id < f.t.Nodes[fn].Next; id++ {
				if f.t.Kind(id) == syntax.WhileStatement || f.t.Kind(id) == syntax.ForStatement && f.t.ChildOfKind(id, syntax.Async) != syntax.Nil {
					return false
				}
			}
		}
	}
	return true
}

// keptElsewhere says whether a new task is put in an attribute at once.
func (f *file) keptElsewhere(call syntax.ID) bool {
	a := f.t.Parent(call)
	return f.t.Kind(a) == syntax.Assignment && f.t.Kind(f.t.ChildByField(a, syntax.FieldLeft)) == syntax.Attribute
}

// runsShutdown says whether a task may itself call the shutdown method, which would then wait for
// its own caller.
func (f *file) runsShutdown(call, stop syntax.ID) bool {
	args := f.t.ChildByField(call, syntax.FieldArguments)
	if args == syntax.Nil {
		return false
	}
	for n := args; n < f.t.Nodes[args].Next; n++ {
		for _, fn := range f.callees(n, false) {
			if fn == stop || f.reach(f.body(fn), f.body(fn))[stop] {
				return true
			}
		}
	}
	return false
}

// undrained cancels and awaits, where the owner is shut down, the tasks that it keeps.
func (p *proposal) undrained() error {
	if p.library() != "asyncio" {
		return errors.New("tasks of a nursery or task group end with it")
	}
	n := p.primary()
	call := p.up(n, syntax.Call)
	fn := p.function(n)
	owner := p.methodAround(fn)
	self := p.receiver(owner)
	place, _, element := strings.Cut(p.finding.Place, "[")
	if owner == syntax.Nil || !strings.HasPrefix(place, self+".") || strings.Count(place, ".") != 1 || !receivers[self] {
		return errors.New("no object owns the tasks, so there is no shutdown to wait in")
	}
	class := p.classOf(owner)
	stop := p.shutdown(class)
	if stop == syntax.Nil {
		return fmt.Errorf("%s has no close, shutdown or stop; where its life ends is for its owner to say", p.name(class))
	}
	if call != syntax.Nil && p.runsShutdown(call, stop) {
		return fmt.Errorf("the task itself runs %s, which would wait for its own caller", p.name(stop))
	}
	if p.mentions(p.body(stop), place) {
		return fmt.Errorf("%s uses %s already in its own way", p.name(stop), place)
	}
	at, indent, ok := p.opening(stop)
	if !ok {
		return fmt.Errorf("%s is written on one line", p.name(stop))
	}
	asyncio, edits := p.needModule("asyncio")
	step := p.unit(stop, p.body(stop))
	attr := strings.TrimPrefix(place, self+".")
	name := p.receiver(stop) + "." + attr
	all := name
	switch kind := p.initial(class, attr); {
	case kind == "None" && !element:
		text := indent + "if " + name + " is not None:\n" + indent + step + name + ".cancel()\n"
		if p.isAsync(stop) {
			text += indent + step + "await " + asyncio + ".gather(" + name + ", return_exceptions=True)\n"
		}
		return p.drained(stop, append(edits, fix.Edit{Start: at, End: at, New: p.native(text)}))
	case strings.HasPrefix(kind, "{") || strings.HasPrefix(kind, "dict("):
		all = name + ".values()"
	case strings.HasPrefix(kind, "set(") || strings.HasPrefix(kind, "["), strings.HasPrefix(kind, "list("):
	default:
		return fmt.Errorf("what %s holds before the first task is not known here", place)
	}
	task := p.freeName(stop, "task", "background_task")
	text := indent + "for " + task + " in " + all + ":\n" + indent + step + task + ".cancel()\n"
	if p.isAsync(stop) {
		text += indent + "await " + asyncio + ".gather(*" + all + ", return_exceptions=True)\n"
	}
	return p.drained(stop, append(edits, fix.Edit{Start: at, End: at, New: p.native(text)}))
}

func (p *proposal) drained(stop syntax.ID, edits []fix.Edit) error {
	p.fix.Title = "cancel and await the tasks in " + p.name(stop)
	p.fix.Why = []string{"when the shutdown returns, none of the tasks runs any more"}
	if !p.isAsync(stop) {
		p.fix.Title = "cancel the tasks in " + p.name(stop)
		p.fix.Why = []string{"no task outlives its owner"}
	}
	p.fix.Edits = edits
	return nil
}

// initial is what __init__ assigns to an attribute, as text.
func (f *file) initial(class syntax.ID, attr string) string {
	init := f.method(class, "__init__")
	if init == syntax.Nil {
		return ""
	}
	self := f.receiver(init)
	for stmt := range f.t.Named(f.body(init)) {
		if f.target(stmt) == self+"."+attr {
			return f.text(f.value(stmt))
		}
	}
	return ""
}
