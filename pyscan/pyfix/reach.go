package pyfix

import (
	"strings"

	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// reach says which functions of the file may run before the code from first to last is done: those
// it calls or mentions, and what these call in turn. Names are resolved generously: a lock that is
// not taken costs an edit, one taken twice stops the program.
func (f *file) reach(first, last syntax.ID) map[syntax.ID]bool {
	seen := map[syntax.ID]bool{}
	type stretch struct{ from, to syntax.ID }
	work := []stretch{{first, f.t.Nodes[last].Next}}
	home := f.classAround(first)
	for len(work) > 0 {
		s := work[len(work)-1]
		work = work[:len(work)-1]
		away := f.classAround(s.from) != home
		waits := f.waits(s.from, s.to)
		for n := s.from; n < s.to; n++ {
			if !waits && f.spawned(n, s.from) {
				continue
			}
			for _, fn := range f.callees(n, away) {
				if !seen[fn] {
					seen[fn] = true
					work = append(work, stretch{f.body(fn), f.t.Nodes[fn].Next})
				}
			}
		}
		if waits {
			for _, fn := range f.spawnTargets() {
				if !seen[fn] {
					seen[fn] = true
					work = append(work, stretch{f.body(fn), f.t.Nodes[fn].Next})
				}
			}
		}
	}
	return seen
}

// classAround is the class whose body n stands in, at any depth.
func (f *file) classAround(n syntax.ID) syntax.ID { return f.up(n, syntax.ClassDefinition) }

// functions of the file by name.
func (f *file) functions(name string) []syntax.ID {
	if f.byName == nil {
		f.byName = map[string][]syntax.ID{}
		for n := range f.t.Nodes {
			if id := syntax.ID(n); f.t.Kind(id) == syntax.FunctionDefinition {
				f.byName[f.name(id)] = append(f.byName[f.name(id)], id)
			}
		}
	}
	return f.byName[name]
}

// callees are the functions that a node may call, if it is a name of any. away says that the code
// belongs to another class than the one we started from: then every receiver may be one of ours.
func (f *file) callees(n syntax.ID, away bool) []syntax.ID {
	switch f.t.Kind(n) {
	case syntax.Identifier:
		if !f.isVariable(n) || f.t.Kind(f.t.Parent(n)) == syntax.FunctionDefinition {
			return nil
		}
		var out []syntax.ID
		for _, fn := range f.functions(f.text(n)) {
			if f.classOf(fn) == syntax.Nil {
				out = append(out, fn)
			}
		}
		return out
	case syntax.Attribute:
		name := f.text(f.t.ChildByField(n, syntax.FieldAttribute))
		object := f.text(f.t.ChildByField(n, syntax.FieldObject))
		switch {
		case receivers[object], strings.HasPrefix(object, "super("), away, object == f.receiver(f.function(n)) && object != "":
			return f.functions(name)
		}
		var out []syntax.ID
		for _, fn := range f.functions(name) {
			if c := f.classOf(fn); c != syntax.Nil && f.isInstance(object, f.name(c)) {
				out = append(out, fn)
			}
		}
		return out
	}
	return nil
}

// isInstance says whether the file assigns or annotates an object with a class.
func (f *file) isInstance(object, class string) bool {
	if object == class || strings.HasPrefix(object, class+"(") {
		return true
	}
	src := string(f.t.Src)
	for _, form := range []string{object + " = " + class + "(", object + ": " + class} {
		if strings.Contains(src, form) {
			return true
		}
	}
	return false
}

var spawners = map[string]bool{
	"create_task": true, "ensure_future": true, "call_soon": true, "call_later": true, "call_at": true, "add_done_callback": true,
	"start_soon": true, "run_coroutine_threadsafe": true, "call_soon_threadsafe": true,
}

// spawner says whether a call only starts something: it does not wait for it.
func (f *file) spawner(call syntax.ID) bool {
	fn := f.t.ChildByField(call, syntax.FieldFunction)
	name := f.text(fn)
	if f.t.Kind(fn) == syntax.Attribute {
		name = f.text(f.t.ChildByField(fn, syntax.FieldAttribute))
	}
	return f.t.Kind(call) == syntax.Call && spawners[name]
}

// spawned says whether a node is an argument of a call that only starts it, within the stretch
// that begins at from, and the result is not awaited on the spot.
func (f *file) spawned(n, from syntax.ID) bool {
	for p := f.t.Parent(n); p != syntax.Nil && p >= from; p = f.t.Parent(p) {
		if f.spawner(p) && f.t.Kind(f.t.Parent(p)) != syntax.Await {
			return n != f.t.ChildByField(p, syntax.FieldFunction)
		}
	}
	return false
}

// spawnTargets are the functions of the file that some call starts as tasks or callbacks.
func (f *file) spawnTargets() []syntax.ID {
	var out []syntax.ID
	for n := range f.t.Nodes {
		if id := syntax.ID(n); f.spawner(id) {
			for c := f.t.ChildByField(id, syntax.FieldArguments); c != syntax.Nil && c < f.t.Nodes[id].Next; c++ {
				out = append(out, f.callees(c, false)...)
			}
		}
	}
	return out
}

// waits says whether a stretch waits for something that others do: a task, a future, an event, a
// queue, a group of tasks.
func (f *file) waits(from, to syntax.ID) bool {
	for n := from; n < to; n++ {
		switch f.t.Kind(n) {
		case syntax.Await:
			if f.waitsFor(f.first(n)) {
				return true
			}
		case syntax.WithStatement:
			for _, m := range f.managers(n) {
				if text := f.text(m); strings.Contains(text, "TaskGroup") || strings.Contains(text, "open_nursery") {
					return true
				}
			}
		}
	}
	return false
}

func (f *file) waitsFor(n syntax.ID) bool {
	switch f.t.Kind(n) {
	case syntax.Identifier, syntax.Attribute, syntax.Subscript:
		return true
	case syntax.ParenthesizedExpression:
		return f.waitsFor(f.first(n))
	case syntax.Call:
		fn := f.t.ChildByField(n, syntax.FieldFunction)
		name := f.text(fn)
		if f.t.Kind(fn) == syntax.Attribute {
			name = f.text(f.t.ChildByField(fn, syntax.FieldAttribute))
		}
		args := f.t.ChildByField(n, syntax.FieldArguments)
		switch name {
		case "wait", "join", "acquire":
			return true
		case "get":
			return f.first(args) == syntax.Nil
		case "gather", "wait_for", "shield":
			for c := range f.t.Named(args) {
				if f.t.Kind(c) != syntax.KeywordArgument && f.t.Kind(c) != syntax.Integer && f.t.Kind(c) != syntax.Float && (f.t.Kind(c) != syntax.Call || f.waitsFor(c)) {
					return true
				}
			}
		}
	}
	return false
}

// wakes says whether a stretch wakes others: it sets an event, fills a queue, settles a future.
func (f *file) wakes(s section) bool {
	return f.has(s, func(n syntax.ID) bool {
		if f.t.Kind(n) != syntax.Call {
			return false
		}
		fn := f.t.ChildByField(n, syntax.FieldFunction)
		switch f.text(f.t.ChildByField(fn, syntax.FieldAttribute)) {
		case "set", "set_result", "set_exception", "put", "put_nowait", "notify", "notify_all", "release", "task_done":
			return true
		}
		return false
	})
}
