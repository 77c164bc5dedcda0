package pyscan

import (
	"strconv"
	"strings"

	"github.com/toctou-lint/toctou/pyscan/ir"
	"github.com/toctou-lint/toctou/pyscan/models"
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

// count counts the patterns of one file and notes the libraries that it imports.
func count(m *ir.Module, libraries map[string]bool) map[string]int {
	out := map[string]int{}
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
			libraries[name] = true
		}
		if models.IsLibrary(full) {
			top, _, _ := strings.Cut(full, ".")
			from[imp.Name] = top
		}
	}
	var defs made
	for f := range m.Funcs {
		defs = defs.of(&m.Funcs[f])
		for b := range m.Funcs[f].Blocks {
			bl := &m.Funcs[f].Blocks[b]
			if bl.Async {
				out["async for"]++
			}
			for i := range bl.Instrs {
				in := &bl.Instrs[i]
				switch in.Op {
				case ir.Load, ir.GetAttr:
					defs.add(in)
				case ir.Await:
					out["await"]++
				case ir.AEnter:
					out["async with"]++
				case ir.Call:
					if name := callName(defs, from, in.A); name != "" {
						out[name]++
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
	if d == nil {
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
