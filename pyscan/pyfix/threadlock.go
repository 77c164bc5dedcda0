package pyfix

import (
	"errors"
	"fmt"
	"strings"

	"github.com/toctou-lint/toctou/internal/fix"
	"github.com/toctou-lint/toctou/pyscan/syntax"
)

// threadLock makes a threading lock that is held across an await an asyncio.Lock, where every holder
// is a coroutine of one class, or of this module, and the lock is nobody else's to use.
func (p *proposal) threadLock() error {
	with := p.up(p.primary(), syntax.WithStatement)
	if with == syntax.Nil || p.library() != "asyncio" {
		return errors.New("whether other threads need the lock too cannot be told from here")
	}
	lock := ""
	for _, m := range p.managers(with) {
		if text := p.text(m); lock == "" && p.lockMade(m, text) != syntax.Nil {
			lock = text
		}
	}
	if lock == "" {
		return errors.New("the lock is not made in this class or module: whether other threads need it too cannot be told from here")
	}
	if at := p.startsThreads(); at > 0 {
		return fmt.Errorf("line %d brings threads or a second event loop into play: an asyncio.Lock does not keep them out", at)
	}
	name := lock[strings.LastIndexByte(lock, '.')+1:]
	if !strings.HasPrefix(name, "_") {
		return fmt.Errorf("%s is public: threads of others may take it too", lock)
	}
	made := p.lockMade(with, lock)
	scope := syntax.ID(0)
	if strings.Contains(lock, ".") {
		scope = p.classAround(p.function(with))
	}
	var edits []fix.Edit
	for i := range p.t.Nodes {
		n := syntax.ID(i)
		if p.t.Kind(n) != syntax.Identifier || p.text(n) != name || p.start(made) <= p.start(n) && p.end(n) <= p.end(made) {
			continue
		}
		use := n
		if parent := p.t.Parent(n); p.t.Kind(parent) == syntax.Attribute {
			use = parent
		}
		fn, holder := p.function(use), p.up(use, syntax.WithStatement)
		switch {
		case p.t.Kind(p.t.Parent(use)) == syntax.GlobalStatement:
			continue
		case n < scope || n >= p.t.Nodes[scope].Next || !sameLock(p.text(use), lock):
			return fmt.Errorf("%s is used outside of its class, at line %d", lock, p.line(p.start(n)))
		case holder == syntax.Nil || p.function(holder) != fn || len(p.managers(holder)) != 1 || p.managers(holder)[0] != use:
			return fmt.Errorf("line %d does more with %s than to hold it", p.line(p.start(n)), lock)
		case fn == syntax.Nil || p.t.Kind(fn) != syntax.FunctionDefinition || !p.isAsync(fn):
			return fmt.Errorf("%s is no coroutine and takes %s too: it cannot wait for an asyncio.Lock", p.name(fn), lock)
		case p.t.ChildOfKind(holder, syntax.Async) == syntax.Nil:
			edits = append(edits, fix.Edit{Start: p.start(holder), End: p.start(holder), New: "async "})
		}
	}
	fns, held := p.takers(lock, nil)
	if err := p.reentrant(lock, fns, held); err != nil {
		return err
	}
	for n := made; n < p.t.Nodes[made].Next; n++ {
		if k := p.t.Kind(n); (k == syntax.Attribute || k == syntax.Identifier) && threadingLock(p.text(n), p.file) {
			expr, imports := p.newLock("asyncio")
			edits = append(append(edits, imports...), p.replace(n, strings.TrimSuffix(expr, "()")))
			n = p.t.Nodes[n].Next - 1
		}
	}
	edits = append(edits, p.dropImport("threading", made)...)
	p.fix.Title = fmt.Sprintf("make %s an asyncio.Lock", lock)
	p.fix.Why = []string{
		"whoever waits for it lets the event loop go on, so that its holder can finish",
		"all who take it are coroutines: no thread needs it",
	}
	p.fix.Edits = edits
	return nil
}

// startsThreads is the first line of the file that starts a thread or an event loop of its own; 0 if
// none does.
func (p *proposal) startsThreads() int {
	for n := range p.t.Nodes {
		id := syntax.ID(n)
		if p.t.Kind(id) != syntax.Identifier {
			continue
		}
		switch p.text(id) {
		case "Thread", "ThreadPoolExecutor", "to_thread", "run_in_executor", "run_in_threadpool", "new_event_loop", "run_coroutine_threadsafe", "call_soon_threadsafe":
			return p.line(p.start(id))
		}
	}
	return 0
}

// threadingLock says whether a name is that of a lock of threading.
func threadingLock(text string, f *file) bool {
	for _, name := range []string{"Lock", "RLock"} {
		if as := f.imported("threading"); as != "" && text == as+"."+name {
			return true
		}
		if as := f.importedFrom("threading", name); as != "" && text == as {
			return true
		}
	}
	return false
}

// lockMade is the one statement of __init__, or of the module, that makes a lock of threading, or Nil.
func (p *proposal) lockMade(n syntax.ID, lock string) syntax.ID {
	block := syntax.ID(0)
	if strings.Contains(lock, ".") {
		init := p.method(p.classAround(p.function(n)), "__init__")
		if p.classAround(p.function(n)) == syntax.Nil || init == syntax.Nil {
			return syntax.Nil
		}
		block = p.body(init)
	}
	made := syntax.Nil
	for stmt := range p.t.Named(block) {
		if v := p.value(stmt); sameLock(p.target(stmt), lock) && p.t.Kind(v) == syntax.Call && threadingLock(p.text(p.t.ChildByField(v, syntax.FieldFunction)), p.file) {
			if made != syntax.Nil {
				return syntax.Nil
			}
			made = stmt
		}
	}
	return made
}

// dropImport takes out `import module` where nothing but one statement uses it.
func (p *proposal) dropImport(module string, but syntax.ID) []fix.Edit {
	as := p.imported(module)
	if as == "" {
		return nil
	}
	stmt := syntax.Nil
	for c := range p.t.Named(0) {
		if p.t.Kind(c) == syntax.ImportStatement && p.text(c) == "import "+module && p.alone(c) && strings.TrimSpace(p.trailing(c)) == "" {
			stmt = c
		}
	}
	if stmt == syntax.Nil {
		return nil
	}
	for n := range p.t.Nodes {
		id := syntax.ID(n)
		in := func(s syntax.ID) bool { return p.start(s) <= p.start(id) && p.end(id) <= p.end(s) }
		if p.t.Kind(id) == syntax.Identifier && p.text(id) == as && !in(stmt) && !in(but) {
			return nil
		}
	}
	return []fix.Edit{{Start: p.lineStart(p.start(stmt)), End: p.lineEnd(p.end(stmt) - 1)}}
}
