package audit

import (
	"slices"

	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/internal/flow"
	"github.com/toctou-lint/toctou/pyscan/models"
)

// What the words of the configuration mean in the tables of the Python front end.
var (
	entries = map[config.Entry]models.Entry{
		"route": models.Route, "listener": models.Listener, "job": models.Job, "start": models.Start,
	}
	roles = map[string]models.Role{
		"spawn": models.Spawn, "keep": models.Keep, "gather": models.Gather, "wait-all": models.WaitAll, "wait-for": models.WaitFor,
		"in-thread": models.InThread, "run": models.Run, "partial": models.Partial, "copy": models.Copy, "passes": models.Passes,
		"suppress": models.Suppress, "time-limit": models.TimeLimit,
	}
	suspends = map[string]flow.Tri{"never": flow.Never, "may": flow.May, "must": flow.Must}
	values   = map[string]flow.Value{"resource": flow.ValueResource, "task": flow.ValueTask, "plain": flow.ValuePlain}
	kinds    = map[string]models.Kind{
		"lock": models.Lock, "semaphore": models.Semaphore, "condition": models.Condition, "event": models.Event, "future": models.Future,
		"task": models.TaskHandle, "queue": models.Queue, "task-group": models.TaskGroup, "executor": models.Executor,
		"resource": models.Resource, "dict": models.Dict, "list": models.List, "set": models.Set, "immutable": models.Immutable,
	}
)

// tables are what a configuration says of libraries and of Python; nil if it says nothing.
func tables(cfg *config.Config) *models.Tables {
	c := cfg.Models
	if cfg.Python == "" && len(c.EntryPoints)+len(c.Trackers)+len(c.Locks)+len(c.Stores)+len(c.Calls)+len(c.Types) == 0 {
		return nil
	}
	version, err := models.ParseVersion(cfg.Python)
	if err != nil {
		version = 0 // not given: the configuration has been checked
	}
	t := &models.Tables{
		Python: version,
		Calls:  map[string]models.Callable{}, Types: map[string]*models.Type{}, Entries: map[string]models.Entry{},
		Locks: slices.Clone(c.Locks), Stores: slices.Clone(c.Stores),
	}
	for name, e := range c.EntryPoints {
		t.Entries[name] = entries[e]
	}
	for _, name := range c.Trackers {
		t.Calls[name] = models.Callable{Role: models.Keep}
	}
	for name, m := range c.Calls {
		t.Calls[name] = models.Callable{
			Role: roles[m.Role], Arg: m.Arg, Suspends: suspends[m.Suspends], Ready: m.Suspends == "never", Factory: m.Factory, Owned: m.Owned,
			Type: m.Type, Value: values[m.Value],
		}
	}
	for name, m := range c.Types {
		t.Types[name] = &models.Type{
			Kind: kinds[m.Kind], Thread: m.Thread, Reentrant: m.Reentrant, Checkpoint: m.Checkpoint, Single: m.Single, Store: m.Store,
		}
	}
	return t
}
