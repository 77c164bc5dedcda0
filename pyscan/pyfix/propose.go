package pyfix

import (
	"fmt"
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
	"github.com/toctou-lint/toctou/report"
)

// Propose returns the fix for one finding in the file whose tree is t. Without edits, its Reason
// says why there is no safe one.
func Propose(t *syntax.Tree, finding *report.Finding) fix.Fix {
	f := &file{t}
	out := fix.Fix{Fingerprint: finding.Fingerprint, File: finding.File}
	if finding.Window != nil && *finding.Window == report.WindowLatent {
		out.Reason = "nothing suspends between check and act: there is nothing to close today"
		return out
	}
	p := proposal{file: f, finding: finding, fix: &out}
	if err := p.make(); err != nil {
		out.Edits, out.Reason = nil, "no safe edit: "+err.Error()
	}
	return out
}

// proposal is the work on one fix.
type proposal struct {
	*file
	finding *report.Finding
	fix     *fix.Fix
}

// node is the node at the first step of a kind in the finding's file, or at the finding itself.
func (p *proposal) node(kind string) syntax.ID {
	for _, s := range p.finding.Steps {
		if s.Kind == kind && s.File == p.finding.File {
			return p.at(p.offset(s.Line, s.Column))
		}
	}
	return syntax.Nil
}

// makers by rule; each tries its shapes in order of preference.
var makers = map[string]func(*proposal) error{
	"checkthenact":  (*proposal).checkThenAct,
	"lostupdate":    (*proposal).lostUpdate,
	"iterationrace": (*proposal).iteration,
	"untrackedtask": (*proposal).untracked,
	"stalerecord": func(*proposal) error {
		return fmt.Errorf("the store decides how an update is made conditional (a version column, WHERE on what was read, or FOR UPDATE)")
	},
	"threadlockawait": func(*proposal) error {
		return fmt.Errorf("whether other threads need the lock too cannot be told from here")
	},
}

func (p *proposal) make() error {
	m := makers[p.finding.Rule]
	if m == nil {
		return fmt.Errorf("this rule is fixed by hand")
	}
	for _, s := range p.finding.Steps {
		if s.File != p.finding.File && (s.Kind == report.StepCheck || s.Kind == report.StepAct) {
			return fmt.Errorf("check and act are in different files")
		}
	}
	return m(p)
}

func (p *proposal) checkThenAct() error {
	check, act := p.node(report.StepCheck), p.node(report.StepAct)
	if check == syntax.Nil || act == syntax.Nil {
		return fmt.Errorf("the finding names no check and act in this file")
	}
	if p.finding.Consequence == "clobbered" {
		if p.swap(check, act) == nil {
			return nil
		}
	}
	if p.recheck(check, act) == nil {
		return nil
	}
	return p.lock(check, act)
}

// lock makes a lock beside the state and holds it from check to act.
func (p *proposal) lock(check, act syntax.ID) error {
	s, err := p.between(check, act)
	if err != nil {
		return err
	}
	if !p.isAsync(s.fn) {
		return fmt.Errorf("%s is no coroutine: it cannot wait for an asyncio.Lock", p.name(s.fn))
	}
	if p.yields(s) {
		return fmt.Errorf("a generator that is never resumed would hold the lock for good")
	}
	lock, edits, err := p.lockFor(p.finding.Place, s.fn)
	if err != nil {
		return err
	}
	wrapped, err := p.wrap(s, lock)
	if err != nil {
		return err
	}
	p.fix.Title = fmt.Sprintf("hold %s from check to act", lock)
	p.fix.Edits = append(edits, wrapped...)
	return nil
}

// yields says whether a statement of the section yields.
func (p *proposal) yields(s section) bool {
	for n := s.first; n < p.t.Nodes[s.last].Next; n++ {
		if p.t.Kind(n) == syntax.Yield {
			return true
		}
	}
	return false
}

// recheck repeats the check inside the lock that the act is under already.
func (p *proposal) recheck(check, act syntax.ID) error {
	with := p.up(act, syntax.WithStatement)
	branch := p.up(check, syntax.IfStatement)
	if with == syntax.Nil || branch == syntax.Nil || p.function(with) != p.function(branch) || p.t.ChildOfKind(with, syntax.Async) == syntax.Nil {
		return fmt.Errorf("the act is under no lock")
	}
	cond := p.t.ChildByField(branch, syntax.FieldCondition)
	if cond == syntax.Nil || p.start(check) < p.start(cond) || p.end(check) > p.end(cond) || !strings.Contains(p.text(cond), p.finding.Place) || strings.Contains(p.text(cond), ":=") {
		return fmt.Errorf("the condition cannot be repeated as it is")
	}
	if p.start(branch) > p.start(with) || p.end(branch) < p.end(with) {
		return fmt.Errorf("the lock is not taken inside the check")
	}
	body := p.body(with)
	first := p.t.FirstChild(body)
	if first == syntax.Nil {
		return fmt.Errorf("the section is empty")
	}
	last := first
	for c := range p.t.Named(body) {
		last = c
	}
	start, end, indent, err := p.lines(section{p.function(with), first, last})
	if err != nil {
		return err
	}
	text := p.indented(start, end, p.unit(with, body))
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	p.fix.Title = "check again once the lock is held"
	p.fix.Edits = []fix.Edit{{Start: start, End: end, New: indent + "if " + p.text(cond) + ":\n" + text}}
	return nil
}

// swap takes the value out before it is closed: `x, self.x = self.x, None`.
func (p *proposal) swap(check, act syntax.ID) error {
	branch := p.up(check, syntax.IfStatement)
	reset := p.statement(act)
	place := p.finding.Place
	if branch == syntax.Nil || reset == syntax.Nil || p.t.Parent(reset) != p.body(branch) || p.text(reset) != place+" = None" {
		return fmt.Errorf("not a teardown")
	}
	_, local, ok := strings.Cut(place, ".")
	local = strings.Trim(local, "_")
	fn := p.function(act)
	if !ok || strings.Contains(local, ".") || local == "" || p.uses(fn, local) {
		return fmt.Errorf("no name for the old value")
	}
	body := p.body(branch)
	first := p.t.FirstChild(body)
	start, end, indent, err := p.lines(section{fn, first, reset})
	if err != nil || p.t.NextSibling(reset) != syntax.Nil {
		return fmt.Errorf("the reset is not the last statement of its block")
	}
	text := string(p.t.Src[start:p.lineStart(p.start(reset))])
	p.fix.Title = "take the value out, then close it"
	p.fix.Edits = []fix.Edit{{Start: start, End: end,
		New: fmt.Sprintf("%s%s, %s = %s, None\n%s", indent, local, place, place, replaceName(text, place, local))}}
	return nil
}

// uses says whether a function mentions a plain name.
func (p *proposal) uses(fn syntax.ID, name string) bool {
	for n := fn; n < p.t.Nodes[fn].Next; n++ {
		if p.t.Kind(n) == syntax.Identifier && p.text(n) == name && p.t.Kind(p.t.Parent(n)) != syntax.Attribute {
			return true
		}
	}
	return false
}

// replaceName replaces whole occurrences of a dotted name.
func replaceName(text, from, to string) string {
	var b strings.Builder
	for {
		i := strings.Index(text, from)
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:i])
		after := text[i+len(from):]
		if i > 0 && isWord(text[i-1]) || after != "" && isWord(after[0]) {
			b.WriteString(from)
		} else {
			b.WriteString(to)
		}
		text = after
	}
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// lostUpdate computes the awaited part first where that is all it takes; else it holds a lock.
func (p *proposal) lostUpdate() error {
	act := p.at(p.offset(p.finding.Line, p.finding.Column))
	if p.order(act) == nil {
		return nil
	}
	check := p.node(report.StepCheck)
	if check == syntax.Nil {
		return fmt.Errorf("the finding names no read in this file")
	}
	return p.lock(check, act)
}

// order turns `x += await f()` into two statements, so that x is read after the await.
func (p *proposal) order(act syntax.ID) error {
	aug := p.up(act, syntax.AugmentedAssignment)
	if aug == syntax.Nil || p.t.Kind(p.t.Parent(aug)) != syntax.ExpressionStatement {
		return fmt.Errorf("no augmented assignment")
	}
	right := p.t.ChildByField(aug, syntax.FieldRight)
	stmt := p.t.Parent(aug)
	indent, ok := p.indent(stmt)
	fn := p.function(aug)
	if p.t.Kind(right) != syntax.Await || !ok || fn == syntax.Nil {
		return fmt.Errorf("the right side is more than an await")
	}
	name := "amount"
	for p.uses(fn, name) {
		name += "_"
	}
	p.fix.Title = "await first, then read and write in one step"
	p.fix.Edits = []fix.Edit{
		{Start: p.start(stmt), End: p.start(stmt), New: name + " = " + p.text(right) + "\n" + indent},
		{Start: p.start(right), End: p.end(right), New: name},
	}
	return nil
}

// iteration iterates over a snapshot.
func (p *proposal) iteration() error {
	loop := p.up(p.at(p.offset(p.finding.Line, p.finding.Column)), syntax.ForStatement, syntax.ForInClause)
	if loop == syntax.Nil || p.t.ChildOfKind(loop, syntax.Async) != syntax.Nil {
		return fmt.Errorf("no plain for loop")
	}
	over := p.t.ChildByField(loop, syntax.FieldRight)
	if over == syntax.Nil {
		return fmt.Errorf("the loop has no iterable")
	}
	container, _, _ := strings.Cut(p.finding.Place, "[")
	if p.t.Kind(loop) == syntax.ForStatement && strings.Contains(p.text(p.body(loop)), container+"[") {
		return fmt.Errorf("the body looks elements up again; after the await each has to be checked for still being there")
	}
	p.fix.Title = "iterate over a snapshot"
	p.fix.Edits = []fix.Edit{
		{Start: p.start(over), End: p.start(over), New: "list("},
		{Start: p.end(over), End: p.end(over), New: ")"},
	}
	return nil
}

// untracked keeps the task in a set of its owner and logs its exception.
func (p *proposal) untracked() error {
	call := p.up(p.at(p.offset(p.finding.Line, p.finding.Column)), syntax.Call)
	stmt := p.statement(call)
	if call == syntax.Nil || p.t.Kind(stmt) != syntax.ExpressionStatement || p.start(stmt) != p.start(call) || p.end(stmt) != p.end(call) {
		return fmt.Errorf("the task is created inside a larger expression")
	}
	fn := p.function(stmt)
	class := syntax.Nil
	if fn != syntax.Nil && p.t.Kind(fn) == syntax.FunctionDefinition {
		class = p.classOf(fn)
	}
	if class == syntax.Nil {
		return fmt.Errorf("no object owns the task; give it to something that outlives this call and is shut down")
	}
	init := p.method(class, "__init__")
	self := p.receiver(fn)
	if init == syntax.Nil || self == "" {
		return fmt.Errorf("%s has no __init__ of its own to keep the tasks in", p.name(class))
	}
	if strings.Contains(p.text(class), "_background_tasks") || p.uses(fn, "task") {
		return fmt.Errorf("the names it needs (task, _background_tasks) are taken")
	}
	indent, ok := p.indent(stmt)
	last := syntax.Nil
	for s := range p.t.Named(p.body(init)) {
		last = s
	}
	initIndent, initOK := p.indent(last)
	if !ok || !initOK || last == syntax.Nil {
		return fmt.Errorf("the code is written on one line")
	}
	defIndent := strings.TrimSuffix(initIndent, p.unit(init, p.body(init)))
	step := p.unit(init, p.body(init))
	end := p.lineEnd(p.end(last) - 1)
	after := p.lineEnd(p.end(class) - 1)
	handler := fmt.Sprintf(`
%[1]sdef _on_background_task_done(self, task: asyncio.Task) -> None:
%[1]s%[2]sself._background_tasks.discard(task)
%[1]s%[2]sif not task.cancelled() and (error := task.exception()) is not None:
%[1]s%[2]s%[2]slogging.getLogger(__name__).error("background task failed", exc_info=error)
`, defIndent, step)
	p.fix.Title = "keep the task and log its exception"
	p.fix.Edits = append(p.needImport("asyncio"), p.needImport("logging")...)
	p.fix.Edits = append(p.fix.Edits,
		fix.Edit{Start: end, End: end, New: initIndent + p.receiver(init) + "._background_tasks: set[asyncio.Task] = set()\n"},
		fix.Edit{Start: p.start(stmt), End: p.start(stmt), New: "task = "},
		fix.Edit{Start: p.end(stmt), End: p.end(stmt), New: fmt.Sprintf("\n%[1]s%[2]s._background_tasks.add(task)\n%[1]stask.add_done_callback(%[2]s._on_background_task_done)", indent, self)},
		fix.Edit{Start: after, End: after, New: handler})
	return nil
}
