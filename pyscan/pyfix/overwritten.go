package pyfix

import (
	"errors"
	"fmt"
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

var errOverwritten = errors.New("whether the earlier task is to be cancelled, awaited or kept is for its owner to say")

// overwritten starts a task that runs for good only where none runs. What comes to an end is another
// matter: whether the earlier run may be cut short is not in the code, so that is offered as unsafe.
func (p *proposal) overwritten() error {
	stmt := p.statement(p.primary())
	fn, call := p.function(stmt), p.value(stmt)
	place := p.target(stmt)
	if stmt == syntax.Nil || fn == syntax.Nil || p.t.Kind(fn) != syntax.FunctionDefinition || !p.alone(stmt) || !p.startsTask(call) || p.library() != "asyncio" {
		return errOverwritten
	}
	coroutine := p.first(p.t.ChildByField(call, syntax.FieldArguments))
	if p.t.Kind(coroutine) != syntax.Call {
		return errOverwritten
	}
	if p.first(p.t.ChildByField(coroutine, syntax.FieldArguments)) != syntax.Nil {
		return fmt.Errorf("the new task is given work of its own, which the earlier one does not do: %w", errOverwritten)
	}
	self, attr, ok := strings.Cut(place, ".")
	owner := p.methodAround(fn)
	if !ok || owner == syntax.Nil || self != p.receiver(owner) || !receivers[self] || strings.ContainsAny(attr, ".[(,") {
		return errOverwritten
	}
	if p.initial(p.classOf(owner), attr) != "None" {
		return fmt.Errorf("__init__ does not set %s to None: there may be nothing to look at", place)
	}
	var more []fix.Edit // its exception is not seen either: that comes up once the handle is safe
	observe := ""
	indent, _ := p.indent(stmt)
	nl, unit := p.newline(), p.unit(fn, p.body(fn))
	if p.plain {
		callback, edits, err := p.failureCallback(fn)
		if err != nil {
			return err
		}
		more, observe = edits, indent+place+".add_done_callback("+callback+")"+nl
	}
	if p.loopsForGood(p.t.ChildByField(coroutine, syntax.FieldFunction)) {
		e, err := p.under(section{fn, stmt, stmt}, "if "+place+" is None or "+place+".done()")
		if err != nil {
			return err
		}
		if observe != "" {
			e.New = p.trimEnd(e.End, strings.TrimSuffix(e.New, nl)+nl+unit+observe)
		}
		p.fix.Title = "start the task only if none runs"
		p.fix.Why = []string{
			"the earlier task runs until it is cancelled: a second one would do the same again",
			"looking at the handle and storing the new one is one step",
		}
		p.fix.Edits = append(more, e)
		return nil
	}
	at := p.lineStart(p.start(stmt))
	if observe != "" {
		more = append(more, p.insertLines(stmt, observe))
	}
	p.fix.Unsafe = true
	p.fix.Title = "cancel the earlier task first"
	p.fix.Why = []string{
		"only the newest task runs on, and its handle is the one that is stored",
		"what the earlier one has not finished is not done",
	}
	p.fix.Edits = append(more, fix.Edit{Start: at, End: at, New: indent + "if " + place + " is not None:" + nl + indent + unit + place + ".cancel()" + nl})
	return nil
}

// loopsForGood says whether what is called is one function of the file that waits in a loop without
// end.
func (p *proposal) loopsForGood(callee syntax.ID) bool {
	called := p.callees(callee, false)
	if len(called) != 1 {
		return false
	}
	fn := called[0]
	for n := p.body(fn); n < p.t.Nodes[fn].Next; n++ {
		if p.t.Kind(n) != syntax.WhileStatement || p.function(n) != fn || !p.awaits(n, fn) {
			continue
		}
		switch cond := p.text(p.t.ChildByField(n, syntax.FieldCondition)); {
		case cond == "True", cond == "1", strings.HasPrefix(cond, "self."), strings.HasPrefix(cond, "not self."):
			return true
		}
	}
	return false
}
