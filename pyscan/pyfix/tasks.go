package pyfix

import (
	"errors"
	"fmt"
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

const (
	taskSet   = "_background_tasks"
	taskDone  = "_on_background_task_done"
	taskKeep  = "_keep_background_task"
	taskCheck = "_log_task_failure"
)

// creation is one statement that starts a task.
type creation struct {
	call   syntax.ID // create_task(…)
	stmt   syntax.ID
	fn     syntax.ID
	handle string // the variable that the statement assigns, "" if none
	chain  string // what is called on the new task at once: `.add_done_callback(cb)`
	within bool   // it is part of a larger expression, which goes on using the task
}

// creation reads the statement around a node that starts a task.
func (p *proposal) creation(n syntax.ID) (creation, error) {
	c := creation{call: p.up(n, syntax.Call)}
	for c.call != syntax.Nil && !p.startsTask(c.call) {
		c.call = p.up(p.t.Parent(c.call), syntax.Call)
	}
	if c.call == syntax.Nil { // the position may be that of the statement
		for id := p.statement(n); id != syntax.Nil && id < p.t.Nodes[p.statement(n)].Next; id++ {
			if p.startsTask(id) {
				c.call = id
				break
			}
		}
	}
	if c.call == syntax.Nil {
		return c, errors.New("what starts the task is not a plain call of create_task or ensure_future")
	}
	c.fn = p.function(c.call)
	c.stmt = p.statement(c.call)
	if c.fn == syntax.Nil || p.t.Kind(c.fn) != syntax.FunctionDefinition {
		return c, errors.New("the task is started in a lambda or outside of any function")
	}
	if p.t.Kind(c.stmt) != syntax.ExpressionStatement || !p.alone(c.stmt) {
		return c, errors.New("the task is started inside a larger statement")
	}
	expr := p.first(c.stmt)
	if p.t.Kind(expr) == syntax.Assignment {
		left := p.t.ChildByField(expr, syntax.FieldLeft)
		if p.t.Kind(left) != syntax.Identifier {
			c.within = true
			return c, nil
		}
		c.handle, expr = p.text(left), p.t.ChildByField(expr, syntax.FieldRight)
	}
	if expr == c.call {
		return c, nil
	}
	if p.t.Kind(expr) == syntax.Call {
		fn := p.t.ChildByField(expr, syntax.FieldFunction)
		if p.t.Kind(fn) == syntax.Attribute && p.t.ChildByField(fn, syntax.FieldObject) == c.call && p.text(p.t.ChildByField(fn, syntax.FieldAttribute)) == "add_done_callback" && c.handle == "" {
			c.chain = string(p.t.Src[p.end(c.call):p.end(expr)])
			return c, nil
		}
	}
	c.within = true
	return c, nil
}

// startsTask says whether a call gives back a task that nobody else keeps.
func (p *proposal) startsTask(call syntax.ID) bool {
	if p.t.Kind(call) != syntax.Call {
		return false
	}
	fn := p.t.ChildByField(call, syntax.FieldFunction)
	name := p.text(fn)
	if p.t.Kind(fn) == syntax.Attribute {
		name = p.text(p.t.ChildByField(fn, syntax.FieldAttribute))
	}
	return name == "create_task" || name == "ensure_future"
}

// untracked keeps the task in a set of its owner, with a callback that discards it and logs its
// exception, and waits for the set where the owner is shut down.
func (p *proposal) untracked() error {
	if lib := p.library(); lib != "asyncio" {
		return fmt.Errorf("tasks of %s belong to a nursery or task group: open one around what needs them", lib)
	}
	c, err := p.creation(p.primary())
	if err != nil {
		if p.awaitDropped() == nil {
			return nil
		}
		return err
	}
	if p.group(c) == nil || p.meantOutside(c) {
		return nil
	}
	var keep *keeper
	owner := p.methodAround(c.fn)
	if self := p.receiver(owner); owner != syntax.Nil && receivers[self] && self != "cls" {
		keep, err = p.objectKeeper(p.classOf(owner), self, c)
	} else {
		keep, err = p.moduleKeeper(c)
	}
	if err != nil {
		return err
	}
	p.fix.Title = fmt.Sprintf("keep the task in %s and log its exception", keep.set)
	p.fix.Why = []string{
		keep.set + " holds the task for as long as it runs: it cannot be collected",
		"the callback takes it out again and logs what went wrong",
	}
	if keep.drained {
		p.fix.Why = append(p.fix.Why, "the shutdown waits for what is still running")
	}
	edits := append(keep.edits, p.keepEdits(c, keep)...)
	p.fix.Edits = edits
	return nil
}

// keepEdits puts the new task into the set.
func (p *proposal) keepEdits(c creation, k *keeper) []fix.Edit {
	if c.within {
		return []fix.Edit{{Start: p.start(c.call), End: p.start(c.call), New: k.keep + "("}, {Start: p.end(c.call), End: p.end(c.call), New: ")"}}
	}
	indent, _ := p.indent(c.stmt)
	handle := c.handle
	var edits []fix.Edit
	if handle == "" || handle == "_" {
		handle = p.freeName(c.fn, "task", "background_task", "new_task")
		switch {
		case c.handle == "_":
			edits = append(edits, p.replace(p.t.ChildByField(p.first(c.stmt), syntax.FieldLeft), handle))
		default:
			edits = append(edits, fix.Edit{Start: p.start(c.stmt), End: p.start(c.stmt), New: handle + " = "})
		}
	}
	nl := p.newline()
	more := ""
	if c.chain != "" { // create_task(…).add_done_callback(cb): the callback comes after the task is kept
		edits = append(edits, fix.Edit{Start: p.end(c.call), End: p.end(c.call) + len(c.chain), New: ""})
		more = indent + handle + c.chain + nl
	}
	lines := indent + k.set + ".add(" + handle + ")" + nl + indent + handle + ".add_done_callback(" + k.done + ")" + nl + more
	return append(edits, p.insertLines(c.stmt, lines))
}

// keeper is who keeps background tasks: an object or the module.
type keeper struct {
	set, done, keep string // as written where a task is started
	edits           []fix.Edit
	drained         bool
}

func (p *proposal) objectKeeper(class syntax.ID, self string, c creation) (*keeper, error) {
	k := &keeper{set: self + "." + taskSet, done: self + "." + taskDone, keep: self + "." + taskKeep}
	asyncio, edits := p.needModule("asyncio")
	hasSet, hasDone := p.mentionsAttribute(class, taskSet), p.mentionsAttribute(class, taskDone)
	switch {
	case hasSet && hasDone && p.ours(class):
		k.edits = edits
		if c.within && p.method(class, taskKeep) == syntax.Nil {
			k.edits = append(k.edits, p.appendTo(class, p.keepMethod(class, asyncio)))
		}
		return k, nil
	case hasDone || hasSet && !strings.HasPrefix(p.initial(class, taskSet), "set("):
		return nil, fmt.Errorf("%s uses the names %s or %s for something else", p.name(class), taskSet, taskDone)
	}
	log, imports := p.logger(class, "self")
	edits = append(edits, imports...)
	def, step := p.classIndent(class)
	method := "\n" + def + "def " + taskDone + "(self, task: " + asyncio + ".Task) -> None:\n" +
		def + step + "self." + taskSet + ".discard(task)\n" + p.logLines(def+step, step, log)
	if !hasSet { // the class has no such set: it is made, and drained
		made, err := p.newSet(class, asyncio)
		if err != nil {
			return nil, err
		}
		edits = append(edits, made...)
		if drain, ok := p.drainSet(class, c, asyncio); ok {
			edits, k.drained = append(edits, drain), true
		} else if hook := p.inheritedDrain(class, asyncio); hook != "" {
			method, k.drained = hook+method, true
		}
	}
	edits = append(edits, p.appendTo(class, method))
	if c.within {
		edits = append(edits, p.appendTo(class, p.keepMethod(class, asyncio)))
	}
	k.edits = edits
	return k, nil
}

// keepMethod keeps a task and hands it on: for tasks that are started inside of an expression.
func (p *proposal) keepMethod(class syntax.ID, asyncio string) string {
	def, step := p.classIndent(class)
	return "\n" + def + "def " + taskKeep + "(self, task: " + asyncio + ".Task) -> " + asyncio + ".Task:\n" +
		def + step + "self." + taskSet + ".add(task)\n" + def + step + "task.add_done_callback(self." + taskDone + ")\n" + def + step + "return task\n"
}

// keepFunction is the same for a module.
func (p *proposal) keepFunction(step, asyncio string) string {
	return "def " + taskKeep + "(task: " + asyncio + ".Task) -> " + asyncio + ".Task:\n" +
		step + taskSet + ".add(task)\n" + step + "task.add_done_callback(" + taskDone + ")\n" + step + "return task\n\n\n"
}

// ours says whether a class has the set and the callback already that this package would add.
func (p *proposal) ours(class syntax.ID) bool {
	return p.method(class, taskDone) != syntax.Nil && strings.Contains(p.text(class), taskSet+".discard(")
}

func (p *proposal) newSet(class syntax.ID, asyncio string) ([]fix.Edit, error) {
	if p.method(class, "__init__") == syntax.Nil && p.isDataclass(class) {
		return p.dataclassField(class, "", taskSet, "set()")
	}
	return p.newAttribute(class, "", taskSet, "set["+asyncio+".Task]", "set()")
}

// logLines log the exception of a finished task.
func (p *proposal) logLines(indent, step, log string) string {
	return indent + "if not task.cancelled() and (error := task.exception()) is not None:\n" +
		indent + step + log + "\n"
}

// logger is the call that logs the exception of a task, with the logger that the class or the
// module has.
func (p *proposal) logger(class syntax.ID, self string) (call string, edits []fix.Edit) {
	const message = `"background task failed", exc_info=error)`
	if p.importedFrom("loguru", "logger") != "" {
		return p.importedFrom("loguru", "logger") + `.opt(exception=error).error("background task failed")`, nil
	}
	for stmt := range p.t.Named(0) {
		name, value := p.target(stmt), p.text(p.value(stmt))
		if strings.Contains(value, "getLogger(") || strings.Contains(value, "get_logger(") {
			return name + ".error(" + message, nil
		}
	}
	if class != syntax.Nil {
		for n := class; n < p.t.Nodes[class].Next; n++ {
			if p.t.Kind(n) == syntax.Attribute && (p.text(n) == self+".logger" || p.text(n) == self+"._logger") {
				return p.text(n) + ".error(" + message, nil
			}
		}
	}
	name, edits := p.needModule("logging")
	return name + ".getLogger(__name__).error(" + message, edits
}

// classIndent is the indentation of a class's methods, and one step more.
func (p *proposal) classIndent(class syntax.ID) (def, step string) {
	step = p.unit(class, p.body(class))
	for c := range p.t.Named(p.body(class)) {
		if indent, ok := p.indent(c); ok {
			return indent, step
		}
	}
	outer, _ := p.indent(class)
	return outer + step, step
}

// appendTo adds text at the end of a class.
func (p *proposal) appendTo(class syntax.ID, text string) fix.Edit {
	e := p.insertLines(class, text)
	e.Late = true
	return e
}

// moduleKeeper keeps tasks in a set of the module: for functions.
func (p *proposal) moduleKeeper(c creation) (*keeper, error) {
	k := &keeper{set: taskSet, done: taskDone, keep: taskKeep}
	first := p.firstDefinition()
	if first == syntax.Nil {
		return nil, errors.New("the module has no function at its top level")
	}
	asyncio, edits := p.needModule("asyncio")
	_, step := p.classIndent(first)
	if p.mentionsAttribute(0, taskSet) || p.mentionsAttribute(0, taskDone) {
		for _, fn := range p.functions(taskDone) {
			if p.t.Kind(p.t.Parent(fn)) == syntax.Module {
				if c.within && len(p.functions(taskKeep)) == 0 {
					k.edits = append(edits, p.insertBefore(first, p.keepFunction(step, asyncio)))
				}
				return k, nil
			}
		}
		return nil, fmt.Errorf("the names %s or %s are taken", taskSet, taskDone)
	}
	log, imports := p.logger(syntax.Nil, "")
	text := taskSet + ": set[" + asyncio + ".Task] = set()\n\n\n" +
		"def " + taskDone + "(task: " + asyncio + ".Task) -> None:\n" +
		step + taskSet + ".discard(task)\n" + p.logLines(step, step, log) + "\n\n"
	k.edits = append(append(edits, imports...), p.insertBefore(first, text))
	if drain, ok := p.drainModule(c, asyncio); ok {
		k.edits, k.drained = append(k.edits, drain), true
	}
	if c.within {
		k.edits = append(k.edits, p.insertBefore(first, p.keepFunction(step, asyncio)))
	}
	return k, nil
}

// firstDefinition is the first function or class of the module, or Nil.
func (f *file) firstDefinition() syntax.ID {
	for c := range f.t.Named(0) {
		if kind := f.t.Kind(c); kind == syntax.FunctionDefinition || kind == syntax.ClassDefinition || kind == syntax.DecoratedDefinition {
			return c
		}
	}
	return syntax.Nil
}

// failureCallback is a callback that logs the exception of a task, as fn writes it, with the edits that
// make it.
func (p *proposal) failureCallback(fn syntax.ID) (callback string, edits []fix.Edit, err error) {
	var def, step string
	callback = taskCheck
	owner := p.methodAround(fn)
	if self := p.receiver(owner); owner != syntax.Nil && receivers[self] && self != "cls" {
		class := p.classOf(owner)
		callback = self + "." + taskCheck
		if !p.mentionsAttribute(class, taskCheck) {
			asyncio, imports := p.needModule("asyncio")
			log, more := p.logger(class, "self")
			def, step = p.classIndent(class)
			text := "\n" + def + "@staticmethod\n" + def + "def " + taskCheck + "(task: " + asyncio + ".Task) -> None:\n" + p.logLines(def+step, step, log)
			if strings.HasPrefix(log, "self.") {
				text = "\n" + def + "def " + taskCheck + "(self, task: " + asyncio + ".Task) -> None:\n" + p.logLines(def+step, step, log)
			}
			edits = append(append(append(edits, imports...), more...), p.appendTo(class, text))
		}
	} else if !p.mentionsAttribute(0, taskCheck) {
		first := p.firstDefinition()
		if first == syntax.Nil {
			return "", nil, errors.New("the module has no function at its top level")
		}
		asyncio, imports := p.needModule("asyncio")
		log, more := p.logger(syntax.Nil, "")
		_, step = p.classIndent(first)
		text := "def " + taskCheck + "(task: " + asyncio + ".Task) -> None:\n" + p.logLines(step, step, log) + "\n\n"
		edits = append(append(append(edits, imports...), more...), p.insertBefore(first, text))
	}
	return callback, edits, nil
}

// unobserved gives a task that is kept a callback that logs its exception.
func (p *proposal) unobserved() error {
	if p.library() != "asyncio" {
		return errors.New("tasks of a nursery or task group report their errors through it")
	}
	n := p.primary()
	call := p.up(n, syntax.Call)
	for call != syntax.Nil && !p.startsTask(call) {
		call = p.up(p.t.Parent(call), syntax.Call)
	}
	stmt := p.statement(call)
	fn := p.function(call)
	if call == syntax.Nil || fn == syntax.Nil || !p.alone(stmt) || p.value(stmt) != call {
		return errors.New("the task is started inside a larger expression")
	}
	handle := p.target(stmt)
	if strings.ContainsAny(handle, "[(,") {
		return errors.New("the task is stored without a name to add a callback to")
	}
	callback, edits, err := p.failureCallback(fn)
	if err != nil {
		return err
	}
	indent, _ := p.indent(stmt)
	p.fix.Title = "log the exception of the task"
	p.fix.Why = []string{"the callback asks for the exception when the task ends, so that it is logged then and there"}
	p.fix.Edits = append(edits, p.insertLines(stmt, indent+handle+".add_done_callback("+callback+")\n"))
	return nil
}
