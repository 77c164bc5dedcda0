package pyfix

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// removal is one statement or expression that takes an entry away.
type removal struct {
	place string // `self._tasks`
	key   string // `job_id`; "" for a plain attribute
	what  string // the expression that names what is there now, without failing
}

// removes reads `del d[k]`, `d.pop(k, None)`, `x = None`.
func (p *proposal) removes(n syntax.ID) (removal, bool) {
	switch p.t.Kind(n) {
	case syntax.DeleteStatement:
		sub := p.first(n)
		if p.t.Kind(sub) != syntax.Subscript || p.t.NextSibling(sub) != syntax.Nil {
			return removal{}, false
		}
		r := removal{place: p.text(p.t.ChildByField(sub, syntax.FieldValue)), key: p.text(p.t.ChildByField(sub, syntax.FieldSubscript))}
		r.what = r.place + ".get(" + r.key + ")"
		return r, true
	case syntax.Call:
		fn, args := p.t.ChildByField(n, syntax.FieldFunction), p.t.ChildByField(n, syntax.FieldArguments)
		key := p.first(args)
		if p.t.Kind(fn) != syntax.Attribute || p.text(p.t.ChildByField(fn, syntax.FieldAttribute)) != "pop" || key == syntax.Nil {
			return removal{}, false
		}
		r := removal{place: p.text(p.t.ChildByField(fn, syntax.FieldObject)), key: p.text(key)}
		r.what = r.place + ".get(" + r.key + ")"
		return r, true
	case syntax.ExpressionStatement:
		if p.text(p.value(n)) == "None" {
			r := removal{place: p.target(n), what: p.target(n)}
			return r, !strings.ContainsAny(r.place, "[(,")
		}
		if c := p.first(n); p.t.Kind(c) == syntax.Call {
			return p.removes(c)
		}
	}
	return removal{}, false
}

// blindRemoval asks first whether what is there is still its own: in a callback the task that is
// passed to it, in the last part of a task the task itself.
func (p *proposal) blindRemoval() error {
	n := p.primary()
	fn := p.function(n)
	if fn == syntax.Nil {
		return errors.New("the removal is not in a function")
	}
	if p.t.Kind(fn) == syntax.Lambda {
		return p.lambdaRemoval(fn)
	}
	stmt := p.statement(n)
	r, ok := p.removes(stmt)
	if !ok || !p.alone(stmt) {
		return errors.New("the removal is part of a larger statement")
	}
	if p.guarded(stmt, r) {
		return errors.New("its own check is of another kind")
	}
	own, edits, err := p.ownTask(fn, r)
	if err != nil {
		return err
	}
	p.fix.Title = "remove it only if it is still the same entry"
	p.fix.Why = []string{"a newer entry under the same key is another object, and stays"}
	cond := r.what + " is " + own
	// `if k in d: del d[k]`: the question of identity takes the place of that of presence.
	if outer := p.t.Parent(p.t.Parent(stmt)); p.t.Kind(outer) == syntax.IfStatement && p.t.Parent(stmt) == p.body(outer) && p.only(stmt) &&
		p.t.ChildByField(outer, syntax.FieldAlternative) == syntax.Nil && p.text(p.t.ChildByField(outer, syntax.FieldCondition)) == r.key+" in "+r.place {
		p.fix.Edits = append(edits, p.replace(p.t.ChildByField(outer, syntax.FieldCondition), cond))
		return nil
	}
	e, err := p.under(section{fn, stmt, stmt}, "if "+cond)
	if err != nil {
		return err
	}
	p.fix.Edits = append(edits, e)
	return nil
}

func (p *proposal) only(stmt syntax.ID) bool {
	return p.first(p.t.Parent(stmt)) == stmt && p.t.NextSibling(stmt) == syntax.Nil
}

// guarded says whether the removal is under a condition on its place that is no plain test for
// presence.
func (p *proposal) guarded(stmt syntax.ID, r removal) bool {
	outer := p.up(p.t.Parent(stmt), syntax.IfStatement)
	if outer == syntax.Nil || p.function(outer) != p.function(stmt) {
		return false
	}
	cond := p.text(p.t.ChildByField(outer, syntax.FieldCondition))
	return strings.Contains(cond, r.place) && strings.Contains(cond, " is ") && !strings.Contains(cond, "None")
}

// ownTask names the entry that a clean-up belongs to, where that is a task.
func (p *proposal) ownTask(fn syntax.ID, r removal) (string, []fix.Edit, error) {
	if err := p.storesTasks(r); err != nil {
		return "", nil, err
	}
	for outer := fn; outer != syntax.Nil; outer = p.function(p.t.Parent(outer)) { // a clean-up may be a task that the callback starts
		if task := p.callbackTask(outer); task != "" && (outer == fn || !p.binds(fn, task)) {
			return task, nil, nil
		}
	}
	if p.isAsync(fn) && p.storesRunOf(r, fn) {
		name, edits := p.needModule("asyncio")
		if as := p.importedFrom("asyncio", "current_task"); as != "" {
			return as + "()", nil, nil
		}
		return name + ".current_task()", edits, nil
	}
	return "", nil, errors.New("what it put there is not at hand here to compare with")
}

// storesTasks refuses unless everything that the file puts in the place is a task by itself.
func (p *proposal) storesTasks(r removal) error {
	found := false
	for n := range p.t.Nodes {
		id := syntax.ID(n)
		if p.t.Kind(id) != syntax.Assignment {
			continue
		}
		left, right := p.t.ChildByField(id, syntax.FieldLeft), p.t.ChildByField(id, syntax.FieldRight)
		if r.key != "" {
			if p.t.Kind(left) != syntax.Subscript {
				continue
			}
			left = p.t.ChildByField(left, syntax.FieldValue)
		}
		if text := p.text(left); text != r.place && !sameLock(text, r.place) || right == syntax.Nil || p.text(right) == "None" {
			continue
		}
		if !p.isTask(right) {
			return fmt.Errorf("what is put there at line %d is no task: there is nothing at hand to compare with", p.line(p.start(id)))
		}
		found = true
	}
	if !found {
		return errors.New("the place where the entry is put there is not in this file")
	}
	return nil
}

// isTask says whether an expression is a new task, or a variable that holds one.
func (p *proposal) isTask(n syntax.ID) bool {
	if p.startsTask(n) {
		return true
	}
	if p.t.Kind(n) != syntax.Identifier {
		return false
	}
	fn := p.function(n)
	for id := fn; fn != syntax.Nil && id < p.t.Nodes[fn].Next; id++ {
		if p.t.Kind(id) == syntax.Assignment && p.text(p.t.ChildByField(id, syntax.FieldLeft)) == p.text(n) {
			return p.startsTask(p.t.ChildByField(id, syntax.FieldRight))
		}
	}
	return false
}

// callbackTask is the parameter that holds the finished task in a done callback: its last one.
func (p *proposal) callbackTask(fn syntax.ID) string {
	name := p.name(fn)
	used := false
	for n := range p.t.Nodes {
		id := syntax.ID(n)
		if p.t.Kind(id) != syntax.Call {
			continue
		}
		callee := p.t.ChildByField(id, syntax.FieldFunction)
		if p.text(p.t.ChildByField(callee, syntax.FieldAttribute)) != "add_done_callback" {
			continue
		}
		arg := p.first(p.t.ChildByField(id, syntax.FieldArguments))
		if p.passesTask(arg, name) {
			used = true
		}
	}
	if !used {
		return ""
	}
	last := ""
	for c := range p.t.Named(p.t.ChildByField(fn, syntax.FieldParameters)) {
		switch p.t.Kind(c) {
		case syntax.Identifier:
			last = p.text(c)
		case syntax.TypedParameter:
			last = p.text(p.first(c))
		default:
			return ""
		}
	}
	if receivers[last] {
		return ""
	}
	return last
}

// passesTask says whether a callback hands the finished task on as the last argument of a function:
// `self._done`, `partial(self._done, key)`, `lambda t: self._done(key, t)`.
func (p *proposal) passesTask(arg syntax.ID, name string) bool {
	is := func(n syntax.ID) bool { text := p.text(n); return text == name || strings.HasSuffix(text, "."+name) }
	switch p.t.Kind(arg) {
	case syntax.Identifier, syntax.Attribute:
		return is(arg)
	case syntax.Call:
		fn := p.text(p.t.ChildByField(arg, syntax.FieldFunction))
		return (fn == "partial" || fn == "functools.partial") && is(p.first(p.t.ChildByField(arg, syntax.FieldArguments)))
	case syntax.Lambda:
		body := p.t.ChildByField(arg, syntax.FieldBody)
		if p.t.Kind(body) != syntax.Call || !is(p.t.ChildByField(body, syntax.FieldFunction)) {
			return false
		}
		last := syntax.Nil
		for c := range p.t.Named(p.t.ChildByField(body, syntax.FieldArguments)) {
			last = c
		}
		return last != syntax.Nil && p.text(last) == p.lambdaParam(arg)
	}
	return false
}

// lambdaParam is the first parameter of a lambda, which add_done_callback passes the task to.
func (p *proposal) lambdaParam(lambda syntax.ID) string {
	return p.text(p.first(p.t.ChildByField(lambda, syntax.FieldParameters)))
}

// binds says whether a function, or its body, binds a variable (or parameter) by that name.
func (f *file) binds(fn syntax.ID, name string) bool {
	inner := f.function(fn)
	for n := fn; n < f.t.Nodes[fn].Next; n++ {
		if f.t.Kind(n) != syntax.Identifier || f.text(n) != name || f.function(n) != inner {
			continue
		}
		switch parent := f.t.Parent(n); f.t.Kind(parent) {
		case syntax.Parameters, syntax.TypedParameter, syntax.DefaultParameter, syntax.TypedDefaultParameter, syntax.PatternList, syntax.NamedExpression, syntax.AsPatternTarget:
			return true
		default:
			if f.t.Nodes[n].Field == syntax.FieldLeft {
				return true
			}
		}
	}
	return false
}

// storesRunOf says whether the tasks that are put in a place are runs of a function, so that there
// the current task is the entry itself.
func (p *proposal) storesRunOf(r removal, fn syntax.ID) bool {
	for n := range p.t.Nodes {
		id := syntax.ID(n)
		if !p.startsTask(id) || !slices.Contains(p.storedIn(id), r.place) {
			continue
		}
		for c := p.t.ChildByField(id, syntax.FieldArguments); c != syntax.Nil && c < p.t.Nodes[id].Next; c++ {
			if slices.Contains(p.callees(c, false), fn) {
				return true
			}
		}
	}
	return false
}

// storedIn are the places that a new task is put in, by the statement that starts it or, from a
// variable, by another of the function.
func (p *proposal) storedIn(call syntax.ID) []string {
	var out []string
	names := map[string]bool{}
	fn := p.function(call)
	base := func(left syntax.ID) string {
		if p.t.Kind(left) == syntax.Subscript {
			left = p.t.ChildByField(left, syntax.FieldValue)
		}
		return p.text(left)
	}
	for a := p.t.Parent(call); p.t.Kind(a) == syntax.Assignment; a = p.t.Parent(a) {
		left := p.t.ChildByField(a, syntax.FieldLeft)
		out, names[p.text(left)] = append(out, base(left)), true
	}
	for n := fn; fn != syntax.Nil && n < p.t.Nodes[fn].Next; n++ {
		if p.t.Kind(n) == syntax.Assignment && names[p.text(p.t.ChildByField(n, syntax.FieldRight))] {
			out = append(out, base(p.t.ChildByField(n, syntax.FieldLeft)))
		}
	}
	return out
}

// lambdaRemoval: `lambda t: d.pop(k, None)` becomes conditional.
func (p *proposal) lambdaRemoval(lambda syntax.ID) error {
	body := p.t.ChildByField(lambda, syntax.FieldBody)
	r, ok := p.removes(body)
	call := p.up(p.t.Parent(lambda), syntax.Call)
	param := p.lambdaParam(lambda)
	if !ok || param == "" || call == syntax.Nil || p.text(p.t.ChildByField(p.t.ChildByField(call, syntax.FieldFunction), syntax.FieldAttribute)) != "add_done_callback" {
		return errors.New("the removal is in a lambda that is not plainly a done callback")
	}
	if err := p.storesTasks(r); err != nil {
		return err
	}
	p.fix.Title = "remove it only if it is still the same entry"
	p.fix.Why = []string{"a newer entry under the same key is another object, and stays"}
	p.fix.Edits = []fix.Edit{p.replace(body, p.text(body)+" if "+r.what+" is "+param+" else None")}
	return nil
}
