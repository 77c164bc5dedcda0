package pyscan

import (
	"strconv"
	"strings"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
	"github.com/toctou-lint/toctou/report"
)

func itoa(n int) string { return strconv.Itoa(n) }

// made is, by temp, the operation that has made it.
type made []*ir.Instr

// of is an empty table for the temps of a function, in the memory of d if that is enough.
func (d made) of(f *ir.Func) made {
	n := f.Temps + 1
	if cap(d) < n {
		return make(made, n, n+n/2)
	}
	d = d[:n]
	clear(d)
	return d
}

func (d made) add(in *ir.Instr) {
	if in.Dst > 0 && int(in.Dst) < len(d) {
		d[in.Dst] = in
	}
}

// get is the operation that has made a temp, or nil.
func (d made) get(t ir.Temp) *ir.Instr {
	if t <= 0 || int(t) >= len(d) {
		return nil
	}
	return d[t]
}

// counted are the callables worth counting, by the last part of their name.
var counted = map[string]string{
	"create_task": "create_task", "ensure_future": "ensure_future", "gather": "gather", "wait": "wait", "wait_for": "wait_for", "shield": "shield",
	"to_thread": "to_thread", "run_in_executor": "run_in_executor", "run_coroutine_threadsafe": "run_coroutine_threadsafe", "TaskGroup": "TaskGroup",
	"Lock": "Lock", "RLock": "RLock", "Semaphore": "Semaphore", "BoundedSemaphore": "Semaphore", "Condition": "Condition", "Event": "Event", "Queue": "Queue",
	"Thread": "Thread", "sleep": "sleep", "as_completed": "as_completed", "add_done_callback": "add_done_callback", "open_nursery": "open_nursery",
	"create_task_group": "create_task_group", "ThreadPoolExecutor": "ThreadPoolExecutor", "run": "run", "timeout": "timeout",
}

// inventory is what one file has of what a report lists besides findings.
type inventory struct {
	counts    map[string]int // patterns of concurrency
	libraries []string       // names, for people, of those that it imports
	databases []report.DatabaseUse
}

// take makes the inventory of a file, in the memory of defs.
func take(m *ir.Module, defs *made) inventory {
	out := inventory{counts: map[string]int{}}
	from := map[string]string{} // imported name → library
	for i := range m.Imports {
		imp := &m.Imports[i]
		if imp.Level > 0 {
			continue
		}
		full := imp.Module
		if imp.Symbol != "" {
			full += "." + imp.Symbol
		}
		if name := models.Framework(full); name != "" {
			out.libraries = append(out.libraries, name)
		}
		if models.IsLibrary(full) {
			top, _, _ := strings.Cut(full, ".")
			from[imp.Name] = top
		}
	}
	imported := databaseImports(m)
	for f := range m.Funcs {
		fn := &m.Funcs[f]
		*defs = defs.of(fn)
		for b := range fn.Blocks {
			bl := &fn.Blocks[b]
			if bl.Async {
				out.counts["async for"]++
			}
			for i := range bl.Instrs {
				in := &bl.Instrs[i]
				defs.add(in)
				switch in.Op {
				case ir.Await:
					out.counts["await"]++
				case ir.AEnter:
					out.counts["async with"]++
				case ir.Call:
					if name := callName(*defs, from, in.A); name != "" {
						out.counts[name]++
					}
					if kind := databaseCall(*defs, imported, in); kind != "" {
						out.databases = append(out.databases,
							report.DatabaseUse{File: m.Path, Line: lineAt(m, in.Pos), Function: fn.Qual, Kind: string(kind), Detail: kind.Detail()})
					}
				}
			}
		}
	}
	return out
}

// callName is the pattern that a call counts as, or "".
func callName(defs made, from map[string]string, t ir.Temp) string {
	d := defs.get(t)
	if d == nil || d.Op != ir.Load && d.Op != ir.GetAttr {
		return ""
	}
	what := counted[d.Name]
	if what == "" {
		return ""
	}
	base := d
	if d.Op == ir.GetAttr {
		base = defs.get(d.A)
	}
	library := ""
	if base != nil && base.Op == ir.Load {
		library = from[base.Name]
	}
	switch what {
	case "create_task", "ensure_future", "add_done_callback", "run_in_executor":
		return what
	case "run", "wait", "sleep", "gather", "timeout", "wait_for", "shield", "as_completed", "to_thread":
		if library == "" {
			return ""
		}
	case "Lock", "RLock", "Semaphore", "Condition", "Event", "Queue", "Thread":
		if library == "" {
			return ""
		}
		return library + "." + what
	}
	return what
}
